import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from ovd.datasets.coco import CocoDataset, load_dataset
from ovd.domain.detections import Detections
from ovd.domain.frame import Image
from ovd.domain.query import Vocabulary
from ovd.errors import DatasetError, ImageError
from ovd.evaluation.detection import detect_dataset, evaluate, report_json, score_run
from tests.fakes import FakeDetector, FakeReader
from tests.training.evaluation_builders import make_box, make_dataset, make_found, make_run

CATEGORIES = {1: "person", 2: "helmet", 3: "car"}
FIRST_BOX = [0, 0, 8, 16]  # where FakeDetector sees its first object


def write_dataset(
    folder: Path, boxes: Sequence[tuple[int, int, list[float]]], reds: Sequence[int] = (1, 1)
) -> CocoDataset:
    """One flat image per red value; `boxes` are (image id, category id, xywh)."""
    for image_id, red in enumerate(reds, start=1):
        image = np.full((48, 64, 3), (0, 0, red), dtype=np.uint8)
        cv2.imwrite(str(folder / f"{image_id}.png"), image)
    document = {
        "images": [
            {"id": i + 1, "file_name": f"{i + 1}.png", "width": 64, "height": 48}
            for i in range(len(reds))
        ],
        "categories": [{"id": i, "name": name} for i, name in CATEGORIES.items()],
        "annotations": [
            {"id": i, "image_id": image_id, "category_id": category_id, "bbox": bbox}
            for i, (image_id, category_id, bbox) in enumerate(boxes)
        ],
    }
    path = folder / "set.json"
    path.write_text(json.dumps(document))
    return load_dataset(path, folder)


class WatchedDetector(FakeDetector):
    """Remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, ...]] = []
        self.thresholds: list[float] = []

    def detect(self, images: Sequence[Image], vocabulary: Vocabulary) -> list[Detections]:
        self.asked.append(vocabulary.labels)
        self.thresholds.append(float(vocabulary.min_score.max()))
        return super().detect(images, vocabulary)


def test_evaluate_scores_found_missed_and_unsupported_labels(tmp_path):
    boxes = [(1, 1, FIRST_BOX), (2, 1, FIRST_BOX), (1, 2, [30, 20, 10, 10])]

    report = evaluate(FakeDetector(), FakeReader(), write_dataset(tmp_path, boxes))

    assert report.images == 2
    assert report.scores.of("person").ap50 == pytest.approx(1.0)
    assert report.unsupported == ("helmet",)
    assert report.scores.of("helmet").ap50 == 0.0
    assert report.scores.of("car").ap50 is None
    assert report.scores.ap50 == pytest.approx(0.5)
    assert report.ms_per_image is not None
    assert report.ms_per_image > 0


def test_evaluate_detects_each_image_once_with_all_supported_names_at_a_low_threshold(tmp_path):
    detector = WatchedDetector()

    evaluate(detector, FakeReader(), write_dataset(tmp_path, [(1, 1, FIRST_BOX)]))

    assert detector.asked == [("person", "car")] * 2
    assert max(detector.thresholds) == pytest.approx(0.001)


def test_evaluate_of_nothing_but_unsupported_names_scores_zero_without_detecting(tmp_path):
    detector = WatchedDetector()

    dataset = write_dataset(tmp_path, [(1, 2, FIRST_BOX)])
    run = detect_dataset(detector, FakeReader(), dataset, ["helmet"])

    assert detector.asked == []
    assert run.ms_per_image is None
    assert score_run(run).ap == 0.0


def test_evaluate_reports_each_image_for_a_progress_display(tmp_path):
    ticks = []

    evaluate(
        FakeDetector(),
        FakeReader(),
        write_dataset(tmp_path, [(1, 1, FIRST_BOX)]),
        lambda: ticks.append(1),
    )

    assert len(ticks) == 2


def test_evaluate_counts_detections_on_images_without_an_object_as_wrong(tmp_path):
    dataset = write_dataset(tmp_path, [(3, 1, FIRST_BOX)], reds=(1, 1, 1))

    report = evaluate(FakeDetector(), FakeReader(), dataset)

    # Three detections of one score, the right one in the last image: precision 1/3.
    assert report.scores.of("person").ap50 == pytest.approx(1 / 3)


def test_evaluate_refuses_an_image_of_another_size_than_the_dataset_says(tmp_path):
    dataset = write_dataset(tmp_path, [(1, 1, FIRST_BOX)])
    cv2.imwrite(str(tmp_path / "2.png"), np.zeros((10, 10, 3), dtype=np.uint8))

    with pytest.raises(DatasetError, match=r"2\.png is 10 x 10, but the dataset says 64 x 48"):
        evaluate(FakeDetector(), FakeReader(), dataset)


def test_evaluate_names_an_image_that_cannot_be_read(tmp_path):
    dataset = write_dataset(tmp_path, [(1, 1, FIRST_BOX)])
    (tmp_path / "2.png").write_bytes(b"not an image")

    with pytest.raises(ImageError, match=r"2\.png"):
        evaluate(FakeDetector(), FakeReader(), dataset)


def test_evaluate_refuses_a_dataset_without_objects(tmp_path):
    with pytest.raises(DatasetError, match="no labelled object"):
        evaluate(FakeDetector(), FakeReader(), write_dataset(tmp_path, []))


def test_score_run_limits_an_image_to_a_hundred_detections():
    here = (0.0, 0.0, 40.0, 40.0)
    crowd_out = [("car", (0.0, 0.0, 5.0, 5.0))] * 100
    dataset = make_dataset([make_box("person", here)])

    first = make_run(dataset, make_found(("person", here), *crowd_out, score=[1.0] + [0.5] * 100))
    last = make_run(dataset, make_found(*crowd_out, ("person", here), score=[0.5] * 100 + [0.1]))

    assert score_run(first).of("person").ap50 == pytest.approx(1.0)
    assert score_run(last).of("person").ap50 == 0.0


def test_score_run_treats_crowds_as_crowds():
    crowd = (100.0, 0.0, 200.0, 100.0)
    dataset = make_dataset(
        [make_box("person", (0.0, 0.0, 40.0, 40.0)), make_box("person", crowd, is_crowd=True)]
    )
    found = make_found(("person", (110.0, 10.0, 140.0, 40.0)), ("person", (0.0, 0.0, 40.0, 40.0)))

    assert score_run(make_run(dataset, found)).ap50 == pytest.approx(1.0)


def test_report_json_has_the_agreed_keys_and_null_for_the_unknown(tmp_path):
    report = evaluate(
        FakeDetector(),
        FakeReader(),
        write_dataset(tmp_path, [(1, 1, FIRST_BOX), (1, 2, FIRST_BOX)]),
    )

    document = json.loads(json.dumps(report_json(report)))

    assert document["images"] == 2
    assert document["AP"] == pytest.approx(0.5)
    assert document["AP50"] == pytest.approx(0.5)
    assert document["per_label"]["person"] == {"AP": pytest.approx(1), "AP50": pytest.approx(1)}
    assert document["per_label"]["helmet"] == {"AP": 0.0, "AP50": 0.0}
    assert document["per_label"]["car"] == {"AP": None, "AP50": None}
    assert document["unsupported"] == ["helmet"]
    assert document["ms_per_image"] > 0
    assert document["AP_large"] is None
