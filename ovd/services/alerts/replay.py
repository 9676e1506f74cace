"""AlertReplay: when a rule would have fired over the counts of the database."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

from ovd.domain.alerts import AlertMessage, AlertRule, Condition, MessageType
from ovd.domain.alerts.states import AlertStatus
from ovd.domain.events import ZoneEventKind
from ovd.domain.names import name_key
from ovd.domain.ports import CountStore
from ovd.domain.records import CountedFrame, CountSelection
from ovd.domain.tracking import ZoneEventRecord
from ovd.errors import AlertRuleError
from ovd.services.alerts.judging import Amount, Observation
from ovd.services.alerts.machine import is_settled, step
from ovd.services.alerts.series import KINDS

MOST_FRAMES = 300_000
# Frames further apart than they stand for were not observed in between.
_SLACK_S = 0.5
_DAY_S = 86400.0
_MOST_THRESHOLDS = 25
_FROM_GAPS = (Condition.LOST, Condition.STALE)
_WITH_THRESHOLD = (Condition.ABOVE, Condition.BELOW, Condition.PRESENT, Condition.CROSSED)


@dataclass(frozen=True)
class CameraCourse:
    """The observations at one camera, in order."""

    camera: str
    seen: tuple[Observation, ...]


@dataclass(frozen=True)
class Course:
    """The stored observations of what a rule is about.

    Attributes:
        start_at: First moment that was read, aware.
        end_at: Last moment, aware.
        observed_s: Observed seconds, all cameras together.
        cameras: The observations of each camera.
        is_cut: Whether older frames of the period were left out, because there are too many.
    """

    start_at: datetime
    end_at: datetime
    observed_s: float
    cameras: tuple[CameraCourse, ...]
    is_cut: bool = False

    @property
    def days(self) -> float:
        """Return the days from the first to the last moment; at least one."""
        return max(1.0, (self.end_at - self.start_at).total_seconds() / _DAY_S)


@dataclass(frozen=True)
class ThresholdAlerts:
    """The number of alerts that a rule would have caused with another count."""

    count: int
    alerts: int
    per_day: float


class AlertReplay:
    """Judges rules over stored counts; a rule need not be saved."""

    def __init__(self, store: CountStore, most_frames: int = MOST_FRAMES) -> None:
        """Read from an open database, at most so many frames."""
        self._store = store
        self._most_frames = most_frames

    def read(self, rule: AlertRule, start_at: datetime, end_at: datetime) -> Course:
        """Read what a rule is about, the newest `MOST_FRAMES` frames of it.

        Raises:
            AlertRuleError: If nothing is stored about its condition.
            StoreError: If the database cannot be read.
        """
        selection = CountSelection(rule.cameras, (), start_at, end_at)
        if rule.when in _FROM_GAPS:
            courses = tuple(self._read_gaps(rule, selection))
        elif rule.when.counts_objects:
            courses = tuple(self._read_frames(rule, selection))
        else:
            raise AlertRuleError(
                f"the condition {rule.when} cannot be replayed: nothing of it is stored"
            )
        times = [seen.at for course in courses for seen in course.seen]
        observed_s = sum(seen.observed_s for course in courses for seen in course.seen)
        first = max(start_at, min(times, default=start_at)) if rule.when not in _FROM_GAPS else None
        frames = sum(item.amount is not None for course in courses for item in course.seen)
        is_cut = rule.when.counts_objects and frames >= self._most_frames
        return Course(first or start_at, end_at, observed_s, courses, is_cut)

    def run(self, rule: AlertRule, course: Course) -> tuple[AlertMessage, ...]:
        """Return the messages that a rule would have caused, by camera and time.

        Snoozes and whether it is enabled do not count: they are about the present.
        """
        judged = replace(rule, enabled=True, snoozed_until=None)
        return tuple(message for camera in course.cameras for message in _run(judged, camera))

    def try_thresholds(self, rule: AlertRule, course: Course) -> tuple[ThresholdAlerts, ...]:
        """Return how often a rule would have fired with other counts; none where it has none."""
        if rule.when not in _WITH_THRESHOLD:
            return ()
        tried = []
        for count in _thresholds(rule, course):
            begun = count_alerts(self.run(_with_count(rule, count), course))
            tried.append(ThresholdAlerts(count, begun, begun / course.days))
        return tuple(tried)

    def _read_frames(self, rule: AlertRule, selection: CountSelection) -> Iterator[CameraCourse]:
        frames = self._store.counts.frames(
            replace(selection, queries=(rule.query,)), self._most_frames
        )
        events = self._read_events(rule, selection) if rule.zone else ()
        inside = self._read_visitors(rule, selection) if rule.zone else ()
        for camera, group in groupby(frames, key=lambda frame: frame.camera):
            if not rule.covers(camera):
                continue
            here = [event for event in events if event.camera == camera]
            began = sum(visitor.camera == camera for visitor in inside)
            yield CameraCourse(camera, tuple(_observe(rule, list(group), here, began)))

    def _read_events(
        self, rule: AlertRule, selection: CountSelection
    ) -> tuple[ZoneEventRecord, ...]:
        query, zone = name_key(rule.query), name_key(rule.zone)
        return tuple(
            event
            for event in self._store.zones.zone_events(selection)
            if name_key(event.zone.name) == zone and name_key(event.query) == query
        )

    def _read_visitors(
        self, rule: AlertRule, selection: CountSelection
    ) -> tuple[ZoneEventRecord, ...]:
        query, zone = name_key(rule.query), name_key(rule.zone)
        return tuple(
            event
            for event in self._store.zones.visitors(selection)
            if name_key(event.zone.name) == zone and name_key(event.query) == query
        )

    def _read_gaps(self, rule: AlertRule, selection: CountSelection) -> Iterator[CameraCourse]:
        gaps = [gap for _, gap in self._store.counts.gaps(selection) if rule.covers(gap.camera)]
        ordered = sorted(gaps, key=lambda gap: (gap.camera, gap.started_at))
        limit_s = rule.stale_after_s if rule.when is Condition.STALE else 0.0
        for camera, group in groupby(ordered, key=lambda gap: gap.camera):
            seen: list[Observation] = []
            for gap in group:
                begin = gap.started_at + timedelta(seconds=limit_s)
                if begin > gap.ended_at:
                    continue
                fires = begin + timedelta(seconds=rule.for_s)
                seen.append(_flag(begin, 1, 0.0))
                if begin < fires < gap.ended_at:
                    seen.append(_flag(fires, 1, rule.for_s))
                lasted_s = (gap.ended_at - seen[-1].at).total_seconds()
                seen += [_flag(gap.ended_at, 0, lasted_s)]
            yield CameraCourse(camera, tuple(seen))


def count_alerts(messages: Sequence[AlertMessage]) -> int:
    """Return how many alerts begin among messages."""
    return sum(message.type is MessageType.NEW for message in messages)


def _run(rule: AlertRule, course: CameraCourse) -> Iterator[AlertMessage]:
    status, settled, last = AlertStatus(course.camera), False, None
    for seen in course.seen:
        if settled and seen.amount == last and not seen.crossed_at:
            continue
        result = step(rule, status, seen)
        status, last = result.status, seen.amount
        settled = not rule.schedule and is_settled(rule, status)
        yield from result.messages


def _observe(
    rule: AlertRule,
    frames: Sequence[CountedFrame],
    events: Sequence[ZoneEventRecord],
    began_inside: int,
) -> Iterator[Observation]:
    """Yield what the frames of one camera show, and the gaps between them."""
    crossing = rule.when is Condition.CROSSED
    crossed = [event.at for event in events if event.kind in KINDS[rule.direction]]
    changes = sorted(
        (event.at, 1 if event.kind is ZoneEventKind.ENTER else -1)
        for event in events
        if event.kind in (ZoneEventKind.ENTER, ZoneEventKind.EXIT)
    )
    done = passed = 0
    inside = began_inside
    last_at: datetime | None = None
    for frame in frames:
        if last_at is not None:
            missing_s = (frame.at - last_at).total_seconds() - frame.observed_s
            if missing_s > _SLACK_S:
                yield Observation(last_at)
                yield Observation(frame.at - timedelta(seconds=frame.observed_s))
        last_at = frame.at
        if crossing:
            until = bisect_right(crossed, frame.at)
            yield _count(frame, Amount.exactly(0), tuple(crossed[done:until]))
            done = until
        elif rule.zone:
            while passed < len(changes) and changes[passed][0] <= frame.at:
                inside += changes[passed][1]
                passed += 1
            yield _count(frame, Amount.exactly(max(0, inside)))
        else:
            yield _count(frame, Amount(frame.count, frame.count + frame.unjudged))


def _count(
    frame: CountedFrame, amount: Amount, crossed_at: tuple[datetime, ...] = ()
) -> Observation:
    return Observation(frame.at, frame.observed_s, amount, crossed_at, amount.low)


def _flag(at: datetime, holds: int, observed_s: float) -> Observation:
    return Observation(at, observed_s, Amount.exactly(holds))


def _thresholds(rule: AlertRule, course: Course) -> range:
    seen = [item for camera in course.cameras for item in camera.seen]
    highest = int(max((item.amount.low for item in seen if item.amount is not None), default=0))
    if rule.when is Condition.CROSSED:
        highest = max(highest, 10)
    highest = max(highest, rule.threshold or 0) + 1
    first = 0 if rule.when is Condition.ABOVE else 1
    step_by = max(1, -(-(highest + 1 - first) // _MOST_THRESHOLDS))
    return range(first, highest + 1, step_by)


def _with_count(rule: AlertRule, count: int) -> AlertRule:
    """Return a rule with another count, and the same distance to the one that ends its alerts."""
    clear = rule.clear
    if clear.count is not None and rule.count is not None:
        clear = replace(clear, count=max(0, clear.count + count - rule.count))
    return replace(rule, count=count, clear=clear)
