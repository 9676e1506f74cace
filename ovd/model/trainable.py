"""TrainableModel: what the trainer needs to know of a network, without the names of its parts."""

from abc import ABC, abstractmethod
from enum import StrEnum

from torch import nn

from ovd.model.heads import InnerProductHead


class ParameterRole(StrEnum):
    """The role of a parameter in training.

    Attributes:
        BACKBONE: Learned from many images before; a high rate would destroy what it knows.
        INHERITED: Set from a teacher's layers.
        NEW: Started from noise.
    """

    BACKBONE = "backbone"
    INHERITED = "inherited"
    NEW = "new"


class TrainableModel(nn.Module, ABC):
    """A detection network that `ovd.training` can train.

    Attributes:
        text_head: Compares its regions with texts.
    """

    text_head: InnerProductHead

    @abstractmethod
    def role_of(self, parameter: str) -> ParameterRole:
        """Return how a parameter, named as in `named_parameters`, should be trained."""

    @abstractmethod
    def freeze_backbone(self, blocks: int) -> None:
        """Exclude the stem and the first `blocks` blocks of the backbone from training."""
