"""SettingsReloader: applies settings that may change while the app runs."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from ovd.bootstrap.access import session_lifetime
from ovd.bootstrap.mail import build_mailer
from ovd.bootstrap.schedules import build_schedules
from ovd.bootstrap.services import Services
from ovd.bootstrap.stores import retention_policy
from ovd.logs import configure_logging
from ovd.settings import Settings

_RETENTION = frozenset(
    {
        "keep_counts_days",
        "keep_counts_bytes",
        "keep_tracks_days",
        "keep_tracks_bytes",
        "keep_zone_events_days",
        "keep_zone_events_bytes",
        "min_free_bytes",
    }
)
_SESSIONS = frozenset({"session_idle_h", "session_days"})
_SCHEDULES = frozenset({"schedules", "mail"})
_LOGS = frozenset({"log_format", "log_level"})
RELOADED = _RETENTION | _SESSIONS | _SCHEDULES | _LOGS


@dataclass(frozen=True)
class Reloaded:
    """The outcome of reading the settings again.

    Attributes:
        applied: Names of the settings that changed and hold from now on.
        after_restart: Names of those that changed and hold after the next start.
    """

    applied: tuple[str, ...]
    after_restart: tuple[str, ...]


class SettingsReloader:
    """Reads the settings again and applies those in `RELOADED`; safe from any thread."""

    def __init__(self, services: Services, read: Callable[[], Settings]) -> None:
        """Begin with the settings that the services were built from.

        Args:
            services: What runs by the settings.
            read: Reads the settings as at the start, with the same options of the command.
        """
        self._services = services
        self._read = read
        self._lock = threading.Lock()
        self._current = services.settings

    def reload(self) -> Reloaded:
        """Read the settings and apply what changed.

        Raises:
            SettingsError: If they cannot be used; then everything is as before.
        """
        with self._lock:
            wanted = self._read()
            changed = {
                name
                for name in Settings.model_fields
                if getattr(wanted, name) != getattr(self._current, name)
            }
            applied = changed & RELOADED
            self._apply(wanted, applied)
            self._current = self._current.model_copy(
                update={name: getattr(wanted, name) for name in applied}
            )
            return Reloaded(tuple(sorted(applied)), tuple(sorted(changed - RELOADED)))

    def _apply(self, wanted: Settings, applied: set[str]) -> None:
        services = self._services
        if applied & _RETENTION:
            services.pruner.change_policy(retention_policy(wanted))
        if applied & _SESSIONS:
            services.access.change_lifetime(session_lifetime(wanted))
        if applied & _SCHEDULES:
            services.scheduled.change(build_schedules(wanted), build_mailer(wanted))
        if applied & _LOGS:
            configure_logging(wanted.log_format, wanted.log_level)
