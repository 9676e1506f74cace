"""AppriseNotifier: messages to the services that the library apprise knows."""

import logging
import tempfile
import warnings
from pathlib import Path

import apprise

from ovd.domain.ports.notify import Notice
from ovd.errors import DeliveryError, TargetError
from ovd.notify.addresses import TargetAddress

_TYPES = {
    "info": apprise.NotifyType.INFO,
    "warning": apprise.NotifyType.WARNING,
    "critical": apprise.NotifyType.FAILURE,
}
# Schemes that would run programs or reach things of this machine.
_REFUSED = ("dbus", "gnome", "macosx", "qt", "kde", "glib", "syslog", "windows", "growl")


def require_apprise_address(address: TargetAddress) -> None:
    """Refuse an address that apprise cannot read.

    Raises:
        TargetError: If it cannot.
    """
    _open(address)


class AppriseNotifier:
    """Implements `ovd.domain.ports.notify.Notifier` with apprise."""

    def __init__(self, address: TargetAddress) -> None:
        """Read the address.

        Raises:
            TargetError: If apprise cannot read it.
        """
        self._address = address
        self._service = _open(address)

    def send(self, notice: Notice) -> None:
        """Hand over a message; see the port."""
        with tempfile.TemporaryDirectory(prefix="ovd-") as folder:
            files = []
            for item in notice.attachments:
                path = Path(folder) / item.name
                path.write_bytes(item.content)
                files.append(str(path))
            taken = self._service.notify(
                body=notice.text,
                title=notice.title,
                notify_type=_TYPES[notice.severity],
                body_format=apprise.NotifyFormat.TEXT,
                attach=files or None,
            )
        if not taken:
            raise DeliveryError(f"{self._address.redacted} did not take the message")


def _open(address: TargetAddress) -> apprise.Apprise:
    # Its log repeats addresses, tokens included.
    logging.getLogger("apprise").disabled = True
    scheme = address.url.partition("://")[0].lower()
    if scheme in _REFUSED:
        raise TargetError(f"the service {scheme!r} shows messages on this machine only")
    service = apprise.Apprise(asset=apprise.AppriseAsset(secure_logging=True, plugin_paths=[]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it loads modules of older Pythons
        known = service.add(address.url)
    if not known:
        raise TargetError(
            f"apprise cannot read an address of the service {scheme[:20]!r}; its form is in "
            "apprise's documentation of that service"
        )
    return service
