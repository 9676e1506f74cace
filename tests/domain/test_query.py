import numpy as np
import pytest

from ovd.domain.query import Query, Vocabulary
from tests.builders import make_query, make_vocabulary


def test_query_refuses_blank_text():
    with pytest.raises(ValueError, match="blank"):
        make_query("  ")


@pytest.mark.parametrize("min_score", [-0.1, 1.1, float("nan")])
def test_query_refuses_a_threshold_outside_its_range(min_score):
    with pytest.raises(ValueError, match="min_score"):
        make_query(min_score=min_score)


def test_supported_query_needs_a_prompt():
    with pytest.raises(ValueError, match="exactly when"):
        Query("person", "person", ())


def test_query_with_another_threshold_is_a_new_query():
    query = make_query(min_score=0.3)

    assert query.with_min_score(0.6).min_score == 0.6
    assert query.min_score == 0.3


def test_vocabulary_labels_are_what_was_typed():
    vocabulary = make_vocabulary([make_query("person"), make_query("car", 0.5)])

    assert vocabulary.labels == ("person", "car")
    np.testing.assert_array_equal(vocabulary.min_score, np.array([0.35, 0.5], dtype=np.float32))


def test_vocabulary_refuses_a_query_without_prompt_of_its_own():
    query = make_query()
    row = np.zeros(1, dtype=np.int64)
    embeds = np.ones((1, 4), dtype=np.float32)

    with pytest.raises(ValueError, match="prompt of its own"):
        Vocabulary((query,), ("person",), row, np.array([True]), embeds, "fake", "fake")


def test_vocabulary_refuses_rows_that_do_not_match():
    query = make_query()
    flags = np.zeros(1, dtype=np.bool_)
    embeds = np.ones((2, 4), dtype=np.float32)

    with pytest.raises(ValueError, match="1 prompts need"):
        Vocabulary(
            (query,), ("person",), np.zeros(1, dtype=np.int64), flags, embeds, "fake", "fake"
        )
