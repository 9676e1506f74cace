"""Addresses in messages of alerts: the page at that time, and an image of it."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from ovd.domain.alerts import AlertMessage


@dataclass(frozen=True)
class AlertLinks:
    """Makes the addresses that messages carry.

    Attributes:
        public_url: Address under which people reach the page; empty leaves messages without.
    """

    public_url: str = ""

    def complete(self, message: AlertMessage) -> AlertMessage:
        """Return a message with its addresses."""
        if not self.public_url:
            return message
        values = {"view": "alerts", "alert": message.id}
        if message.camera:
            values |= {"camera": message.camera, "at": message.started_at.isoformat()}
        return replace(message, link=f"{self.public_url.rstrip('/')}/?{urlencode(values)}")
