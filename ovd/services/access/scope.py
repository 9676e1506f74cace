"""The identity of a request, handed from the one check in `ovd.web` to whoever answers it."""

from collections.abc import Mapping, MutableMapping
from typing import Any

from ovd.domain.access import Identity
from ovd.errors import LoginRequiredError

_KEY = "ovd.identity"


def set_identity(scope: MutableMapping[str, Any], identity: Identity) -> None:
    """Write into an ASGI scope who sent the request."""
    scope[_KEY] = identity


def identity_of(scope: Mapping[str, Any]) -> Identity:
    """Return the identity that the check wrote into an ASGI scope.

    Raises:
        LoginRequiredError: If there is none, so that a route that was forgotten stays closed.
    """
    identity = scope.get(_KEY)
    if not isinstance(identity, Identity):
        raise LoginRequiredError("sign in, or send an API token: Authorization: Bearer TOKEN")
    return identity
