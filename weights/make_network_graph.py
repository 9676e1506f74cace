"""Write the graphs of the networks that ship: NAME_graph.safetensors, read beside NAME.safetensors.

    python weights/make_network_graph.py

prints the lines for `manifest.toml`. Needs onnx (`pip install 'ovd[train]'`).
"""

import sys
from pathlib import Path

from ovd.model.backends import embedded, ovdense
from ovd.model.ovssd import build_ssd
from ovd.model.weights import WeightsRole, file_sha256, load_weights
from ovd.training.packaging.network_graph import write_detector_graph, write_graph

FOLDER = Path(__file__).resolve().parent


def main() -> None:
    """Write one file per network and print its entry."""
    _describe(ovdense.NAME, write_detector_graph(FOLDER))
    ssd = build_ssd(load_weights(FOLDER, embedded.NAME, WeightsRole.NETWORK))
    path = FOLDER / f"{embedded.NAME}_graph.safetensors"
    write_graph(ssd, ((ssd.config.input_size, ssd.config.input_size),), path)
    _describe(embedded.NAME, path)


def _describe(name: str, path: Path) -> None:
    sys.stdout.write(f'file = "{path.name}"\nused_by = ["{name}"]\n')
    sys.stdout.write(f'sha256 = "{file_sha256(path)}"\nsize = {path.stat().st_size}\n\n')


if __name__ == "__main__":
    main()
