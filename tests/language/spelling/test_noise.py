from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovd.language.hangul import to_letters
from ovd.language.spelling.noise import Slip, misspell, mistype

ENGLISH, KOREAN = "traffic light", "빨간색 자동차"
PHRASES = st.lists(
    st.sampled_from(["person", "traffic", "light", "helmet", "빨간색", "자동차", "사람", "우산"]),
    min_size=1,
    max_size=4,
).map(" ".join)


def seeded(seed):
    return Random(seed)  # noqa: S311


def outcomes(text, slip, times=60):
    return {misspell(text, slip, seeded(seed)) for seed in range(times)} - {None}


@pytest.mark.parametrize(
    ("text", "slip", "typed"),
    [
        ("person", Slip.MISSING, "persn"),
        ("person", Slip.SWAPPED, "perosn"),
        ("person", Slip.DOUBLED, "persson"),
        ("person", Slip.NEIGHBOUR, "petson"),
        ("person", Slip.LAYOUT, "ㅔㄷㄱ내ㅜ"),
        ("person", Slip.SOUND, "persun"),
        ("red car", Slip.SPACING, "redcar"),
        ("사람", Slip.MISSING, "사라"),
        ("사람", Slip.SWAPPED, "ㅅ라ㅏㅁ"),
        ("사람", Slip.LAYOUT, "tkfka"),
        ("사람", Slip.BROKEN, "ㅅㅏ람"),
        ("자동차", Slip.SPACING, "자동 차"),
        ("오토바이", Slip.SOUND, "오토빠이"),
    ],
)
def test_slip_makes_what_people_type(text, slip, typed):
    assert typed in outcomes(text, slip, times=300)


@pytest.mark.parametrize(
    ("slip", "growth"),
    [(Slip.EXTRA, 1), (Slip.DOUBLED, 1), (Slip.MISSING, -1), (Slip.NEIGHBOUR, 0)],
)
@pytest.mark.parametrize("text", [ENGLISH, KOREAN])
def test_letter_slips_change_the_number_of_letters(text, slip, growth):
    found = outcomes(text, slip)

    assert {len(to_letters(typed)) - len(to_letters(text)) for typed in found} == {growth}
    assert {typed.count(" ") for typed in found} == {1}


@pytest.mark.parametrize("text", [ENGLISH, KOREAN])
def test_swapping_and_spacing_keep_the_letters(text):
    for slip in (Slip.SWAPPED, Slip.SPACING):
        assert {
            tuple(sorted(to_letters(typed).replace(" ", ""))) for typed in outcomes(text, slip)
        } == {tuple(sorted(to_letters(text).replace(" ", "")))}


@pytest.mark.parametrize("slip", [Slip.MISSING, Slip.NEIGHBOUR, Slip.SWAPPED, Slip.BROKEN])
def test_two_letters_are_too_few_to_slip(slip):
    assert outcomes("tv", slip) == set()


@given(PHRASES, st.integers(0, 2**32), st.integers(1, 3))
def test_typo_differs_is_repeatable_and_says_what_happened(phrase, seed, count):
    typo = mistype(phrase, seeded(seed), count)

    assert typo == mistype(phrase, seeded(seed), count)
    assert typo.typed != phrase
    assert typo.clean == phrase
    assert 1 <= len(typo.slips) <= count


@given(st.text(max_size=20), st.integers(0, 2**32))
def test_any_text_can_be_mistyped_or_is_left(text, seed):
    typo = mistype(text, seeded(seed), 2)

    assert bool(typo.slips) == (typo.typed != text)


def test_weights_choose_the_slips():
    drawn = Counter(
        mistype(ENGLISH, seeded(seed), 1, {Slip.MISSING: 3.0, Slip.DOUBLED: 1.0}).slips[0]
        for seed in range(400)
    )

    assert set(drawn) == {Slip.MISSING, Slip.DOUBLED}
    assert 2 < drawn[Slip.MISSING] / drawn[Slip.DOUBLED] < 4.5
