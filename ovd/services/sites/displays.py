"""DisplayService: pair screens with sites by a code, and know them again."""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ovd.domain.ports import Clock
from ovd.domain.sites import Display, DisplayRepository
from ovd.errors import NotFoundError
from ovd.services.access.secrets import hash_secret, make_session_secret

CODE_LENGTH = 6
# No vowels, which make words, and nothing that looks like something else.
_LETTERS = "BCDFGHJKMNPQRTVWXYZ2346789"
CODE_LASTS = timedelta(minutes=15)
MOST_WAITING, MOST_WAITING_OF_ADDRESS = 200, 5
_NOTE_EVERY = timedelta(minutes=10)


@dataclass(frozen=True)
class WaitingDisplay:
    """A screen that waits to be let in.

    Attributes:
        code: What it shows, for an admin to type.
        address: Where it asked from.
        ends_at: Until when the code can be used, aware UTC.
    """

    code: str
    address: str
    ends_at: datetime


class DisplayService:
    """Lets screens in without a password and without a secret in an address.

    A screen that is not known gets a secret for its cookie and shows a code. Whoever may pair it
    types the code; from then on the secret belongs to a site. The code alone opens nothing.
    Threads may share it.
    """

    def __init__(self, displays: DisplayRepository, clock: Clock) -> None:
        """Work on a database.

        Args:
            displays: The displays that were paired.
            clock: The time.
        """
        self._displays = displays
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: OrderedDict[str, WaitingDisplay] = OrderedDict()  # by the secret's hash

    def begin(self, address: str) -> tuple[str, WaitingDisplay]:
        """Return a secret for a screen that is not known, and the code that it is to show.

        Args:
            address: Where it asks from; each has a few codes at a time, so that no one can use
                up all of them.
        """
        secret, now = make_session_secret(), self._clock.now()
        with self._lock:
            self._forget_ended(now)
            own = [key for key, found in self._waiting.items() if found.address == address]
            while len(own) >= MOST_WAITING_OF_ADDRESS:
                del self._waiting[own.pop(0)]
            while len(self._waiting) >= MOST_WAITING:
                self._waiting.popitem(last=False)
            codes = {found.code for found in self._waiting.values()}
            code = _make_code()
            while code in codes:
                code = _make_code()
            waiting = WaitingDisplay(code, address, now + CODE_LASTS)
            self._waiting[hash_secret(secret)] = waiting
        return secret, waiting

    def waiting(self, secret: str) -> WaitingDisplay | None:
        """Return the code of a screen that waits; None if it does not, or the code has ended."""
        with self._lock:
            self._forget_ended(self._clock.now())
            return self._waiting.get(hash_secret(secret))

    def pair(self, site: str, name: str, code: str, by: str) -> Display:
        """Let the screen that shows a code show a site.

        Args:
            site: Name of the site.
            name: What to call the screen.
            code: The code, in any case, with or without spaces and dashes.
            by: Who lets it in.

        Raises:
            NotFoundError: If no screen shows that code now.
            UnknownSiteError: If there is no site of that name.
            SiteError: If the name cannot be used.
            ConflictError: If the site has a display of that name.
        """
        plain = "".join(letter for letter in code.upper() if letter.isalnum())
        now = self._clock.now()
        with self._lock:
            self._forget_ended(now)
            key = next((k for k, found in self._waiting.items() if found.code == plain), None)
        if key is None:
            raise NotFoundError(
                f"no screen shows the code {code[:20]!r} now; a code lasts "
                f"{CODE_LASTS // timedelta(minutes=1)} minutes: load the page on the screen again"
            )
        display = Display(site, name, by, now)
        self._displays.add(display, key)
        with self._lock:
            self._waiting.pop(key, None)
        return display

    def find(self, secret: str) -> Display | None:
        """Return the display with a secret, and note that it asked; None where there is none."""
        key, now = hash_secret(secret), self._clock.now()
        display = self._displays.find(key)
        if display is not None and (
            display.last_seen_at is None or now - display.last_seen_at >= _NOTE_EVERY
        ):
            self._displays.note_seen(key, now)
        return display

    def of(self, site: str) -> Sequence[Display]:
        """Return the displays of a site by name; see `DisplayRepository.of`."""
        return self._displays.of(site)

    def remove(self, site: str, name: str) -> None:
        """Let a screen show a site no longer; see `DisplayRepository.remove`."""
        self._displays.remove(site, name)

    def _forget_ended(self, now: datetime) -> None:
        for key in [key for key, found in self._waiting.items() if found.ends_at <= now]:
            del self._waiting[key]


def _make_code() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(CODE_LENGTH))
