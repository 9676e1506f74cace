"""Notices made of messages about alerts: words for people, values for programs."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from ovd.domain.alerts import AlertMessage, MessageType, Target, TargetOptions
from ovd.domain.ports.notify import Attachment, JsonValue, Notice
from ovd.domain.time_zones import load_zone
from ovd.language.korean.names import name_reading
from ovd.texts.alert_messages import AlertMessageTexts, alert_message_texts
from ovd.texts.languages import Language

_SEVERITIES = ("info", "warning", "critical")
# What a digest lists at most; programs get all of it.
_MOST_LISTED = 20


def compose_message(
    message: AlertMessage, options: TargetOptions, attachments: tuple[Attachment, ...] = ()
) -> Notice:
    """Return the notice of one message, in the language and time zone of a target."""
    texts = alert_message_texts(options.language)
    return Notice(
        key=message.idempotency_key,
        topic=message.rule,
        title=_title(message, options),
        text="\n".join(_lines(message, options, texts)),
        body=dict(message.body()),
        severity=message.severity.value,
        link=message.link,
        attachments=attachments,
    )


def compose_digest(
    messages: Sequence[AlertMessage],
    options: TargetOptions,
    attachments: tuple[Attachment, ...] = (),
) -> Notice:
    """Return one notice of several messages; of a single one, its own."""
    if len(messages) == 1:
        return compose_message(messages[0], options, attachments)
    texts = alert_message_texts(options.language)
    bodies: list[JsonValue] = [dict(message.body()) for message in messages]
    lines = [
        f"{_local(message.at, options)}  {_title(message, options)}"
        for message in messages[:_MOST_LISTED]
    ]
    keys = "\n".join(message.idempotency_key for message in messages)
    return Notice(
        key=f"digest/{hashlib.sha256(keys.encode()).hexdigest()[:16]}",
        topic="",
        title=texts.digest.format(n=len(messages)),
        text="\n".join(lines + ["..."] * (len(messages) > _MOST_LISTED)),
        body={"type": "digest", "messages": bodies},
        severity=max((m.severity.value for m in messages), key=_SEVERITIES.index),
        link=next((message.link for message in messages if message.link), ""),
        attachments=attachments,
    )


def compose_test(target: Target, now: datetime) -> Notice:
    """Return the notice by which people try a target."""
    texts = alert_message_texts(target.options.language)
    return Notice(
        key=f"test/{now.isoformat()}",
        topic="test",
        title=texts.test_title,
        text=texts.test_text.format(target=target.name),
        body={"type": "test", "target": target.name, "at": now.isoformat()},
    )


def _title(message: AlertMessage, options: TargetOptions) -> str:
    texts, language = alert_message_texts(options.language), Language(options.language)
    place = message.camera
    if message.zone:
        place = texts.place_with_zone.format(camera=message.camera, zone=message.zone)
    what = texts.conditions[message.when.value].format(
        query=name_reading(message.query, language),
        place=place,
        camera=message.camera,
        count="?" if message.count is None else message.count,
        threshold=message.threshold,
    )
    of_type = {
        MessageType.NEW: texts.new,
        MessageType.UPDATE: texts.update,
        MessageType.END: texts.end,
    }[message.type]
    return f"[{texts.severities[message.severity.value]}] {of_type.format(what=what)}"


def _lines(message: AlertMessage, options: TargetOptions, texts: AlertMessageTexts) -> list[str]:
    lines = [
        _title(message, options),
        texts.rule.format(rule=message.rule),
        texts.started.format(at=_local(message.started_at, options)),
    ]
    if message.ended_at is not None:
        lasted_s = (message.ended_at - message.started_at).total_seconds()
        lines.append(texts.ended.format(at=_local(message.ended_at, options)))
        lines.append(texts.lasted.format(length=texts.length(max(0.0, lasted_s))))
    elif not message.observed:
        lines.append(texts.not_observed)
    if message.link:
        lines.append(texts.link.format(link=message.link))
    return lines


def _local(at: datetime, options: TargetOptions) -> str:
    return f"{at.astimezone(load_zone(options.tz)):%Y-%m-%d %H:%M:%S} ({options.tz})"
