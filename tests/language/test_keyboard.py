import pytest

from ovd.language.keyboard import NEIGHBOURS, typed_as_hangul, typed_as_latin


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
