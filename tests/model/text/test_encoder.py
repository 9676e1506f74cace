from collections.abc import Sequence

import numpy as np
import pytest

from ovd.errors import QueryError, WeightsError
from ovd.model.text import encoder as encoder_module
from ovd.model.text.encoder import TableEncoder, TableWithTower, TowerEncoder
from ovd.model.weights import LoadedWeights, WeightsFile, WeightsRole

FILE = WeightsFile(
    "t.safetensors", WeightsRole.TEXT_EMBEDDINGS, ("tiny",), "0" * 64, 1, "Apache-2.0", "a test"
)


def make_table(names: Sequence[str] = ("person", "car")) -> TableEncoder:
    rows = np.array([[3.0, 0.0], [0.0, 0.5]], dtype=np.float16)
    return TableEncoder(LoadedWeights(FILE, {"text_embeds": rows}, tuple(names), "clip"))


def test_table_gives_unit_length_rows_in_the_order_asked_for():
    embeds = make_table().embed(["car", "person", "car"])

    assert embeds.dtype == np.float32
    assert embeds.tolist() == [[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]]


def make_fitted_table(lengths: Sequence[float]) -> TableEncoder:
    tensors = {
        "text_embeds": np.eye(2, dtype=np.float16),
        "lengths": np.array(lengths, dtype=np.float16),
        "fitted_rows": np.array([1], dtype=np.int32),
    }
    return TableEncoder(LoadedWeights(FILE, tensors, ("person", "forklift"), "clip"))


def test_fitted_names_keep_the_length_that_they_were_fitted_with():
    table = make_fitted_table([1.0, 1.5])

    assert table.embed(["person", "forklift"]).tolist() == [[1.0, 0.0], [0.0, 1.5]]
    assert table.fitted_names == ("forklift",)
    assert make_table().fitted_names == ()


def test_table_with_another_number_of_lengths_than_rows_is_refused():
    with pytest.raises(WeightsError, match="holds 3 lengths of text embeddings"):
        make_fitted_table([1.0, 1.5, 2.0])


def test_table_names_what_it_does_not_know_and_what_it_does():
    with pytest.raises(QueryError, match=r"'helmet'.*'person', 'car'"):
        make_table().embed(["car", "helmet"])


def test_table_with_another_number_of_names_than_rows_is_refused():
    with pytest.raises(WeightsError, match="holds no table"):
        make_table(names=("person",))


class CountingEncoder:
    """Embeds a name by its length and remembers what it was asked."""

    encoder_id = "clip"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed(self, names: Sequence[str]) -> np.ndarray:
        self.asked += names
        rows = np.array([[len(name), 1.0] for name in names], dtype=np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_tower_beside_a_table_is_loaded_for_new_names_only():
    loaded, tower = [], CountingEncoder()

    def load() -> CountingEncoder:
        loaded.append("tower")
        return tower

    encoder = TableWithTower(make_table(), load)

    known = encoder.embed(["car", "person"])
    assert not loaded
    mixed = encoder.embed(["bus", "car", "tram"])
    encoder.embed(["ferry"])

    assert loaded == ["tower"]
    assert tower.asked == ["bus", "tram", "ferry"]
    np.testing.assert_array_equal(mixed[1], known[0])
    np.testing.assert_allclose(np.linalg.norm(mixed, axis=1), 1.0, rtol=1e-6)
    assert encoder.encoder_id == "clip"


class CountingModel:
    """Embeds a sentence by its length and remembers what it was asked."""

    def __init__(self) -> None:
        self.sentences: list[str] = []

    def __call__(self, sentences: list[str]) -> np.ndarray:
        self.sentences += sentences
        return np.array([[len(sentence), 1.0] for sentence in sentences], dtype=np.float32)


def test_tower_encodes_a_sentence_of_each_name_once():
    model = CountingModel()
    encoder = TowerEncoder(model, "counting")

    first = encoder.embed(["car", "bus", "car"])
    again = encoder.embed(["bus", "tram"])

    assert model.sentences == ["a car", "a bus", "a tram"]
    assert first.shape == (3, 2)
    np.testing.assert_array_equal(first[1], again[0])
    np.testing.assert_allclose(np.linalg.norm(first, axis=1), 1.0, rtol=1e-6)


def test_tower_forgets_the_names_used_longest_ago(monkeypatch):
    monkeypatch.setattr(encoder_module, "CACHE_SIZE", 2)
    model = CountingModel()
    encoder = TowerEncoder(model, "counting")

    for name in ("car", "bus", "car", "tram", "bus"):
        encoder.embed([name])

    assert model.sentences == ["a car", "a bus", "a tram", "a bus"]
