"""Requests of someone, without the check that finds out who it is."""

from starlette.types import ASGIApp, Receive, Scope, Send

from ovd.domain.access import Identity, IdentityKind, Role
from ovd.services.access.scope import set_identity


def make_identity(role: Role = Role.ADMIN, cameras: frozenset[str] | None = None) -> Identity:
    return Identity(IdentityKind.USER, "anna", role, cameras, "127.0.0.1")


class As:
    """ASGI middleware that lets everything be asked by one identity."""

    def __init__(self, app: ASGIApp, identity: Identity) -> None:
        self._app = app
        self._identity = identity

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        set_identity(scope, self._identity)
        await self._app(scope, receive, send)
