"""Connects Gradio events to handlers, all in one way."""

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import gradio as gr
from gradio.components import Component

from ovd.errors import OvdError
from ovd.ui.session import Session

TOAST_S = 8.0


def listen(
    event: Callable[..., Any],
    handler: Callable[..., Any] | None,
    inputs: Sequence[Component],
    outputs: Sequence[Any],
    **options: Any,
) -> Any:
    """Run `handler` on an event of a component, without progress animation.

    Handlers of what people do are queued, because Gradio shows the errors of queued ones only;
    they do not wait for each other. Those of timers should be given `queue=False`.

    Args:
        event: Listener such as `button.click`.
        handler: What to run; None where `js` does it all.
        inputs: Components whose values it gets.
        outputs: Components that its list of values goes to.
        options: More for Gradio, such as `js`.

    Returns:
        The dependency, for `.then` and `.failure`.
    """
    return event(
        handler,
        inputs=list(inputs),
        outputs=list(outputs),
        **{"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}
        | options,
    )


def toast(error: OvdError, session: Session) -> gr.Error:
    """An error as a message in the corner; its text is shown as text, never as markup."""
    title = session.texts.error_title
    return gr.Error(
        f"<strong>{escape(title)}</strong><br>{escape(str(error))}",
        duration=TOAST_S,
        title=title,
        print_exception=False,
    )
