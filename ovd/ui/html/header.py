"""The header: product name, cameras, language and theme switch."""

from collections.abc import Sequence
from html import escape

from ovd.domain.access import IdentityKind
from ovd.texts.languages import LANGUAGE_NAMES
from ovd.texts.page import PageTexts
from ovd.texts.page.sites import sites_texts
from ovd.texts.page.trying import try_texts
from ovd.texts.page.wall import wall_texts
from ovd.ui.html.camera_state import ShownCamera, state_of
from ovd.ui.session import Session, View

_LOGO = (
    '<svg viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">'
    '<rect width="32" height="32" rx="8" class="logo-ground"/>'
    '<path d="M7 12V8.5A1.5 1.5 0 0 1 8.5 7H12M20 7h3.5A1.5 1.5 0 0 1 25 8.5V12M25 20v3.5'
    'a1.5 1.5 0 0 1-1.5 1.5H20M12 25H8.5A1.5 1.5 0 0 1 7 23.5V20" class="logo-frame"/>'
    '<circle cx="16" cy="16" r="3.6" class="logo-dot"/></svg>'
)
_THEME_ICON = (
    '<svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">'
    '<circle cx="10" cy="10" r="7" fill="none" stroke="currentColor" stroke-width="1.6"/>'
    '<path d="M10 3a7 7 0 0 1 0 14z" fill="currentColor"/></svg>'
)

_WALL_ICON = (
    '<svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true" fill="none" '
    'stroke="currentColor" stroke-width="1.6"><path d="M3 3h6v6H3zM11 3h6v6h-6zM3 11h6v6H3z'
    'M11 11h6v6h-6z"/></svg>'
)
_SIGN_OUT_ICON = (
    '<svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true" fill="none" '
    'stroke="currentColor" stroke-width="1.6">'
    '<path d="M8 3H4v14h4M8 10h9M13.5 6.5 17 10l-3.5 3.5"/></svg>'
)


def header(rows: Sequence[ShownCamera], session: Session, adding: bool) -> str:
    """Draw product name, cameras, language and theme switch.

    Args:
        rows: Cameras to choose from.
        session: Whose header it is.
        adding: Whether the form for starting a camera is open.
    """
    texts, language, selected = session.texts, session.language, session.camera
    alone = not adding and not session.wall.tiles
    cameras = "".join(_camera_tab(row, row.name == selected and alone, texts) for row in rows)
    languages = "".join(
        f'<button type="button" data-event="choose_language" data-value="{code.value}" '
        f'lang="{code.value}" aria-pressed="{str(code is language).lower()}">{name}</button>'
        for code, name in LANGUAGE_NAMES.items()
    )
    views = "".join(
        f'<button type="button" data-event="choose_view" data-value="{view.value}" '
        f'aria-pressed="{str(view is session.view).lower()}">{escape(words)}</button>'
        for view, words in _view_names(session).items()
    )
    add = (
        f'<button type="button" class="ovd-tab add" data-event="open_form" '
        f'aria-pressed="{str(adding).lower()}"><b>+</b>{escape(texts.add_camera)}</button>'
    )
    wall = (
        f'<button type="button" class="ovd-tab wall" data-event="choose_wall" data-value="" '
        f'aria-pressed="{str(session.wall.tiles > 0 and not adding).lower()}">{_WALL_ICON}'
        f"<span>{escape(wall_texts(language).all_cameras)}</span></button>"
    )
    return (
        f'<header class="ovd-header">'
        f'<div class="ovd-brand">{_LOGO}<div><h1>ovd</h1>'
        f"<span>{escape(texts.tagline)}</span></div></div>"
        f'<nav class="ovd-views ovd-segments" aria-label="{escape(texts.views)}">{views}</nav>'
        f'<div class="ovd-switches"><div class="ovd-segments" role="group" '
        f'aria-label="{escape(texts.language)}">{languages}</div>'
        f'<button type="button" class="ovd-theme" data-theme-toggle '
        f'aria-label="{escape(texts.theme)}" title="{escape(texts.theme)}">{_THEME_ICON}</button>'
        f"{_sign_out(session)}</div>"
        f'<nav class="ovd-cameras" aria-label="{escape(texts.cameras)}">{wall if rows else ""}'
        f'<div class="ovd-camera-strip">{cameras}</div>{add if rows else ""}</nav>'
        f'<div class="ovd-offline" role="alert">{escape(texts.offline)}</div></header>'
    )


def _view_names(session: Session) -> dict[View, str]:
    """Return the words of each view, in the order they are offered."""
    texts = session.texts
    return {
        View.LIVE: texts.view_live,
        View.HISTORY: texts.view_history,
        View.CAMERAS: texts.view_cameras,
        View.SITES: sites_texts(session.language).title,
        View.ALERTS: texts.view_alerts,
        View.REPORTS: texts.view_reports,
        View.SYSTEM: texts.view_system,
        View.TRY: try_texts(session.language).title,
    }


def _sign_out(session: Session) -> str:
    """Draw the button that signs out, for a user who has signed in."""
    if session.identity.kind is not IdentityKind.USER:
        return ""
    words = escape(session.texts.sign_out.format(name=session.identity.name))
    return (
        f'<form method="post" action="logout"><button class="ovd-theme" aria-label="{words}" '
        f'title="{words}">{_SIGN_OUT_ICON}</button></form>'
    )


def _camera_tab(row: ShownCamera, selected: bool, texts: PageTexts) -> str:
    kind, words = state_of(row.status, texts)
    name = escape(row.name)
    return (
        f'<button type="button" class="ovd-tab" data-event="pick_camera" data-value="{name}" '
        f'aria-pressed="{str(selected).lower()}" title="{name}: {escape(words)}">'
        f'<i class="dot {kind}"></i><span>{name}</span><small>{escape(words)}</small></button>'
    )
