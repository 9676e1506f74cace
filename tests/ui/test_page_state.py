from dataclasses import replace

from ovd.render.palette import css_colour, query_colours
from ovd.ui.page_state import PageState, read_page_state
from ovd.ui.session import Session
from tests.builders import make_frame, make_query, make_unsupported
from tests.stages import Stage

AT_GATE = Session(camera="gate")


def read(stage: Stage, session: Session) -> PageState:
    stage.services.overview.expire(cameras_changed=True)
    return read_page_state(stage.services.overview.now(), stage.services.fleet, session)


def test_state_without_cameras_sets_one_up(stage: Stage):
    state = read(stage, Session())

    assert state.is_form_open
    assert state.cameras == ()
    assert state.counts == {}


def test_state_shows_what_the_camera_counts(stage: Stage):
    stage.count("gate", [make_frame(3, camera="gate")], [make_query("person"), make_query("car")])

    state = read(stage, AT_GATE)

    assert not state.is_form_open
    assert state.counts == {"person": 3, "car": 3}


def test_state_keeps_cameras_of_the_fleet_and_of_the_store_by_name(stage: Stage):
    stage.count("gate")
    stage.services.store.cameras.record("attic", "attic.mp4")

    state = read(stage, AT_GATE)

    assert [(camera.name, camera.status is not None) for camera in state.cameras] == [
        ("attic", False),
        ("gate", True),
    ]


def test_state_of_a_camera_that_is_only_recorded_shows_the_draft(stage: Stage):
    stage.services.store.cameras.record("attic", "attic.mp4")
    session = Session(camera="attic", draft=(make_query("car"),))

    state = read(stage, session)

    assert not state.is_form_open
    assert state.status is None
    assert [query.text for query in state.queries] == ["car"]


def test_state_shows_no_counts_while_a_camera_is_added(stage: Stage):
    stage.count("gate")

    state = read(stage, replace(AT_GATE, adding=True))

    assert state.is_form_open
    assert state.counts == {}
    assert state.queries == ()


def test_colours_are_those_of_the_boxes(stage: Stage):
    queries = [make_unsupported("helmet"), make_query("person"), make_query("car")]
    stage.count("gate", queries=queries)

    state = read(stage, AT_GATE)

    boxes = map(css_colour, query_colours(["person", "car"]))
    assert list(state.colours.items()) == list(zip(["person", "car"], boxes, strict=True))
