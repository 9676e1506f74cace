"""Passwords: what is accepted, and Argon2 hashes of them."""

import threading
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ovd.errors import PasswordError

if TYPE_CHECKING:
    from argon2 import PasswordHasher as Argon2

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 1024
# A hash takes 46 MB for some 50 ms: this many at once keep a flood of sign-ins from the memory.
_AT_ONCE = 2


@dataclass(frozen=True)
class HashCost:
    """Cost of one Argon2id hash; the defaults are those that OWASP recommends.

    Attributes:
        memory_kib: Memory in KiB.
        passes: Passes over it.
    """

    memory_kib: int = 47_104
    passes: int = 1


def check_password(password: str, name: str) -> str:
    """Return a password that may be used.

    Raises:
        PasswordError: If it is too short, too long, or the user's name.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise PasswordError(
            f"a password of {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters is wanted, got "
            f"{len(password)}; a sentence is easy to remember"
        )
    if password.casefold() == name.casefold() or len(set(password)) == 1:
        raise PasswordError("the password is too easy to guess; take a sentence")
    return password


class PasswordHasher:
    """Hashes and verifies passwords with Argon2id, a few at a time."""

    def __init__(self, cost: HashCost | None = None) -> None:
        """Prepare to hash.

        Args:
            cost: Cost of one hash.
        """
        self._cost = cost or HashCost()
        self._turn = threading.BoundedSemaphore(_AT_ONCE)

    @cached_property
    def _argon2(self) -> "Argon2":
        # Loaded at the first sign-in: no other command needs it.
        from argon2 import PasswordHasher as Argon2

        cost = self._cost
        return Argon2(time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=1)

    @cached_property
    def _of_nobody(self) -> str:
        return self._argon2.hash("the password of a user who does not exist")

    def hash(self, password: str) -> str:
        """Return the hash that is stored of a password, with its salt and cost."""
        with self._turn:
            return self._argon2.hash(password)

    def verify(self, stored: str, password: str) -> bool:
        """Return whether a password fits a hash; takes the same time without a hash.

        Args:
            stored: The hash; empty where there is no such user, or one without a password.
            password: What was typed.
        """
        from argon2.exceptions import InvalidHashError, VerificationError

        with self._turn:
            try:
                fits = self._argon2.verify(stored or self._of_nobody, password)
            except (VerificationError, InvalidHashError):
                return False
        return fits and bool(stored)

    def needs_rehash(self, stored: str) -> bool:
        """Return whether a hash was made with another cost than that of today."""
        return self._argon2.check_needs_rehash(stored)
