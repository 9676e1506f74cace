from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import pytest

from ovd.domain.access import Identity, IdentityKind, Role
from ovd.services.access.scope import set_identity
from ovd.ui.handlers import ANYONE, Handlers, operator
from ovd.ui.live_page import LivePage
from ovd.ui.session import Session
from tests.stages import Stage

CALLER = Identity(IdentityKind.USER, "kim", Role.OPERATOR, address="192.0.2.9")


class Tab:
    """A browser tab of a signed-in user."""

    def __init__(self, stage: Stage, identity: Identity = CALLER) -> None:
        live = LivePage(stage.services)
        live.sessions.begin("tab", Session(camera="gate", identity=identity))
        self.handlers = Handlers(stage.services, live)
        scope: dict[str, Any] = {}
        set_identity(scope, identity)
        inner = SimpleNamespace(scope=scope)
        self.request = cast(gr.Request, SimpleNamespace(session_hash="tab", request=inner))


def audited(stage: Stage) -> list[tuple[str, str, str, str]]:
    entries = stage.services.access.audit.newest(10)
    return [(entry.actor, entry.address, entry.action, entry.target) for entry in entries]


def test_change_of_an_operator_is_written_to_the_audit_log(stage: Stage):
    tab = Tab(stage)

    tab.handlers.change(tab.request, lambda session: session, operator("cameras.stop"))

    assert audited(stage) == [("kim", "192.0.2.9", "cameras.stop", "gate")]


def test_change_of_the_tab_alone_is_not_written_to_the_audit_log(stage: Stage):
    tab = Tab(stage)

    tab.handlers.change(tab.request, lambda session: session, ANYONE)

    assert audited(stage) == []


def test_viewer_changes_nothing_and_nothing_is_written(stage: Stage):
    tab = Tab(stage, replace(CALLER, role=Role.VIEWER))
    changes: list[Session] = []

    def change(session: Session) -> Session:
        changes.append(session)
        return session

    with pytest.raises(gr.Error):
        tab.handlers.change(tab.request, change, operator("cameras.stop"))

    assert changes == []
    assert audited(stage) == []
