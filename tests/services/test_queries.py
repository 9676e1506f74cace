from dataclasses import replace

import pytest

from ovd.domain.cameras import CameraQuery
from ovd.domain.query import (
    Query,
    RelationKind,
    RequiredGroup,
    RequiredRelation,
    RequiredState,
    StateKind,
)
from ovd.errors import QueryError, QueryListedError
from ovd.services.queries import Alias, QueryService, merge_aliases, merge_camera_queries
from tests.builders import make_query, make_unsupported
from tests.fakes import FakeReader

PERSON, CAR = make_query("person"), make_query("car")
TYPO = Query("persn", "person", ("person",))


def texts(queries: tuple[Query, ...]) -> list[str]:
    return [query.text for query in queries]


def service() -> QueryService:
    return QueryService(FakeReader())


def test_added_queries_come_last():
    assert texts(service().add((PERSON,), "car, bicycle")) == ["person", "car", "bicycle"]


@pytest.mark.parametrize("typed", ["PERSON", "car, person", "car, CAR"])
def test_query_that_is_listed_is_refused_and_nothing_is_added(typed: str):
    with pytest.raises(QueryListedError):
        service().add((PERSON,), typed)


def test_query_that_counts_the_same_is_refused_with_the_one_that_is_listed():
    with pytest.raises(QueryListedError, match="'persn' is already counted as 'person'") as refused:
        service().add((PERSON,), "persn")

    assert (refused.value.query_text, refused.value.listed_text) == ("persn", "person")


def test_same_reading_with_another_threshold_is_another_query():
    assert texts(service().add((make_query("person", 0.6),), "persn")) == ["person", "persn"]


def test_unsupported_queries_are_never_the_same():
    listed = (make_unsupported("helmet"),)

    assert texts(service().add(listed, "taxi")) == ["helmet", "taxi"]


def test_replacement_takes_the_place():
    listed = (PERSON, make_unsupported("taxi"), make_query("bicycle"))

    assert texts(service().replace(listed, "taxi", "car")) == ["person", "car", "bicycle"]


def test_replacement_that_is_listed_stays_where_it_is():
    listed = (PERSON, make_unsupported("taxi"), CAR)

    assert texts(service().replace(listed, "taxi", "Car")) == ["person", "car"]


def test_replacement_of_a_query_that_is_gone_is_added():
    assert texts(service().replace((PERSON,), "taxi", "car")) == ["person", "car"]


def test_query_that_is_gone_can_be_removed_again():
    assert texts(service().remove((PERSON, CAR), "person")) == ["car"]
    assert texts(service().remove((CAR,), "person")) == ["car"]


def test_threshold_of_one_query_is_changed():
    changed = service().change_min_score((PERSON, CAR), "car", 0.6)

    assert [query.min_score for query in changed] == [0.35, 0.6]


@pytest.mark.parametrize("min_score", [-0.1, 1.1, float("nan")])
def test_threshold_outside_0_to_1_is_refused(min_score: float):
    with pytest.raises(QueryError, match="from 0 to 1"):
        service().change_min_score((CAR,), "car", min_score)


class OneReading(FakeReader):
    """Reads every text as one query."""

    def __init__(self, query: Query) -> None:
        self._query = query

    def read(self, text: str, min_score: float | None = None) -> Query:
        return self._query


LYING = RequiredState(StateKind.LYING, 2.0)


@pytest.mark.parametrize(
    "conditioned",
    [
        replace(PERSON, text="bare", relations=(RequiredRelation(RelationKind.WEARS, ("hat",)),)),
        replace(PERSON, text="fallen", state=LYING),
        replace(PERSON, text="crowd", group=RequiredGroup(5, near=True)),
    ],
    ids=lambda query: query.text,
)
def test_query_with_a_condition_counts_something_else_than_the_name_alone(conditioned: Query):
    added = QueryService(OneReading(conditioned)).add((PERSON,), conditioned.text)

    assert texts(added) == ["person", conditioned.text]


def test_queries_with_the_same_condition_count_the_same():
    listed = (replace(PERSON, text="fallen", state=LYING),)
    service = QueryService(OneReading(replace(PERSON, text="collapsed", state=LYING)))

    with pytest.raises(QueryListedError):
        service.add(listed, "collapsed")


def test_another_query_in_the_place_of_one_takes_no_second_place_for_what_is_listed():
    replaced = service().replace((PERSON, make_unsupported("vest"), CAR), "vest", "persn")

    assert texts(replaced) == ["person", "car"]


def test_queries_that_count_the_same_are_one_and_its_other_forms_are_told():
    distinct = merge_aliases((PERSON, TYPO, CAR, PERSON))

    assert distinct.queries == (PERSON, CAR)
    assert distinct.aliases == (Alias("persn", "person"),)


def test_queries_of_a_camera_that_count_the_same_are_kept_once_as_they_were_given():
    given = (CameraQuery("persn"), CameraQuery("보행자", 0.35), CameraQuery("person", 0.6))

    distinct = merge_camera_queries(FakeReader(), given)

    assert distinct.queries == (CameraQuery("persn"), CameraQuery("person", 0.6))
    assert distinct.aliases == (Alias("보행자", "persn"),)
