import pytest

from ovd.language.grammar import load_grammar
from ovd.language.lexicon import load_lexicon
from ovd.language.spelling.dictionary import Use
from ovd.language.spelling.word_index import build_stock


@pytest.fixture(scope="module")
def stock():
    return build_stock(
        load_lexicon(), load_grammar(), ("flux capacitor",), {"풍차": "windmill", "사람": "person"}
    )


@pytest.mark.parametrize("word", ["person", "men", "capacitor", "windmill", "풍차", "사람", "red"])
def test_words_of_all_sources_are_held(stock, word):
    assert stock.find(word) is not None


def test_frequent_words_cost_less(stock):
    costs = [stock.find(word).cost for word in ("car", "taxi", "sedan", "hatchback")]

    assert costs == sorted(costs)
    assert len(set(costs)) == len(costs)


def test_a_plural_shares_the_lemma(stock):
    assert stock.find("cars").lemma == stock.find("car").lemma == "car"


def test_phrases_are_held_whatever_the_spaces(stock):
    assert stock.holds(("traffic", "light"))
    assert stock.holds(("trafficlight",))
    assert not stock.holds(("traffic", "car"))


def test_shelves_part_the_scripts_and_give_the_keys(stock):
    entries, keys = stock.shelf(hangul=True)

    assert keys[[entry.words for entry in entries].index(("사람",))] == "tkfka"
    assert "tkfka" not in stock.shelf(hangul=False)[1]


def test_words_that_stand_alone_have_shelves_of_their_own():
    stock = build_stock(load_lexicon(), load_grammar(), ("car",), {}, {"sextant": Use.RARE})

    assert stock.find("sextant") is not None
    assert [entry.words for entry in stock.others(hangul=False)[0]] == [("sextant",)]
