"""TokenService: makes, lists and revokes API tokens."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from ovd.domain.access import Identity, Role, Token, check_account_name
from ovd.domain.ports import Clock, TokenRepository
from ovd.errors import InputError
from ovd.services.access.audit import AuditLog
from ovd.services.access.secrets import PREFIX_LENGTH, hash_secret, make_token_secret
from ovd.services.access.users import read_cameras

LONGEST_DAYS = 3650


@dataclass(frozen=True)
class IssuedToken:
    """A token that was just made.

    Attributes:
        token: The token.
        secret: What requests carry; shown once and stored nowhere.
    """

    token: Token
    secret: str = field(repr=False)


class TokenService:
    """Changes API tokens; each change is written to the audit log."""

    def __init__(
        self,
        tokens: TokenRepository,
        clock: Clock,
        audit: AuditLog,
        changed: Callable[[], None],
    ) -> None:
        """Work on the tokens of a repository.

        Args:
            tokens: Where they are stored.
            clock: Dates them.
            audit: Told of every change.
            changed: Called after every change, which holds for requests at once.
        """
        self._tokens = tokens
        self._clock = clock
        self._audit = audit
        self._changed = changed

    def all(self) -> tuple[Token, ...]:
        """Return the tokens by name."""
        return self._tokens.all()

    def issue(
        self,
        who: Identity,
        name: str,
        role: Role,
        days: int | None = None,
        cameras: tuple[str, ...] | None = None,
    ) -> IssuedToken:
        """Make a token.

        Args:
            who: Who makes it.
            name: Its name.
            role: What it may do.
            days: Days after which it ends; None never.
            cameras: Cameras that a viewer's token may see; None permits all.

        Raises:
            InputError: If the name or the number of days cannot be used.
            ForbiddenError: If the role is higher than that of who makes it.
            ConflictError: If there is a token of that name.
            StoreError: If the database cannot be used.
        """
        who.require(role)
        if days is not None and not 1 <= days <= LONGEST_DAYS:
            raise InputError(f"a token lasts 1 to {LONGEST_DAYS} days, got {days}")
        now, secret = self._clock.now(), make_token_secret()
        token = Token(
            id=0,
            name=check_account_name(name),
            role=role,
            prefix=secret[:PREFIX_LENGTH],
            created_at=now,
            expires_at=None if days is None else now + timedelta(days=days),
            created_by=who.name,
            cameras=read_cameras(cameras),
        )
        stored = self._tokens.add(token, hash_secret(secret))
        self._changed()
        self._audit.note(who, "tokens.add", stored.name, f"role {role.value}, {stored.prefix}")
        return IssuedToken(stored, secret)

    def revoke(self, who: Identity, name: str) -> Token:
        """End a token.

        Raises:
            NotFoundError: If there is no token of that name.
            StoreError: If the database cannot be used.
        """
        token = self._tokens.remove(name)
        self._changed()
        self._audit.note(who, "tokens.revoke", token.name)
        return token
