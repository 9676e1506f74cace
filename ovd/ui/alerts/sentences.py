"""Alert rules as sentences of a language."""

import re
from html import escape

from ovd.domain.alerts import AlertRule, Condition, WeeklyHours
from ovd.language.korean.names import name_reading
from ovd.texts.page.alerts import AlertTexts, language_of

_MINUTE_S, _HOUR_S = 60, 3600
_DAY_MINUTES = 24 * 60
_DASH = "\N{EN DASH}"
_SLOT = re.compile(r"\{(\w+)\}")


def draw_sentence(rule: AlertRule, texts: AlertTexts) -> str:
    """Draw a rule as a sentence in HTML, its values set off."""
    held = texts.held_no.lstrip()
    if rule.for_s:
        held = _fill(texts.held, time=_slot(describe_time(rule.for_s, texts)))
    schedule = ""
    if rule.schedule:
        hours = "; ".join(describe_hours(hours, texts) for hours in rule.hours.hours)
        schedule = _fill(texts.on, hours=_slot(hours))
    tell = escape(texts.tell_log)
    if rule.to:
        tell = _fill(texts.tell_targets, targets=_slot(", ".join(rule.to)))
    what = _slot(describe_condition(rule, texts))
    if not rule.is_about_cameras:
        form = texts.sentence_machine
        return _fill(form, what=what, held=held, schedule=schedule, tell=tell)
    where = ", ".join(rule.cameras) or texts.everywhere
    if rule.zone:
        where = texts.in_zone.format(camera=where, zone=rule.zone)
    return _fill(
        texts.sentence, what=what, where=_slot(where), held=held, schedule=schedule, tell=tell
    )


def describe_condition(rule: AlertRule, texts: AlertTexts) -> str:
    """Return the condition of a rule in words."""
    query = name_reading(rule.query, language_of(texts))
    values = {"query": query, "count": rule.count, "zone": rule.zone}
    match rule.when:
        case Condition.CROSSED:
            form = getattr(texts, f"crossed_{rule.direction.value}")
            values["time"] = describe_time(rule.within_s or 0, texts)
        case Condition.PRESENT if (rule.threshold or 1) > 1:
            form = texts.present_many
        case Condition.STALE:
            form = texts.stale
            values["time"] = describe_time(rule.stale_after_s, texts)
        case Condition.DISK_LOW if rule.count is not None:
            form = texts.disk_low_gb
        case _:
            form = getattr(texts, rule.when.value)
    return str(form).format(**values)


def describe_hours(hours: WeeklyHours, texts: AlertTexts) -> str:
    """Return weekly hours in words, such as `Mon-Fri 22:00-06:00` with dashes of print."""
    days = _describe_days(hours.weekdays, texts)
    if (hours.start_minute, hours.end_minute) == (0, _DAY_MINUTES):
        return days
    return f"{days} {_clock(hours.start_minute)}{_DASH}{_clock(hours.end_minute)}"


def _describe_days(weekdays: frozenset[int], texts: AlertTexts) -> str:
    if len(weekdays) == len(texts.weekdays):
        return texts.daily
    parts = []
    for first in sorted(day for day in weekdays if (day - 1) % 7 not in weekdays):
        days = [first]
        while (days[-1] + 1) % 7 in weekdays:
            days.append((days[-1] + 1) % 7)
        names = [texts.weekdays[day] for day in days]
        parts += [f"{names[0]}{_DASH}{names[-1]}"] if len(names) > 2 else names
    return ", ".join(parts)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def describe_time(seconds: float, texts: AlertTexts) -> str:
    """Return a length of time in words, in the largest unit that fits."""
    if seconds >= _HOUR_S and seconds % _HOUR_S == 0:
        return texts.hours.format(count=f"{seconds / _HOUR_S:g}")
    if seconds >= _MINUTE_S and seconds % _MINUTE_S == 0:
        return texts.minutes.format(count=f"{seconds / _MINUTE_S:g}")
    return texts.seconds.format(count=f"{seconds:g}")


def describe_rough_time(seconds: float, texts: AlertTexts) -> str:
    """Return a length of time in words, rounded."""
    if seconds >= 2 * _HOUR_S:
        return texts.hours.format(count=round(seconds / _HOUR_S))
    if seconds >= 2 * _MINUTE_S:
        return texts.minutes.format(count=round(seconds / _MINUTE_S))
    return texts.seconds.format(count=round(seconds))


def _slot(text: str) -> str:
    return f'<b class="ovd-slot">{escape(text)}</b>'


def _fill(form: str, **html: str) -> str:
    """Return a form of words, escaped, with HTML in its places."""
    return "".join(
        html.get(part, "") if odd else escape(part)
        for odd, part in ((index % 2, part) for index, part in enumerate(_SLOT.split(form)))
    )
