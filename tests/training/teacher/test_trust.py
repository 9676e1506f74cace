from pathlib import Path

from ovd.datasets.coco import load_dataset
from ovd.training.teacher.pseudo_labels import PseudoLabels
from ovd.training.teacher.trust import measure_trust
from tests.training.datasets import make_boxes, write_dataset


def test_trust_counts_what_meets_a_box_of_its_name(tmp_path: Path):
    rows = [("car", [10, 10, 30, 20]), ("person", [50, 10, 10, 20])]
    dataset = load_dataset(*write_dataset(tmp_path, "gate", {"a.jpg": rows}))
    seen = make_boxes(
        ("car", (10, 10, 40, 30)),
        ("car", (0, 40, 10, 50)),
        ("person", (50, 10, 60, 30)),
        soft_score=[0.9, 0.9, 0.4],
    )
    labels = {dataset.images[0].file_name: PseudoLabels(seen, frozenset({"car", "person"}))}

    trust = measure_trust([dataset], labels, 0.8)["gate"]

    assert (trust.boxes, trust.right, trust.objects, trust.found) == (2, 1, 2, 1)
    assert trust.precision == 0.5
