"""Bodies of webhooks: ovd's own, and those of chat services."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from ovd.domain.ports.notify import JsonValue, Notice
from ovd.notify.addresses import WebhookTemplate

Body = Mapping[str, JsonValue]
_COLOURS = {"info": 0x2F80ED, "warning": 0xF2994A, "critical": 0xEB5757}
# What Discord takes at most.
_LONGEST_TITLE, _LONGEST_TEXT = 250, 4000


def _ovd(notice: Notice) -> Body:
    return notice.body


def _slack(notice: Notice) -> Body:
    """Return a message of Slack, which Mattermost and Rocket.Chat take too."""
    attachment: dict[str, JsonValue] = {
        "color": f"#{_COLOURS[notice.severity]:06x}",
        "title": notice.title,
        "text": notice.text,
        "fallback": notice.title,
    }
    if notice.link:
        attachment["title_link"] = notice.link
    image = notice.body.get("image_url")
    if isinstance(image, str):
        attachment["image_url"] = image
    return {"text": notice.title, "attachments": [attachment]}


def _discord(notice: Notice) -> Body:
    embed: dict[str, JsonValue] = {
        "title": notice.title[:_LONGEST_TITLE],
        "description": notice.text[:_LONGEST_TEXT],
        "color": _COLOURS[notice.severity],
    }
    if notice.link:
        embed["url"] = notice.link
    if notice.attachments:
        embed["image"] = {"url": f"attachment://{notice.attachments[0].name}"}
    # Names of rules and cameras must not call everybody.
    return {"embeds": [embed], "allowed_mentions": {"parse": []}}


def _teams(notice: Notice) -> Body:
    """Return an adaptive card, as workflows of Teams take it."""
    lines: list[JsonValue] = [
        {"type": "TextBlock", "text": notice.title, "weight": "bolder", "wrap": True},
        {"type": "TextBlock", "text": notice.text.replace("\n", "\n\n"), "wrap": True},
    ]
    card: dict[str, JsonValue] = {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.4",
        "body": lines,
    }
    if notice.link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": "ovd", "url": notice.link}]
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "content": card}]}


RENDERERS: Mapping[WebhookTemplate, Callable[[Notice], Body]] = MappingProxyType(
    {
        WebhookTemplate.OVD: _ovd,
        WebhookTemplate.SLACK: _slack,
        WebhookTemplate.DISCORD: _discord,
        WebhookTemplate.TEAMS: _teams,
    }
)
