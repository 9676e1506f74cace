import pytest

from ovd.domain.notes import NoteCode
from ovd.language import VerifiedReader, VocabularyReader

CLOSED = VerifiedReader(VocabularyReader(("person", "car", "dog"), 0.35), "clip")
OPEN = VerifiedReader(VocabularyReader(("person", "car"), 0.35, open_vocabulary=True), "clip")


def test_wider_word_is_looked_for_and_the_phrase_is_judged():
    query = CLOSED.read("person with a backpack")

    assert query.supported
    assert (query.prompts, query.read_as) == (("person",), "person with a backpack")
    assert [note.code for note in query.notes] == [NoteCode.VERIFIED]


def test_words_themselves_are_looked_for_by_an_open_detector():
    assert OPEN.read("walkie talkie").prompts == ("walkie talkie",)


def test_what_the_detector_knows_is_read_as_before():
    assert CLOSED.read("automobile").prompts == ("car",)


@pytest.mark.parametrize("text", ["walkie talkie", "person and dog", "person without a backpack"])
def test_what_cannot_be_looked_for_or_judged_stays_refused(text):
    assert not CLOSED.read(text).supported
