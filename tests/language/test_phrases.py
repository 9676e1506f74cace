import pytest

from ovd.domain.notes import NoteCode
from ovd.domain.query import JudgedConditions, RelationKind
from ovd.language import PhraseReader

READER = PhraseReader(0.2)


@pytest.mark.parametrize(
    "text",
    ["walkie talkie", "person with a walkie talkie", "fallen person", "striped cat", "pallet jack"],
)
def test_any_noun_phrase_is_asked_for_as_typed(text):
    query = READER.read(text)

    assert query.supported
    assert query.prompts == (text,)
    assert [note.code for note in query.notes] == [NoteCode.PHRASE]


@pytest.mark.parametrize(
    ("text", "prompts"),
    [
        ("automobile", ("car",)),
        ("a persom", ("person",)),
        ("지게차", ("forklift",)),
        ("the walkie talkie", ("walkie talkie",)),
        ("walkie talkie or car", ("walkie talkie", "car")),
    ],
)
def test_names_are_read_as_for_every_detector(text, prompts):
    assert READER.read(text).prompts == prompts


@pytest.mark.parametrize(
    "text", ["person without a walkie talkie", "walkie talkie and pallet jack", "뷁쉙"]
)
def test_text_that_is_no_phrase_is_still_refused(text):
    assert not READER.read(text).supported


def test_conditions_that_are_judged_stay_judged():
    judged = JudgedConditions(relations=frozenset(RelationKind))
    query = PhraseReader(0.2, conditions=judged).read("person with a backpack")

    assert query.prompts == ("person",)
    assert query.relations


def test_quoted_text_is_asked_for_literally():
    judged = JudgedConditions(relations=frozenset(RelationKind))
    query = PhraseReader(0.2, conditions=judged).read('"person with a backpack"')

    assert query.prompts == ("person with a backpack",)


def test_threshold_in_the_text_counts():
    assert READER.read("walkie talkie >0.4").min_score == 0.4
