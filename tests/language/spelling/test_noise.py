from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovd.language.hangul import to_letters
from ovd.language.spelling.noise import TypoKind, add_typos, apply_typo

ENGLISH, KOREAN = "traffic light", "빨간색 자동차"
PHRASES = st.lists(
    st.sampled_from(["person", "traffic", "light", "helmet", "빨간색", "자동차", "사람", "우산"]),
    min_size=1,
    max_size=4,
).map(" ".join)


def seeded(seed):
    return Random(seed)  # noqa: S311


def outcomes(text, kind, times=60):
    return {apply_typo(text, kind, seeded(seed)) for seed in range(times)} - {None}


@pytest.mark.parametrize(
    ("text", "kind", "typed"),
    [
        ("person", TypoKind.MISSING, "persn"),
        ("person", TypoKind.SWAPPED, "perosn"),
        ("person", TypoKind.DOUBLED, "persson"),
        ("person", TypoKind.NEIGHBOUR, "petson"),
        ("person", TypoKind.LAYOUT, "ㅔㄷㄱ내ㅜ"),
        ("person", TypoKind.PHONETIC, "persun"),
        ("red car", TypoKind.SPACING, "redcar"),
        ("사람", TypoKind.MISSING, "사라"),
        ("사람", TypoKind.SWAPPED, "ㅅ라ㅏㅁ"),
        ("사람", TypoKind.LAYOUT, "tkfka"),
        ("사람", TypoKind.BROKEN, "ㅅㅏ람"),
        ("자동차", TypoKind.SPACING, "자동 차"),
        ("오토바이", TypoKind.PHONETIC, "오토빠이"),
    ],
)
def test_each_typo_kind_gives_a_realistic_text(text, kind, typed):
    assert typed in outcomes(text, kind, times=300)


@pytest.mark.parametrize(
    ("kind", "growth"),
    [(TypoKind.EXTRA, 1), (TypoKind.DOUBLED, 1), (TypoKind.MISSING, -1), (TypoKind.NEIGHBOUR, 0)],
)
@pytest.mark.parametrize("text", [ENGLISH, KOREAN])
def test_letter_typos_change_the_number_of_letters(text, kind, growth):
    found = outcomes(text, kind)

    assert {len(to_letters(typed)) - len(to_letters(text)) for typed in found} == {growth}
    assert {typed.count(" ") for typed in found} == {1}


@pytest.mark.parametrize("text", [ENGLISH, KOREAN])
def test_swapping_and_spacing_keep_the_letters(text):
    for kind in (TypoKind.SWAPPED, TypoKind.SPACING):
        assert {
            tuple(sorted(to_letters(typed).replace(" ", ""))) for typed in outcomes(text, kind)
        } == {tuple(sorted(to_letters(text).replace(" ", "")))}


@pytest.mark.parametrize(
    "kind", [TypoKind.MISSING, TypoKind.NEIGHBOUR, TypoKind.SWAPPED, TypoKind.BROKEN]
)
def test_two_letters_are_too_few_for_a_typo(kind):
    assert outcomes("tv", kind) == set()


@given(PHRASES, st.integers(0, 2**32), st.integers(1, 3))
def test_a_typo_differs_is_reproducible_and_lists_its_kinds(phrase, seed, count):
    typo = add_typos(phrase, seeded(seed), count)

    assert typo == add_typos(phrase, seeded(seed), count)
    assert typo.typed != phrase
    assert typo.clean == phrase
    assert 1 <= len(typo.kinds) <= count


@given(st.text(max_size=20), st.integers(0, 2**32))
def test_any_text_gets_typos_or_stays(text, seed):
    typo = add_typos(text, seeded(seed), 2)

    assert bool(typo.kinds) == (typo.typed != text)


def test_weights_choose_the_kinds():
    drawn = Counter(
        add_typos(ENGLISH, seeded(seed), 1, {TypoKind.MISSING: 3.0, TypoKind.DOUBLED: 1.0}).kinds[0]
        for seed in range(400)
    )

    assert set(drawn) == {TypoKind.MISSING, TypoKind.DOUBLED}
    assert 2 < drawn[TypoKind.MISSING] / drawn[TypoKind.DOUBLED] < 4.5
