"""FlowProfile: the passages that are usual at doors, by hour of the week."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from ovd.domain.sites import OpeningHours
from ovd.services.sites.occupancy import DoorRecord, Passage, Unobserved

_HOUR = timedelta(hours=1)
HOURS_OF_WEEK = 7 * 24
# An hour of the week is known after this long; before, the mean of the door is mixed in.
_FULLY_KNOWN_S = 2 * 3600.0
# Share of a door's usual flow that is expected while a site is closed and nothing else is known.
_CLOSED_SHARE = 0.02


class FlowProfile:
    """Mean passages per second and door by hour of the week, learned from what was observed.

    Hours that were hardly observed are mixed with the mean of the door, of which little is expected
    while the site is closed; so a new site has an answer, too.
    """

    def __init__(self, record: DoorRecord, hours: OpeningHours) -> None:
        """Learn from a record.

        Args:
            record: Passages, and what was not observed.
            hours: Opening hours, in whose time zone the hours of the week are told.
        """
        self._hours = hours
        self._zone = hours.zone
        self._passages: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])
        self._observed_s: dict[tuple[str, int], float] = defaultdict(float)
        self._means: dict[str, tuple[float, float]] = {}
        for passage in record.passages:
            self._passages[passage.door, self._hour(passage.at)][not passage.enters] += 1
        for door in record.doors:
            gaps = [gap for gap in record.unobserved if gap.door == door]
            self._add_observed(door, record, gaps)
            self._means[door] = self._mean(door, record.passages)

    @property
    def is_known(self) -> bool:
        """Return whether anything was learned; else nothing is expected at any time."""
        return any(mean != (0.0, 0.0) for mean in self._means.values())

    def expected(self, door: str, start_at: datetime, end_at: datetime) -> tuple[float, float]:
        """Return how many usually enter and leave through a door in an interval."""
        entering = leaving = 0.0
        for begins, ends in _hours_between(start_at, end_at):
            rates = self._rates(door, begins)
            seconds = (ends - begins).total_seconds()
            entering += rates[0] * seconds
            leaving += rates[1] * seconds
        return entering, leaving

    def _rates(self, door: str, at: datetime) -> tuple[float, float]:
        hour = self._hour(at)
        share = 1.0 if self._hours.is_open(at) else _CLOSED_SHARE
        entering, leaving = self._means.get(door, (0.0, 0.0))
        mean = share * entering, share * leaving
        seconds = self._observed_s.get((door, hour), 0.0)
        missing = max(0.0, _FULLY_KNOWN_S - seconds)
        counts = self._passages.get((door, hour), [0, 0])
        whole = seconds + missing
        return (counts[0] + mean[0] * missing) / whole, (counts[1] + mean[1] * missing) / whole

    def _mean(self, door: str, passages: Iterable[Passage]) -> tuple[float, float]:
        seconds = sum(self._observed_s.get((door, hour), 0.0) for hour in range(HOURS_OF_WEEK))
        if not seconds:
            return 0.0, 0.0
        entering = sum(1 for passage in passages if passage.door == door and passage.enters)
        leaving = sum(1 for passage in passages if passage.door == door and not passage.enters)
        return entering / seconds, leaving / seconds

    def _add_observed(self, door: str, record: DoorRecord, gaps: list[Unobserved]) -> None:
        for begins, ends in _hours_between(record.start_at, record.end_at):
            self._observed_s[door, self._hour(begins)] += (ends - begins).total_seconds()
        for gap in gaps:
            start_at, end_at = max(gap.start_at, record.start_at), min(gap.end_at, record.end_at)
            for begins, ends in _hours_between(start_at, end_at):
                self._observed_s[door, self._hour(begins)] -= (ends - begins).total_seconds()

    def _hour(self, at: datetime) -> int:
        local = at.astimezone(self._zone)
        return 24 * local.weekday() + local.hour


def _hours_between(start_at: datetime, end_at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Split an interval at full hours of UTC; zones off by half hours are a little blurred."""
    begins = start_at.astimezone(UTC)
    while begins < end_at:
        edge = begins.replace(minute=0, second=0, microsecond=0) + _HOUR
        ends = min(edge, end_at)
        yield begins, ends
        begins = ends
