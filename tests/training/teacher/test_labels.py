import json

import numpy as np
import pytest

from ovd.errors import DatasetError
from ovd.training.teacher.agreement import contradicted
from ovd.training.teacher.labels import Seen, TrustConfig, believe, load_teacher_labels, read_seen

BOX = [10.0, 10.0, 30.0, 30.0]


def row(label="car", score=0.5, box=BOX, teacher="fused"):
    return {"label": label, "score": score, "box": box, "teacher": teacher}


def write(path, *lines):
    text = "".join(json.dumps({"image": name, "detections": rows}) + "\n" for name, rows in lines)
    path.write_text(text, encoding="utf-8")
    return path


def test_what_teachers_agree_on_is_trusted_as_often_as_it_is_right(tmp_path):
    path = write(tmp_path / "seen.jsonl", ("gate/a.jpg", [row(score=0.5), row(score=0.15)]))

    labels = load_teacher_labels([path], ["car", "person"])["gate/a.jpg"]

    np.testing.assert_allclose(labels.boxes.soft_score, [0.93, 0.43])
    assert labels.absent == {"car", "person"}


def test_what_hardly_anybody_sees_says_nothing(tmp_path):
    path = write(tmp_path / "seen.jsonl", ("a.jpg", [row(score=0.05)]))

    assert len(load_teacher_labels([path], ["car"])["a.jpg"].boxes) == 0


def test_single_teachers_and_foreign_names_are_left_out(tmp_path):
    rows = [row(teacher="yolox_nano"), row(label="vehicle")]
    path = write(tmp_path / "seen.jsonl", ("a.jpg", rows))

    assert len(load_teacher_labels([path], ["car"])["a.jpg"].boxes) == 0


def test_boxes_of_a_misjudged_source_become_doubts():
    seen = [Seen("car", 0.35, (0.0, 0.0, 5.0, 5.0), "fused")] * 2
    config = TrustConfig(source_least_trust={"gate": 0.9})

    assert believe(seen, "gate/a.jpg", config).ignore.tolist() == [True, True]
    assert believe(seen, "road/a.jpg", config).ignore.tolist() == [False, False]


def test_a_line_that_was_cut_off_is_left_out(tmp_path):
    path = write(tmp_path / "seen.jsonl", ("a.jpg", [row()]))
    path.write_text(path.read_text() + '{"image": "b.j', encoding="utf-8")

    assert [name for name, _ in read_seen(path)] == ["a.jpg"]


def test_a_wrong_line_is_refused_by_number(tmp_path):
    path = write(tmp_path / "seen.jsonl", ("a.jpg", [row()]), ("b.jpg", [row(box=[1, 2])]))

    with pytest.raises(DatasetError, match="line 2"):
        list(read_seen(path))


def test_missing_labels_say_how_to_make_them_or_do_without(tmp_path):
    with pytest.raises(DatasetError, match=r"leave data\.teacher_labels out"):
        load_teacher_labels([tmp_path / "none.jsonl"], ["car"])


def test_precision_for_every_score_is_wanted():
    with pytest.raises(ValueError, match="as many rising scores"):
        TrustConfig(scores=(0.1, 0.2), precision=(0.5,))


def test_a_teacher_is_contradicted_by_another_exhaustive_name_at_its_place():
    iou = np.array([[0.8], [0.3]], dtype=np.float32)

    wrong = contradicted(iou, ["truck", "truck"], ["forklift"], frozenset({"forklift"}))

    assert wrong.tolist() == [True, False]
    assert not contradicted(iou, ["truck"] * 2, ["forklift"], frozenset()).any()
    assert not contradicted(iou, ["forklift"] * 2, ["forklift"], frozenset({"forklift"})).any()
