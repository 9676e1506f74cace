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
from ovd.ui.theme import live_html, own_html


def build_alerts_panel() -> gr.HTML:
    """Lay out the alerts view; its scripts draw rules, targets, log and windows."""
    with gr.Column(elem_classes="ovd-card", elem_id="ovd-alerts"):
        own_html("alert_window.js")
        rules = own_html("alerts.js")
        own_html("targets.js", "ovd-alert-targets")
        live_html("alert_log", css_class="ovd-alert-logs")
        return rules


def draw_alerts(services: Services, session: Session, now: datetime) -> str:
    """Draw the rules that a session may see.

    Args:
        services: Where the rules are.
        session: Whose view.
        now: The present, aware.
    """
    texts, words = alert_texts(session.language), _words(session, now)
    add = (
        f'<div class="ovd-camera-tools"><button type="button" class="ovd-main operator" '
        f'data-alert-act="add">{escape(texts.add)}</button></div>'
    )
    title = f'<div class="ovd-title"><h2>{escape(texts.title)}</h2>{add}</div>'
    if services.alerts is None:
        return f'{title}<div class="ovd-empty"><span>{escape(texts.not_running)}</span></div>'
    note = f'<p class="ovd-note">{escape(texts.intro)}</p>'
    rules = draw_rules(list_rules(services, session), words)
    return f"{title}{note}{rules}"


def draw_messages(services: Services, session: Session, now: datetime) -> str:
    """Draw the log of what a session may see; nothing where rules are not judged."""
    if services.alerts is None:
        return ""
    return draw_log(services.alerts.recent(), services.evidence, _words(session, now))


def list_rules(services: Services, session: Session) -> tuple[RuleStanding, ...]:
    """Return the rules that a session may see, by name."""
    if services.alerts is None:
        return ()
    shown = (item for item in services.alerts.standings() if _may_see(session, item.saved.rule))
    return tuple(shown)


def version_of(services: Services, session: Session, now: datetime) -> Hashable:
    """Return what the rules are drawn from; it changes when they must be drawn anew."""
    if services.alerts is None:
        return ()
    return (
        tuple((item.saved.version, item.statuses) for item in list_rules(services, session)),
        tuple(item.saved.rule.is_snoozed(now) for item in services.alerts.standings()),
        _version_of_session(session, now),
    )


def version_of_log(services: Services, session: Session, now: datetime) -> Hashable:
    """Return what the log is drawn from, likewise."""
    logged = services.alerts.recent() if services.alerts is not None else ()
    return (logged[0].id if logged else 0, len(logged), _version_of_session(session, now))


def _version_of_session(session: Session, now: datetime) -> Hashable:
    who, today = session.identity, now.astimezone(ZoneInfo(session.time_zone)).date()
    return (session.language, session.time_zone, today, who.role, who.cameras)


def describe_words(session: Session) -> dict[str, JsonValue]:
    """Return the words of the window, and the time zone of a new rule."""
    return {"words": asdict(alert_texts(session.language)), "tz": session.time_zone}


def _words(session: Session, now: datetime) -> ViewWords:
    texts, zone = alert_texts(session.language), ZoneInfo(session.time_zone)
    return ViewWords(texts, zone, now, session.identity)


def _may_see(session: Session, rule: AlertRule) -> bool:
    return not rule.cameras or any(map(session.identity.may_see, rule.cameras))
