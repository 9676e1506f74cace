"""Convert the arrays of ssd_mobilenet_v2_coco_2018_03_29 into the files ovd ships.

    python weights/convert_ssd_mobilenet_v2.py TEACHER.npz EMBEDDINGS.npz

See README.md in this folder for where the two inputs come from and how they are laid out.
Batch norms are folded into their convolutions, the class outputs of the 80 names are kept (the
background and the ten ids that COCO never used are dropped). Weights become float16, but for the
small tensors, where rounding would cost accuracy and save nothing.
"""

import argparse
import hashlib
import json
import re
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

Arrays = dict[str, NDArray[np.generic]]

BATCH_NORM_EPSILON = 1e-3
CLASS_OUTPUTS = 91
UNUSED_IDS = {0, 12, 26, 29, 30, 45, 66, 68, 69, 71, 83}
SMALL_TENSOR = 20_000
NETWORK_FILE = "ssd_mobilenet_v2_coco.safetensors"
TABLE_FILE = "clip_vit_b32_coco80.safetensors"
CHECK_FILE = "tests/model/data/ssd_mobilenet_v2_check.npz"
ENCODER_ID = "ViT-B-32/openai"


def our_name(theirs: str) -> str:
    """Name of a convolution in `OvSsd` for its name in the TensorFlow graph."""
    if theirs == "Conv/Conv2D":
        return "backbone.stem.conv"
    if theirs == "Conv_1/Conv2D":
        return "backbone.last.conv"
    block = re.match(r"expanded_conv(?:_(\d+))?/(expand|depthwise|project)/", theirs)
    if block:
        return f"backbone.blocks.{int(block[1] or 0)}.{block[2]}.conv"
    extra = re.match(r"layer_19_([12])_Conv2d_(\d)_.*?(_depthwise)?/", theirs)
    if extra:
        part = "depthwise" if extra[3] else {"1": "squeeze", "2": "project"}[extra[1]]
        return f"extras.{int(extra[2]) - 2}.{part}.conv"
    predictor = re.match(r"BoxPredictor_(\d)/(Class|BoxEncoding)Predictor/", theirs)
    if predictor:
        return f"predictors.{predictor[1]}.{'regions' if predictor[2] == 'Class' else 'boxes'}"
    raise SystemExit(f"no place in OvSsd for {theirs!r}")


def norm_of(conv: str) -> str:
    """Name of the batch norm behind a convolution."""
    return f"{conv.rsplit('/', 1)[0]}/BatchNorm/batchnorm/add_1"


def fold(teacher: Arrays, conv: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weight and bias of a convolution with the batch norm behind it folded in."""
    weight = teacher[f"{conv}:weight"].astype(np.float64)
    if f"{conv}:bias" in teacher:
        return weight, teacher[f"{conv}:bias"].astype(np.float64)
    mean, var, gamma, beta = (
        teacher[f"{norm_of(conv)}:{part}"].astype(np.float64)
        for part in ("mean", "var", "gamma", "beta")
    )
    scale = gamma / np.sqrt(var + BATCH_NORM_EPSILON)
    return weight * scale[:, None, None, None], beta - mean * scale


def keep_names(array: NDArray[np.float64]) -> NDArray[np.float64]:
    """Keep the outputs of the 80 names of each anchor, in the order of their COCO ids."""
    kept = [index for index in range(CLASS_OUTPUTS) if index not in UNUSED_IDS]
    by_anchor = array.reshape(-1, CLASS_OUTPUTS, *array.shape[1:])[:, kept]
    return by_anchor.reshape(-1, *array.shape[1:])


def convert_network(teacher: Arrays) -> Arrays:
    """All tensors of `OvSsd`: large ones float16, the others and the anchors float32."""
    tensors: Arrays = {}
    for conv in (key.removesuffix(":weight") for key in teacher if key.endswith(":weight")):
        name = our_name(conv)
        weight, bias = fold(teacher, conv)
        if name.endswith("regions"):
            weight, bias = keep_names(weight), keep_names(bias)
        tensors[f"{name}.weight"] = weight.astype(
            np.float32 if weight.size < SMALL_TENSOR else np.float16
        )
        tensors[f"{name}.bias"] = bias.astype(np.float32)
    corners = teacher["priors_1917x4_xyxy"].astype(np.float64)
    centre, size = (corners[:, :2] + corners[:, 2:]) / 2, corners[:, 2:] - corners[:, :2]
    tensors["priors"] = np.concatenate([centre, size], axis=1).astype(np.float32)
    tensors["variances"] = teacher["variances"].astype(np.float32)
    return tensors


def keep_check(teacher: Arrays) -> Arrays:
    """The recorded input and outputs, cut to the 80 names, for the test of the port."""
    kept = [index for index in range(CLASS_OUTPUTS) if index not in UNUSED_IDS]
    return {
        "image": teacher["check/input_rgb_300"],
        "logits": teacher["check/class_logits_1917x91"][:, kept].astype(np.float16),
        "encodings": teacher["check/box_encodings_1917x4_xywh"].astype(np.float16),
    }


def write_file(path: Path, tensors: Arrays, facts: dict[str, str | list[str]]) -> None:
    """Write a safetensors file and print what the manifest has to say about it.

    Facts travel as one metadata entry: safetensors writes several in no fixed order, and the
    checksum would differ from run to run.
    """
    contiguous = {name: np.ascontiguousarray(array) for name, array in tensors.items()}
    content = save(contiguous, {"ovd": json.dumps(facts)})
    path.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    sys.stdout.write(f'file = "{path.name}"\nsha256 = "{digest}"\nsize = {len(content)}\n\n')


def main() -> None:
    """Read the two sources, write both weights files and the check arrays."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("teacher", type=Path, help="ssd_mobilenet_v2_coco.npz")
    parser.add_argument("embeddings", type=Path, help="coco80_a.npz")
    arguments = parser.parse_args()
    teacher = dict(np.load(arguments.teacher, allow_pickle=False))
    table = np.load(arguments.embeddings, allow_pickle=False)
    names: list[str] = table["names"].tolist()

    root = Path(__file__).resolve().parent.parent
    write_file(root / "weights" / NETWORK_FILE, convert_network(teacher), {"names": names})
    write_file(
        root / "weights" / TABLE_FILE,
        {"text_embeds": table["emb"]},
        {"names": names, "encoder_id": ENCODER_ID, "sentence": "a {name}"},
    )
    np.savez_compressed(root / CHECK_FILE, allow_pickle=False, **keep_check(teacher))


if __name__ == "__main__":
    main()
