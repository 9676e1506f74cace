import pytest

from ovd.language.hangul import has_hangul, to_letters, to_syllables


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


@pytest.mark.parametrize(
    "text", ["사람", "값이 갑시", "과일 가까이 쌓인", "넓은 빵 car", "의자 위 꽃병"]
)
def test_letters_join_into_the_syllables_they_came_from(text):
    assert to_syllables(to_letters(text)) == text


def test_every_syllable_survives_being_spelled_out():
    syllables = [chr(code) for code in range(ord("가"), ord("힣") + 1)]

    assert [item for item in syllables if to_syllables(to_letters(item)) != item] == []


def test_letters_that_fit_no_syllable_stay():
    assert to_syllables("ㅅㄹㅏㅏㅁ") == "ㅅ라ㅏㅁ"
    assert to_syllables("ㅊㅁㄱ") == "ㅊㅁㄱ"
