from dataclasses import replace

from ovd.render.palette import css_colour, query_colours
from ovd.ui.scene import take_scene
from ovd.ui.session import Session
from tests.builders import make_frame, make_query, make_unsupported
from tests.stages import Stage

AT_GATE = Session(camera="gate")


def test_scene_without_cameras_sets_one_up(stage: Stage):
    scene = take_scene(stage.services, Session())

    assert scene.setting_up
    assert scene.rows == ()
    assert scene.counts == {}


def test_scene_shows_what_the_camera_counts(stage: Stage):
    stage.count("gate", [make_frame(3, camera="gate")], [make_query("person"), make_query("car")])

    scene = take_scene(stage.services, AT_GATE)

    assert not scene.setting_up
    assert scene.counts == {"person": 3, "car": 3}
    assert len(scene.history) == 1


def test_scene_keeps_cameras_of_the_fleet_and_of_the_store_by_name(stage: Stage):
    stage.count("gate")
    old = stage.services.store.cameras.record("attic", "attic.mp4")

    scene = take_scene(stage.services, replace(AT_GATE, recorded=(old,)))

    assert [(row.name, row.status is not None) for row in scene.rows] == [
        ("attic", False),
        ("gate", True),
    ]


def test_scene_of_a_camera_that_is_only_recorded_shows_the_draft(stage: Stage):
    old = stage.services.store.cameras.record("attic", "attic.mp4")
    session = Session(camera="attic", recorded=(old,), draft=(make_query("car"),))

    scene = take_scene(stage.services, session)

    assert not scene.setting_up
    assert scene.row_status is None
    assert [query.text for query in scene.queries] == ["car"]


def test_scene_shows_no_counts_while_a_camera_is_added(stage: Stage):
    stage.count("gate")

    scene = take_scene(stage.services, replace(AT_GATE, adding=True))

    assert scene.setting_up
    assert scene.counts == {}
    assert scene.queries == ()


def test_colours_are_those_of_the_boxes(stage: Stage):
    queries = [make_unsupported("helmet"), make_query("person"), make_query("car")]
    stage.count("gate", queries=queries)

    scene = take_scene(stage.services, AT_GATE)

    boxes = map(css_colour, query_colours(["person", "car"]))
    assert list(scene.colours.items()) == list(zip(["person", "car"], boxes, strict=True))
