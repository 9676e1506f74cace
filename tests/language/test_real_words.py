import pytest

from ovd.language.real_words import RealWords, Use, load_real_words


@pytest.mark.parametrize(
    "word", ["lobster", "wolves", "berries", "running", "parked", "bigger", "happily", "house"]
)
def test_words_are_known_in_their_inflections(word):
    assert load_real_words().use_of(word) is not None


@pytest.mark.parametrize("word", ["persn", "bycicle", "ing", "s", "", "자전겅"])
def test_misspellings_are_no_words(word):
    assert load_real_words().use_of(word) is None


def test_the_more_frequent_stem_counts():
    assert RealWords({"bak": Use.RARE, "bake": Use.COMMON}).use_of("baking") is Use.COMMON


def test_korean_nouns_are_words():
    assert load_real_words().use_of("목수") is not None


def test_things_are_told_from_other_words():
    things = load_real_words().things

    assert "lobster" in things
    assert "happily" not in things
