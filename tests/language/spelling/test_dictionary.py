import pytest

from ovd.language.spelling.dictionary import Dictionary, Frequency, load_dictionary


@pytest.mark.parametrize(
    "word", ["lobster", "wolves", "berries", "running", "parked", "bigger", "happily", "house"]
)
def test_words_are_known_in_their_inflections(word):
    assert load_dictionary().frequency_of(word) is not None


@pytest.mark.parametrize("word", ["persn", "bycicle", "ing", "s", "", "자전겅"])
def test_misspellings_are_no_words(word):
    assert load_dictionary().frequency_of(word) is None


def test_the_more_frequent_stem_counts():
    assert (
        Dictionary({"bak": Frequency.RARE, "bake": Frequency.COMMON}).frequency_of("baking")
        is Frequency.COMMON
    )


def test_korean_nouns_are_words():
    assert load_dictionary().frequency_of("목수") is not None


@pytest.mark.parametrize("word", ["나무꾼", "등반가", "태권도복", "담비"])
def test_korean_words_of_large_dictionaries_and_made_of_nouns_are_obscure(word):
    assert load_dictionary().frequency_of(word) is Frequency.OBSCURE


def test_an_ending_does_not_make_a_noun_of_an_unknown_stem():
    assert load_dictionary().frequency_of("쿵쾅꾼") is None


def test_concrete_nouns_are_separated_from_other_words():
    nouns = load_dictionary().concrete_nouns

    assert "lobster" in nouns
    assert "happily" not in nouns


@pytest.mark.parametrize("word", ["unicorn", "unicorns", "ouch", "satire", "paradox"])
def test_ordinary_words_that_name_nothing_to_be_seen_are_words(word):
    assert (load_dictionary().frequency_of(word) or Frequency.RARE) > Frequency.RARE
