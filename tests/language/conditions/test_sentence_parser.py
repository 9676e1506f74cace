import pytest

from ovd.domain.notes import NoteCode
from ovd.domain.query import JudgedConditions, RelationKind, StateKind
from ovd.language import VocabularyReader
from tests.language.vocabularies import COCO, SITE

NAMES = tuple(dict.fromkeys((*COCO, *SITE)))


def build_reader(relations=frozenset(RelationKind), states=frozenset(StateKind), names=NAMES):
    return VocabularyReader(
        names, 0.35, conditions=JudgedConditions(frozenset(relations), frozenset(states), True)
    )


def codes(query):
    return [note.code for note in query.notes]


def test_relations_are_refused_where_nothing_judges_them():
    query = build_reader(relations={RelationKind.RIDES}).read("person without helmet")

    assert not query.supported
    assert NoteCode.RELATION_NOT_JUDGED in codes(query)


def test_states_are_refused_where_nothing_judges_them():
    query = build_reader(states=()).read("parked car")

    assert codes(query) == [NoteCode.NOT_JUDGED]


def test_a_relation_to_an_unknown_name_is_refused():
    query = build_reader(names=COCO).read("person without helmet")

    assert not query.supported
    assert codes(query)[0] is NoteCode.NOT_LEARNED


def test_the_opposite_of_what_is_worn_is_named_where_it_is_known():
    [relation] = build_reader().read("person without helmet").relations
    [unknown] = build_reader(names=(*COCO, "safety helmet")).read("man without helmet").relations

    assert (relation.opposites, unknown.opposites) == (("bare head",), ())


def test_notes_say_how_conditions_are_judged():
    query = build_reader().read("person without helmet lying on the floor for 5 s")

    assert {NoteCode.RELATION_NEGATED, NoteCode.STATE_LYING} <= set(codes(query))
    assert "5 s" in query.note


def test_a_place_after_a_state_is_told_not_to_be_judged():
    assert NoteCode.PLACE_NOT_JUDGED in codes(build_reader().read("person lying in the street"))


def test_a_number_to_compare_with_offers_an_alert():
    query = build_reader().read("more than 3 cars")

    assert (query.read_as, query.group) == ("car", None)
    assert 'when = "above", count = 3' in query.note


def test_two_states_in_one_query_are_refused():
    assert not build_reader().read("person lying running").supported


def test_a_typo_in_a_condition_is_corrected():
    query = build_reader().read("person withuot helmet")

    assert query.supported
    assert query.relations[0].negated


@pytest.mark.parametrize(("prefix", "form"), [("fall", "fallen person"), ("쓰러", "쓰러진 사람")])
def test_conditions_are_suggested(prefix, form):
    assert form in build_reader().suggest(prefix)


def test_conditions_that_cannot_be_judged_are_not_suggested():
    assert "fallen person" not in build_reader(states=()).suggest("fall")
