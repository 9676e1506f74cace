import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovd.language.spelling.phonetics import phonetic_sources, phonetic_variants


@pytest.mark.parametrize(
    ("word", "spelled"),
    [
        ("elephant", "elefant"),
        ("knife", "nife"),
        ("receipt", "reciept"),
        ("umbrella", "umbrela"),
        ("bicycle", "bisycle"),
        ("giraffe", "girafe"),
        ("batch", "bach"),
        ("바나나", "빠나나"),
        ("주스", "쥬스"),
        ("렌즈", "랜즈"),
        ("케이크", "케익"),
        ("로봇", "로보트"),
        ("파일", "화일"),
        ("텔레비전", "텔레비젼"),
        ("컬러", "칼러"),
    ],
)
def test_a_word_has_phonetic_variants(word, spelled):
    assert spelled in phonetic_variants(word)


def test_spellings_differ_and_come_once():
    spellings = phonetic_variants("fire extinguisher")

    assert "fire extinguisher" not in spellings
    assert len(set(spellings)) == len(spellings)


@given(st.text(max_size=20))
def test_any_text_can_be_asked_for(text):
    assert text not in phonetic_variants(text)


@pytest.mark.parametrize(
    ("typed", "meant"), [("elefant", "elephant"), ("schul", "school"), ("다워", "타워")]
)
def test_phonetic_sources_include_the_intended_word(typed, meant):
    assert meant in set(phonetic_sources(typed))
