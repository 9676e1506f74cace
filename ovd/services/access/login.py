"""LoginService: signs users in and out, and knows who sends a request."""

import logging
import threading
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ovd.domain.access import Identity, IdentityKind, Role, Session, Token, User, UserChanges
from ovd.domain.names import name_key
from ovd.domain.ports import AccessStore, Clock
from ovd.errors import LoginFailedError, StoreError
from ovd.services.access.audit import AuditLog
from ovd.services.access.passwords import LONGEST_PASSWORD, PasswordHasher
from ovd.services.access.secrets import csrf_token_of, hash_secret, make_session_secret
from ovd.services.access.throttle import LoginThrottle

_LOG = logging.getLogger(__name__)
# Another process may end a session or token; this one notices after this long.
KNOWN_FOR_S = 2.0
USE_NOTED_EVERY = timedelta(minutes=1)
_MOST_KNOWN = 2000


@dataclass(frozen=True)
class SessionLifetime:
    """Limits of a session.

    Attributes:
        idle: After this long without use it ends.
        absolute: After this long it ends in any case.
    """

    idle: timedelta = timedelta(hours=12)
    absolute: timedelta = timedelta(days=14)


@dataclass(frozen=True)
class BegunSession:
    """A session that was just begun.

    Attributes:
        session: The session.
        secret: What its cookie holds; stored nowhere.
    """

    session: Session
    secret: str = field(repr=False)

    @property
    def csrf_token(self) -> str:
        """Return what requests that change something must carry beside the cookie."""
        return csrf_token_of(self.secret)


@dataclass(frozen=True)
class _Known:
    identity: Identity
    until_s: float


class LoginService:
    """Begins and ends sessions, and resolves cookies and tokens to identities.

    Who a secret stands for is remembered for `KNOWN_FOR_S` seconds; changes made through this
    object hold at once.
    """

    def __init__(
        self,
        store: AccessStore,
        hasher: PasswordHasher,
        audit: AuditLog,
        clock: Clock,
        lifetime: SessionLifetime | None = None,
    ) -> None:
        """Prepare to sign users in.

        Args:
            store: Users, sessions and tokens.
            hasher: Verifies passwords.
            audit: Told of sign-ins.
            clock: Wall clock and delays.
            lifetime: How long sessions last.
        """
        self._store = store
        self._hasher = hasher
        self._audit = audit
        self._clock = clock
        self._lifetime = lifetime or SessionLifetime()
        self._throttle = LoginThrottle(clock)
        self._lock = threading.Lock()
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._users_known: tuple[bool, float] | None = None
        self._generation = 0

    def change_lifetime(self, lifetime: SessionLifetime) -> None:
        """Let all sessions last as long as this from now on."""
        self._lifetime = lifetime

    def sign_in(self, name: str, password: str, address: str) -> BegunSession:
        """Begin a session for a user with a password.

        Whether the name or the password is wrong shows neither in the answer nor in the time.

        Raises:
            LoginFailedError: If they do not fit.
            TooManyAttemptsError: If too many attempts failed before.
            StoreError: If the database cannot be used.
        """
        key = name_key(name)[:200]
        self._throttle.check(key, address)
        stored = self._store.users.password_hash(name)
        fits = self._hasher.verify(stored, password[: LONGEST_PASSWORD + 1])
        user = self._store.users.find(name)
        if not fits or user is None:
            _LOG.warning("a sign-in failed from %s", address)
            who = Identity(IdentityKind.USER, name[:64], Role.VIEWER, address=address)
            self._audit.note(who, "session.refused")
            raise LoginFailedError("name and password do not fit")
        self._throttle.succeed(key, address)
        if self._hasher.needs_rehash(stored):
            self._rehash(user, password)
        return self.begin(user, address)

    def begin(self, user: User, address: str) -> BegunSession:
        """Begin a session for a user who is known by other means.

        Raises:
            StoreError: If the database cannot be used.
        """
        now, secret = self._clock.now(), make_session_secret()
        self._store.sessions.remove_old(now - self._lifetime.absolute, now - self._lifetime.idle)
        session = Session(hash_secret(secret), user, now, now, address[:64])
        self._store.sessions.add(session)
        self._audit.note(_identity_of(session, address), "session.begin")
        return BegunSession(session, secret)

    def find_session(self, secret: str, address: str) -> Identity | None:
        """Return who the secret of a cookie stands for; None if the session ended.

        Raises:
            StoreError: If the database cannot be used.
        """
        return self._find(f"session {hash_secret(secret)}", address)

    def find_token(self, secret: str, address: str) -> Identity | None:
        """Return who the secret of a token stands for; None if there is none, or it ended.

        Raises:
            StoreError: If the database cannot be used.
        """
        return self._find(f"token {hash_secret(secret)}", address)

    def end(self, who: Identity) -> None:
        """End the session of a request.

        Raises:
            StoreError: If the database cannot be used.
        """
        if who.session_id:
            self._store.sessions.remove(who.session_id)
            self._audit.note(who, "session.end")
        self.forget()

    def end_all(self, who: Identity, user: User) -> int:
        """End all sessions of a user; returns how many.

        Raises:
            StoreError: If the database cannot be used.
        """
        ended = self._store.sessions.remove_of(user)
        self._audit.note(who, "session.end_all", user.name)
        self.forget()
        return ended

    def has_users(self) -> bool:
        """Return whether there is any user; without one, the machine itself has access.

        Raises:
            StoreError: If the database cannot be used.
        """
        now_s = self._clock.monotonic()
        known = self._users_known
        if known is not None and now_s < known[1]:
            return known[0]
        found = self._store.users.count() > 0
        # That there is one is remembered; that there is none is asked each time.
        self._users_known = (found, now_s + KNOWN_FOR_S) if found else None
        return found

    def forget(self) -> None:
        """Look up again who secrets stand for: users or tokens were changed."""
        with self._lock:
            self._known.clear()
            self._users_known = None
            self._generation += 1

    def _find(self, key: str, address: str) -> Identity | None:
        now_s = self._clock.monotonic()
        with self._lock:
            known, generation = self._known.get(key), self._generation
        if known is not None and now_s < known.until_s:
            return replace(known.identity, address=address)
        found = self._look_up(key)
        if found is None:
            return None
        with self._lock:
            if generation == self._generation:  # nothing was changed meanwhile
                self._known[key] = _Known(found, now_s + KNOWN_FOR_S)
                self._known.move_to_end(key)
                while len(self._known) > _MOST_KNOWN:
                    self._known.popitem(last=False)
        return replace(found, address=address)

    def _look_up(self, key: str) -> Identity | None:
        kind, _, hashed = key.partition(" ")
        if kind == "session":
            session = self._store.sessions.find(hashed)
            return None if session is None else self._use_session(session)
        token = self._store.tokens.find(hashed)
        return None if token is None else self._use_token(token)

    def _use_session(self, session: Session) -> Identity | None:
        now = self._clock.now()
        idle, age = now - session.seen_at, now - session.created_at
        if idle > self._lifetime.idle or age > self._lifetime.absolute:
            self._store.sessions.remove(session.id)
            return None
        if idle > USE_NOTED_EVERY:
            self._store.sessions.note_use(session.id, now)
        return _identity_of(session, "")

    def _use_token(self, token: Token) -> Identity | None:
        now = self._clock.now()
        if token.expires_at is not None and now >= token.expires_at:
            return None
        if token.last_used_at is None or now - token.last_used_at > USE_NOTED_EVERY:
            self._note_token(token, now)
        return Identity(IdentityKind.TOKEN, token.name, token.role, _seen_by(token))

    def _note_token(self, token: Token, now: datetime) -> None:
        try:
            self._store.tokens.note_use(token, now)
        except StoreError as error:  # a full disk must not keep monitoring out
            _LOG.warning("the use of a token cannot be written: %s", error)

    def _rehash(self, user: User, password: str) -> None:
        changes = UserChanges(password_hash=self._hasher.hash(password))
        self._store.users.update(user.name, changes)


def _seen_by(account: User | Token) -> frozenset[str] | None:
    """Return the cameras that an account may see: only viewers are limited."""
    return account.cameras if account.role is Role.VIEWER else None


def _identity_of(session: Session, address: str) -> Identity:
    user = session.user
    return Identity(
        IdentityKind.USER, user.name, user.role, _seen_by(user), address, session_id=session.id
    )
