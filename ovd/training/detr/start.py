"""Start `OvDetr` from the backbone and the neck of a trained dense detector."""

from pathlib import Path

from ovd.errors import WeightsError
from ovd.model.detr.network import OvDetr
from ovd.model.networks import PREFIX, remove_prefix
from ovd.model.quantization import to_float32
from ovd.training.engine.checkpoint import read_tensors

PARTS = ("backbone", "coarsest", "neck")


def start_from_dense(network: OvDetr, weights: Path) -> None:
    """Copy backbone and neck in place.

    Args:
        network: Freshly made.
        weights: File of an `OvDense`, of a training run or one that ships.

    Raises:
        WeightsError: If the file cannot be read or holds a network of another width.
    """
    state = to_float32(remove_prefix(read_tensors(weights)[0], PREFIX))
    for part in PARTS:
        module = network.source.get_submodule(part)
        try:
            module.load_state_dict(remove_prefix(state, f"{part}."))
        except RuntimeError as error:
            raise WeightsError(
                f"{weights} holds no dense detector whose {part} fits: {error}"
            ) from error
