"""The log of alerts: what was told, when, with an image where one was kept."""

import base64
from collections.abc import Sequence
from html import escape
from urllib.parse import urlencode

from ovd.domain.alerts import AlertMessage, LoggedMessage, MessageType
from ovd.domain.ports import EvidenceArchive
from ovd.language.korean.names import name_reading
from ovd.services.alerts.images.finding import AlertImages
from ovd.texts.page.alerts import AlertTexts, language_of
from ovd.ui.alerts.rule_cards import ViewWords
from ovd.ui.alerts.sentences import describe_rough_time

_MOST_ROWS = 50
_MOST_IMAGES = 12


def draw_log(logged: Sequence[LoggedMessage], archive: EvidenceArchive, words: ViewWords) -> str:
    """Draw the newest messages, newest first, as far as the identity may see them."""
    visible = [
        item.message
        for item in logged
        if not item.message.camera or words.identity.may_see(item.message.camera)
    ][:_MOST_ROWS]
    title = f'<div class="ovd-title"><h2>{escape(words.texts.log_title)}</h2></div>'
    if not visible:
        return f'{title}<div class="ovd-empty"><span>{escape(words.texts.log_none)}</span></div>'
    images = _find_images(visible, archive)
    rows = "".join(_row(message, images.get(message.id, ""), words) for message in visible)
    return f'{title}<ol class="ovd-alert-log">{rows}</ol>'


def _row(message: AlertMessage, image: str, words: ViewWords) -> str:
    texts, kind = words.texts, message.type.value
    what = getattr(texts, f"log_{kind}", "")
    if message.type is MessageType.UPDATE:
        what = texts.log_update_seen if message.observed else texts.log_update_unseen
    details = [message.camera or texts.machine, message.zone, _name(message.query, texts)]
    if message.count is not None:
        details.append(texts.log_count.format(count=f"{message.count:g}"))
    if message.ended_at is not None:
        lasted_s = (message.ended_at - message.started_at).total_seconds()
        details.append(texts.log_lasted.format(time=describe_rough_time(lasted_s, texts)))
    about = escape(" · ".join(detail for detail in details if detail))
    drawn = ""
    if image and message.type is MessageType.NEW:
        drawn = f'<img src="{image}" alt="{escape(texts.log_image)}">'
    return (
        f'<li class="{kind} {message.severity.value}"><i></i>'
        f"{_time(message, words)}"
        f"<div><strong>{escape(message.rule)}</strong> {escape(str(what))}"
        f"<small>{about}</small></div>{drawn}</li>"
    )


def _name(query: str, texts: AlertTexts) -> str:
    return name_reading(query, language_of(texts))


def _time(message: AlertMessage, words: ViewWords) -> str:
    """Return the time of a message, which leads to the history of its camera then."""
    shown = f'<time datetime="{message.at.isoformat()}">{words.time(message.at)}</time>'
    if not message.camera:
        return shown
    address = {"view": "history", "camera": message.camera, "at": message.at.isoformat()}
    if message.image_query:
        address["query"] = message.image_query
    title = escape(words.texts.log_show)
    return f'<a href="?{escape(urlencode(address))}" title="{title}">{shown}</a>'


def _find_images(messages: Sequence[AlertMessage], archive: EvidenceArchive) -> dict[str, str]:
    """Return an image per alert as a data address, for the newest alerts that have one."""
    begun = [item for item in messages if item.type is MessageType.NEW and item.query]
    found, images = AlertImages(archive), {}
    for message in begun[:_MOST_IMAGES]:
        kept = found.find(message)
        content = found.read(kept[0]) if kept else b""
        if content:
            encoded = base64.b64encode(content).decode("ascii")
            images[message.id] = f"data:image/jpeg;base64,{encoded}"
    return images
