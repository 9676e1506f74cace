"""Access to the app: users, tokens, sessions and the audit log."""

from datetime import timedelta
from pathlib import Path

from ovd.domain.access import Identity, IdentityKind, Role
from ovd.domain.ports import Clock, CountStore
from ovd.errors import SettingsError
from ovd.services.access.login import SessionLifetime
from ovd.services.access.service import AccessService
from ovd.settings import Settings

FIRST_ADMIN = "admin"


def build_access(store: CountStore, settings: Settings | None = None) -> AccessService:
    """Return users, API tokens, sign-in and audit log of an open database."""
    # Decoding video is imported beside the clock: commands that list users need none of it.
    from ovd.video.clock import SystemClock

    clock: Clock = SystemClock()
    if settings is None:
        return AccessService(store.access, clock)
    return AccessService(store.access, clock, session_lifetime(settings))


def session_lifetime(settings: Settings) -> SessionLifetime:
    """Return how long sessions last by the settings."""
    return SessionLifetime(
        timedelta(hours=settings.session_idle_h), timedelta(days=settings.session_days)
    )


def add_first_admin(access: AccessService, password_file: Path | None) -> bool:
    """Add the user `admin` with the password of a file, if there are no users.

    Returns:
        Whether the user was added.

    Raises:
        SettingsError: If the file is needed and cannot be read.
        PasswordError: If what it holds cannot be a password.
    """
    if password_file is None or access.login.has_users():
        return False
    try:
        password = password_file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"the password of the first admin cannot be read from {password_file} "
            f"(admin_password_file): {error}"
        ) from error
    who = Identity(IdentityKind.COMMAND, "first start", Role.ADMIN, address="local")
    access.users.add(who, FIRST_ADMIN, password, Role.ADMIN)
    return True
