import json

import numpy as np
import pytest

from ovd.video.images import save_image

pytestmark = pytest.mark.weights


@pytest.fixture
def dataset(tmp_path):
    save_image(tmp_path / "a.png", np.full((60, 80, 3), 127, dtype=np.uint8))
    document = {
        "images": [{"id": 1, "file_name": "a.png", "width": 80, "height": 60}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 1, "bbox": [5, 5, 20, 40]},
            {"id": 2, "image_id": 1, "category_id": 2, "bbox": [30, 5, 20, 20]},
        ],
        "categories": [{"id": 1, "name": "person"}, {"id": 2, "name": "unicorn"}],
    }
    path = tmp_path / "data.json"
    path.write_text(json.dumps(document))
    return path


def test_eval_scores_what_the_file_names(ovd, dataset):
    report = ovd("eval", dataset, "--images", dataset.parent, "--json").json()

    assert report["images"] == 1
    assert report["unsupported"] == ["unicorn"]
    assert report["per_label"]["unicorn"] == {"AP": 0.0, "AP50": 0.0}
    assert report["per_label"]["person"]["AP"] is not None


def test_eval_of_several_sources_tells_other_words_counts_and_held_out_names(ovd, dataset):
    other = dataset.with_name("other.json")
    other.write_text(
        dataset.read_text().replace('"images": [', '"info": {"source": "b"}, "images": [')
    )
    words = dataset.with_name("words.json")
    words.write_text(
        json.dumps({"synonyms": {"person": ["pedestrian"]}, "hypernyms": {}, "absent": []})
    )

    report = ovd(
        "eval", dataset, other, "--images", dataset.parent, "--synonyms", words,
        "--hold-out", "unicorn", "--json",
    ).json()  # fmt: skip

    assert len(report["sources"]) == 2
    assert report["sources"]["b"]["unsupported"] == ["unicorn"]
    assert report["counts"]["compared"] == 4
    assert "synonyms_retention" not in report, "nothing is found on a gray image"
    assert report["hold_out"]["per_label"] == {"unicorn": 0.0}


def test_eval_refuses_what_could_not_be_told_apart(ovd, dataset):
    outcome = ovd("eval", dataset, dataset, "--images", dataset.parent)

    assert outcome.exit_code == 2
    assert "told apart" in outcome.stderr


def test_eval_refuses_a_held_out_name_without_boxes(ovd, dataset):
    outcome = ovd("eval", dataset, "--images", dataset.parent, "--hold-out", "dragon")

    assert outcome.exit_code == 2
    assert "no box of dragon" in outcome.stderr


def test_eval_names_the_file_that_is_wrong(ovd, tmp_path):
    (tmp_path / "data.json").write_text("[]")

    outcome = ovd("eval", tmp_path / "data.json", "--images", tmp_path)

    assert outcome.exit_code == 2
    assert outcome.stderr.startswith("error[bad_dataset]: ")
    assert "data.json" in outcome.stderr
