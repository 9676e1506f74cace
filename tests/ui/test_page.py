import asyncio
import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import gradio as gr
import pytest

from ovd.errors import QueryError
from ovd.texts.languages import Language
from ovd.ui.handlers import toast
from ovd.ui.page import build_page
from ovd.ui.page_state import begin_session
from ovd.ui.session import Session, View
from tests.stages import Stage


def visit(**wishes: str) -> str:
    return json.dumps({"time_zone": "", "language": "", "camera": "", "view": ""} | wishes)


def test_first_visit_without_cameras_looks_at_none(stage: Stage):
    session = begin_session(stage.services, Session(), visit())

    assert session == Session()


def test_visit_starts_with_the_saved_queries(stage: Stage):
    stage.services.saved_queries.add("car")

    session = begin_session(stage.services, Session(), visit())

    assert [query.text for query in session.draft] == ["car"]


def test_visit_takes_time_zone_and_language_of_the_browser(stage: Stage):
    session = begin_session(stage.services, Session(), visit(time_zone="Asia/Seoul", language="ko"))

    assert (session.time_zone, session.language) == ("Asia/Seoul", Language.KO)


def test_visit_from_nowhere_keeps_what_was_set(stage: Stage):
    first = Session(language=Language.KO)

    session = begin_session(
        stage.services, first, visit(time_zone="Mars/Olympus", language="xx", camera="nowhere")
    )

    assert session == first


def test_visit_looks_at_the_camera_of_the_address(stage: Stage):
    stage.count("gate")
    stage.count("yard")

    assert begin_session(stage.services, Session(), visit(camera="yard")).camera == "yard"


def test_visit_prefers_a_camera_that_was_started_over_one_that_is_only_recorded(stage: Stage):
    stage.services.store.cameras.record("attic", "attic.mp4")
    stage.count("gate")

    session = begin_session(stage.services, Session(), visit())

    assert session.camera == "gate"


def test_visit_opens_the_history_at_the_moment_of_the_address(stage: Stage):
    stage.count("gate")
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)

    session = begin_session(
        stage.services,
        Session(),
        visit(view="history", camera="gate", at=at.isoformat(), query="person"),
    )

    shown = session.history.interval(datetime.now(UTC), ZoneInfo("UTC"))
    assert (session.view, session.camera) == (View.HISTORY, "gate")
    assert shown.start_at < at < shown.end_at
    assert shown.end_at - shown.start_at == timedelta(minutes=30)
    assert session.evidence is not None
    assert session.evidence.query == "person"
    assert session.evidence.start_at < at < session.evidence.end_at


@pytest.mark.parametrize("at", ["soon", "2026-03-01T12:00:00", "0001-01-01T00:00:00+00:00"])
def test_visit_at_no_moment_shows_today(stage: Stage, at: str):
    assert begin_session(stage.services, Session(), visit(at=at)) == Session()


def build_blocks(stage: Stage) -> gr.Blocks:
    async def build() -> gr.Blocks:
        return build_page(stage.services).blocks

    return asyncio.run(build())


def test_components_hold_nothing_but_json(stage: Stage):
    """Anything else is copied for each visit, with all that it leads to."""
    json.dumps(build_blocks(stage).get_config_file()["components"])


def test_page_offers_nothing_to_api_clients(stage: Stage):
    api = build_blocks(stage).get_api_info()

    assert api["named_endpoints"] == {}
    assert api["unnamed_endpoints"] == {}


def test_toast_shows_the_error_as_text_in_the_language_of_the_page():
    shown = toast(QueryError("no <img onerror>"), Language.KO)

    assert "처리하지 못했습니다" in shown.message
    assert "no &lt;img onerror&gt;" in shown.message
