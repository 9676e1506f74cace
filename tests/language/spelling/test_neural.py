import pytest

from ovd.domain.spelling import SpellingCorrection
from ovd.language.spelling.neural import LazySpeller, SyllableSpeller


class Letters:
    """Answers from a table of letters and remembers what it was asked."""

    def __init__(self, answers):
        self.answers = answers
        self.asked = []

    def correct(self, text):
        self.asked.append(text)
        meant = self.answers.get(text)
        return None if meant is None else SpellingCorrection(meant, 0.75)


def test_hangul_is_passed_as_letters_and_returned_as_syllables():
    model = Letters({"ㅅㄹㅏㅏㅁ": "ㅅㅏㄹㅏㅁ"})

    assert SyllableSpeller(model).correct("ㅅ라ㅏㅁ") == SpellingCorrection("사람", 0.75)
    assert model.asked == ["ㅅㄹㅏㅏㅁ"]


def test_case_width_and_spaces_are_normalised():
    model = Letters({"red cra": "red car"})

    assert SyllableSpeller(model).correct("  Red  \uff23\uff32\uff21 ") == SpellingCorrection(
        "red car", 0.75
    )


@pytest.mark.parametrize("typed", ["person", "사람", "Person ", ""])
def test_text_that_the_model_keeps_is_no_correction(typed):
    assert SyllableSpeller(Letters({})).correct(typed) is None


def test_joined_letters_alone_are_no_correction():
    assert SyllableSpeller(Letters({"ㅅㅏㄹㅏㅁ": "ㅅㅏㄹㅏㅁ "})).correct("사람") is None
    assert SyllableSpeller(Letters({"abc": "  "})).correct("abc") is None


def test_separate_letters_are_joined_without_the_model():
    assert SyllableSpeller(Letters({})).correct("사라ㅁ") == SpellingCorrection("사람", 1.0)


def test_a_lazy_speller_loads_once_at_its_first_use():
    loads = []

    def load():
        loads.append(1)
        return Letters({"persn": "person"})

    late = LazySpeller(load)
    before = len(loads)
    answers = [late.correct("persn"), late.correct("car")]

    assert (before, len(loads)) == (0, 1)
    assert answers == [SpellingCorrection("person", 0.75), None]
