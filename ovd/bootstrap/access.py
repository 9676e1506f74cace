"""Access to the app: users, tokens, sessions and the audit log."""

from ovd.domain.ports import CountStore
from ovd.services.access.service import AccessService
from ovd.video.clock import SystemClock


def build_access(store: CountStore) -> AccessService:
    """Return users, API tokens, sign-in and audit log of an open database."""
    return AccessService(store.access, SystemClock())
