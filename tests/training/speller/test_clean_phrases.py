from random import Random

import numpy as np
import pytest

from ovd.errors import DatasetError
from ovd.training.speller.clean_phrases import Split, load_clean_phrases, split_of


@pytest.fixture(scope="module")
def phrases():
    return load_clean_phrases(None, None, ["abacus", "zeal", "quorum"])


def drawn(phrases, split, count=150):
    random = Random(1)  # noqa: S311
    return [phrases.draw(random, split) for _ in range(count)]


def test_draws_are_repeatable_and_of_both_languages(phrases):
    found = drawn(phrases, Split.TRAIN)

    assert found == drawn(phrases, Split.TRAIN)
    assert 0.4 < sum(phrase.isascii() for phrase in found) / len(found) < 0.8
    assert len(set(found)) > 120


@pytest.mark.parametrize("split", Split)
def test_drawn_phrases_belong_to_the_split(phrases, split):
    assert {split_of(phrase) for phrase in drawn(phrases, split, 40)} == {split}


def test_words_of_the_unseen_split_stand_in_no_other():
    words = [f"word{number}" for number in range(2000)]
    unseen = {word for word in words if split_of(word) is Split.UNSEEN}

    assert 20 < len(unseen) < 70
    assert {split_of(f"red {word} or blue {word}") for word in unseen} == {Split.UNSEEN}


def test_korean_particles_fit_the_word_before(phrases):
    found = " ".join(drawn(phrases, Split.TRAIN, 2000))

    assert "모자를 쓴" in found
    assert "모자을" not in found
    assert "셔츠를 입은" in found
    assert "헬멧를" not in found


def test_is_clean_tells_known_words_from_typos(phrases):
    assert phrases.is_clean("red car")
    assert phrases.is_clean("zeal")
    assert not phrases.is_clean("red carr")


def test_real_words_are_drawn_by_split(phrases):
    random = Random(1)  # noqa: S311

    assert {phrases.draw_real_word(random, Split.TRAIN) for _ in range(50)} <= {
        "abacus", "zeal", "quorum",
    }  # fmt: skip


def test_names_of_a_file_are_drawn(tmp_path):
    np.savez(tmp_path / "names.npz", names=np.array(["zorilla_mask"] * 3))

    found = load_clean_phrases(tmp_path / "names.npz", None, [])

    assert found.is_clean("zorilla mask")
    assert found.is_clean("masks")


@pytest.mark.parametrize("content", [None, b"no archive"])
def test_names_that_cannot_be_read_are_refused(tmp_path, content):
    if content is not None:
        (tmp_path / "names.npz").write_bytes(content)

    with pytest.raises(DatasetError, match=r"names\.npz"):
        load_clean_phrases(tmp_path / "names.npz", None, [])
