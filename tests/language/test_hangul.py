import pytest

from ovd.language.hangul import has_hangul, to_letters


def test_syllables_are_spelled_as_typed_keys():
    assert to_letters("사람") == "ㅅㅏㄹㅏㅁ"
    assert to_letters("과일 값") == "ㄱㅗㅏㅇㅣㄹ ㄱㅏㅂㅅ"


@pytest.mark.parametrize("half", ["ㅈ", "자", "잗", "자도", "자동"])
def test_half_typed_syllables_begin_the_word(half):
    assert to_letters("자동차").startswith(to_letters(half))


def test_other_scripts_stay():
    assert to_letters("car 🚗") == "car 🚗"


def test_hangul_is_told_from_other_scripts():
    assert has_hangul("a 차")
    assert not has_hangul("car 車")
