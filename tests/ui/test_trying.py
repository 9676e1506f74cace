"""Queries are tried before they are counted: the script gets its words, the list its query."""

from dataclasses import replace

import pytest

from ovd.domain.access import Identity, IdentityKind, Role
from ovd.errors import QueryError
from ovd.texts.languages import Language
from ovd.ui.page_state import read_page_state
from ovd.ui.query_panel import add_tried
from ovd.ui.session import Session
from ovd.ui.trying.panel import describe_trying
from tests.stages import Stage, stage

__all__ = ["stage"]


def describe(stage: Stage, session: Session) -> dict[str, object]:
    state = read_page_state(stage.services.overview.now(), stage.services.fleet, session)
    return dict(describe_trying(stage.services, state))


def test_cameras_that_count_and_installed_detectors_can_be_tried(stage: Stage):
    stage.count("gate")

    told = describe(stage, Session(camera="gate"))

    assert told["cameras"] == ["gate"]
    assert {"name": "ovdense", "in_use": True} in told["detectors"]  # type: ignore[operator]


def test_words_are_those_of_the_language(stage: Stage):
    words = describe(stage, Session(language=Language.KO))["words"]

    assert words["title"] == "시험"  # type: ignore[index]


def test_viewer_is_offered_no_other_detector(stage: Stage):
    viewer = Identity(IdentityKind.USER, "bo", Role.VIEWER)

    assert describe(stage, Session(identity=viewer))["operator"] is False


def test_tried_query_is_counted_with_the_threshold_that_was_found(stage: Stage):
    session = add_tried(stage.services, Session(), "car", 0.6)

    assert [(query.text, query.min_score) for query in session.draft] == [("car", 0.6)]


def test_tried_query_that_is_listed_is_refused(stage: Stage):
    session = add_tried(stage.services, Session(), "car", 0.6)

    with pytest.raises(QueryError):
        add_tried(stage.services, replace(session), "car", 0.3)
