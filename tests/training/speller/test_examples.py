import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovd.model.spelling.edits import DROP, END, KEEP, PAD, Alphabet, apply_edits
from ovd.model.spelling.shape import MAX_LETTERS
from ovd.training.speller.clean_phrases import Split, load_clean_phrases
from ovd.training.speller.examples import (
    IGNORED,
    Example,
    ExampleMaker,
    Mixture,
    edits_between,
    join_examples,
)

ALPHABET = Alphabet(" abcdeㄱㅏ")
TEXTS = st.text(" abcdeㄱㅏ", min_size=1, max_size=12)


@pytest.fixture(scope="module")
def phrases():
    return load_clean_phrases(None, None, ["abacus", "zeal", "quorum"])


@given(TEXTS, TEXTS)
def test_edits_turn_the_typed_text_into_the_meant_one(typed, meant):
    assert apply_edits(typed, edits_between(typed, meant, ALPHABET), ALPHABET) == meant


def test_edits_are_as_few_as_possible():
    assert edits_between("abd", "acd", ALPHABET) == [KEEP, ALPHABET.replace("c"), KEEP, KEEP]
    assert edits_between("aab", "ab", ALPHABET).count(DROP) == 1


def test_letter_outside_the_alphabet_is_refused():
    with pytest.raises(ValueError, match="substring"):
        edits_between("a", "z", ALPHABET)


def test_batch_holds_states_before_each_edit():
    batch = join_examples([Example("ab", "cab"), Example("e", "e")], ALPHABET)

    a, b, c, e = map(ALPHABET.symbol, "abce")
    assert batch.symbols.tolist() == [[a, b, END], [e, END, PAD]]
    assert batch.is_wrong.tolist() == [1.0, 0.0]
    assert batch.edits.tolist() == [
        [ALPHABET.insert("c"), KEEP, KEEP, KEEP],
        [KEEP, KEEP, IGNORED, IGNORED],
    ]
    assert batch.positions.tolist() == [[0, 0, 1, 2], [0, 1, 0, 0]]
    assert batch.written.tolist() == [[END, c, a, b], [END, e, PAD, PAD]]
    assert batch.last_edits.tolist() == [[-1, ALPHABET.insert("c"), KEEP, KEEP], [-1, KEEP, -1, -1]]


def test_examples_are_repeatable_short_enough_and_mixed(phrases):
    maker = ExampleMaker(phrases, Mixture(clean=0.4))

    examples = maker.make("seed", 300, Split.TRAIN)

    assert examples == maker.make("seed", 300, Split.TRAIN)
    assert examples != maker.make("other", 300, Split.TRAIN)
    assert max(len(text) for item in examples for text in (item.typed, item.meant)) <= MAX_LETTERS
    assert 0.3 < sum(item.typed == item.meant for item in examples) / 300 < 0.55


def test_hangul_is_learned_as_letters(phrases):
    examples = ExampleMaker(phrases, Mixture(clean=0.0)).make("seed", 100, Split.TRAIN)

    assert not any("가" <= char <= "힣" for item in examples for char in item.typed + item.meant)
    assert any("ㅏ" in item.meant for item in examples)
