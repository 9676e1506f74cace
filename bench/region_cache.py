"""Regions of labelled images, computed once per network and kept in an ignored folder."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ovd.domain.frame import Image
from ovd.domain.teaching.regions import Regions, RegionVector
from ovd.model.backends import LoadOptions, load_backend
from ovd.model.detector import VocabularyDetector
from ovd.video.images import load_image


@dataclass(frozen=True, eq=False)
class LabelledImage:
    """One image of a source with its boxes.

    Attributes:
        path: Its file.
        part: Source and split, such as "furniture_val".
        image_id: Id within them.
        scene: Equal for images of one scene.
        boxes: `(N, 4)` corners in pixels by name.
    """

    path: Path
    part: str
    image_id: int
    scene: str
    boxes: dict[str, NDArray[np.float32]]


def load_sources(
    data: Path, parts: Sequence[str], same_as: dict[str, str] | None = None
) -> list[LabelledImage]:
    """Read the images of parts such as "furniture_val"; `same_as` renames categories."""
    found = []
    for part in parts:
        source = part.rsplit("_", 1)[0]
        document = json.loads((data / "annotations" / f"{part}.json").read_bytes())
        names = {item["id"]: item["name"] for item in document["categories"]}
        names = {key: (same_as or {}).get(name, name) for key, name in names.items()}
        boxes: dict[int, dict[str, list[list[float]]]] = {}
        for item in document["annotations"]:
            if not item.get("iscrowd"):
                x, y, w, h = item["bbox"]
                by_name = boxes.setdefault(item["image_id"], {})
                by_name.setdefault(names[item["category_id"]], []).append([x, y, x + w, y + h])
        found += [
            LabelledImage(
                data / "images" / source / item["file_name"].split("/")[-1],
                part,
                item["id"],
                f"{source}/{item.get('group', item['id'])}",
                {
                    name: np.array(listed, np.float32)
                    for name, listed in boxes.get(item["id"], {}).items()
                },
            )
            for item in document["images"]
        ]
    return found


class RegionCache:
    """Implements `RegionEncoder` for images on disk; the network is loaded when it is needed."""

    def __init__(self, folder: Path, weights_dir: Path) -> None:
        """Keep regions of the default detector of a weights folder below `folder`."""
        loaded = load_backend("ovdense", LoadOptions(weights_dir))
        assert isinstance(loaded, VocabularyDetector)
        self.detector = loaded
        self.weights_sha256 = loaded.info.weights_sha256
        self._folder = folder / self.weights_sha256[:12]

    def holds(self, image: LabelledImage) -> bool:
        """Return whether the regions of an image are on disk."""
        return self._path(image).exists()

    def _path(self, image: LabelledImage) -> Path:
        return self._folder / image.part / f"{image.image_id}.npz"

    def regions(self, image: LabelledImage) -> Regions:
        """Return the regions of an image, from disk if they are there."""
        path = self._path(image)
        if not path.exists():
            [found] = self.detector.find_regions([load_image(image.path)])
            path.parent.mkdir(parents=True, exist_ok=True)
            height, width = found.image_hw
            scale = np.array([width, height, width, height], dtype=np.float32)
            np.savez(
                path,
                e=found.embeds.astype(np.float16),
                x=(found.xyxy / scale).astype(np.float16),
                hw=np.array(found.image_hw),
            )
        with np.load(path) as kept:
            height, width = (int(side) for side in kept["hw"])
            scale = np.array([width, height, width, height], dtype=np.float32)
            xyxy = np.clip(kept["x"].astype(np.float32), 0, 1) * scale
            return Regions(kept["e"].astype(np.float32), xyxy, (height, width))

    def find_regions(self, images: Sequence[Image]) -> list[Regions]:
        """See `RegionEncoder`."""
        return self.detector.find_regions(images)

    def text_vectors(self, names: Sequence[str]) -> list[RegionVector]:
        """See `RegionEncoder`."""
        return self.detector.text_vectors(names)
