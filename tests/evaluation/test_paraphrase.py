import json
from collections.abc import Sequence

import pytest

from ovd.domain.detections import Detections
from ovd.domain.query import Query, Vocabulary
from ovd.errors import DatasetError, QueryError
from ovd.evaluation.paraphrase import (
    LiteralReader,
    Wording,
    hypernym_robustness,
    load_wording,
    merge_labels,
    paraphrased_names,
    synonym_robustness,
)
from tests.fakes import FakeDetector
from tests.training.evaluation_builders import (
    Box,
    make_box,
    make_dataset,
    make_found,
    make_run,
)

HERE: Box = (0, 0, 40, 40)
THERE: Box = (100, 0, 150, 50)
WORDING = Wording(
    synonyms={"car": ("automobile", "motor car"), "dog": ("puppy",)},
    hypernyms={"vehicle": ("car", "bus"), "animal": ("dog",)},
    absent=("pizza",),
)


def test_synonym_robustness_divides_accuracy_with_synonyms_by_that_with_names():
    run = make_run(
        make_dataset([make_box("car", HERE)]),
        make_found(("car", HERE), ("automobile", HERE), ("motor car", THERE)),
    )

    retention = synonym_robustness([run], WORDING)

    assert retention.ap50 == pytest.approx(0.5)
    assert [row.name for row in retention.rows] == ["car"]
    assert [word.ap50 for word in retention.rows[0].paraphrased] == pytest.approx([1.0, 0.0])


def test_synonym_robustness_needs_a_detection_by_name():
    run = make_run(make_dataset([make_box("car", HERE)]), Detections.none())

    with pytest.raises(DatasetError, match="found by its own name"):
        synonym_robustness([run], WORDING)


def test_hypernym_robustness_compares_the_hypernym_with_all_its_names():
    dataset = make_dataset([make_box("car", HERE), make_box("bus", THERE)], names=("car", "bus"))
    run = make_run(
        dataset, make_found(("vehicle", HERE), ("car", HERE), ("bus", THERE), score=[0.9, 0.8, 0.7])
    )

    retention = hypernym_robustness([run], WORDING)

    (row,) = retention.rows
    assert row.name == "vehicle"
    assert row.objects == 2
    assert row.reference_ap50 == pytest.approx(1.0)
    assert retention.ap50 == pytest.approx(51 / 101)


def test_merge_labels_keeps_the_best_of_boxes_on_one_object():
    found = make_found(("car", HERE), ("bus", HERE), ("bus", THERE), ("dog", HERE))

    merged = merge_labels(found, ["car", "bus"], "vehicle")

    added = merged.of_label(merged.labels.index("vehicle"))
    assert added.xyxy.tolist() == [list(HERE), list(THERE)]
    assert added.score.tolist() == pytest.approx([0.9, 0.7])
    assert len(merged) == len(found) + 2


def test_merge_labels_of_nothing_is_nothing():
    merged = merge_labels(Detections.none(), ["car"], "vehicle")

    assert merged.labels == ("vehicle",)
    assert len(merged) == 0


def test_paraphrased_names_are_limited_to_names_with_boxes():
    names = paraphrased_names(make_dataset([make_box("car", HERE)]), WORDING)

    assert names == ("car", "automobile", "motor car", "vehicle", "bus")


class KnowsCars(FakeDetector):
    def encode(self, queries: Sequence[Query]) -> Vocabulary:
        if any(prompt != "car" for query in queries for prompt in query.prompts):
            raise QueryError("never seen")
        return super().encode(queries)


def test_literal_reader_passes_the_text_on_as_typed():
    query = LiteralReader(KnowsCars()).read("car", 0.001)

    assert query.prompts == ("car",)
    assert query.min_score == 0.001


def test_literal_reader_says_what_the_encoder_cannot_read():
    query = LiteralReader(KnowsCars()).read("automobile")

    assert not query.supported
    assert query.note == "never seen"


def write(folder, document):
    path = folder / "synonyms.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def test_load_wording_reads_the_three_lists(tmp_path):
    document = {
        "synonyms": {"car": ["automobile"]},
        "hypernyms": {"vehicle": ["car"]},
        "absent": ["pizza"],
    }

    wording = load_wording(write(tmp_path, document))

    assert wording.synonyms == {"car": ("automobile",)}
    assert wording.hypernyms == {"vehicle": ("car",)}
    assert wording.absent == ("pizza",)


@pytest.mark.parametrize(
    "document",
    [
        "no json",
        [],
        {"synonyms": {}, "hypernyms": {}},
        {"synonyms": {"car": "automobile"}, "hypernyms": {}, "absent": []},
        {"synonyms": {"car": ["auto"], "bus": ["auto"]}, "hypernyms": {}, "absent": []},
    ],
)
def test_load_wording_refuses_other_files(tmp_path, document):
    with pytest.raises(DatasetError, match="must be a JSON object"):
        load_wording(write(tmp_path, document))


def test_load_wording_names_a_missing_file(tmp_path):
    with pytest.raises(DatasetError, match="cannot read"):
        load_wording(tmp_path / "none.json")
