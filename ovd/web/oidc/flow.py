"""Sign-ins on their way: what the browser brings back from the provider, sealed in a cookie."""

import json
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass, field

from cryptography.fernet import Fernet, InvalidToken

from ovd.domain.ports import Clock
from ovd.errors import SingleSignOnError

LONGEST_S = 600
_MOST_REMEMBERED = 5000


@dataclass(frozen=True)
class Flow:
    """One sign-in, from leaving to the provider until coming back.

    Attributes:
        state: Must come back with the answer of the provider.
        nonce: Must be in the ID token.
        verifier: Proof of PKCE that the one who began redeems the code.
        redirect_uri: Where the provider sends the browser back to.
        wanted: Path to show after it.
        language: Language in which the login page was shown; empty takes that of the browser.
    """

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    redirect_uri: str
    wanted: str
    language: str = ""


class FlowKeeper:
    """Seals sign-ins into cookies, and accepts each of them once.

    The key lives as long as the process: a sign-in that a restart cuts off is begun again.
    """

    def __init__(self, clock: Clock) -> None:
        """Begin with a new key.

        Args:
            clock: Ends what takes too long.
        """
        self._clock = clock
        self._sealer = Fernet(Fernet.generate_key())
        self._lock = threading.Lock()
        self._used: OrderedDict[str, float] = OrderedDict()

    def begin(self, redirect_uri: str, wanted: str, language: str = "") -> tuple[Flow, str]:
        """Return a new sign-in, and the value of its cookie."""
        state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
        flow = Flow(state, nonce, verifier, redirect_uri, wanted[:1000], language[:2])
        content = json.dumps(vars(flow)).encode()
        return flow, self._sealer.encrypt_at_time(content, self._now_s()).decode()

    def accept(self, cookie: str, state: str) -> Flow:
        """Return the sign-in of a cookie, once.

        Raises:
            SingleSignOnError: If the cookie is not one of ours, too old, of another sign-in, or
                was used before.
        """
        try:
            content = self._sealer.decrypt_at_time(cookie.encode(), LONGEST_S, self._now_s())
        except (InvalidToken, UnicodeEncodeError):
            raise SingleSignOnError("the sign-in took too long, or began elsewhere") from None
        flow = Flow(**json.loads(content))
        if not secrets.compare_digest(flow.state.encode(), state.encode(errors="replace")):
            raise SingleSignOnError("the answer belongs to another sign-in")
        self._use(flow.state)
        return flow

    def _use(self, state: str) -> None:
        now_s = self._now_s()
        with self._lock:
            while self._used and (
                next(iter(self._used.values())) < now_s - LONGEST_S
                or len(self._used) >= _MOST_REMEMBERED
            ):
                self._used.popitem(last=False)
            if state in self._used:
                raise SingleSignOnError("this answer was used before")
            self._used[state] = now_s

    def _now_s(self) -> int:
        return int(self._clock.now().timestamp())
