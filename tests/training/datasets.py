"""Make small COCO datasets and examples for the tests of training."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from ovd.training.data.examples import Boxes, Example
from ovd.training.text.phrasebook import Attribute, ContainmentRule, Group, Phrasebook

BOOK = Phrasebook(
    templates=("a photo of a {}",),
    synonyms={"car": ("automobile",), "person": ("pedestrian",)},
    kind_of={"taxi": ("car",)},
    labelled_as={"van": ("car", "truck")},
    overlapping=frozenset({"person", "bicycle"}),
    presumed_absent={"fire": ("smoke",)},
    groups={
        "vehicle": Group(
            ("conveyance",),
            frozenset({"car", "truck", "taxi", "van", "bicycle"}),
            frozenset({"car", "truck"}),
            frozenset({"handcart"}),
            is_open=False,
        ),
        "fruit": Group((), frozenset({"apple"}), frozenset({"apple"}), frozenset(), is_open=True),
    },
    values={"gray": ("gray", "silver")},
    attributes=(
        Attribute(
            "color",
            ("car", "vehicle"),
            ("red", "white", "gray"),
            ("striped",),
            ("{value} {name}",),
            frozenset({frozenset({"white", "gray"})}),
        ),
    ),
    containment_rules=(
        ContainmentRule("person", "head", {"helmet": "safety helmet", "bare": "bare head"}),
    ),
)


def make_boxes(
    *rows: tuple[str, tuple[float, float, float, float]],
    attributes: Sequence[Mapping[str, str]] | None = None,
    soft_score: Sequence[float] | None = None,
    ignore: Sequence[bool] | None = None,
) -> Boxes:
    count = len(rows)
    return Boxes(
        np.array([box for _, box in rows], dtype=np.float32).reshape(-1, 4),
        tuple(name for name, _ in rows),
        tuple(attributes or [{}] * count),
        np.array(soft_score or [1.0] * count, dtype=np.float32),
        np.array(ignore or [False] * count, dtype=np.bool_),
    )


def make_example(
    boxes: Boxes | None = None, size_hw: tuple[int, int] = (60, 80), **known: frozenset[str]
) -> Example:
    height, width = size_hw
    ramp = np.linspace(0, 255, width, dtype=np.uint8)
    image = np.repeat(np.tile(ramp, (height, 1))[:, :, None], 3, axis=2)
    return Example(image, boxes or make_boxes(), "gate", "gate/a.jpg", **known)


def write_dataset(
    folder: Path,
    source: str,
    images: Mapping[str, Sequence[tuple[str, Sequence[float]]]],
    size_hw: tuple[int, int] = (60, 80),
    **info: object,
) -> tuple[Path, Path]:
    """Write images and a COCO file; returns the file and the images folder."""
    names = sorted({name for rows in images.values() for name, _ in rows} | {"person"})
    (folder / source).mkdir(parents=True)
    height, width = size_hw
    records: dict[str, list[object]] = {"images": [], "annotations": []}
    for image_id, (file_name, rows) in enumerate(images.items(), start=1):
        pixels = np.full((height, width, 3), 40 * image_id % 256, dtype=np.uint8)
        cv2.imwrite(str(folder / source / file_name), pixels)
        records["images"].append(
            {"id": image_id, "file_name": f"{source}/{file_name}", "width": width, "height": height}
        )
        records["annotations"] += [
            {
                "id": image_id * 100 + i,
                "image_id": image_id,
                "category_id": names.index(name),
                "bbox": bbox,
            }
            for i, (name, bbox) in enumerate(rows)
        ]
    categories = [{"id": i, "name": name} for i, name in enumerate(names)]
    path = folder / f"{source}.json"
    path.write_text(
        json.dumps({"info": {"source": source, **info}, "categories": categories, **records})
    )
    return path, folder
