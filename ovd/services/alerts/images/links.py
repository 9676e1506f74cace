"""Addresses in messages of alerts: the page at that time, and an image of it."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, quote, urlencode

from ovd.domain.alerts import AlertMessage
from ovd.errors import CredentialsError

# Where the image of an alert is served, below the address of the page.
IMAGES_PATH = "/api/v1/alerts/images/"
# How long an address in a message opens its image without a login.
OPEN_FOR = timedelta(days=7)
_SUFFIX = ".jpg"

Sign = Callable[[str], str]


@dataclass(frozen=True)
class AlertLinks:
    """Makes the addresses that messages carry, and recognises those of images.

    The address of an image ends and is signed, because chat services and home automation fetch it
    without a login. Without a valid signature it takes a login that may see the camera.

    Attributes:
        public_url: Address under which people reach the page; empty leaves messages without.
        sign: Signs a text with a key of this server; None makes no addresses of images.
        now: Wall clock.
    """

    public_url: str = ""
    sign: Sign | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def complete(self, message: AlertMessage) -> AlertMessage:
        """Return a message with its addresses."""
        if not self.public_url:
            return message
        image_url = self._image_url(message) if message.image_query else ""
        return replace(message, link=self._link(message), image_url=image_url)

    def opens(self, path: str, query: str) -> bool:
        """Return whether an address of an image was signed here and has not ended.

        Args:
            path: The path below that of the page.
            query: What follows the question mark.
        """
        alert_id = _alert_of(path)
        values = parse_qs(query)
        until, signature = values.get("until", [""])[0], values.get("signature", [""])[0]
        if self.sign is None or not alert_id or not until.isdecimal() or len(until) > 12:
            return False
        if int(until) < self.now().timestamp():
            return False
        wanted = self.sign(_signed_text(alert_id, until))
        return hmac.compare_digest(wanted.encode(), signature.encode(errors="replace"))

    def _link(self, message: AlertMessage) -> str:
        values = {"view": "alerts", "alert": message.id}
        if message.camera:
            values = {"view": "history", "camera": message.camera, "at": message.at.isoformat()}
            if message.image_query:
                values["query"] = message.image_query
        return f"{self._base}/?{urlencode(values)}"

    def _image_url(self, message: AlertMessage) -> str:
        if self.sign is None:
            return ""
        until = str(int((self.now() + OPEN_FOR).timestamp()))
        try:
            signature = self.sign(_signed_text(message.id, until))
        except CredentialsError:  # the alert is told all the same
            return ""
        values = {"until": until, "signature": signature}
        name = quote(message.id, safe="")
        return f"{self._base}{IMAGES_PATH}{name}{_SUFFIX}?{urlencode(values)}"

    @property
    def _base(self) -> str:
        return self.public_url.rstrip("/")


def _alert_of(path: str) -> str:
    """Return the alert whose image a path names; empty for another path."""
    if not (path.startswith(IMAGES_PATH) and path.endswith(_SUFFIX)):
        return ""
    return path[len(IMAGES_PATH) : -len(_SUFFIX)]


def _signed_text(alert_id: str, until: str) -> str:
    return f"alert image {alert_id} {until}"
