import pytest

from ovd.language.spelling.dictionary import RealWords, Use, load_real_words


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


@pytest.mark.parametrize("word", ["나무꾼", "등반가", "태권도복", "담비"])
def test_korean_words_of_large_dictionaries_and_made_of_nouns_are_obscure(word):
    assert load_real_words().use_of(word) is Use.OBSCURE


def test_an_ending_makes_no_noun_of_what_is_none():
    assert load_real_words().use_of("쿵쾅꾼") is None


def test_things_are_told_from_other_words():
    things = load_real_words().things

    assert "lobster" in things
    assert "happily" not in things
