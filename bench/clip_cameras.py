"""Serve the page with clips as cameras, for tests of walls and for screenshots.

python -m bench.clip_cameras FOLDER [--cameras N] [--fps F]: keeps its data in FOLDER, listens on a
free port, and prints the address; ends with SIGINT.
"""

import argparse
from contextlib import closing
from pathlib import Path

from ovd.bootstrap import build_services
from ovd.domain.ports import SourceOptions
from ovd.domain.zones import LineZone
from ovd.settings import Settings
from ovd.web.server import ServeOptions, serve

CLIP = Path(__file__).resolve().parents[1] / "samples" / "pedestrians.mp4"
QUERIES = ("person", "bicycle", "car")
PLACES = (
    "Entrance",
    "Car park",
    "Gate north",
    "Gate south",
    "Lobby",
    "Checkout",
    "Platform",
    "Yard",
)


def name_camera(number: int) -> str:
    """Return the name of a camera, by its number from 0."""
    place = PLACES[number % len(PLACES)]
    return place if number < len(PLACES) else f"{place} {number // len(PLACES) + 1}"


def main() -> None:
    """Count the clips and serve the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cameras", type=int, default=16)
    parser.add_argument("--fps", type=float, default=1.0)
    wanted = parser.parse_args()
    with closing(build_services(Settings(data_dir=wanted.folder))) as services:
        queries = tuple(map(services.reader.read, QUERIES))
        options = SourceOptions(sample_fps=wanted.fps, realtime=True, loop=True)
        for number in range(wanted.cameras):
            name = name_camera(number)
            if number % 2 == 0:
                camera = services.store.cameras.record(name, str(CLIP))
                line = LineZone("Door", ((0.1, 0.55), (0.9, 0.5)))
                services.store.zones.replace(camera, [line])
            services.fleet.start(name, str(CLIP), queries[: 1 + number % 3], options)
        serve(services, ServeOptions())


if __name__ == "__main__":
    main()
