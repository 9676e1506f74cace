import pytest
from torch import nn

from ovd.model.heads import InnerProductHead
from ovd.model.ovdense import OvDense, OvDenseConfig
from ovd.model.trainable import ParameterRole, TrainableModel


@pytest.fixture(scope="module")
def ovdense():
    return OvDense(OvDenseConfig(width=8, embed_dim=8))


@pytest.mark.parametrize(
    ("parameter", "role"),
    [
        ("backbone.stem.conv.weight", ParameterRole.BACKBONE),
        ("coarsest.squeeze.conv.weight", ParameterRole.BACKBONE),
        ("neck.laterals.1.weight", ParameterRole.INHERITED),
        ("many.shortcuts.0.weight", ParameterRole.INHERITED),
        ("boxes.distances.weight", ParameterRole.NEW),
        ("text_head.bias", ParameterRole.NEW),
    ],
)
def test_ovdense_says_how_its_parameters_are_trained(ovdense, parameter, role):
    assert parameter in dict(ovdense.named_parameters())
    assert ovdense.role_of(parameter) is role


def test_ovdense_freezes_the_first_blocks_of_its_backbone():
    network = OvDense(OvDenseConfig(width=8, embed_dim=8))

    network.freeze_backbone(2)

    frozen = {name for name, p in network.named_parameters() if not p.requires_grad}
    wanted = ("backbone.stem.", "backbone.blocks.0.", "backbone.blocks.1.")
    assert frozen == {name for name, _ in network.named_parameters() if name.startswith(wanted)}


def test_a_network_without_roles_is_no_trainable_model():
    class Forgetful(TrainableModel):
        text_head = InnerProductHead

    with pytest.raises(TypeError, match="abstract"):
        Forgetful()

    assert issubclass(TrainableModel, nn.Module)
