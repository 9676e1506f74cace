from dataclasses import replace

import pytest

from ovd.errors import QueryError
from ovd.texts.languages import Language
from ovd.ui.query_panel import (
    add_query,
    change_min_score,
    copy_query,
    move_query,
    read_again,
    remove_query,
    replace_query,
    restore_query,
    suggest_queries,
)
from ovd.ui.session import Session
from tests.builders import make_query, make_unsupported
from tests.stages import Stage

AT_GATE = Session(camera="gate")


def texts_of(stage: Stage) -> list[str]:
    return [query.text for query in stage.services.fleet.status("gate").queries]


def test_added_query_is_counted_by_the_running_camera(stage: Stage):
    stage.start()

    session = add_query(stage.services, AT_GATE, " Car ")

    assert texts_of(stage) == ["person", "Car"]
    assert session == AT_GATE


def test_added_query_waits_in_the_draft_while_a_camera_is_set_up(stage: Stage):
    stage.start()

    session = add_query(stage.services, replace(AT_GATE, adding=True), "car")

    assert texts_of(stage) == ["person"]
    assert [query.text for query in session.draft] == ["car"]


def test_added_query_waits_in_the_draft_without_a_camera(stage: Stage):
    session = add_query(stage.services, Session(), "car")

    assert [query.text for query in session.draft] == ["car"]


def test_several_between_commas_are_added_together(stage: Stage):
    stage.start()

    add_query(stage.services, AT_GATE, "car, dog, bicycle")

    assert texts_of(stage) == ["person", "car", "dog", "bicycle"]


@pytest.mark.parametrize("text", ["car, person", "car, CAR"])
def test_of_several_all_or_none_are_added(stage: Stage, text: str):
    stage.start()

    with pytest.raises(QueryError):
        add_query(stage.services, AT_GATE, text)

    assert texts_of(stage) == ["person"]


def test_unsupported_query_is_listed(stage: Stage):
    stage.start()

    add_query(stage.services, AT_GATE, "helmet")

    assert [query.supported for query in stage.services.fleet.status("gate").queries] == [
        True,
        False,
    ]


@pytest.mark.parametrize("text", ["", "   "])
def test_empty_query_is_refused(stage: Stage, text: str):
    with pytest.raises(QueryError):
        add_query(stage.services, Session(), text)


def test_query_that_is_listed_is_refused_in_the_language_of_the_page(stage: Stage):
    stage.start()

    with pytest.raises(QueryError, match="이미 목록에"):
        add_query(stage.services, replace(AT_GATE, language=Language.KO), "PERSON")
    assert texts_of(stage) == ["person"]


def test_removed_query_is_counted_no_more(stage: Stage):
    stage.start(queries=[make_query("person"), make_query("car")])

    remove_query(stage.services, AT_GATE, "person")

    assert texts_of(stage) == ["car"]


def test_query_that_another_tab_removed_can_be_removed_again(stage: Stage):
    stage.start()

    remove_query(stage.services, AT_GATE, "bus")

    assert texts_of(stage) == ["person"]


def test_threshold_reaches_the_running_camera(stage: Stage):
    stage.start(queries=[make_query("person"), make_query("car")])

    change_min_score(stage.services, AT_GATE, "car", 0.6)

    scores = [query.min_score for query in stage.services.fleet.status("gate").queries]
    assert scores == [0.35, 0.6]


def test_threshold_of_a_draft_is_kept(stage: Stage):
    session = change_min_score(
        stage.services, Session(draft=(make_query("person"),)), "person", 0.7
    )

    assert [query.min_score for query in session.draft] == [0.7]


@pytest.mark.parametrize("min_score", [-0.1, 1.1])
def test_threshold_outside_0_to_1_is_refused(stage: Stage, min_score: float):
    with pytest.raises(QueryError, match="from 0 to 1"):
        change_min_score(stage.services, Session(draft=(make_query("car"),)), "car", min_score)


def test_several_queries_are_added_at_once(stage: Stage):
    session = add_query(stage.services, Session(), "person, car")

    assert [query.text for query in session.draft] == ["person", "car"]


def test_an_alternative_takes_the_place_of_an_unsupported_query(stage: Stage):
    stage.start(queries=[make_query("person"), make_unsupported("taxi")])

    replace_query(stage.services, AT_GATE, "taxi", "car")

    assert texts_of(stage) == ["person", "car"]


def test_what_may_be_typed_is_suggested_for_the_last_part(stage: Stage):
    suggested = suggest_queries(stage.services, Session(), "person, ca")

    assert suggested.props == {"offers": ["car"], "name": "Suggestions"}


@pytest.mark.parametrize("text", ["", "  ", "person,"])
def test_nothing_typed_suggests_nothing(stage: Stage, text: str):
    assert suggest_queries(stage.services, Session(), text).props["offers"] == []


def test_query_is_read_again_in_its_place(stage: Stage):
    stage.start(queries=(make_unsupported("car"), make_query("person")))

    read_again(stage.services, AT_GATE, "car")

    assert texts_of(stage) == ["car", "person"]
    assert all(query.supported for query in stage.services.fleet.status("gate").queries)


def test_removed_query_comes_back_where_it_was_as_it_was(stage: Stage):
    session = Session(draft=(make_query("person", 0.5), make_query("car")))
    without = remove_query(stage.services, session, "person")

    again = restore_query(stage.services, without, "person", 0.5, 0)

    assert [(query.text, query.min_score) for query in again.draft] == [
        ("person", 0.5),
        ("car", 0.35),
    ]


@pytest.mark.parametrize(("step", "order"), [(1, ["car", "person"]), (-1, ["person", "car"])])
def test_query_moves_up_and_down_on_the_list(stage: Stage, step: int, order: list[str]):
    session = Session(draft=(make_query("person"), make_query("car")))

    moved = move_query(stage.services, session, "person", step)

    assert [query.text for query in moved.draft] == order


def test_query_is_counted_at_all_other_cameras(stage: Stage):
    stage.count("gate", queries=(make_query("person"), make_query("car", 0.6)))
    stage.count("yard")

    copy_query(stage.services, Session(camera="gate"), "car")

    [_, copied] = stage.services.fleet.status("yard").queries
    assert (copied.text, copied.min_score) == ("car", 0.6)
