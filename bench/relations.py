"""Relations measured: who wears what on building sites, who rides and carries on COCO images.

    python -m bench.relations --data ../shared/data [--limit N] [--show FOLDER]

Building sites: labels of the validation split; a helmet, vest or mask, and what shows that there is
none, belong to the labelled person they lie on. Counts per image are compared with the labels,
beside those of the plain names. COCO: `bench/relation_pairs.tsv`, which was looked at pair by pair.
"""

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

import ovd
from ovd.datasets.coco import CocoImage, load_dataset
from ovd.domain.boxes import pairwise_iou
from ovd.domain.detections import Detections
from ovd.domain.frame import Image
from ovd.domain.ports import Detector
from ovd.training.relations.ownership import boxes_of, owners

WORN = (
    ("safety helmet", "bare head", "head"),
    ("safety vest", "torso without safety vest", "body"),
    ("face mask", "bare face", "head"),
)
RIDDEN = ("bicycle", "motorcycle", "horse", "skateboard", "surfboard")
CARRIED = ("backpack", "handbag", "suitcase", "umbrella")
PAIRS = Path(__file__).parent / "relation_pairs.tsv"
_SAME_IOU = 0.4
_SAME_PAIR_IOU = 0.8


@dataclass
class WornResult:
    """Sums over the images of one object that is worn or missing."""

    found_right: int = 0
    found: int = 0
    true: int = 0
    error: list[float] = field(default_factory=list)
    error_of_name: list[float] = field(default_factory=list)

    def add(self, matches: NDArray[np.bool_], truth: NDArray[np.int8], wanted: int) -> None:
        """Add the found persons of one image; a truth of 0 is not known and left out."""
        self.found += int((matches & (truth != 0)).sum())
        self.found_right += int((matches & (truth == wanted)).sum())


def main() -> None:
    """Measure both and print tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=None, help="Images of each at most.")
    parser.add_argument("--show", type=Path, help="Write images with what was judged.")
    given = parser.parse_args()
    detector = ovd.open_detector()
    measure_worn(detector, given.data, given.limit, given.show)
    measure_pairs(detector, given.data, given.limit, given.show)


def measure_worn(detector: Detector, data: Path, limit: int | None, show: Path | None) -> None:
    """Print precision, recall and mean absolute error of counts, with and without."""
    dataset = load_dataset(
        data / "annotations" / "construction_site_safety_val.json", data / "images"
    )
    texts = [
        text
        for gear, bare, _ in WORN
        for text in (f"person wearing {gear}", f"person without {gear}", gear, bare)
    ]
    queries = [ovd.read_query(text, detector) for text in (*texts, "person")]
    vocabulary = detector.encode(queries)
    results = {text: WornResult() for text in texts}
    unknown = dict.fromkeys(texts, 0)
    for image in dataset.images[:limit]:
        pixels = ovd.load_image(image.path)
        found = detector.detect([pixels], vocabulary)[0]
        _add_worn(image, found, texts, results)
        for at, text in enumerate(texts):
            unknown[text] += found.candidates.count_unknown(at)
        _show(show, pixels, found, texts[:2], image.path.stem)
    print(f"building sites, {len(dataset.images[:limit])} images")
    for at, text in enumerate(texts):
        if not text.startswith("person"):
            continue
        item = results[text]
        precision = _share(item.found_right, item.found)
        recall = _share(item.found_right, item.true)
        print(
            f"  {text:34} precision {precision}  recall {recall}  MAE {np.mean(item.error):.2f}  "
            f"of the name {texts[at + 2]!r} alone {np.mean(item.error_of_name):.2f}  "
            f"unknown {unknown[text]}"
        )


def _add_worn(
    image: CocoImage, found: Detections, texts: Sequence[str], results: dict[str, WornResult]
) -> None:
    persons = boxes_of(image, ("person",))
    for number, (gear, bare, family) in enumerate(WORN):
        truth = np.zeros(len(persons), dtype=np.int8)
        for name, value in ((bare, -1), (gear, 1)):
            owner = owners(family, persons, boxes_of(image, (name,)))
            truth[owner[owner >= 0]] = value
        for offset, wanted in ((0, 1), (1, -1)):
            at = 4 * number + offset
            own = found.of_label(at)
            item = results[texts[at]]
            iou = pairwise_iou(own.xyxy, persons) if len(persons) else np.zeros((len(own), 0))
            known = iou.max(axis=1) >= _SAME_IOU if len(persons) else np.zeros(len(own), bool)
            whose = np.where(known, truth[iou.argmax(axis=1)] if len(persons) else 0, 0)
            item.add(np.ones(len(own), dtype=np.bool_), whose.astype(np.int8), wanted)
            true = int((truth == wanted).sum())
            item.true += true
            item.error.append(abs(len(own) - true))
            item.error_of_name.append(abs(len(found.of_label(at + 2)) - true))


def measure_pairs(detector: Detector, data: Path, limit: int | None, show: Path | None) -> None:
    """Print precision and recall of riding and carrying, at the default and at recall .5."""
    dataset = load_dataset(data / "annotations" / "coco_val2017_val.json", data / "images")
    names = (*RIDDEN, *CARRIED)
    texts = [f"person {'riding' if name in RIDDEN else 'carrying'} {name}" for name in names]
    vocabulary = detector.encode([ovd.read_query(text, detector) for text in texts])
    looked_at = _read_pairs()
    rows: list[tuple[str, str, float]] = []
    for image in dataset.images[:limit]:
        pixels = ovd.load_image(image.path)
        found = detector.detect([pixels], vocabulary)[0]
        for at, name in enumerate(names):
            own = found.candidates.of_label(at)
            pairs = looked_at.get((image.file_name, name), [])
            for box, belief in zip(own.xyxy, own.belief, strict=True):
                rows.append((name, _truth_of(box, pairs), float(belief)))
        _show(show, pixels, found, texts, f"coco_{image.path.stem}")
    print(f"COCO, {len(dataset.images[:limit])} images, pairs looked at one by one")
    main_names = ("bicycle", "motorcycle", "horse", "backpack", "handbag", "umbrella")
    for title, chosen in (
        ("riding an animal or vehicle, with backpack, umbrella, handbag", main_names),
        ("riding a bicycle, motorcycle or horse", RIDDEN[:3]),
        ("riding a board", RIDDEN[3:]),
        ("carrying a backpack, handbag, suitcase or umbrella", CARRIED),
        *((name, (name,)) for name in names),
    ):
        _print_pairs(title, [row for row in rows if row[0] in chosen and row[1] != "?"])


def _print_pairs(title: str, rows: Sequence[tuple[str, str, float]]) -> None:
    truth = np.array([row[1] == "y" for row in rows])
    belief = np.array([row[2] for row in rows])
    if not truth.any():
        print(f"  {title}: none")
        return
    order = np.argsort(-belief, kind="stable")
    hits = np.cumsum(truth[order])
    half = int(np.searchsorted(hits / truth.sum(), 0.5))
    counted = belief >= 0.5
    right = int((truth & counted).sum())
    print(
        f"  {title}: n={truth.sum()}; counted {_share(right, int(counted.sum()))} right, recall "
        f"{_share(right, int(truth.sum()))}; at recall .5 precision "
        f"{_share(int(hits[half]), half + 1)} from belief {belief[order][half]:.2f}"
    )


def _read_pairs() -> dict[tuple[str, str], list[tuple[NDArray[np.float32], str]]]:
    pairs: dict[tuple[str, str], list[tuple[NDArray[np.float32], str]]] = {}
    for line in PAIRS.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            file_name, name, box, truth = line.split("\t")
            corners = np.array(box.split(","), dtype=np.float32)
            pairs.setdefault((file_name, name), []).append((corners, truth))
    return pairs


def _truth_of(box: NDArray[np.float32], pairs: list[tuple[NDArray[np.float32], str]]) -> str:
    if not pairs:
        return "n"
    iou = pairwise_iou(box[None], np.stack([corners for corners, _ in pairs]))[0]
    best = int(iou.argmax())
    return pairs[best][1] if iou[best] >= _SAME_PAIR_IOU else "n"


def _share(part: int, whole: int) -> str:
    """Return a share with its 95 % interval (Wilson) and numbers."""
    if not whole:
        return "- (0 of 0)"
    p, z = part / whole, 1.96
    middle = (p + z * z / (2 * whole)) / (1 + z * z / whole)
    half = z * math.sqrt(p * (1 - p) / whole + z * z / (4 * whole**2)) / (1 + z * z / whole)
    return f"{p:.2f} [{max(middle - half, 0):.2f}, {min(middle + half, 1):.2f}] ({part} of {whole})"


def _show(
    folder: Path | None, pixels: Image, found: Detections, texts: Sequence[str], name: str
) -> None:
    """Write the image with those who match in green and those unknown in grey."""
    if folder is None or not len(found.candidates):
        return
    folder.mkdir(parents=True, exist_ok=True)
    drawn = np.ascontiguousarray(pixels[..., ::-1])
    for at, text in enumerate(texts):
        for box, belief in zip(*_candidates(found, at), strict=True):
            corners = [round(float(value)) for value in box]
            unknown = math.isnan(belief)
            if not unknown and belief < 0.5:
                continue
            colour = (150, 150, 150) if unknown else (0, 200, 0)
            cv2.rectangle(drawn, tuple(corners[:2]), tuple(corners[2:]), colour, 1)
            label = f"{'?' if unknown else f'{belief:.2f}'} {text.removeprefix('person ')}"
            place = (corners[0], corners[1] + 10 + 10 * at)
            cv2.putText(drawn, label, place, cv2.FONT_HERSHEY_SIMPLEX, 0.35, colour, 1)
    cv2.imwrite(str(folder / f"{name}.png"), drawn)


def _candidates(found: Detections, at: int) -> tuple[list[NDArray[np.float32]], list[float]]:
    own = found.candidates.of_label(at)
    return list(own.xyxy), own.belief.tolist()


if __name__ == "__main__":
    main()
