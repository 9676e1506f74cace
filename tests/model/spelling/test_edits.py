import pytest

from ovd.model.spelling.edits import (
    DROP,
    END,
    FIRST_LETTER,
    KEEP,
    UNKNOWN,
    Alphabet,
    EditState,
    apply_edits,
)

ALPHABET = Alphabet("abcㅏ")


def test_texts_become_symbols_with_an_end_mark():
    assert ALPHABET.encode("bㅏ?") == [FIRST_LETTER + 1, FIRST_LETTER + 3, UNKNOWN, END]
    assert ALPHABET.symbols == FIRST_LETTER + 4


def test_every_edit_has_a_number_of_its_own():
    writing = [*map(ALPHABET.insert, "abcㅏ"), *map(ALPHABET.replace, "abcㅏ")]

    assert sorted([KEEP, DROP, *writing]) == list(range(ALPHABET.edits))
    assert [ALPHABET.written(edit) for edit in [KEEP, DROP, *writing]] == ["", "", *"abcㅏabcㅏ"]


def test_only_insertions_stay_at_the_letter():
    assert not ALPHABET.advances(ALPHABET.insert("c"))
    assert all(map(ALPHABET.advances, [KEEP, DROP, ALPHABET.replace("a")]))


def test_edits_rewrite_a_text_and_keep_letters_outside_the_alphabet():
    edits = [KEEP, ALPHABET.insert("ㅏ"), DROP, ALPHABET.replace("b"), KEEP]

    assert apply_edits("?ac", edits, ALPHABET) == "?ㅏb"


def test_what_edits_do_not_reach_is_dropped():
    assert apply_edits("abc", [KEEP], ALPHABET) == "a"


def test_state_follows_place_and_last_symbol():
    start = EditState()
    inserted = start.after(ALPHABET.insert("c"), "a?", ALPHABET)
    kept = inserted.after(KEEP, "a?", ALPHABET)
    dropped = kept.after(DROP, "a?", ALPHABET)
    ended = dropped.after(KEEP, "a?", ALPHABET)

    assert (inserted.place, inserted.last_symbol) == (0, FIRST_LETTER + 2)
    assert (kept.place, kept.last_symbol) == (1, FIRST_LETTER)
    assert (dropped.place, dropped.last_edit, dropped.last_symbol) == (2, DROP, FIRST_LETTER)
    assert (ended.place, ended.last_symbol) == (3, END)


@pytest.mark.parametrize("letters", ["", "aa"])
def test_alphabet_needs_letters_once_each(letters):
    with pytest.raises(ValueError, match="each once"):
        Alphabet(letters)
