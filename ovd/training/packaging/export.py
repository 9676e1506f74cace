"""Export a training run to files that a detector loads: network and text embeddings."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors.torch import save_file

from ovd.errors import WeightsError
from ovd.model.quantization import SCALE_SUFFIX, quantise_rows
from ovd.model.text.adapter import TextAdapter
from ovd.model.trainable import TrainableModel
from ovd.training.engine.checkpoint import read_tensors
from ovd.training.packaging.calibration import Calibration
from ovd.training.text.sentence_features import SentenceEncoder

LARGE = 100_000
SCALE, BIAS = "network.text_head.log_scale", "network.text_head.bias"


@dataclass(frozen=True, eq=False)
class ExportRequest:
    """Select the weights, phrases and calibration to export.

    Attributes:
        weights: File of averaged weights that a training run wrote.
        phrases: Texts whose embeddings go into the table.
        calibration: What to do to the logits so that scores are probabilities.
        detector: Name of the detector, with which the names of the files begin.
    """

    weights: Path
    phrases: tuple[str, ...]
    calibration: Calibration = field(default_factory=Calibration)
    detector: str = "ovdense"


def export_detector(
    request: ExportRequest, sentences: SentenceEncoder, folder: Path
) -> tuple[Path, Path]:
    """Write the network, calibrated, and the embeddings of the phrases, in half precision.

    Convolutions of at least `LARGE` values are written in 8 bits.
    The network's file can be trained on: it is `model.resume_weights` of another run, which takes
    the calibration out again.

    Raises:
        WeightsError: If the weights cannot be read or hold something else.
    """
    tensors, facts = read_tensors(request.weights)
    missing = [name for name in (SCALE, BIAS, "adapter.proj.2.weight") if name not in tensors]
    if missing:
        raise WeightsError(f"{request.weights} holds no trained detector: no {missing[0]}")
    slope, offset = request.calibration.slope, request.calibration.offset
    if slope <= 0:
        raise WeightsError(f"a calibration must keep the order of scores, got slope {slope}")
    tensors[SCALE] = tensors[SCALE] + math.log(slope)
    tensors[BIAS] = tensors[BIAS] * slope + offset
    folder.mkdir(parents=True, exist_ok=True)
    network = folder / f"{request.detector}.safetensors"
    texts = folder / f"{request.detector}_texts.safetensors"
    calibration = {"slope": slope, "offset": offset}
    known = facts | {"calibration": calibration, "encoder_id": _text_encoder(facts)}
    save_file(_compact(tensors), network, {"ovd": json.dumps(known)})
    run = f"{facts.get('config_sha256', '')!s:.8}-{facts.get('images', 0)}"
    encoder_id = f"{request.detector}-{run}"
    table = {"text_embeds": _embed(tensors, request.phrases, sentences)}
    save_file(
        table, texts, {"ovd": json.dumps({"names": request.phrases, "encoder_id": encoder_id})}
    )
    for path in (network, texts):
        path.chmod(0o644)
    return network, texts


def undo_calibration(network: TrainableModel, facts: Mapping[str, object]) -> None:
    """Remove the calibration of an exported network from its head, in place.

    Calibrated logits spread wider than those that the losses formed; training goes on from the
    latter.

    Args:
        network: With the weights of a file of `export_detector`, or of a training run.
        facts: What that file says about itself; of a run they name no calibration.
    """
    calibration = facts.get("calibration")
    if not isinstance(calibration, dict):
        return
    slope, offset = float(calibration["slope"]), float(calibration["offset"])
    head = network.text_head
    with torch.no_grad():
        head.log_scale.sub_(math.log(slope))
        head.bias.sub_(offset).div_(slope)


def _compact(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    compact = dict(tensors)
    for name, tensor in tensors.items():
        if tensor.ndim == 4 and tensor.numel() >= LARGE:
            compact[name], compact[name + SCALE_SUFFIX] = quantise_rows(tensor)
    return compact


def _text_encoder(facts: Mapping[str, object]) -> str:
    """Return the text encoder of the run, as its configuration names it."""
    config = facts.get("config")
    text = config.get("text") if isinstance(config, dict) else None
    return str(text.get("encoder", "")) if isinstance(text, dict) else ""


def without_templates(phrases: Sequence[str], templates: Sequence[str]) -> tuple[str, ...]:
    """Return the phrases without those that are another one in a template."""
    framed = {template.format(phrase) for template in templates for phrase in phrases}
    return tuple(phrase for phrase in phrases if phrase not in framed)


def _embed(
    tensors: dict[str, torch.Tensor], phrases: Sequence[str], sentences: SentenceEncoder
) -> torch.Tensor:
    hidden, out = tensors["adapter.proj.0.weight"], tensors["adapter.proj.2.weight"]
    adapter = TextAdapter(hidden.shape[1], out.shape[0])
    adapter.load_state_dict({"proj.0.weight": hidden.float(), "proj.2.weight": out.float()})
    with torch.inference_mode():
        embeds: torch.Tensor = adapter(sentences.encode(phrases))
    return embeds.half()
