from dataclasses import replace

import pytest

from ovd.bootstrap import Services
from ovd.domain.access import Identity, IdentityKind, Role
from ovd.domain.records import EvidenceImage
from ovd.errors import CameraError
from ovd.texts.languages import Language
from ovd.ui.live_page import Changes, LivePage, Viewer
from ovd.ui.page_state import PageState
from ovd.ui.parts import Part, ReadParts, list_parts
from ovd.ui.query_panel import add_query
from ovd.ui.session import Session, View
from tests.builders import START, make_query
from tests.stages import Stage

AT_GATE = Session(camera="gate", bucket="1s")


@pytest.fixture
def page(stage: Stage) -> LivePage:
    page = LivePage(stage.services)
    page.sessions.begin("tab", AT_GATE)
    return page


def draw(page: LivePage, stage: Stage, viewer: Viewer) -> Changes:
    stage.services.overview.expire(cameras_changed=True)
    [changes] = page.draw_changes([viewer])
    return changes


def test_tab_that_looks_back_is_sent_nothing_live(page: LivePage, stage: Stage):
    stage.count("gate")
    page.sessions.begin("tab", Session(camera="gate", view=View.HISTORY))

    changes = page.draw_changes([Viewer("tab")])[0]

    assert set(changes) == {"view", "header", "notice", "image", "try_words"}
    assert changes["image"] == ""


def test_new_viewer_is_sent_the_whole_page(page: LivePage, stage: Stage):
    stage.count("gate")

    changes = draw(page, stage, Viewer("tab"))

    assert changes["view"] == {
        "form": False,
        "cancel": False,
        "chart": True,
        "viewer": False,
        "language": "en",
        "camera": "gate",
        "view": "live",
        "wall": 0,
    }
    assert {"header", "image", "overlay", "bar", "queries", "counts", "chart"} <= set(changes)


def test_viewer_is_sent_nothing_while_nothing_changes(page: LivePage, stage: Stage):
    stage.services.store.cameras.record("gate", "clip.mp4")
    viewer = Viewer("tab")
    draw(page, stage, viewer)

    assert draw(page, stage, viewer) == {}


def test_viewer_is_sent_only_what_an_action_changed(page: LivePage, stage: Stage):
    stage.services.store.cameras.record("gate", "clip.mp4")
    viewer = Viewer("tab")
    draw(page, stage, viewer)

    page.sessions.change("tab", AT_GATE, add_query(stage.services, AT_GATE, "car"))

    assert set(draw(page, stage, viewer)) == {"queries"}


def test_tabs_that_show_the_same_share_one_drawing(page: LivePage, stage: Stage):
    stage.count("gate")
    page.sessions.begin("other", AT_GATE)

    first, second = page.draw_changes([Viewer("tab"), Viewer("other")])

    assert first["chart"] is second["chart"]


def test_tabs_in_other_languages_are_drawn_apart(page: LivePage, stage: Stage):
    stage.count("gate")
    page.sessions.begin("other", replace(AT_GATE, language=Language.KO))

    first, second = page.draw_changes([Viewer("tab"), Viewer("other")])

    assert "Counts over time" in str(first["chart"])
    assert "시간별 집계" in str(second["chart"])


def test_unknown_tab_is_told_so(page: LivePage):
    assert page.draw_changes([Viewer("of an earlier start")]) == [{"session": None}]


def test_table_comes_once_it_was_read(page: LivePage, stage: Stage):
    stage.count("gate")
    viewer = Viewer("tab")

    assert "table" not in draw(page, stage, viewer)
    assert page.refresh_report()
    assert "<td" in str(draw(page, stage, viewer)["table"])


def test_table_without_counts_says_so(page: LivePage, stage: Stage):
    stage.services.store.cameras.record("gate", "clip.mp4")
    viewer = Viewer("tab")
    draw(page, stage, viewer)
    page.refresh_report()

    assert "No counts recorded" in str(draw(page, stage, viewer)["table"])


def test_table_shows_local_times(page: LivePage, stage: Stage):
    stage.count("gate")
    page.sessions.begin("tab", replace(AT_GATE, time_zone="Asia/Seoul"))
    viewer = Viewer("tab")
    draw(page, stage, viewer)
    page.refresh_report()

    assert "2026-03-01 21:00:00" in str(draw(page, stage, viewer)["table"])


@pytest.mark.parametrize("is_kept", [True, False])
def test_number_of_the_table_shows_images_where_some_are_kept(
    page: LivePage, stage: Stage, is_kept: bool
):
    stage.count("gate")
    if is_kept:
        image = EvidenceImage("gate", "person", START, 1, 0, 0, 0.87)
        stage.services.evidence.put(image, b"a jpeg")
        stage.services.evidence.close()
    viewer = Viewer("tab")
    draw(page, stage, viewer)
    page.refresh_report()

    assert ("show_evidence" in str(draw(page, stage, viewer)["table"])) is is_kept


def test_form_takes_the_place_of_the_camera(page: LivePage, stage: Stage):
    stage.count("gate")
    viewer = Viewer("tab")
    draw(page, stage, viewer)

    page.sessions.change("tab", AT_GATE, replace(AT_GATE, adding=True, draft=(make_query("car"),)))
    changes = draw(page, stage, viewer)

    assert changes["image"] == ""
    assert 'data-query="car"' in str(changes["queries"])
    assert changes["counts"] == {"counts": (), "today": {}, "live": False}
    assert "chart" not in changes


def break_tab(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Let every tab with a time zone of its own have parts that cannot be read or drawn."""

    def fail() -> str:
        raise error

    def list_with_broken(services: Services, state: PageState) -> tuple[ReadParts, ...]:
        readers = list_parts(services, state)
        if state.session.time_zone == "UTC":
            return readers
        broken: ReadParts = lambda: [Part("broken", 1, fail)]  # noqa: E731
        return (broken, lambda: [Part("unread", fail(), fail)], *readers)

    monkeypatch.setattr("ovd.ui.live_page.list_parts", list_with_broken)


def test_tab_that_cannot_be_drawn_leaves_the_other_tabs_alone(
    page: LivePage, stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    stage.count("gate")
    page.sessions.begin("broken", replace(AT_GATE, time_zone="Asia/Seoul"))
    break_tab(monkeypatch, PermissionError("the folder of images"))

    first, broken, last = page.draw_changes([Viewer("tab"), Viewer("broken"), Viewer("tab")])

    assert "chart" in first
    assert "chart" in last
    assert {"header", "counts", "chart"} <= set(broken)
    assert "broken" not in broken
    assert "PermissionError: the folder of images" in caplog.text


def test_chart_that_cannot_be_read_leaves_the_counts_and_comes_once_it_can(
    page: LivePage, stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    stage.count("gate")
    viewer = Viewer("tab")

    def fail(services: Services, state: PageState) -> Part:
        raise ValueError("no zone")

    with monkeypatch.context() as broken:
        broken.setattr("ovd.ui.parts._chart", fail)
        first = draw(page, stage, viewer)

    assert {"header", "image", "counts", "gallery"} <= set(first)
    assert set(draw(page, stage, viewer)) == {"chart"}


def test_failure_of_a_tab_is_logged_once_while_it_stays_the_same(
    page: LivePage, stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    page.sessions.begin("broken", replace(AT_GATE, time_zone="Asia/Seoul"))
    viewer = Viewer("broken")
    break_tab(monkeypatch, ValueError("no zone"))

    draw(page, stage, viewer)
    draw(page, stage, viewer)

    assert len(caplog.records) == 1


def test_camera_that_is_removed_while_its_tab_is_drawn_is_no_failure(
    page: LivePage, stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    page.sessions.begin("broken", replace(AT_GATE, time_zone="Asia/Seoul"))
    break_tab(monkeypatch, CameraError("there is no camera 'gate'"))

    assert "broken" not in draw(page, stage, Viewer("broken"))
    assert caplog.records == []


def test_action_wakes_those_who_subscribed(page: LivePage):
    woken: list[str] = []

    def wake() -> None:
        woken.append("once")

    page.subscribe(wake)
    page.wake()
    page.unsubscribe(wake)
    page.wake()

    assert woken == ["once"]


def test_page_of_a_viewer_is_told_to_show_no_buttons_of_operators(page: LivePage, stage: Stage):
    stage.count("gate")
    viewer = Identity(IdentityKind.USER, "bo", Role.VIEWER)
    page.sessions.begin("tab", Session(camera="gate", identity=viewer))

    changes = draw(page, stage, Viewer("tab"))

    assert changes["view"]["viewer"] is True  # type: ignore[index,call-overload]
