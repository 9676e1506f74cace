"""Access to the app: users, tokens, sessions and the audit log."""

from datetime import timedelta

from ovd.domain.ports import Clock, CountStore
from ovd.services.access.login import SessionLifetime
from ovd.services.access.service import AccessService
from ovd.settings import Settings


def build_access(store: CountStore, settings: Settings | None = None) -> AccessService:
    """Return users, API tokens, sign-in and audit log of an open database."""
    # Decoding video is imported beside the clock: commands that list users need none of it.
    from ovd.video.clock import SystemClock

    clock: Clock = SystemClock()
    if settings is None:
        return AccessService(store.access, clock)
    lifetime = SessionLifetime(
        timedelta(hours=settings.session_idle_h), timedelta(days=settings.session_days)
    )
    return AccessService(store.access, clock, lifetime)
