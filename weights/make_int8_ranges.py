"""Write ovdense_int8.safetensors: what `ovd.model.runtimes.int8` needs for 8 bits.

    python weights/make_int8_ranges.py DATA

DATA holds `annotations/SOURCE_train.json` and `images/`. Needs nncf, which ovd itself does not.
Prints the lines for `manifest.toml`.
"""

import json
import random
import re
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from ovd.model.backends import ovdense
from ovd.model.runtimes.graph import load_graph
from ovd.model.runtimes.int8 import CONVOLUTIONS, pack
from ovd.model.runtimes.openvino import import_openvino
from ovd.model.weights import FACTS_KEY, WeightsRole, file_sha256, load_weights

FOLDER = Path(__file__).resolve().parent
SIZE_HW = ovdense.INPUT_SIZES[0]
IMAGES, PER_SOURCE = 200, 20
# What loses most by 8 bits and gains least: the first layers, and what the network gives.
IN_FLOAT = re.compile(
    r"^/Sub|/stem/|/blocks\.[01]/|/embed(_\d)?/Conv$|/shortcuts|/boxes/(Mul|Cast|distances)"
)
Arrays = dict[str, NDArray[np.float32]]


def main(data: Path) -> None:
    """Quantise the network that ships and write the ranges."""
    weights = load_weights(FOLDER, ovdense.NAME, WeightsRole.NETWORK)
    graph = load_graph(FOLDER, ovdense.NAME, weights, ovdense.PREFIX)
    assert graph is not None, "no graph of the network; run make_network_graph.py first"
    model = import_openvino().Core().read_model(graph.model(SIZE_HW))
    write(model, quantise(model.clone(), read_images(data)), weights.entry.sha256)


def quantise(model: Any, images: list[NDArray[np.uint8]]) -> Any:
    """Return the model as NNCF quantises it; the decoding of boxes stays in float."""
    import nncf

    fold_constants(model)
    return nncf.quantize(
        model,
        nncf.Dataset(images, lambda image: {"images": image}),
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(images),
        fast_bias_correction=True,
        ignored_scope=nncf.IgnoredScope(types=["Exp", "Sub", "Divide", "Clamp"], validate=False),
    )


def write(model: Any, quantised: Any, network_sha256: str) -> None:
    """Write what tells a quantised model from its original, and print the entry."""
    fold_constants(model)
    path = FOLDER / "ovdense_int8.safetensors"
    facts = {FACTS_KEY: json.dumps({"encoder_id": network_sha256})}
    save_file(pack(ranges_of(quantised), shifts_of(model, quantised)), path, facts)
    sys.stdout.write(f'file = "{path.name}"\nrole = "int8_ranges"\nused_by = ["{ovdense.NAME}"]\n')
    sys.stdout.write(f'sha256 = "{file_sha256(path)}"\nsize = {path.stat().st_size}\n')


def fold_constants(model: Any) -> None:
    """Compute what does not depend on the image."""
    from openvino.passes import ConstantFolding, Manager

    manager = Manager()
    manager.register_pass(ConstantFolding())
    manager.run_passes(model)


def ranges_of(quantised: Any) -> Arrays:
    """Return the range of each quantised activation by the operation that gives it."""
    return {
        node.input_value(0).get_node().get_friendly_name(): np.stack(
            [_constant(node, port).ravel() for port in (1, 2)]
        )
        for node in quantised.get_ops()
        if node.get_type_name() == "FakeQuantize"
        and not IN_FLOAT.search(node.input_value(0).get_node().get_friendly_name())
    }


def shifts_of(model: Any, quantised: Any) -> Arrays:
    """Return by how much the biases of convolutions were corrected, where they were."""
    before, after = _biases(model), _biases(quantised)
    shifts = {name: after[name] - before[name] for name in before if name in after}
    return {
        name: shift
        for name, shift in shifts.items()
        if np.abs(shift).max() > 0 and not IN_FLOAT.search(name)
    }


def _biases(model: Any) -> Arrays:
    return {
        node.get_friendly_name(): _constant(reader.get_node(), 1).ravel()
        for node in model.get_ops()
        if node.get_type_name() in CONVOLUTIONS
        for reader in node.output(0).get_target_inputs()
        if reader.get_node().get_type_name() == "Add"
    }


def _constant(node: Any, port: int) -> NDArray[np.float32]:
    source = node.input_value(port).get_node()
    while source.get_type_name() == "Convert":
        source = source.input_value(0).get_node()
    return np.asarray(source.data, dtype=np.float32)


def read_images(data: Path) -> list[NDArray[np.uint8]]:
    """Return training images of all sources as the network's input."""
    paths: list[Path] = []
    for annotations in sorted((data / "annotations").glob("*_train.json")):
        names = [image["file_name"] for image in json.loads(annotations.read_text())["images"]]
        random.Random(0).shuffle(names)  # noqa: S311 - no secret
        own = data / "images" / annotations.stem.removesuffix("_train")
        folder = own if (own / names[0]).exists() else data / "images"
        paths += [folder / name for name in names[:PER_SOURCE] if (folder / name).exists()]
    random.Random(1).shuffle(paths)  # noqa: S311 - no secret
    return [_read_image(path) for path in paths[:IMAGES]]


def _read_image(path: Path) -> NDArray[np.uint8]:
    image = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    return np.asarray(cv2.resize(image, SIZE_HW[::-1])[None], dtype=np.uint8)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
