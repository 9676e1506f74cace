"""LoginThrottle: a growing delay after failed sign-ins, by user and by address."""

import threading
from collections import OrderedDict
from dataclasses import dataclass

from ovd.domain.ports import Clock
from ovd.errors import TooManyAttemptsError

_MOST_KEYS = 10_000


@dataclass(frozen=True)
class DelayRule:
    """A delay that doubles with every failure beyond the free ones.

    Attributes:
        free: Failures without a delay.
        first_s: Delay after the first failure beyond them.
        longest_s: The delay grows no further.
        forget_s: Seconds without failure after which failures are forgotten.
    """

    free: int
    first_s: float
    longest_s: float
    forget_s: float = 3600.0

    def delay_s(self, failures: int) -> float:
        """Return the delay after so many failures."""
        if failures < self.free:
            return 0.0
        return min(self.longest_s, self.first_s * 2.0 ** min(failures - self.free, 32))


@dataclass
class _Failures:
    count: int
    last_s: float


# Someone who forgot a password; a machine that tries many names; many machines that try one name.
# The last delay stays short, so that nobody can lock a user out.
PAIR_RULE = DelayRule(free=5, first_s=2.0, longest_s=900.0)
ADDRESS_RULE = DelayRule(free=20, first_s=5.0, longest_s=900.0)
USER_RULE = DelayRule(free=50, first_s=1.0, longest_s=20.0)

_Key = tuple[str, ...]


class LoginThrottle:
    """Counts failed sign-ins; names that do not exist are treated alike."""

    def __init__(self, clock: Clock) -> None:
        """Begin without failures.

        Args:
            clock: For delays, on its monotonic clock.
        """
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: OrderedDict[_Key, _Failures] = OrderedDict()

    def check(self, user_key: str, address: str) -> None:
        """Refuse an attempt that comes too early.

        An attempt that is allowed counts as failed until `succeed` says otherwise, so that many
        at once are not all allowed.

        Raises:
            TooManyAttemptsError: If it has to wait; it is not counted then.
        """
        now_s = self._clock.monotonic()
        keys = _keys(user_key, address)
        with self._lock:
            wait_s = max(self._wait_s(key, rule, now_s) for key, rule in keys)
            if wait_s > 0:
                raise TooManyAttemptsError(wait_s)
            for key, rule in keys:
                self._add(key, rule, now_s)

    def succeed(self, user_key: str, address: str) -> None:
        """Forget the failures of a user at an address, after a sign-in."""
        with self._lock:
            for key, _ in _keys(user_key, address):
                if key[0] == "pair":
                    self._failures.pop(key, None)
                elif key in self._failures:
                    self._failures[key].count -= 1

    def _wait_s(self, key: _Key, rule: DelayRule, now_s: float) -> float:
        known = self._failures.get(key)
        if known is None or now_s - known.last_s > rule.forget_s:
            return 0.0
        return known.last_s + rule.delay_s(known.count) - now_s

    def _add(self, key: _Key, rule: DelayRule, now_s: float) -> None:
        known = self._failures.pop(key, None)
        stale = known is None or now_s - known.last_s > rule.forget_s
        count = 1 if known is None or stale else known.count + 1
        self._failures[key] = _Failures(count, now_s)
        while len(self._failures) > _MOST_KEYS:
            self._failures.popitem(last=False)


def _keys(user_key: str, address: str) -> tuple[tuple[_Key, DelayRule], ...]:
    return (
        (("pair", user_key, address), PAIR_RULE),
        (("address", address), ADDRESS_RULE),
        (("user", user_key), USER_RULE),
    )
