import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ovd.language.grammar import load_grammar
from ovd.language.korean.lexicon import load_korean_grammar, merge_readings
from ovd.language.korean.reader import KoreanReader
from ovd.language.lexicon import load_lexicon
from ovd.language.tokens import split_words

READER = KoreanReader(load_grammar(), load_korean_grammar(), merge_readings(load_lexicon()))
WORDS = (
    "파란", "모자를", "쓴", "남자", "안", "않은", "있는", "옆에", "앉은", "벤치", "두", "명", "와",
    "사람과", "자동차나", "제외", "말고", "또는", "의", "car", "3대", "쓰고", "달리는",
    "키", "큰", ",",
)  # fmt: skip


@pytest.mark.parametrize(
    ("korean", "english"),
    [
        ("풍차", "windmill"),
        ("빨간자동차", "red car"),
        ("파란 모자를 쓴 남자", "man wearing a blue hat"),
        ("헬멧 안 쓴 사람", "person without a helmet"),
        ("헬멧을 쓰지 않은 사람", "person without a helmet"),
        ("움직이지 않는 차", "car not moving"),
        ("자전거를 안 탄 아이", "child not riding a bicycle"),
        ("흰 셔츠를 입고 검은 가방을 든 남자", "man wearing a white shirt holding a black bag"),
        ("키 큰 모자를 쓴 남자", "tall man wearing a hat"),
        ("우산을 쓰고 있는 사람들", "person holding an umbrella"),
        ("벤치 옆에 서 있는 노인", "elderly person standing next to a bench"),
        ("벤치에 앉은 사람", "person sitting on a bench"),
        ("물에서 수영하는 개", "dog swimming in water"),
        ("도로 위의 자동차", "car on a road"),
        ("개와 산책하는 여자", "woman walking with a dog"),
        ("사람 두 명", "person"),
        ("자동차 3대", "car"),
        ("세 마리의 고양이", "cat"),
        ("자동차나 버스", "car or bus"),
        ("사람과 개", "person and dog"),
        ("빨간 차 또는 버스", "red car or bus"),
        ("버스 말고 트럭", "truck except bus"),
        ("흰색 차량 버스 제외", "white vehicle except bus"),
        ("쓰레기 수거차", "garbage truck"),
        ("빨간 suv", "red suv"),
    ],
)
def test_korean_is_read_as_english(korean, english):
    assert READER.translate(split_words(korean)) == english


@pytest.mark.parametrize(
    "text", ["red car", "뷁", "빨간", "쓴", "버스 제외", "빨간 뷁", "", "이", "않은 차"]
)
def test_unknown_text_is_not_translated(text):
    assert READER.translate(split_words(text)) is None


@settings(max_examples=200, deadline=None)
@given(words=st.lists(st.sampled_from(WORDS), max_size=10))
def test_readings_hold_no_korean(words):
    english = READER.translate(tuple(words))

    assert english is None or (english.isascii() and english.strip() == english != "")
