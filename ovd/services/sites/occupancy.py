"""Occupancy of a site from its doors, with the error that it may have; pure computation.

People inside = entered - left since the last reset, as a one-dimensional Kalman filter: passages
move the estimate, each adds the variance of a passage that may have been missed; time in which a
door was not observed adds the variance of the passages that are usual then; a camera that sees the
whole site corrects the estimate; a reset sets it. It is never below zero.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Protocol

# Variance of one passage: one of twenty is missed, until a site's own resets say more.
USUAL_VARIANCE = 0.05
# The count of a camera that sees the whole site: its standard deviation, at least.
ROOM_ERROR, ROOM_ERROR_SHARE = 1.0, 0.2
# What resets must show before their errors are believed.
LEARNED_FROM = timedelta(days=28)
LEAST_DAYS, LEAST_PASSAGES, LEAST_OBSERVED = 3, 100, 0.95
# Half-width of the band in standard deviations: 95 % of a normal distribution.
BAND = 1.96


@dataclass(frozen=True)
class Passage:
    """A person who entered or left.

    Attributes:
        at: When, aware UTC.
        door: Name of the door.
        enters: Whether the person entered.
    """

    at: datetime
    door: str
    enters: bool


@dataclass(frozen=True)
class Correction:
    """A known number of people inside.

    Attributes:
        at: When, aware UTC.
        people: How many.
        is_automatic: Whether it is the daily reset to zero rather than one by hand.
    """

    at: datetime
    people: int = 0
    is_automatic: bool = True


@dataclass(frozen=True)
class RoomCount:
    """The number of people seen by a camera that sees the whole site.

    Attributes:
        at: When, aware UTC.
        people: Mean count.
    """

    at: datetime
    people: float


@dataclass(frozen=True)
class Unobserved:
    """An interval in which a door was not observed; aware UTC."""

    door: str
    start_at: datetime
    end_at: datetime


class UsualFlow(Protocol):
    """The passages that are usual at a door."""

    def expected(self, door: str, start_at: datetime, end_at: datetime) -> tuple[float, float]:
        """Return how many usually enter and leave through a door in an interval."""
        ...


@dataclass(frozen=True)
class DoorErrors:
    """The errors of the doors of a site, as its resets show them; see `learn_errors`.

    Attributes:
        imbalance: (entered - left) / (entered + left) over whole days, which is 0 without errors:
            entries are weighted by 1 - imbalance, exits by 1 + imbalance.
        variance: Variance that one passage adds to the number of people inside.
        days: Days between resets from which this was learned; 0 if none.
    """

    imbalance: float = 0.0
    variance: float = USUAL_VARIANCE
    days: int = 0

    def weight(self, passage: Passage) -> float:
        """Return by how much a passage changes the number of people inside."""
        return 1 - self.imbalance if passage.enters else -(1 + self.imbalance)


@dataclass(frozen=True)
class OccupancyPoint:
    """The number of people inside at a time.

    Attributes:
        at: When, aware UTC.
        people: Best estimate; None where no door was observed since the last reset.
        low: Lower end of the 95 % band; None likewise.
        high: Upper end; None likewise.
        counted: Entered minus left since the last reset, never below zero; None likewise.
        observed: Whether all doors were observed at that time.
    """

    at: datetime
    people: float | None
    low: float | None
    high: float | None
    counted: int | None
    observed: bool


@dataclass(frozen=True)
class Drift:
    """The number of people who were still counted as inside at a reset.

    Attributes:
        at: Time of the reset, aware UTC.
        counted: Entered minus left since the reset before, which may be negative, less what that
            reset set.
        passages: Entered plus left since then.
        observed_share: Share of the time since then in which doors were observed.
        is_automatic: Whether both this reset and the one before were daily ones.
    """

    at: datetime
    counted: int
    passages: int
    observed_share: float
    is_automatic: bool


@dataclass
class _Estimate:
    people: float = 0.0
    variance: float = 0.0
    missed: float = 0.0  # net entries that are usual in the time not observed
    counted: int = 0
    is_known: bool = False

    def point(self, at: datetime, observed: bool) -> OccupancyPoint:
        if not self.is_known:
            return OccupancyPoint(at, None, None, None, None, observed)
        margin = BAND * math.sqrt(self.variance)
        return OccupancyPoint(
            at,
            people=round(self.people, 2),
            low=math.floor(max(0.0, self.people + min(0.0, self.missed) - margin)),
            high=math.ceil(self.people + max(0.0, self.missed) + margin),
            counted=self.counted,
            observed=observed,
        )


@dataclass(frozen=True)
class DoorRecord:
    """Everything known about a site from one reset on.

    Attributes:
        start_at: The time of a reset, aware UTC.
        end_at: Until when it is known, exclusive, aware UTC.
        doors: Names of the doors.
        passages: Passages in this time.
        unobserved: Intervals in which doors were not observed.
        corrections: Resets, the first at `start_at`.
        room_counts: Counts of a camera that sees the whole site.
    """

    start_at: datetime
    end_at: datetime
    doors: tuple[str, ...]
    passages: Sequence[Passage] = ()
    unobserved: Sequence[Unobserved] = ()
    corrections: Sequence[Correction] = ()
    room_counts: Sequence[RoomCount] = ()

    def since(self, reset_at: datetime) -> "DoorRecord":
        """Return what is known from a later reset on."""
        return replace(
            self,
            start_at=reset_at,
            passages=[passage for passage in self.passages if passage.at >= reset_at],
            unobserved=[
                replace(gap, start_at=max(gap.start_at, reset_at))
                for gap in self.unobserved
                if gap.end_at > reset_at
            ],
            corrections=[reset for reset in self.corrections if reset.at >= reset_at],
            room_counts=[count for count in self.room_counts if count.at >= reset_at],
        )


@dataclass(frozen=True)
class _Moment:
    """A time at which something happens; at one time edges of gaps come first, samples last."""

    at: datetime
    order: int
    event: object = None


@dataclass(frozen=True)
class _Edge:
    door: str
    begins: bool


_EDGE, _RESET, _PASSAGE, _ROOM, _SAMPLE = range(5)


@dataclass
class _Walk:
    """The estimate on its way through a record."""

    errors_since: Callable[[datetime], DoorErrors]
    usual: UsualFlow
    doors: tuple[str, ...]
    errors: DoorErrors = DoorErrors()
    estimate: _Estimate = field(default_factory=_Estimate)
    away: dict[str, int] = field(default_factory=dict)

    @property
    def observed(self) -> bool:
        return not any(self.away.values())

    def wait(self, start_at: datetime, end_at: datetime) -> None:
        """Let time pass: what is not observed adds to the error."""
        for door, count in self.away.items():
            if count and start_at < end_at:
                entering, leaving = self.usual.expected(door, start_at, end_at)
                self.estimate.variance += entering + leaving
                self.estimate.missed += entering - leaving
        if start_at < end_at and not all(self.away.get(door) for door in self.doors):
            self.estimate.is_known = True

    def take(self, event: object) -> None:
        """Take what happens at a moment."""
        now = self.estimate
        if isinstance(event, Correction):
            is_known = not event.is_automatic or self.observed
            self.estimate = _Estimate(event.people, counted=event.people, is_known=is_known)
            self.errors = self.errors_since(event.at)
        elif isinstance(event, _Edge):
            self.away[event.door] = self.away.get(event.door, 0) + (1 if event.begins else -1)
        elif isinstance(event, Passage):
            now.is_known = True
            now.people = max(0.0, now.people + self.errors.weight(event))
            now.counted = max(0, now.counted + (1 if event.enters else -1))
            now.variance += self.errors.variance
        elif isinstance(event, RoomCount):
            self._correct(event.people)

    def _correct(self, seen: float) -> None:
        now = self.estimate
        noise = max(ROOM_ERROR, ROOM_ERROR_SHARE * seen) ** 2
        before = now.people + now.missed
        variance = now.variance + now.missed**2
        gain = variance / (variance + noise)
        now.people = max(0.0, before + gain * (seen - before))
        now.variance, now.missed = (1 - gain) * variance, 0.0
        now.is_known = True


def estimate_occupancy(
    record: DoorRecord,
    samples: Iterable[datetime],
    errors_since: Callable[[datetime], DoorErrors],
    usual: UsualFlow,
) -> tuple[OccupancyPoint, ...]:
    """Return the number of people inside at given times.

    Args:
        record: What is known from a reset on.
        samples: The times, aware UTC, within the record.
        errors_since: Gives the errors of the doors as they were known at a reset.
        usual: Passages that are usual in time that was not observed.

    Returns:
        A point per time, in order of time; the same whatever other times are asked for.
    """
    walk = _Walk(errors_since, usual, record.doors)
    points = []
    before = record.start_at
    for moment in _moments(record, samples):
        walk.wait(before, moment.at)
        before = max(before, moment.at)
        if moment.order == _SAMPLE:
            points.append(walk.estimate.point(moment.at, walk.observed))
        else:
            walk.take(moment.event)
    return tuple(points)


def measure_drifts(record: DoorRecord) -> tuple[Drift, ...]:
    """Return the error that each reset of a record but the first found."""
    corrections = sorted(record.corrections, key=lambda correction: correction.at)
    passages = sorted(record.passages, key=lambda passage: passage.at)
    drifts = []
    index = 0
    for begun, ended in pairwise(corrections):
        net = total = 0
        while index < len(passages) and passages[index].at < ended.at:
            if passages[index].at >= begun.at:
                net += 1 if passages[index].enters else -1
                total += 1
            index += 1
        drifts.append(
            Drift(
                ended.at,
                begun.people + net - ended.people,
                total,
                _observed_share(record, begun.at, ended.at),
                begun.is_automatic and ended.is_automatic,
            )
        )
    return tuple(drifts)


def learn_errors(drifts: Iterable[Drift], until: datetime) -> DoorErrors:
    """Learn the errors of doors from what the daily resets of four weeks found.

    Args:
        drifts: Errors found by resets; those of days that were not observed whole are left out.
        until: The last reset to learn from, aware.

    Returns:
        The errors; the usual ones where too little is known.
    """
    whole = [
        drift
        for drift in drifts
        if drift.is_automatic
        and drift.observed_share >= LEAST_OBSERVED
        and drift.passages
        and until - LEARNED_FROM < drift.at <= until
    ]
    passages = sum(drift.passages for drift in whole)
    if len(whole) < LEAST_DAYS or passages < LEAST_PASSAGES:
        return DoorErrors()
    imbalance = sum(drift.counted for drift in whole) / passages
    squares = sum((drift.counted - imbalance * drift.passages) ** 2 for drift in whole)
    # One degree of freedom went into the imbalance; the usual variance counts as one more day.
    prior = passages / len(whole)
    variance = (squares + USUAL_VARIANCE * prior) / (
        passages * (len(whole) - 1) / len(whole) + prior
    )
    return DoorErrors(max(-0.5, min(0.5, imbalance)), variance, len(whole))


def _moments(record: DoorRecord, samples: Iterable[datetime]) -> Iterator[_Moment]:
    moments = [_Moment(correction.at, _RESET, correction) for correction in record.corrections]
    for gap in record.unobserved:
        moments.append(_Moment(gap.start_at, _EDGE, _Edge(gap.door, begins=True)))
        # A gap that lasts until the end of what is known has not ended.
        if gap.end_at < record.end_at:
            moments.append(_Moment(gap.end_at, _EDGE, _Edge(gap.door, begins=False)))
    moments += [_Moment(passage.at, _PASSAGE, passage) for passage in record.passages]
    moments += [_Moment(count.at, _ROOM, count) for count in record.room_counts]
    moments += [_Moment(at, _SAMPLE) for at in samples]
    return iter(sorted(moments, key=lambda moment: (moment.at, moment.order)))


def _observed_share(record: DoorRecord, start_at: datetime, end_at: datetime) -> float:
    """Return the share of an interval in which doors were observed, the mean over doors."""
    whole = (end_at - start_at).total_seconds() * len(record.doors)
    return 1 - sum(_missing_s(record, door, start_at, end_at) for door in record.doors) / whole


def _missing_s(record: DoorRecord, door: str, start_at: datetime, end_at: datetime) -> float:
    gaps = sorted((gap.start_at, gap.end_at) for gap in record.unobserved if gap.door == door)
    missing, until = 0.0, start_at
    for begins, ends in gaps:
        begins, ends = max(begins, until), min(ends, end_at)
        if ends > begins:
            missing += (ends - begins).total_seconds()
            until = ends
    return missing
