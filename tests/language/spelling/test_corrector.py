import pytest

from ovd.domain.spelling import SpellingCorrection
from ovd.language.grammar import load_grammar
from ovd.language.korean.lexicon import load_korean_grammar, merge_readings
from ovd.language.korean.reader import KoreanReader
from ovd.language.lexicon import load_lexicon
from ovd.language.spelling.corrector import Corrector
from ovd.language.spelling.dictionary import load_dictionary
from ovd.language.spelling.word_index import build_word_index
from ovd.language.tokens import key_of, split_as_typed, split_words
from tests.language.vocabularies import COCO


@pytest.fixture(scope="module")
def parts():
    grammar, lexicon = load_grammar(), load_lexicon()
    korean = KoreanReader(grammar, load_korean_grammar(), merge_readings(lexicon))
    word_index = build_word_index(lexicon, grammar, COCO, korean.vocabulary)
    return word_index, load_dictionary(), korean.segmenter


@pytest.fixture(scope="module")
def corrector(parts):
    return Corrector(*parts)


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
        ("ㅁ ㅠㄱㄷㅁㅇ", "a bread"),
        ("hnd", "hand"),
        ("schul", "school"),
        ("worker csrrying a bag", "worker carrying a bag"),
        ("출굴르 제외한 문", "출구를 제외한 문"),
        ("선글라스룰 쓴 사람", "선글라스를 쓴 사람"),
        ("버스 ㄸ노ㅡㄴ 트럭", "버스 또는 트럭"),
        ("bleck cat", "black cat"),
        ("작업자듳", "작업자들"),
        ("Qkd", "빵"),
        ("xhRl", "토끼"),
        ("XHrL", "토끼"),
        ("Ekfrl", "딸기"),
        ("TKFKA", "사람"),
        ("gpfapt Tms tkfka", "헬멧 쓴 사람"),
        ("gpfaptdmf tms tkfka", "헬멧을 쓴 사람"),
        ("ㅊㅁㄲ", "car"),
        ("ㅖㄸㄲㄴㅐㅜ", "person"),
    ],
)
def test_a_typo_becomes_the_intended_word(corrector, typed, meant):
    correction = corrector.correct(split_words(typed), split_as_typed(typed))

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
        "나무꾼", "사냥꾼들", "담비", "소방점퍼",
    ],
)  # fmt: skip
def test_a_word_is_left_alone(corrector, typed):
    assert corrector.correct(split_words(typed)) is None


def test_equally_near_words_are_offered_but_not_applied(corrector):
    correction = corrector.correct(("shep",))

    assert correction is not None
    assert not correction.certain
    assert {("sheep",), ("ship",)} <= set(correction.options)


def test_empty_text_is_not_corrected(corrector):
    assert corrector.correct(()) is None


class Suggesting:
    """A spelling model with one answer."""

    def __init__(self, text, confidence):
        self.answer = SpellingCorrection(text, confidence)
        self.asked = []

    def correct(self, text):
        self.asked.append(text)
        return self.answer


@pytest.fixture(scope="module")
def with_model(parts):
    return lambda model: Corrector(*parts, model)


def test_the_model_is_not_asked_if_the_channel_is_certain(with_model):
    model = Suggesting("bird", 1.0)

    for text in ("person", "persn", "빨간자동차"):
        with_model(model).correct(split_words(text))

    assert model.asked == []


def test_the_model_chooses_among_equally_near_words(with_model):
    correction = with_model(Suggesting("ship", 0.9)).correct(("shep",))

    assert correction.certain
    assert correction.options[0] == ("ship",)


def test_an_uncertain_model_only_changes_the_order(with_model):
    correction = with_model(Suggesting("ship", 0.3)).correct(("shep",))

    assert not correction.certain
    assert correction.options[0] == ("ship",)


@pytest.mark.parametrize(("confidence", "certain"), [(0.95, True), (0.4, False)])
def test_a_certain_model_decides_if_the_channel_finds_nothing(with_model, confidence, certain):
    correction = with_model(Suggesting("giraffe", confidence)).correct(("jrfe",))

    assert correction.options == (("giraffe",),)
    assert correction.certain is certain


def test_a_model_answer_must_consist_of_known_words(with_model):
    assert with_model(Suggesting("zqxv jkkq", 1.0)).correct(("jrfe",)) is None
