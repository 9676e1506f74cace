"""Visits to a queue, and what they say about it; pure computation."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from ovd.domain.events import ZoneEventKind
from ovd.domain.sites import Queue
from ovd.domain.sites.queue import SHORTEST_WAIT_S
from ovd.domain.tracking import ZoneEventRecord
from ovd.services.sites.reading import Who, ZoneKey, zone_key
from ovd.services.sites.spans import Span, cut_out, merge, overlap_s, total_s

# Whoever comes back this soon was only on the edge.
SAME_VISIT = timedelta(seconds=5)
# The front is crossed a little before or after the area is left.
AT_FRONT = timedelta(seconds=10)
# The expected wait comes from the rate at which people were served lately.
SERVED_LATELY = timedelta(minutes=15)
LEAST_SERVED = 3


class Outcome(StrEnum):
    """The end of a visit to a queue."""

    WAITING = "waiting"
    SERVED = "served"
    ABANDONED = "abandoned"
    LOST = "lost"


@dataclass(frozen=True)
class QueueVisit:
    """One object's time in a queue.

    Attributes:
        entered_at: When it joined, aware UTC.
        ended_at: When it was served, left, or was lost sight of; None while it waits.
        outcome: How it ended.
    """

    entered_at: datetime
    ended_at: datetime | None
    outcome: Outcome

    def waited_s(self, now: datetime) -> float:
        """Return how long it has waited, in seconds."""
        return ((self.ended_at or now) - self.entered_at).total_seconds()


@dataclass(frozen=True)
class QueueSummary:
    """A queue in a period.

    Attributes:
        queue: The queue.
        joined: People who joined it; None where it was not observed.
        served: People who were served.
        abandoned: People who left before; None without a front line, which tells the two apart.
        lost: People who were lost sight of, of whom it is not known.
        wait_p50_s: Half of those who were served waited no longer; None if none was.
        wait_p90_s: Nine of ten; likewise.
        longest_s: The longest wait of one who was served; likewise.
        over_limit: Share of those served who waited above the limit; None without a limit.
        over_limit_s: Time in which someone had waited longer than that; likewise.
        mean_length: Mean number of people waiting over the observed time; None without any.
        most: Most people waiting at once; likewise.
        coverage: Share of the time that was observed.
    """

    queue: Queue
    joined: int | None
    served: int
    abandoned: int | None
    lost: int
    wait_p50_s: float | None
    wait_p90_s: float | None
    longest_s: float | None
    over_limit: float | None
    over_limit_s: float | None
    mean_length: float | None
    most: int | None
    coverage: float


@dataclass(frozen=True)
class QueueNow:
    """A queue now.

    Attributes:
        queue: The queue.
        length: People waiting; None while it is not observed.
        longest_s: How long the first of them has waited; None if no one waits.
        expected_wait_s: How long one who joins now may wait; None where that is not known.
    """

    queue: Queue
    length: int | None
    longest_s: float | None
    expected_wait_s: float | None


def build_visits(
    queue: Queue, events: Iterable[ZoneEventRecord], last_seen: Mapping[Who, datetime]
) -> tuple[QueueVisit, ...]:
    """Return the visits to a queue, by when they began.

    Args:
        queue: The queue.
        events: Entries, exits and crossings at its area and front, in order of time for each
            object.
        last_seen: When objects were seen last, where that is known: one that was not seen again
            after it left the area was lost, and did not leave.
    """
    front = queue.front_line
    visits: dict[Who, list[QueueVisit]] = {}
    crossed: dict[Who, list[datetime]] = {}
    for event in events:
        who = (zone_key(event)[0], event.run_id, event.track_id)
        key: ZoneKey = zone_key(event)
        if key == queue.key and event.kind is ZoneEventKind.ENTER:
            _join(visits.setdefault(who, []), event.at)
        elif key == queue.key and event.kind is ZoneEventKind.EXIT:
            _leave(visits.setdefault(who, []), event, last_seen.get(who))
        elif front is not None and key == front.key:
            crossed.setdefault(who, []).append(event.at)
    found = []
    for who, own in visits.items():
        for visit in own:
            served = [at for at in crossed.get(who, ()) if _is_at_end(visit, at)]
            if served:
                visit = replace(
                    visit,
                    ended_at=min(served[0], visit.ended_at or served[0]),
                    outcome=Outcome.SERVED,
                )
            elif front is None and visit.outcome is Outcome.ABANDONED:
                visit = replace(visit, outcome=Outcome.SERVED)
            if visit.ended_at is None or served or _lasts(visit):
                found.append(visit)
    return tuple(sorted(found, key=lambda visit: visit.entered_at))


def summarise_queue(
    queue: Queue, visits: Sequence[QueueVisit], period: Span, unobserved: Sequence[Span]
) -> QueueSummary:
    """Return a queue in a period in short.

    Args:
        queue: The queue.
        visits: Its visits that touch the period.
        period: Start and end.
        unobserved: When its area was not observed.
    """
    start_at, end_at = period
    seen = cut_out([period], unobserved)
    ended = [visit for visit in visits if visit.ended_at and start_at <= visit.ended_at < end_at]
    served = [visit for visit in ended if visit.outcome is Outcome.SERVED]
    waits = sorted(visit.waited_s(end_at) for visit in served)
    over: list[Span] = []
    limit = queue.limit_s
    if limit is not None:
        late = timedelta(seconds=limit)
        over = merge(
            (max(visit.entered_at + late, start_at), min(visit.ended_at or end_at, end_at))
            for visit in visits
        )
    times = [(visit.entered_at, min(visit.ended_at or end_at, end_at)) for visit in visits]
    abandoned = sum(visit.outcome is Outcome.ABANDONED for visit in ended)
    return QueueSummary(
        queue=queue,
        joined=sum(start_at <= visit.entered_at < end_at for visit in visits) if seen else None,
        served=len(served),
        abandoned=abandoned if queue.front else None,
        lost=sum(visit.outcome is Outcome.LOST for visit in ended),
        wait_p50_s=quantile(waits, 0.5),
        wait_p90_s=quantile(waits, 0.9),
        longest_s=waits[-1] if waits else None,
        over_limit=(
            None if limit is None or not waits else sum(wait > limit for wait in waits) / len(waits)
        ),
        over_limit_s=None if limit is None or not seen else overlap_s(over, seen),
        mean_length=sum(overlap_s([span], seen) for span in times) / total_s(seen)
        if seen
        else None,
        most=_most(times) if seen else None,
        coverage=total_s(seen) / total_s([period]),
    )


def queue_now(
    queue: Queue, visits: Sequence[QueueVisit], now: datetime, is_observed: bool
) -> QueueNow:
    """Return a queue now.

    The expected wait is that of Little's law: people waiting over people served by time, lately.
    """
    if not is_observed:
        return QueueNow(queue, None, None, None)
    waiting = [visit for visit in visits if visit.ended_at is None]
    served = [
        visit
        for visit in visits
        if visit.outcome is Outcome.SERVED and (visit.ended_at or now) > now - SERVED_LATELY
    ]
    expected = None
    if not waiting:
        expected = 0.0
    elif len(served) >= LEAST_SERVED:
        expected = len(waiting) * SERVED_LATELY.total_seconds() / len(served)
    longest = max((visit.waited_s(now) for visit in waiting), default=None)
    return QueueNow(queue, len(waiting), longest, expected)


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """Return the smallest value that is not below a share of ordered values; None of none."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


def _join(own: list[QueueVisit], at: datetime) -> None:
    last = own[-1] if own else None
    if last and last.ended_at and at - last.ended_at <= SAME_VISIT:
        own[-1] = replace(last, ended_at=None, outcome=Outcome.WAITING)
    else:
        own.append(QueueVisit(at, None, Outcome.WAITING))


def _leave(own: list[QueueVisit], event: ZoneEventRecord, last_seen: datetime | None) -> None:
    lost = last_seen is not None and last_seen <= event.at
    outcome = Outcome.LOST if lost else Outcome.ABANDONED
    if own and own[-1].ended_at is None:
        own[-1] = replace(own[-1], ended_at=event.at, outcome=outcome)
    else:
        # It joined before what is known of it.
        joined = event.at - timedelta(seconds=event.dwell_s or 0.0)
        own.append(QueueVisit(joined, event.at, outcome))


def _is_at_end(visit: QueueVisit, at: datetime) -> bool:
    if visit.ended_at is None:
        return visit.entered_at <= at
    return max(visit.entered_at, visit.ended_at - AT_FRONT) <= at <= visit.ended_at + AT_FRONT


def _lasts(visit: QueueVisit) -> bool:
    ended = visit.ended_at or visit.entered_at
    return (ended - visit.entered_at).total_seconds() >= SHORTEST_WAIT_S


def _most(times: Iterable[Span]) -> int:
    edges = sorted((at, step) for span in times for at, step in zip(span, (1, -1), strict=True))
    inside = most = 0
    for _, step in edges:
        inside += step
        most = max(most, inside)
    return most
