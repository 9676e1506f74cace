"""Connects events of the page to functions that change a session."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr
from gradio.components import Component

from ovd.bootstrap import Services
from ovd.domain.access import Identity, Role
from ovd.errors import OvdError
from ovd.services.access.scope import identity_of
from ovd.texts.languages import Language
from ovd.texts.page import page_texts
from ovd.ui.live_page import LivePage
from ovd.ui.session import Session
from ovd.ui.sessions import Click

TOAST_S = 8.0


def listen(
    event: Callable[..., Any],
    handler: Callable[..., Any] | None,
    inputs: Sequence[Component] = (),
    outputs: Sequence[Any] = (),
    **options: Any,
) -> Any:
    """Run `handler` on an event of a component, without progress animation.

    Handlers are queued, because Gradio shows the errors of queued ones only; they do not wait
    for each other.

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


def toast(error: OvdError, language: Language) -> gr.Error:
    """Return an error as a message in the corner; its text is shown as text, never as markup."""
    return _toast(str(error), language)


def _toast(message: str, language: Language) -> gr.Error:
    texts = page_texts(language)
    title = texts.error_title
    return gr.Error(
        f"<strong>{escape(title)}</strong><br>{escape(message)}",
        duration=TOAST_S,
        title=title,
        print_exception=False,
    )


def read_identity(request: gr.Request) -> Identity:
    """Return who sent a request of the page.

    Raises:
        LoginRequiredError: If it came past the check, which no request does.
    """
    return identity_of(request.request.scope if request.request is not None else {})


@dataclass(frozen=True)
class Permission:
    """Condition of a change, and its name in the audit log.

    Attributes:
        role: The lowest role that may do it.
        action: Its name, such as `cameras.stop`; empty for what changes the tab only.
    """

    role: Role = Role.VIEWER
    action: str = ""


ANYONE = Permission()


def operator(action: str) -> Permission:
    """Return the permission of a change that operators may make."""
    return Permission(Role.OPERATOR, action)


@dataclass(frozen=True, eq=False)
class Handlers:
    """Makes handlers of functions that take services, session and values.

    Attributes:
        services: What the functions work with.
        live: Sends tabs what changed.
    """

    services: Services
    live: LivePage

    def session_of(self, request: gr.Request) -> Session:
        """Return the session of the tab that a request came from.

        Raises:
            gr.Error: If the server was restarted since; the tab is about to load anew.
        """
        session = self.live.sessions.find(request.session_hash or "")
        if session is None or not session.belongs_to(read_identity(request)):
            language = Language(self.services.settings.ui_language)
            raise _toast(page_texts(language).offline, language)
        return session

    def change(
        self,
        request: gr.Request,
        change: Callable[[Session], Session],
        permission: Permission = ANYONE,
    ) -> Session:
        """Change the session of a tab and have what changed sent; errors become messages.

        Args:
            request: From the tab.
            change: Makes the new session of the old one.
            permission: Who may do it, and what the audit log calls it.
        """
        session = self.session_of(request)
        identity = read_identity(request)
        try:
            identity.require(permission.role)
            changed = change(session)
            if permission.action:
                camera = changed.camera or session.camera
                self.services.access.audit.note(identity, permission.action, camera)
        except OvdError as error:
            raise toast(error, session.language) from error
        self.live.sessions.change(request.session_hash or "", session, changed)
        self._tell()
        return changed

    def _tell(self) -> None:
        """Have tabs sent what changed."""
        self.services.overview.expire()
        self.live.wake()

    def on(
        self,
        event: Callable[..., Any],
        change: Callable[..., Session],
        inputs: Sequence[Component] = (),
        permission: Permission = ANYONE,
        **options: Any,
    ) -> Any:
        """Run `change` on an event, with the values of `inputs`; options as for `listen`."""

        def handler(request: gr.Request, *values: Any) -> None:
            self.change(
                request, lambda session: change(self.services, session, *values), permission
            )

        return listen(event, handler, inputs, **options)

    def on_html(
        self,
        event: Callable[..., Any],
        change: Callable[..., Session],
        permission: Permission = ANYONE,
        **options: Any,
    ) -> Any:
        """Run `change` on an event of our own HTML, whose data is passed on."""

        def handler(request: gr.Request, data: gr.EventData) -> None:
            self.change(request, lambda session: change(self.services, session, data), permission)

        return listen(event, handler, **options)

    def follow(
        self, event: Callable[..., Any], change: Callable[..., Session], **options: Any
    ) -> Any:
        """Run `change` on an event of our own HTML that chooses what the tab shows.

        Choices may follow each other faster than they are answered: none is lost, and of those
        that exclude each other the last one holds. The event carries `ovdLive.click`.
        """

        def handler(request: gr.Request, data: gr.EventData) -> None:
            language = self.session_of(request).language
            try:
                self.live.sessions.follow(
                    request.session_hash or "",
                    Click(str(data.what), int(data.number)),
                    lambda session: change(self.services, session, data),
                )
            except OvdError as error:
                raise toast(error, language) from error
            self._tell()

        return listen(event, handler, **{"trigger_mode": "multiple"} | options)

    def then(
        self,
        event: Callable[..., Any],
        draw: Callable[[Session], Any],
        outputs: Sequence[Any],
        **options: Any,
    ) -> Any:
        """Show in `outputs` what `draw` makes of the session; options as for `listen`."""

        def handler(request: gr.Request) -> Any:
            return draw(self.session_of(request))

        return listen(event, handler, outputs=outputs, **options)
