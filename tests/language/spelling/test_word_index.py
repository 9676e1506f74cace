import pytest

from ovd.language.grammar import load_grammar
from ovd.language.lexicon import load_lexicon
from ovd.language.spelling.dictionary import Frequency
from ovd.language.spelling.word_index import build_word_index


@pytest.fixture(scope="module")
def word_index():
    return build_word_index(
        load_lexicon(), load_grammar(), ("flux capacitor",), {"풍차": "windmill", "사람": "person"}
    )


@pytest.mark.parametrize("word", ["person", "men", "capacitor", "windmill", "풍차", "사람", "red"])
def test_words_of_all_sources_are_held(word_index, word):
    assert word_index.find(word) is not None


def test_frequent_words_cost_less(word_index):
    costs = [word_index.find(word).cost for word in ("car", "taxi", "sedan", "hatchback")]

    assert costs == sorted(costs)
    assert len(set(costs)) == len(costs)


def test_a_plural_shares_the_lemma(word_index):
    assert word_index.find("cars").lemma == word_index.find("car").lemma == "car"


def test_phrases_are_held_whatever_the_spaces(word_index):
    assert word_index.holds(("traffic", "light"))
    assert word_index.holds(("trafficlight",))
    assert not word_index.holds(("traffic", "car"))


def test_entries_are_separated_by_script_and_have_keys(word_index):
    korean = word_index.of_script(hangul=True)

    assert korean.keys[[entry.words for entry in korean.entries].index(("사람",))] == "tkfka"
    assert "tkfka" not in word_index.of_script(hangul=False).keys


def test_standalone_words_are_kept_apart():
    word_index = build_word_index(
        load_lexicon(), load_grammar(), ("car",), {}, {"sextant": Frequency.RARE}
    )

    assert word_index.find("sextant") is not None
    assert [entry.words for entry in word_index.standalone(hangul=False).entries] == [("sextant",)]
