import hashlib
import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from ovd.model.text.encoder import TableEncoder
from ovd.model.weights import WeightsRole, load_weights
from ovd.training.packaging.fitted_table import write_fitted_table
from ovd.training.text.phrasebook import Phrasebook

BOOK = Phrasebook(synonyms={"forklift": ("lift truck",)})


class Words:
    """Embeds a text by its length, in three dimensions."""

    encoder_id = "words"

    def embed(self, names):
        return np.array([[1.0, len(name) / 100, 0.0] for name in names], dtype=np.float32)


ENTRY = """
[[weights]]
file = "texts.safetensors"
role = "text_embeddings"
used_by = ["ovdense"]
sha256 = "{sha256}"
size = {size}
licence = "Apache-2.0"
origin = "made for a test"
"""


def enter(path):
    content = path.read_bytes()
    entry = ENTRY.format(sha256=hashlib.sha256(content).hexdigest(), size=len(content))
    path.with_name("manifest.toml").write_text(entry, encoding="utf-8")


@pytest.fixture
def folder(tmp_path):
    """A table of two words."""
    path = tmp_path / "texts.safetensors"
    rows = np.array([[1.0, 0.0, 0.0], [0.6, 0.8, 0.0]], dtype=np.float16)
    facts = {"names": ["person", "car"], "encoder_id": "words"}
    save_file({"text_embeds": rows}, path, {"ovd": json.dumps(facts)})
    enter(path)
    return tmp_path


def fit(folder, name="forklift", vector=(1.0, 0.0, 2.0)):
    enter(write_fitted_table(folder, {name: np.array(vector, dtype=np.float32)}, Words(), BOOK))
    return TableEncoder(load_weights(folder, "ovdense", WeightsRole.TEXT_EMBEDDINGS))


def test_other_words_stay_as_they_are(folder):
    before = load_file(folder / "texts.safetensors")["text_embeds"]

    table = fit(folder)

    assert np.array_equal(load_file(folder / "texts.safetensors")["text_embeds"][:2], before)
    assert np.linalg.norm(table.embed(["person", "car"]), axis=1) == pytest.approx([1.0, 1.0])


def test_a_fitted_name_has_its_own_direction_and_length(folder):
    table = fit(folder)

    assert table.embed(["forklift"])[0] == pytest.approx([1.0, 0.0, 2.0], abs=2e-3)
    assert table.fitted_names == ("forklift",)
    assert table.encoder_id == "words+1"


def test_other_wordings_move_as_the_name_does(folder):
    table = fit(folder)

    name, wording = table.embed(["forklift", "lift truck"])
    assert wording - name == pytest.approx([0.0, 0.02, 0.0], abs=2e-3)
    assert "lift truck" not in table.fitted_names


def test_fitting_again_replaces_a_name_and_keeps_the_others(folder):
    fit(folder)
    fit(folder, "pallet")

    table = fit(folder, vector=(0.0, 1.0, 0.0))

    assert table.fitted_names == ("forklift", "pallet")
    assert table.embed(["forklift"])[0] == pytest.approx([0.0, 1.0, 0.0], abs=2e-3)
    assert table.encoder_id == "words+2"
