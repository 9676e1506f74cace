"""A small world: images of one colour per cell, whose regions are told apart by colour."""

import numpy as np

from ovd.detection.taught.bank import BackgroundBank, build_bank
from ovd.detection.taught.teacher import NameTeacher, TeachConfig
from ovd.domain.ports import DetectorInfo
from ovd.domain.teaching.regions import Regions, RegionVector

DIMENSIONS = 8
GRID = 4
CELL = 20
OBJECT, LOOKALIKE, OTHER_SIDE = 0, 1, 2


def make_info(**changes) -> DetectorInfo:
    values = {
        "name": "fake",
        "weights_sha256": "0" * 64,
        "known_names": ("car", "person"),
        "default_min_score": 0.35,
        "open_vocabulary": True,
    }
    return DetectorInfo(**(values | changes))


def make_background(seed: int, count: int = 40) -> np.ndarray:
    """Return regions that differ at random; the object's direction is left empty."""
    rows = np.random.default_rng(seed).normal(size=(count, DIMENSIONS)).astype(np.float32)
    rows[:, OBJECT] *= 0.3
    return rows


def make_bank(images: int = 100) -> BackgroundBank:
    regions = [make_background(seed) for seed in range(images)]
    return build_bank(regions, 20, "0" * 64, directions=DIMENSIONS)


SHOWN_BY = {200: OBJECT, 150: LOOKALIKE, 100: OTHER_SIDE}


class CellEncoder:
    """Reads cells of an image: the red value of a cell says what it shows."""

    def find_regions(self, images):
        return [self._regions(image) for image in images]

    def _regions(self, image):
        height, width = image.shape[:2]
        seed = int(image[..., 1].astype(np.int64).sum())
        embeds = make_background(seed, GRID * GRID)
        boxes = []
        for at in range(GRID * GRID):
            y, x = divmod(at, GRID)
            shows = SHOWN_BY.get(int(image[y * CELL + 1, x * CELL + 1, 0]))
            if shows is not None:
                embeds[at] *= 0.3
                embeds[at, OBJECT if shows == LOOKALIKE else shows] += 6.0
                if shows == LOOKALIKE:
                    embeds[at, 5] += 6.0
            boxes.append((x * CELL, y * CELL, (x + 1) * CELL, (y + 1) * CELL))
        return Regions(embeds, np.array(boxes, np.float32), (height, width))

    def text_vectors(self, names):
        axes = np.eye(DIMENSIONS, dtype=np.float32)
        axis = {"car": 3, "person": 4, "gizmo": OBJECT}
        return [RegionVector(axes[axis.get(name, 7)] * 2.0, -8.0) for name in names]


def draw_image(cells: dict[int, int] | None = None, seed: int = 0) -> np.ndarray:
    """Return an image whose cells show what `cells` says, by cell and red value."""
    image = np.zeros((GRID * CELL, GRID * CELL, 3), np.uint8)
    image[0, 0, 1] = seed
    for at, red in (cells or {}).items():
        y, x = divmod(at, GRID)
        image[y * CELL : (y + 1) * CELL, x * CELL : (x + 1) * CELL, 0] = red
    return image


def box_of(cell: int) -> tuple[float, float, float, float]:
    y, x = divmod(cell, GRID)
    return (x * CELL, y * CELL, (x + 1) * CELL, (y + 1) * CELL)


def make_teacher(**changes) -> NameTeacher:
    return NameTeacher(CellEncoder(), make_info(), make_bank(), TeachConfig(**changes))
