from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import gradio as gr
import pytest

from ovd.domain.access import Identity, IdentityKind, Role
from ovd.domain.events import ZoneEventKind
from ovd.domain.records import EvidenceImage
from ovd.render.palette import css_colour, query_colours
from ovd.texts.languages import Language
from ovd.ui.history.panel import choose_history, draw_history, list_cameras
from ovd.ui.history.selection import HistorySelection
from ovd.ui.session import EvidenceSelection, Session, View
from tests.builders import START, make_frame, make_query
from tests.services.zone_scenes import DOOR, ZoneScene, tell_a_day
from tests.stages import Stage
from tests.ui.samples import MARKUP

UTC = ZoneInfo("UTC")
NOW = START + timedelta(minutes=30)
AT_GATE = Session(camera="gate", view=View.HISTORY)


@pytest.fixture
def counted(stage: Stage) -> Stage:
    """A camera that counted for half a minute."""
    stage.count("gate", [make_frame(i, fps=1.0) for i in range(30)])
    return stage


def html_of(stage: Stage, session: Session = AT_GATE) -> str:
    return str(draw_history(stage.services, session, NOW)["html"])


def test_history_shows_chart_and_totals_of_today(counted: Stage):
    html = html_of(counted)

    assert 'class="ovd-chart"' in html
    assert "person" in html
    assert "Not observed" in html


def test_points_have_a_time_an_edge_and_a_value_per_bucket(counted: Stage):
    points = draw_history(counted.services, AT_GATE, NOW)["points"]

    assert isinstance(points, dict)
    (person,) = points["series"]
    assert len(points["edges"]) == len(points["times"]) + 1
    assert len(person[2]) == len(points["times"])
    assert [value for value in person[2] if value is not None] == ["2"]


def test_lines_have_the_colours_of_the_boxes(stage: Stage):
    queries = [make_query(text) for text in ("person", "forklift", "person without backpack")]
    stage.count("gate", queries=queries)
    texts = [query.text for query in queries]

    points = draw_history(stage.services, AT_GATE, NOW)["points"]

    assert isinstance(points, dict)
    shown = {name: colour for name, colour, _ in points["series"]}
    expected = map(css_colour, query_colours(texts))
    assert [shown[text] for text in texts] == list(expected)


def test_history_is_compared_with_another_camera_that_may_be_seen(counted: Stage):
    counted.count("door", [make_frame(i, camera="door", fps=1.0) for i in range(30)])
    choice = gr.EventData(None, {"value": '{"baseline": "camera:door"}'})
    session = choose_history(counted.services, AT_GATE, choice)

    drawn = draw_history(counted.services, session, NOW)

    assert '<option value="camera:door" selected>Camera door</option>' in str(drawn["html"])
    assert [name for name, *_ in drawn["points"]["series"]] == ["person", "person (door)"]
    viewer = Identity(IdentityKind.USER, "v", Role.VIEWER, frozenset({"gate"}))
    only_gate = replace(session, identity=viewer)
    hidden = draw_history(counted.services, only_gate, NOW)
    assert [name for name, *_ in hidden["points"]["series"]] == ["person"]


def test_newest_events_at_zones_are_listed_with_their_images(stage: Stage):
    scene = ZoneScene(stage.services.store)
    scene.watch(0, 100, DOOR)
    scene.cross(1, 30, ZoneEventKind.IN)
    scene.cross(1, 60, ZoneEventKind.OUT)
    image = EvidenceImage("gate", "person", START + timedelta(seconds=30), 1, 300, 0, 0.9)
    stage.services.evidence.put(image, b"a jpeg")
    stage.services.evidence.close()

    html = html_of(stage)

    events = html.partition("Newest events")[2]
    assert events.index("out") < events.index(" in<")
    assert events.count("data:image/jpeg") == 1


def test_stays_in_areas_are_measures(stage: Stage):
    scene = ZoneScene(stage.services.store)
    tell_a_day(scene)
    choice = gr.EventData(None, {"value": '{"measure": "dwell"}'})

    points = draw_history(stage.services, choose_history(stage.services, AT_GATE, choice), NOW)[
        "points"
    ]

    assert [value for value in points["series"][0][2] if value is not None] == ["8.5"]


def test_measure_that_was_not_taken_is_told_and_not_zero(counted: Stage):
    session = choose_history(
        counted.services, AT_GATE, gr.EventData(None, {"value": '{"measure": "in"}'})
    )

    assert "Not measured in this period" in html_of(counted, session)


def test_time_without_counts_says_so(counted: Stage):
    session = choose_history(
        counted.services, AT_GATE, gr.EventData(None, {"value": '{"period": "yesterday"}'})
    )

    assert "Nothing was counted in this period" in html_of(counted, session)


def test_heat_map_is_of_more_than_a_day(counted: Stage):
    week = replace(AT_GATE, history=HistorySelection().changed('{"period": "7d"}', UTC))

    assert "ovd-heatmap" not in html_of(counted)
    assert "ovd-heatmap" in html_of(counted, week)


def test_removed_camera_can_be_looked_at(counted: Stage):
    counted.services.store.cameras.remove("gate")

    assert "gate (removed)" in html_of(counted)


def test_images_are_those_of_the_camera_that_is_looked_at(counted: Stage):
    image = EvidenceImage("gate", "person", START, 1, 0, 0, 0.87)
    counted.services.evidence.put(image, b"a jpeg")
    counted.services.evidence.close()
    counted.count("yard")
    session = replace(
        AT_GATE,
        camera="yard",
        history=HistorySelection(camera="gate"),
        evidence=EvidenceSelection("person", START, NOW),
    )

    assert "data:image/jpeg" in html_of(counted, session)


def test_camera_that_never_counted_leaves_the_controls_and_tells_nothing_of_others(
    counted: Stage,
):
    counted.services.store.cameras.record("yard", "yard.mp4")
    viewer = Identity(IdentityKind.USER, "eve", Role.VIEWER, cameras=frozenset({"yard"}))

    html = html_of(counted, replace(AT_GATE, camera="yard", identity=viewer))

    assert "nothing was ever counted" in html
    assert 'data-choose="period"' in html
    assert "gate" not in html


def test_page_without_cameras_says_so(stage: Stage):
    assert "No camera has counted anything yet" in html_of(stage, Session(view=View.HISTORY))


def test_camera_that_a_viewer_may_not_see_is_not_shown(counted: Stage):
    viewer = Identity(IdentityKind.USER, "eve", Role.VIEWER, cameras=frozenset({"yard"}))
    session = replace(AT_GATE, identity=viewer)

    assert list_cameras(counted.services, session) == ()
    assert "person" not in html_of(counted, session)


def test_history_is_in_the_language_of_the_page(counted: Stage):
    assert "기간" in html_of(counted, replace(AT_GATE, language=Language.KO))


def test_text_of_users_is_shown_as_text(stage: Stage):
    stage.count(MARKUP, queries=[make_query(MARKUP)])

    html = html_of(stage, Session(camera=MARKUP, view=View.HISTORY))

    assert MARKUP not in html
    assert "&lt;img" in html
