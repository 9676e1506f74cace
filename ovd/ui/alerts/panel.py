"""The alerts view: its HTML, and the words that its scripts draw windows with."""

from collections.abc import Hashable
from dataclasses import asdict
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

import gradio as gr

from ovd.bootstrap import Services
from ovd.domain.alerts import AlertRule
from ovd.services.alerts.engine import RuleStanding
from ovd.texts.page.alerts import alert_texts
from ovd.ui.alerts.log import draw_log
from ovd.ui.alerts.rule_cards import ViewWords, draw_rules
from ovd.ui.json_value import JsonValue
from ovd.ui.session import Session
from ovd.ui.theme import own_html


def build_alerts_panel() -> gr.HTML:
    """Lay out the alerts view; its scripts draw the list and the window."""
    with gr.Column(elem_classes="ovd-card", elem_id="ovd-alerts"):
        own_html("alert_window.js")
        return own_html("alerts.js")


def draw_alerts(services: Services, session: Session, now: datetime) -> str:
    """Draw the rules that a session may see, and the log.

    Args:
        services: Where rules and messages are.
        session: Whose view.
        now: The present, aware.
    """
    texts = alert_texts(session.language)
    words = ViewWords(texts, ZoneInfo(session.time_zone), now, session.identity)
    add = (
        f'<div class="ovd-camera-tools"><button type="button" class="ovd-main operator" '
        f'data-alert-act="add">{escape(texts.add)}</button></div>'
    )
    title = f'<div class="ovd-title"><h2>{escape(texts.title)}</h2>{add}</div>'
    if services.alerts is None:
        return f'{title}<div class="ovd-empty"><span>{escape(texts.not_running)}</span></div>'
    note = f'<p class="ovd-note">{escape(texts.intro)}</p>'
    rules = draw_rules(list_rules(services, session), words)
    log = draw_log(services.alerts.recent(), services.evidence, words)
    return f'{title}{note}{rules}<section class="ovd-alert-logs">{log}</section>'


def list_rules(services: Services, session: Session) -> tuple[RuleStanding, ...]:
    """Return the rules that a session may see, by name."""
    if services.alerts is None:
        return ()
    shown = (item for item in services.alerts.standings() if _may_see(session, item.saved.rule))
    return tuple(shown)


def version_of(services: Services, session: Session, now: datetime) -> Hashable:
    """Return what the view is drawn from; it changes when the view must be drawn anew."""
    if services.alerts is None:
        return ()
    logged = services.alerts.recent()
    who = session.identity
    return (
        tuple((item.saved.version, item.statuses) for item in list_rules(services, session)),
        tuple(item.saved.rule.is_snoozed(now) for item in services.alerts.standings()),
        logged[0].id if logged else 0,
        (session.language, session.time_zone, now.astimezone(ZoneInfo(session.time_zone)).date()),
        (who.role, who.cameras),
    )


def describe_words(session: Session) -> dict[str, JsonValue]:
    """Return the words of the window, and the time zone of a new rule."""
    return {"words": asdict(alert_texts(session.language)), "tz": session.time_zone}


def _may_see(session: Session, rule: AlertRule) -> bool:
    return not rule.cameras or any(map(session.identity.may_see, rule.cameras))
