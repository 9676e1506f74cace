"""Connects the events of the history view."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import gradio as gr

from ovd.ui.handlers import Handlers
from ovd.ui.history.panel import choose_history, draw_history
from ovd.ui.report_panel import hide_evidence, show_evidence
from ovd.ui.session import Session, View


@dataclass(frozen=True)
class HistoryDrawing:
    """Draws the history view of a session, in the thread of the event that asked for it."""

    handlers: Handlers

    def draw(self, session: Session) -> gr.HTML:
        """Return what the view's script draws."""
        return gr.HTML(drawn=draw_history(self.handlers.services, session, datetime.now(UTC)))

    def redraw(self, session: Session) -> Any:
        """Return the same where the view is open."""
        return self.draw(session) if session.view is View.HISTORY else gr.skip()

    def after(self, event: Any, history: gr.HTML) -> None:
        """Draw the view anew after each choice, once for those that came while it was drawn."""
        self.handlers.then(event.success, self.redraw, [history], trigger_mode="always_last")


def connect_history(handlers: Handlers, history: gr.HTML) -> None:
    """Let the view follow what is chosen in it."""
    drawing = HistoryDrawing(handlers)
    for event, change in (
        (history.choose_history, choose_history),
        (history.show_evidence, show_evidence),
        (history.hide_evidence, hide_evidence),
    ):
        drawing.after(handlers.follow(event, change), history)
    handlers.then(history.refresh_history, drawing.draw, [history])
