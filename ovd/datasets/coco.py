"""COCO-format box files, read strictly: a wrong record is refused by name, never skipped."""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TypeVar

from ovd.errors import DatasetError

BORDER_TOLERANCE_PX = 1.0
EVALUATION_ONLY = "evaluation only"

Record = Mapping[str, object]
T = TypeVar("T")


@dataclass(frozen=True)
class CocoBox:
    """One labelled object.

    Attributes:
        id: Annotation id in the file.
        xyxy: Corners (x0, y0, x1, y1) in pixels of the stored image, inside it.
        name: Category name.
        is_crowd: A region that holds several objects that were not separated.
        attributes: Weak labels such as `{"color": "red"}`; may be wrong.
    """

    id: int
    xyxy: tuple[float, float, float, float]
    name: str
    is_crowd: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CocoImage:
    """One image and its boxes.

    Attributes:
        id: Image id in the file.
        file_name: Path below the images folder as the file writes it.
        path: Where the image lies.
        size_hw: Height and width in pixels.
        boxes: Its objects in file order.
    """

    id: int
    file_name: str
    path: Path
    size_hw: tuple[int, int]
    boxes: tuple[CocoBox, ...]


@dataclass(frozen=True)
class CocoDataset:
    """A COCO-format file whose records all hold.

    Attributes:
        path: The JSON file.
        sha256: Checksum of the JSON file.
        source: `info.source`, else the name of the file without its ending.
        images: All images, also those without a box.
        categories: Category id to name.
        hypernyms: Name to wider words, where the file states them.
        exhaustive: Names of which every object is boxed; all, where the file does not say.
        exhaustive_except_small: Names of which every object is boxed unless it is small.
        is_evaluation_only: The file forbids training on it.
    """

    path: Path
    sha256: str
    source: str
    images: tuple[CocoImage, ...]
    categories: Mapping[int, str]
    hypernyms: Mapping[str, tuple[str, ...]]
    exhaustive: frozenset[str]
    exhaustive_except_small: frozenset[str]
    is_evaluation_only: bool

    @property
    def names(self) -> tuple[str, ...]:
        """Category names in file order."""
        return tuple(self.categories.values())


def load_dataset(json_path: Path, images_dir: Path) -> CocoDataset:
    """Read a COCO-format file and check every record of it.

    `info`, licences, areas, `iscrowd` and `attributes` may be missing. Boxes that leave the image
    by at most a pixel are clipped.

    Args:
        json_path: The COCO file.
        images_dir: Folder that the file names are relative to; every image must be there.

    Raises:
        DatasetError: If the file or a record is wrong; the message names both.
    """
    content, document = _read_json(json_path)
    where = str(json_path)
    info = _optional(document, "info", dict, {}, where)
    categories, hypernyms = _parse_categories(_records(document, "categories", where), where)
    images = _parse_images(_records(document, "images", where), images_dir, where)
    boxes = _parse_boxes(_records(document, "annotations", where), images, categories, where)
    names = frozenset(categories.values())
    small = _names(info, "exhaustive_except_small", frozenset(), where)
    return CocoDataset(
        path=json_path,
        sha256=hashlib.sha256(content).hexdigest(),
        source=_optional(info, "source", str, json_path.stem, f"{where}: info"),
        images=tuple(
            CocoImage(image.id, image.file_name, image.path, image.size_hw, tuple(boxes[image.id]))
            for image in images.values()
        ),
        categories=categories,
        hypernyms=hypernyms,
        exhaustive=_names(info, "exhaustive_categories", names - small, where),
        exhaustive_except_small=small,
        is_evaluation_only=_optional(info, "use", str, "", f"{where}: info").startswith(
            EVALUATION_ONLY
        ),
    )


def _read_json(path: Path) -> tuple[bytes, Record]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DatasetError(f"cannot read dataset {path}: {error.strerror}") from error
    if not content.strip():
        raise DatasetError(f"dataset {path} is empty; expected a COCO-format JSON object")
    try:
        document = json.loads(content)
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DatasetError(f"dataset {path} is no valid JSON: {error}") from error
    if not isinstance(document, dict):
        raise DatasetError(
            f"dataset {path} must be a JSON object with images, annotations and categories, "
            f"got a {type(document).__name__}"
        )
    return content, document


def _records(document: Record, key: str, where: str) -> list[Record]:
    values = _required(document, key, list, where)
    if not values and key != "annotations":
        raise DatasetError(f"{where} holds no {key}; at least one is needed")
    for index, value in enumerate(values):
        if not isinstance(value, dict):
            raise DatasetError(f"{where}: {key}[{index}] must be an object, got {value!r:.60}")
    return values


def _parse_categories(
    records: Iterable[Record], where: str
) -> tuple[dict[int, str], dict[str, tuple[str, ...]]]:
    categories: dict[int, str] = {}
    hypernyms: dict[str, tuple[str, ...]] = {}
    for index, record in enumerate(records):
        category_id = _required(record, "id", int, f"{where}: categories[{index}]")
        at = f"{where}: category {category_id}"
        name = " ".join(_required(record, "name", str, at).split())
        if not name:
            raise DatasetError(f"{at} has an empty name")
        if category_id in categories:
            raise DatasetError(f"{at} appears twice; category ids must be unique")
        if name in hypernyms:
            raise DatasetError(f"{at} has the name {name!r} of another category")
        categories[category_id] = name
        hypernyms[name] = tuple(_texts(record.get("hypernyms", []), f"{at}: hypernyms"))
    return categories, hypernyms


def _parse_images(records: Iterable[Record], images_dir: Path, where: str) -> dict[int, CocoImage]:
    images: dict[int, CocoImage] = {}
    for index, record in enumerate(records):
        image_id = _required(record, "id", int, f"{where}: images[{index}]")
        at = f"{where}: image {image_id}"
        if image_id in images:
            raise DatasetError(f"{at} appears twice; image ids must be unique")
        file_name = _required(record, "file_name", str, at)
        height = _required(record, "height", int, at)
        width = _required(record, "width", int, at)
        if height <= 0 or width <= 0:
            raise DatasetError(f"{at} ({file_name}) must have a size, got {width} x {height}")
        path = _image_path(images_dir, file_name, at)
        images[image_id] = CocoImage(image_id, file_name, path, (height, width), ())
    return images


def _image_path(images_dir: Path, file_name: str, at: str) -> Path:
    relative = PurePosixPath(file_name)
    if relative.is_absolute() or ".." in relative.parts or not relative.name:
        raise DatasetError(f"{at}: file_name {file_name!r} must stay inside the images folder")
    path = images_dir / relative
    if not path.is_file():
        raise DatasetError(
            f"{at}: there is no image file {path}; is {images_dir} the right folder?"
        )
    return path


def _parse_boxes(
    records: Iterable[Record],
    images: Mapping[int, CocoImage],
    categories: Mapping[int, str],
    where: str,
) -> dict[int, list[CocoBox]]:
    boxes: dict[int, list[CocoBox]] = {image_id: [] for image_id in images}
    seen: set[int] = set()
    for index, record in enumerate(records):
        box_id = _required(record, "id", int, f"{where}: annotations[{index}]")
        at = f"{where}: annotation {box_id}"
        if box_id in seen:
            raise DatasetError(f"{at} appears twice; annotation ids must be unique")
        seen.add(box_id)
        image_id = _required(record, "image_id", int, at)
        category_id = _required(record, "category_id", int, at)
        if image_id not in images:
            raise DatasetError(f"{at} belongs to image {image_id}, which the file does not hold")
        if category_id not in categories:
            raise DatasetError(f"{at} has the unknown category id {category_id}")
        xyxy = _parse_bbox(record, images[image_id], at)
        attributes = _optional(record, "attributes", dict, {}, at)
        boxes[image_id].append(
            CocoBox(
                box_id,
                xyxy,
                categories[category_id],
                _is_crowd(record, at),
                {str(key): value for key, value in attributes.items() if isinstance(value, str)},
            )
        )
    return boxes


def _parse_bbox(record: Record, image: CocoImage, at: str) -> tuple[float, float, float, float]:
    values = _required(record, "bbox", list, at)
    if len(values) != 4 or not all(
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        for value in values
    ):
        raise DatasetError(f"{at}: bbox must be four finite numbers x, y, w, h, got {values!r:.80}")
    x, y, width, height = (float(value) for value in values)
    if width <= 0 or height <= 0:
        raise DatasetError(f"{at}: bbox {values} has no area")
    image_height, image_width = image.size_hw
    overshoot = max(-x, -y, x + width - image_width, y + height - image_height)
    if overshoot > BORDER_TOLERANCE_PX:
        raise DatasetError(
            f"{at}: bbox {values} lies outside image {image.id} ({image.file_name}) of "
            f"{image_width} x {image_height}"
        )
    x0, y0 = max(x, 0.0), max(y, 0.0)
    x1, y1 = min(x + width, float(image_width)), min(y + height, float(image_height))
    if x1 <= x0 or y1 <= y0:
        raise DatasetError(f"{at}: bbox {values} has no area inside its image")
    return x0, y0, x1, y1


def _is_crowd(record: Record, at: str) -> bool:
    value = record.get("iscrowd", 0)
    if value not in (0, 1):
        raise DatasetError(f"{at}: iscrowd must be 0 or 1, got {value!r:.60}")
    return bool(value)


def _names(info: Record, key: str, default: frozenset[str], where: str) -> frozenset[str]:
    if key not in info:
        return default
    return frozenset(_texts(info[key], f"{where}: info.{key}"))


def _texts(value: object, at: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise DatasetError(f"{at} must be a list of names, got {value!r:.60}")
    return value


def _required(record: Record, key: str, kind: type[T], at: str) -> T:
    if key not in record:
        raise DatasetError(f"{at} has no {key!r}")
    value = record[key]
    if not isinstance(value, kind) or isinstance(value, bool):
        raise DatasetError(f"{at}: {key!r} must be {kind.__name__}, got {value!r:.60}")
    return value


def _optional(record: Record, key: str, kind: type[T], default: T, at: str) -> T:
    return default if record.get(key) is None else _required(record, key, kind, at)
