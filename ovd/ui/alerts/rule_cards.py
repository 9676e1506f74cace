"""The list of alert rules, one card each: sentence, state at each camera, and what can be done."""

from dataclasses import dataclass
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from ovd.domain.access import Identity
from ovd.domain.alerts import AlertState, AlertStatus
from ovd.services.alerts.engine import RuleStanding
from ovd.texts.page.alerts import AlertTexts
from ovd.ui.alerts.sentences import draw_sentence

_CHIPS = {
    AlertState.OK: "ok",
    AlertState.PENDING: "warn",
    AlertState.FIRING: "bad",
    AlertState.UNKNOWN: "idle",
}
_URGENCY = {AlertState.FIRING: 0, AlertState.PENDING: 1, AlertState.UNKNOWN: 2, AlertState.OK: 3}
_MOST_STATES = 12


@dataclass(frozen=True)
class ViewWords:
    """The words of the view, and the clock that times are told by.

    Attributes:
        texts: Words of this view.
        zone: Zone of times.
        now: The present, aware.
        identity: Who looks at it.
    """

    texts: AlertTexts
    zone: ZoneInfo
    now: datetime
    identity: Identity

    def time(self, at: datetime) -> str:
        """Return a time of day, with its date where that is not today."""
        local, today = at.astimezone(self.zone), self.now.astimezone(self.zone).date()
        return f"{local:%H:%M:%S}" if local.date() == today else f"{local:%m-%d %H:%M:%S}"


def draw_rules(standings: tuple[RuleStanding, ...], words: ViewWords) -> str:
    """Draw a card for each rule, or what to do while there is none."""
    if not standings:
        title, text = escape(words.texts.none_title), escape(words.texts.none_text)
        return f'<div class="ovd-empty"><strong>{title}</strong><span>{text}</span></div>'
    cards = "".join(_card(standing, words) for standing in standings)
    return f'<ul class="ovd-alert-cards">{cards}</ul>'


def _card(standing: RuleStanding, words: ViewWords) -> str:
    rule, texts = standing.saved.rule, words.texts
    name, severity = escape(rule.name), rule.severity.value
    notes = [f'<span class="severity {severity}">{escape(_severity(severity, texts))}</span>']
    if not rule.enabled:
        notes.append(f"<span>{escape(texts.disabled)}</span>")
    if rule.snoozed_until is not None and rule.is_snoozed(words.now):
        until = texts.snoozed.format(time=words.time(rule.snoozed_until))
        notes.append(f"<span>{escape(until)}</span>")
    off = "" if rule.enabled else " off"
    return (
        f'<li class="ovd-alert-card{off}" data-rule="{name}">'
        f'<div class="head"><h3>{name}</h3>{"".join(notes)}</div>'
        f"<p>{draw_sentence(rule, texts)}</p>{_states(standing, words)}"
        f"{_actions(standing, words)}</li>"
    )


def _severity(value: str, texts: AlertTexts) -> str:
    return str(getattr(texts, f"severity_{value}"))


def _states(standing: RuleStanding, words: ViewWords) -> str:
    if not standing.saved.rule.enabled:
        return ""
    visible = [
        status
        for status in standing.statuses
        if not status.camera or words.identity.may_see(status.camera)
    ]
    ordered = sorted(visible, key=lambda status: (_URGENCY[status.state], status.camera))
    chips = "".join(_state(status, words) for status in ordered[:_MOST_STATES])
    more = len(ordered) - _MOST_STATES
    rest = f"<span>+{more}</span>" if more > 0 else ""
    return f'<div class="states">{chips}{rest}</div>' if ordered else ""


def _state(status: AlertStatus, words: ViewWords) -> str:
    texts = words.texts
    parts = [status.camera or texts.machine, str(getattr(texts, f"state_{status.state.value}"))]
    if status.alert is not None:
        parts.append(texts.since.format(time=words.time(status.alert.started_at)))
    if status.state is AlertState.FIRING and status.count is not None:
        parts.append(texts.log_count.format(count=f"{status.count:g}"))
    text = escape(" · ".join(parts))
    return f'<span class="ovd-chip {_CHIPS[status.state]}"><i></i>{text}</span>'


def _actions(standing: RuleStanding, words: ViewWords) -> str:
    rule, texts = standing.saved.rule, words.texts
    snooze = ("snooze", texts.snooze, texts.snooze_of)
    if rule.is_snoozed(words.now):
        snooze = ("wake", texts.wake, texts.wake_of)
    switch = ("disable", texts.disable, texts.disable_of)
    if not rule.enabled:
        switch = ("enable", texts.enable, texts.enable_of)
    buttons = [("edit", texts.edit, texts.edit_of), snooze, switch]
    if rule.to:
        buttons.append(("test", texts.test, texts.test_of))
    drawn = "".join(
        f'<button type="button" data-alert-act="{act}" '
        f'aria-label="{escape(label.format(name=rule.name))}">{escape(name)}</button>'
        for act, name, label in buttons
    )
    return f'<div class="actions operator">{drawn}</div>'
