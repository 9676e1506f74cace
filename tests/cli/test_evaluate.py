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


def test_eval_names_the_file_that_is_wrong(ovd, tmp_path):
    (tmp_path / "data.json").write_text("[]")

    outcome = ovd("eval", tmp_path / "data.json", "--images", tmp_path)

    assert outcome.exit_code == 2
    assert outcome.stderr.startswith("error[bad_dataset]: ")
    assert "data.json" in outcome.stderr
