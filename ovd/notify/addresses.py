"""Addresses of targets: their kind, and what of them may be shown."""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from ovd.errors import TargetError

LONGEST_URL = 2000


class WebhookTemplate(StrEnum):
    """The form of the body that a webhook wants."""

    OVD = "ovd"
    SLACK = "slack"
    DISCORD = "discord"
    TEAMS = "teams"


class TargetKind(StrEnum):
    """The kinds of targets."""

    WEBHOOK = "webhook"
    MAIL = "mail"
    APPRISE = "apprise"


_HOSTS = {
    "hooks.slack.com": WebhookTemplate.SLACK,
    "discord.com": WebhookTemplate.DISCORD,
    "discordapp.com": WebhookTemplate.DISCORD,
    "webhook.office.com": WebhookTemplate.TEAMS,
    "logic.azure.com": WebhookTemplate.TEAMS,
}
_WANTED = (
    "an http:// or https:// address of a webhook, mailto:NAME@HOST, or an address of apprise such "
    "as tgram://TOKEN/CHAT is wanted"
)


@dataclass(frozen=True)
class TargetAddress:
    """A parsed address of a target; it may hold secrets.

    Attributes:
        kind: What takes messages there.
        url: Where they go, without the name of a template.
        template: The form of a webhook's body.
    """

    kind: TargetKind
    url: str
    template: WebhookTemplate = WebhookTemplate.OVD

    @property
    def redacted(self) -> str:
        """Return what may be shown: paths, queries and users of addresses are secrets, too."""
        if self.kind is TargetKind.MAIL:
            return self.url
        parts = urlsplit(self.url)
        if self.kind is TargetKind.APPRISE:  # whatever follows may be a token
            return f"{self.url.partition('://')[0]}://..."
        host = parts.hostname or ""
        shown = f"[{host}]" if ":" in host else host
        port = f":{parts.port}" if parts.port else ""
        form = "" if self.template is WebhookTemplate.OVD else f" ({self.template.value})"
        path = "/..." if len(parts.path) > 1 or parts.query else "/"
        return f"{parts.scheme}://{shown}{port}{path}{form}"


def parse_target_url(text: str) -> TargetAddress:
    """Return the parts of a target's address.

    The form of a webhook's body follows from the host of a known service; `slack+https://`,
    `discord+https://`, `teams+https://` and `ovd+https://` name it.

    Raises:
        TargetError: If it is no address that messages can be sent to.
    """
    url = text.strip()
    scheme, separator, rest = url.partition(":")
    form, plus, web = scheme.lower().rpartition("+")
    if not separator or not rest or len(url) > LONGEST_URL or not url.isprintable():
        raise TargetError(f"{_WANTED}; this one cannot be used")
    if scheme.lower() == "mailto" and not rest.startswith("//"):
        _require_recipients(rest)
        return TargetAddress(TargetKind.MAIL, f"mailto:{rest}")
    if web in ("http", "https") and rest.startswith("//"):
        if plus and form not in tuple(WebhookTemplate):
            known = ", ".join(WebhookTemplate)
            raise TargetError(f"no form of webhooks is named {form!r}; known: {known}")
        return _webhook(f"{web}:{rest}", form)
    if not rest.startswith("//"):
        raise TargetError(f"{_WANTED}; got one that begins with {scheme[:20]!r}")
    return TargetAddress(TargetKind.APPRISE, url)


def recipients_of(address: TargetAddress) -> tuple[str, ...]:
    """Return the recipients of a `mailto:` address."""
    return tuple(part.strip() for part in address.url.removeprefix("mailto:").split(","))


def _webhook(url: str, form: str) -> TargetAddress:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise TargetError(f"{_WANTED}; this one has no valid host or port") from None
    if not host:
        raise TargetError(f"{_WANTED}; this one names no host")
    if form:
        return TargetAddress(TargetKind.WEBHOOK, url, WebhookTemplate(form))
    known = [item for name, item in _HOSTS.items() if host == name or host.endswith(f".{name}")]
    return TargetAddress(TargetKind.WEBHOOK, url, (*known, WebhookTemplate.OVD)[0])


def _require_recipients(text: str) -> None:
    for recipient in text.split(","):
        name, at, host = recipient.strip().partition("@")
        if not (name and at and host) or set(name + host) & set(" \t<>?&"):
            raise TargetError("mailto:NAME@HOST is wanted; several recipients have commas between")
