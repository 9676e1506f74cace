import pytest

from ovd.language.spelling.keyboard import (
    NEIGHBOURS,
    typed_as_hangul,
    typed_as_latin,
    typed_with_shift,
)


@pytest.mark.parametrize(
    ("meant", "came"),
    [("사람", "tkfka"), ("빵", "Qkd"), ("의자", "dmlwk"), ("red 차", "red ck"), ("값", "rkqt")],
)
def test_hangul_on_an_english_keyboard_gives_its_keys(meant, came):
    assert typed_as_latin(meant) == came


@pytest.mark.parametrize(
    ("meant", "came"),
    [
        ("car", "ㅊㅁㄱ"),
        ("red car", "ㄱㄷㅇ ㅊㅁㄱ"),
        ("tkfka", "사람"),
        ("Qkd", "빵"),
        ("3 dogs", "3 앻ㄴ"),
    ],
)
def test_english_on_a_korean_keyboard_gives_hangul(meant, came):
    assert typed_as_hangul(meant) == came


@pytest.mark.parametrize("text", ["쌓인 과일", "꽃병 옆 의자", "빨간색 자동차"])
def test_hangul_typed_as_latin_can_be_typed_back(text):
    assert typed_as_hangul(typed_as_latin(text)) == text


@pytest.mark.parametrize(
    ("keys", "meant"), [("rhlrhfl", "꾀꼬리"), ("EKFRL", "딸기"), ("xhrl", "토끼"), ("qkd", "빵")]
)
def test_shift_may_be_held_where_case_is_lost(keys, meant):
    assert meant in typed_with_shift(keys)


def test_keys_that_make_no_syllables_give_nothing_with_shift():
    assert list(typed_with_shift("street")) == []


def test_neighbours_touch_both_ways():
    assert set(NEIGHBOURS["g"]) == set("ftyhbv")
    assert [
        (key, other)
        for key, others in NEIGHBOURS.items()
        for other in others
        if key not in NEIGHBOURS[other] and key not in "ㅃㅉㄸㄲㅆㅒㅖ"
    ] == []


def test_doubled_letter_is_beside_its_single_one_and_what_that_touches():
    assert set(NEIGHBOURS["ㅆ"]) == set("ㅅㄱㅛㅎㄹ")
    assert "ㅆ" in NEIGHBOURS["ㅅ"]
