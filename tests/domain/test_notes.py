import pytest

from ovd.domain.notes import ENGLISH, Note, NoteCode
from ovd.texts.notes import NOTE_TEXTS

TWO = ("car", "bus")


@pytest.mark.parametrize(
    ("note", "sentence"),
    [
        (Note(NoteCode.READ_AS, "person"), 'read as "person"'),
        (Note(NoteCode.COUNTS, names=(*TWO, "truck")), "counts car, bus and truck"),
        (Note(NoteCode.COUNTS, names=("car",)), "counts car"),
        (Note(NoteCode.NEAREST, names=TWO), 'nearest supported: "car" or "bus"'),
        (Note(NoteCode.NOT_JUDGED, names=TWO), 'the detector cannot judge "car" and "bus"'),
        (
            Note(NoteCode.SEVERAL, names=TWO),
            'several things in one query; type "car, bus" for a count of each, or "car or bus" '
            "for one count of all",
        ),
    ],
)
def test_a_note_becomes_a_sentence(note: Note, sentence: str):
    assert ENGLISH.describe([note]) == sentence


def test_long_lists_are_cut():
    names = tuple(f"thing {number}" for number in range(30))

    assert ENGLISH.describe([Note(NoteCode.COUNTS, names=names)]).endswith(
        "thing 4 and 25 more names"
    )


def test_braces_in_words_are_not_filled():
    assert ENGLISH.describe([Note(NoteCode.READ_AS, "{about}{x}")]) == 'read as "{about}{x}"'


def test_no_notes_are_no_text():
    assert ENGLISH.describe([]) == ""


@pytest.mark.parametrize("language", list(NOTE_TEXTS))
def test_every_language_has_every_sentence_and_shows_every_value(language: str):
    texts = NOTE_TEXTS[language]

    assert set(texts.sentences) == set(NoteCode)
    for code in set(NoteCode) - {NoteCode.USAGE}:
        note = Note(code, "ABOUT", "OTHER", ("FIRST", "SECOND"))
        wanted = {
            value for value in ("ABOUT", "OTHER", "FIRST") if value in ENGLISH.describe([note])
        }
        assert {value for value in wanted if value not in texts.describe([note])} == set()
