"""The rules of one camera, judged by its frames; what has not changed is not judged again."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ovd.domain.alerts import AlertRule, AlertState, AlertStatus, SavedRule
from ovd.domain.events import FrameResult
from ovd.services.alerts.judging import Amount, Observation
from ovd.services.alerts.machine import Step, finish, is_settled, step
from ovd.services.alerts.series import NOT_COUNTED, FrameValues, QueryPlaces, Series, SeriesValue

_MINUTE = timedelta(minutes=1)


@dataclass(eq=False)
class Entry:
    """A rule at one camera, or at the machine.

    Attributes:
        saved: The rule.
        status: How it stands.
        wake_at: When it is judged again although nothing changed; None for never.
        amount: What was observed last.
    """

    saved: SavedRule
    status: AlertStatus
    wake_at: datetime | None = None
    amount: Amount | None = None

    @property
    def rule(self) -> AlertRule:
        """Return the rule."""
        return self.saved.rule

    def observe(self, seen: Observation) -> Step:
        """Judge an observation and keep how the rule stands then."""
        result = step(self.rule, self.status, seen)
        self.status, self.amount = result.status, seen.amount
        if not is_settled(self.rule, self.status):
            self.wake_at = seen.at
        elif self.rule.schedule:
            self.wake_at = seen.at.replace(second=0, microsecond=0) + _MINUTE
        else:
            self.wake_at = None
        return result

    def finish(self, seen: Observation) -> Step:
        """End the alert, if there is one, because the rule is not judged here any more."""
        result = finish(self.rule, self.status, seen)
        self.status = result.status
        return result


@dataclass(frozen=True)
class Outcome:
    """The result of an observation for an entry: its status before, and the step that followed."""

    entry: Entry
    before: AlertStatus
    step: Step


@dataclass(eq=False)
class _Group:
    """The rules about one series."""

    entries: list[Entry] = field(default_factory=list)
    value: SeriesValue = NOT_COUNTED
    judged_at: datetime | None = None
    wake_at: datetime | None = None

    def judge(self, value: SeriesValue, at: datetime, observed_s: float) -> Iterator[Outcome]:
        """Judge a value, as far as it or the time changes anything."""
        changed = (
            bool(value.crossed_at)
            or value.amount != self.value.amount
            or self.judged_at is None
            or at < self.judged_at
        )
        if not changed and (self.wake_at is None or at < self.wake_at):
            return
        count = None if value.amount is None else value.amount.low
        seen = Observation(at, observed_s, value.amount, value.crossed_at, count)
        for entry in self.entries:
            if changed or (entry.wake_at is not None and at >= entry.wake_at):
                before = entry.status
                yield Outcome(entry, before, entry.observe(seen))
        self.value, self.judged_at = value, at
        self.plan()

    def plan(self) -> None:
        """Note when the first of its rules is to be judged again."""
        wakes = [entry.wake_at for entry in self.entries if entry.wake_at is not None]
        self.wake_at = min(wakes, default=None)


class Board:
    """The rules that are judged for one camera."""

    def __init__(self, camera: str) -> None:
        """Begin without rules.

        Args:
            camera: Name of the camera; empty for the machine.
        """
        self.camera = camera
        self.last_at: datetime | None = None
        self.away_since: datetime | None = None
        self.entries: dict[int, Entry] = {}
        self._groups: dict[Series, _Group] = {}
        self._places = QueryPlaces()

    @property
    def is_unseen(self) -> bool:
        """Return whether the camera delivers nothing that can be seen."""
        return self.away_since is not None

    def rename(self, camera: str) -> None:
        """Go on under another name of the camera."""
        self.camera = camera
        for entry in self.entries.values():
            entry.status = replace(entry.status, camera=camera)

    def put(self, entry: Entry) -> None:
        """Add a rule, or take its place; it is judged with the next frame."""
        self.drop(entry.saved.id)
        self.entries[entry.saved.id] = entry
        if entry.rule.when.counts_objects:
            group = self._groups.setdefault(Series.of(entry.rule), _Group())
            group.entries.append(entry)
            group.judged_at = None

    def drop(self, rule_id: int) -> None:
        """Forget a rule."""
        entry = self.entries.pop(rule_id, None)
        if entry is None or not entry.rule.when.counts_objects:
            return
        series = Series.of(entry.rule)
        group = self._groups[series]
        group.entries.remove(entry)
        if not group.entries:
            del self._groups[series]

    def judge_frame(self, result: FrameResult) -> Iterator[Outcome]:
        """Judge the rules about objects by a counted frame."""
        at = result.frame.captured_at
        self.last_at = at
        if self._groups:
            values = FrameValues(result, self._places)
            for series, group in self._groups.items():
                yield from group.judge(values.read(series), at, result.observed_s)
        if self.away_since is not None and at <= self.away_since:
            yield from self.miss(at)  # it was captured before, and comes late
        else:
            self.away_since = None

    def miss(self, at: datetime) -> Iterator[Outcome]:
        """Judge that nothing is observed at a time."""
        for group in self._groups.values():
            group.value, group.judged_at = NOT_COUNTED, None
            yield from _observe_all(group.entries, Observation(at))

    def judge_again(self, rule_id: int, at: datetime) -> Iterator[Outcome]:
        """Judge a rule that was changed by what was observed last."""
        entry = self.entries[rule_id]
        seen = Observation(at)
        if entry.rule.when.counts_objects and entry.status.state is not AlertState.UNKNOWN:
            value = self._groups[Series.of(entry.rule)].value
            count = None if value.amount is None else value.amount.low
            seen = Observation(at, 0.0, value.amount, count=count)
        yield from _observe_all([entry], seen)

    def remind(self, at: datetime) -> Iterator[Outcome]:
        """Judge alerts that are not observed by the time that passes."""
        unseen = [
            entry
            for entry in self.entries.values()
            if entry.status.state is AlertState.UNKNOWN
            and entry.status.alert is not None
            and entry.status.alert.observed
            and entry.rule.when.counts_objects
        ]
        yield from _observe_all(unseen, Observation(at))

    def finish(self, at: datetime) -> Iterator[Outcome]:
        """End every alert, because the camera is gone."""
        for entry in self.entries.values():
            before = entry.status
            yield Outcome(entry, before, entry.finish(Observation(at)))


def judge_entries(
    entries: Iterable[Entry], observe: Callable[[Entry], Observation | None]
) -> Iterator[Outcome]:
    """Judge rules by what a function observes of each, where that or the time changes anything.

    Args:
        entries: The rules.
        observe: Observes what a rule is about; None leaves it as it is.
    """
    for entry in entries:
        seen = observe(entry)
        if seen is None:
            continue
        waits = entry.wake_at is None or seen.at < entry.wake_at
        if not waits or seen.amount != entry.amount:
            yield from _observe_all([entry], seen)


def restored(status: AlertStatus) -> AlertStatus:
    """Return a status of the database: until something is observed nothing is known."""
    return replace(status, state=AlertState.UNKNOWN, count=None)


def _observe_all(entries: Iterable[Entry], seen: Observation) -> Iterator[Outcome]:
    for entry in entries:
        before = entry.status
        yield Outcome(entry, before, entry.observe(seen))
