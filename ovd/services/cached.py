"""A value that many readers share and that is computed again when it has become old."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class _Kept(Generic[T]):
    value: T
    at_s: float
    generation: int


class Cached(Generic[T]):
    """One value for all threads, computed by one of them at a time.

    While one thread computes, others get the value before, or wait if there is none that is
    still good. Nothing is locked meanwhile.
    """

    def __init__(
        self, compute: Callable[[], T], max_age_s: float, monotonic: Callable[[], float]
    ) -> None:
        """Start without a value.

        Args:
            compute: Makes the value; what it raises goes to the thread that asked.
            max_age_s: Seconds after which the value is computed again when it is asked for.
            monotonic: Seconds on a clock that never steps.
        """
        self._compute = compute
        self._max_age_s = max_age_s
        self._monotonic = monotonic
        self._changed = threading.Condition()
        self._kept: _Kept[T] | None = None
        self._generation = 0
        self._computing = False

    def get(self) -> T:
        """Return the value, at most `max_age_s` old unless another thread is computing it."""
        with self._changed:
            while True:
                kept = self._kept
                is_valid = kept is not None and kept.generation == self._generation
                if kept is not None and is_valid and (self._computing or self._is_fresh(kept)):
                    return kept.value
                if not self._computing:
                    break
                self._changed.wait()
            self._computing = True
            generation, at_s = self._generation, self._monotonic()
        try:
            value = self._compute()
        except BaseException:
            self._finish(None)
            raise
        self._finish(_Kept(value, at_s, generation))
        return value

    def expire(self) -> None:
        """Compute the value anew when it is asked for next; what is being computed is too old."""
        with self._changed:
            self._generation += 1

    def _is_fresh(self, kept: _Kept[T]) -> bool:
        return self._monotonic() - kept.at_s < self._max_age_s

    def _finish(self, kept: _Kept[T] | None) -> None:
        with self._changed:
            self._computing = False
            self._kept = kept or self._kept
            self._changed.notify_all()
