import pytest

from ovd.domain.spelling import Respelling
from ovd.language.spelling.neural import Denoiser, LateSpeller


class Letters:
    """Answers from a table of letters and remembers what it was asked."""

    def __init__(self, answers):
        self.answers = answers
        self.asked = []

    def correct(self, text):
        self.asked.append(text)
        meant = self.answers.get(text)
        return None if meant is None else Respelling(meant, 0.75)


def test_hangul_is_asked_as_letters_and_answered_in_syllables():
    model = Letters({"ㅅㄹㅏㅏㅁ": "ㅅㅏㄹㅏㅁ"})

    assert Denoiser(model).correct("ㅅ라ㅏㅁ") == Respelling("사람", 0.75)
    assert model.asked == ["ㅅㄹㅏㅏㅁ"]


def test_case_width_and_spaces_are_evened_out():
    model = Letters({"red cra": "red car"})

    assert Denoiser(model).correct("  Red  \uff23\uff32\uff21 ") == Respelling("red car", 0.75)


@pytest.mark.parametrize("typed", ["person", "사람", "Person ", ""])
def test_text_that_the_model_keeps_is_no_correction(typed):
    assert Denoiser(Letters({})).correct(typed) is None


def test_an_answer_that_differs_in_nothing_but_letters_joined_is_no_correction():
    assert Denoiser(Letters({"ㅅㅏㄹㅏㅁ": "ㅅㅏㄹㅏㅁ "})).correct("사람") is None
    assert Denoiser(Letters({"abc": "  "})).correct("abc") is None


def test_letters_left_apart_are_joined_even_where_the_model_sees_nothing_wrong():
    assert Denoiser(Letters({})).correct("사라ㅁ") == Respelling("사람", 1.0)


def test_a_late_speller_is_loaded_once_and_not_before_it_is_asked():
    loads = []

    def load():
        loads.append(1)
        return Letters({"persn": "person"})

    late = LateSpeller(load)
    before = len(loads)
    answers = [late.correct("persn"), late.correct("car")]

    assert (before, len(loads)) == (0, 1)
    assert answers == [Respelling("person", 0.75), None]
