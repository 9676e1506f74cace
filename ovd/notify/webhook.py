"""Webhook: posts messages to an HTTP address, signed."""

import hashlib
import hmac
import json
import ssl
import time
from collections.abc import Callable, Mapping
from functools import cache
from urllib.parse import urljoin, urlsplit

import httpx

from ovd.bundled import VERSION
from ovd.domain.ports.notify import Notice
from ovd.errors import DeliveryError
from ovd.notify.addresses import TargetAddress, WebhookTemplate
from ovd.notify.webhook_templates import RENDERERS

TIMEOUT_S = 10.0
# A server that answers a byte now and then must not hold a delivery for ever.
LONGEST_S = 20.0
LARGEST_ANSWER = 65_536
MOST_REDIRECTS = 3
_JSON = "application/json"
# Answers that may be others at another time.
_PASSING = (408, 409, 423, 425, 429)
_SAME_METHOD = (307, 308)


class WebhookNotifier:
    """Implements `ovd.domain.ports.notify.Notifier` by HTTP POST."""

    def __init__(
        self,
        address: TargetAddress,
        secret: str = "",
        now_s: Callable[[], float] = time.time,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Send nothing yet.

        Args:
            address: Where to post, and in which form.
            secret: Signs the body; empty signs nothing.
            now_s: Seconds since 1970, for the time stamp.
            transport: For tests; None opens connections.
        """
        self._address = address
        self._secret = secret
        self._now_s = now_s
        self._transport = transport

    def send(self, notice: Notice) -> None:
        """Post a message; see the port."""
        with httpx.Client(
            timeout=TIMEOUT_S,
            follow_redirects=False,
            transport=self._transport,
            verify=_trusted_certificates(),
        ) as client:
            url = self._address.url
            for _ in range(MOST_REDIRECTS + 1):
                location = self._post(client, url, notice)
                if location is None:
                    return
                url = self._next(url, location)
        raise DeliveryError(f"{self._address.redacted} redirects without end", lasting=True)

    def _post(self, client: httpx.Client, url: str, notice: Notice) -> str | None:
        """Post once; return where to go on, None when the message was taken."""
        shown = self._address.redacted
        until_s = time.monotonic() + LONGEST_S
        try:
            with client.stream("POST", url, **self._request(notice)) as answer:  # type: ignore[arg-type]
                size = 0
                for part in answer.iter_raw():
                    size += len(part)
                    if size > LARGEST_ANSWER:
                        break
                    if time.monotonic() > until_s:
                        raise DeliveryError(f"{shown} did not answer in {LONGEST_S:.0f} s")
                status, headers = answer.status_code, answer.headers
        except httpx.InvalidURL:
            raise DeliveryError(f"{shown} is no valid address", lasting=True) from None
        except httpx.HTTPError as error:
            raise DeliveryError(f"{shown} cannot be reached ({_reason(error)})") from None
        if status in _SAME_METHOD and "location" in headers:
            return str(headers["location"])
        if 200 <= status < 300:
            return None
        raise DeliveryError(
            f"{shown} answered with status {status}",
            lasting=status < 500 and status not in _PASSING,
            wait_s=_retry_after(headers),
        )

    def _request(self, notice: Notice) -> dict[str, object]:
        form = self._address.template
        content = json.dumps(RENDERERS[form](notice), ensure_ascii=False).encode()
        headers = {
            "User-Agent": f"ovd/{VERSION}",
            "Idempotency-Key": notice.key,
            **self._signature(content),
        }
        if form is WebhookTemplate.DISCORD and notice.attachments:
            files = {
                f"files[{number}]": (item.name, item.content, item.media_type)
                for number, item in enumerate(notice.attachments)
            }
            return {"data": {"payload_json": content.decode()}, "files": files, "headers": headers}
        return {"content": content, "headers": headers | {"Content-Type": _JSON}}

    def _signature(self, content: bytes) -> dict[str, str]:
        timestamp = str(int(self._now_s()))
        headers = {"X-Ovd-Timestamp": timestamp}
        if self._secret:
            headers["X-Ovd-Signature"] = sign(self._secret, timestamp, content)
        return headers

    def _next(self, url: str, location: str) -> str:
        """Return where a redirect leads, within the same host."""
        there = urljoin(url, location)
        if urlsplit(there)[:2] != urlsplit(url)[:2]:
            raise DeliveryError(
                f"{self._address.redacted} redirects to another host; give that address instead",
                lasting=True,
            )
        return there


@cache
def _trusted_certificates() -> ssl.SSLContext:
    """Return the certificates to trust, which take longer to read than a message to send."""
    return httpx.create_ssl_context()


def sign(secret: str, timestamp: str, content: bytes) -> str:
    """Return the value of `X-Ovd-Signature` for a body that is sent at a time."""
    signed = timestamp.encode() + b"." + content
    return f"sha256={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"


def _retry_after(headers: Mapping[str, str]) -> float | None:
    value = headers.get("retry-after", "")
    return float(value) if value.isdigit() else None


def _reason(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    return str(error) or type(error).__name__
