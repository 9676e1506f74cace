"""AccessService: users, tokens, sign-in and audit log of one database."""

from functools import cached_property

from ovd.domain.ports import AccessStore, Clock
from ovd.services.access.audit import AuditLog
from ovd.services.access.login import LoginService, SessionLifetime
from ovd.services.access.passwords import HashCost, PasswordHasher
from ovd.services.access.tokens import TokenService
from ovd.services.access.users import UserService


class AccessService:
    """Gives the services of access; what costs time to make is made when it is first used."""

    def __init__(
        self,
        store: AccessStore,
        clock: Clock,
        lifetime: SessionLifetime | None = None,
        cost: HashCost | None = None,
    ) -> None:
        """Work on the repositories of a database.

        Args:
            store: Users, sessions, tokens and audit log.
            clock: Wall clock and delays.
            lifetime: How long sessions last.
            cost: Cost of a password hash.
        """
        self._store = store
        self._clock = clock
        self._lifetime = lifetime
        self._cost = cost
        self.audit = AuditLog(store.audit, clock)

    @cached_property
    def _hasher(self) -> PasswordHasher:
        return PasswordHasher(self._cost)

    @cached_property
    def users(self) -> UserService:
        """Users."""
        return UserService(self._store.users, self._hasher, self.audit, self.login.forget)

    @cached_property
    def tokens(self) -> TokenService:
        """API tokens."""
        return TokenService(self._store.tokens, self._clock, self.audit, self.login.forget)

    @cached_property
    def login(self) -> LoginService:
        """Sign-in, sessions, and who sends a request."""
        return LoginService(self._store, self._hasher, self.audit, self._clock, self._lifetime)

    def change_lifetime(self, lifetime: SessionLifetime) -> None:
        """Let all sessions last as long as this from now on."""
        self._lifetime = lifetime
        self.login.change_lifetime(lifetime)
