import pytest

from ovd.language.correction import Corrector
from ovd.language.grammar import load_grammar
from ovd.language.korean import KoreanReader
from ovd.language.korean_lexicon import all_readings, load_korean_grammar
from ovd.language.lexicon import load_lexicon
from ovd.language.phrases import key_of, split_words
from ovd.language.real_words import load_real_words
from ovd.language.stock import build_stock
from tests.language.vocabularies import COCO


@pytest.fixture(scope="module")
def corrector():
    grammar, lexicon = load_grammar(), load_lexicon()
    korean = KoreanReader(grammar, load_korean_grammar(), all_readings(lexicon))
    stock = build_stock(lexicon, grammar, COCO, korean.vocabulary)
    return Corrector(stock, load_real_words(), korean.joined)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("persn", "person"),
        ("perosn", "person"),
        ("brid", "bird"),
        ("boook", "book"),
        ("elefant", "elephant"),
        ("trafic ligth", "traffic light"),
        ("red or bleu truck", "red or blue truck"),
        ("redcar", "red car"),
        ("umb rela", "umbrella"),
        ("자전가", "자전거"),
        ("사럼", "사람"),
        ("빨간자동챠", "빨간 자동차"),
        ("자ㄷㅗㅇ차", "자동차"),
        ("tkfka", "사람"),
        ("ㅊㅁㄱ", "car"),
        ("vkfks wkehdck", "파란 자동차"),
    ],
)
def test_a_slip_becomes_the_word_that_was_meant(corrector, typed, meant):
    correction = corrector.correct(split_words(typed))

    assert correction is not None
    assert correction.certain
    assert " ".join(correction.options[0]) == meant or key_of(correction.options[0]) == key_of(
        split_words(meant)
    )


@pytest.mark.parametrize(
    "typed",
    [
        "person", "people", "cap", "bead", "hook", "lobster", "xylophone", "hot dogs", "parson",
        "🚗", "x1", "zqxv", "빨간자동차", "자전거를", "사람들이", "cellphone", "18-wheeler",
    ],
)  # fmt: skip
def test_a_word_is_left_alone(corrector, typed):
    assert corrector.correct(split_words(typed)) is None


def test_words_that_come_equally_near_are_offered_and_not_taken(corrector):
    correction = corrector.correct(("orang",))

    assert correction is not None
    assert not correction.certain
    assert ("orange",) in correction.options


def test_no_words_are_left_alone(corrector):
    assert corrector.correct(()) is None
