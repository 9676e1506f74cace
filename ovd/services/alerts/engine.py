"""AlertEngine: judges the rules of the database by what happens at cameras, and keeps the result.

Frames are judged in the thread that hands over events; a thread of its own writes what changed,
judges conditions of cameras and of the machine, and follows changes of the rules.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from ovd.domain.alerts import (
    AlertChange,
    AlertMessage,
    AlertStatus,
    LoggedMessage,
    LogSelection,
    MessageType,
    SavedRule,
)
from ovd.domain.events import FrameResult
from ovd.domain.ports import AlertRepository, Clock
from ovd.domain.records import Run
from ovd.errors import StoreError
from ovd.services.alerts.boards import Board, Entry, Outcome, judge_entries, restored
from ovd.services.alerts.images.links import AlertLinks
from ovd.services.alerts.images.snapshots import AlertSnapshots, Beginning, CountedMoment
from ovd.services.alerts.rule_changes import follow_rules
from ovd.services.alerts.surroundings import Surroundings
from ovd.services.events import (
    CameraRemoved,
    CameraRenamed,
    CameraStateChanged,
    Event,
    FrameCounted,
    GapObserved,
    RunEnded,
)
from ovd.services.streaming.signal import NO_SIGNAL_STATES
from ovd.threads import Backoff, SupervisedThread, ThreadHealth

_LOG = logging.getLogger(__name__)
MOST_RECENT = 100
# Alerts that begin while so many wait for their images go without.
MOST_IMAGES = 200


@dataclass(frozen=True)
class EnginePace:
    """Seconds between two rounds of what the engine does by itself.

    Attributes:
        tick_s: Conditions of cameras and of the machine are judged.
        follow_s: Changed rules are read.
        checkpoint_s: How rules stand is written where only that changed.
    """

    tick_s: float = 1.0
    follow_s: float = 2.0
    checkpoint_s: float = 2.0


@dataclass(frozen=True)
class AlertAppendices:
    """Addresses and images of messages.

    Attributes:
        links: Makes their addresses.
        snapshots: Keeps images of alerts that begin; None keeps none.
    """

    links: AlertLinks = field(default_factory=AlertLinks)
    snapshots: AlertSnapshots | None = None


@dataclass(frozen=True)
class RuleStanding:
    """A rule and how it stands at each camera where it was judged."""

    saved: SavedRule
    statuses: tuple[AlertStatus, ...]


class AlertEngine:
    """Subscribe `handle` to an `EventHub`, then `start`. Safe to call from any thread.

    While the database cannot be written, what changed waits and is written in order.
    """

    def __init__(
        self,
        alerts: AlertRepository,
        surroundings: Surroundings,
        clock: Clock,
        announce: Callable[[AlertMessage], None] = lambda _: None,
        appendices: AlertAppendices | None = None,
        pace: EnginePace | None = None,
    ) -> None:
        """Read nothing yet.

        Args:
            alerts: Rules, states and log.
            surroundings: Observes what frames do not tell.
            clock: Wall clock and pacing.
            announce: Told every message once it is kept; must return at once.
            appendices: Makes addresses and images of messages; None leaves messages without.
            pace: How often things are done.
        """
        self._alerts = alerts
        self._surroundings = surroundings
        self._clock = clock
        self._announce = announce
        self._appendices = appendices or AlertAppendices()
        self._pace = pace or EnginePace()
        self._changed = threading.Condition()
        self._boards: dict[str, Board] = {"": Board("")}
        self._rules: dict[int, SavedRule] = {}
        self._known: dict[tuple[int, str], AlertStatus] = {}
        self._versions: frozenset[str] | None = None
        self._unwritten: list[AlertChange] = []
        self._begun: dict[int, CountedMoment] = {}  # by place in what is unwritten
        self._dirty: dict[tuple[int, str], AlertChange] = {}
        self._recent: deque[LoggedMessage] = deque(maxlen=MOST_RECENT)
        self._due_s = {"tick": 0.0, "follow": 0.0, "checkpoint": 0.0}
        self._thread = SupervisedThread("alerts", self._work, self._wake, Backoff(ceiling_s=10.0))

    def start(self) -> None:
        """Read the rules and begin."""
        self._thread.start()

    @property
    def threads(self) -> tuple[ThreadHealth, ...]:
        """Return the health of its threads."""
        return (self._thread.health, *self._surroundings.threads)

    @property
    def firing(self) -> int:
        """Return the number of alerts that have begun and not ended."""
        with self._changed:
            return sum(
                entry.status.alert is not None
                for board in self._boards.values()
                for entry in board.entries.values()
            )

    def standings(self) -> tuple[RuleStanding, ...]:
        """Return every rule, by name, and how it stands; without I/O."""
        with self._changed:
            boards = [self._boards[name] for name in sorted(self._boards)]
            return tuple(
                RuleStanding(
                    saved,
                    tuple(
                        board.entries[saved.id].status
                        for board in boards
                        if saved.id in board.entries
                    ),
                )
                for saved in self._rules.values()
            )

    def recent(self) -> tuple[LoggedMessage, ...]:
        """Return the newest messages, newest first; without I/O."""
        with self._changed:
            return tuple(self._recent)

    def handle(self, event: Event) -> None:
        """Judge one event."""
        match event:
            case FrameCounted(run, _, result):
                self._judge_frame(run, result)
            case GapObserved(run, gap):
                self._miss(run.camera.name, gap.started_at, gap.ended_at)
            case RunEnded(run, _, _):
                self._miss(run.camera.name, None)
            case CameraStateChanged(camera, _, source, _, at) if source in NO_SIGNAL_STATES:
                with self._changed:
                    self._board(camera).away_since = at
                self._miss(camera, at)
            case CameraRenamed(camera, name):
                self._rename(camera, name)
            case CameraRemoved(camera):
                self._remove(camera)

    def follow(self) -> None:
        """Read the rules again now, because they were just changed."""
        with self._changed:
            self._due_s["follow"] = 0.0
            self._changed.notify_all()

    def step(self) -> bool:
        """Do once what is due: follow the rules, judge surroundings, write what changed.

        Returns:
            Whether everything was written.
        """
        if self._is_due("follow", self._pace.follow_s):
            self._follow()
        if self._is_due("tick", self._pace.tick_s):
            self._tick()
        return self._write()

    def close(self) -> None:
        """Write how everything stands, and end. Calling it twice is harmless."""
        self._thread.stop(10.0)
        self._surroundings.close()
        with self._changed:
            self._due_s["checkpoint"] = 0.0
        self._write()

    def _judge_frame(self, run: Run, result: FrameResult) -> None:
        with self._changed:
            judged = self._board(run.camera.name).judge_frame(result)
            self._keep(judged, CountedMoment(run, result))

    def _miss(self, camera: str, *times: datetime | None) -> None:
        """Judge that a camera was not observed at some times; None takes its last frame's."""
        with self._changed:
            board = self._board(camera)
            for at in times:
                self._keep(board.miss(at or board.last_at or self._clock.now()))

    def _remove(self, camera: str) -> None:
        with self._changed:
            board = self._boards.pop(camera, None)
            if board is not None:
                self._keep(board.finish(board.last_at or self._clock.now()))

    def _rename(self, camera: str, name: str) -> None:
        """Let alerts that are open go on under the new name."""
        with self._changed:
            board = self._boards.pop(camera, None)
            if board is not None:
                board.rename(name)
                self._boards[name] = board

    def _board(self, camera: str) -> Board:
        """Return the board of a camera; the caller holds the lock."""
        board = self._boards.get(camera)
        if board is None:
            board = self._boards[camera] = Board(camera)
            for saved in self._rules.values():
                if saved.rule.covers(camera):
                    board.put(self._entry(saved, camera))
        return board

    def _entry(self, saved: SavedRule, camera: str) -> Entry:
        known = self._known.pop((saved.id, camera), None)
        return Entry(saved, AlertStatus(camera) if known is None else restored(known))

    def _keep(self, outcomes: Iterable[Outcome], moment: CountedMoment | None = None) -> None:
        """Note what is to be written, and the frame that caused it; the caller holds the lock."""
        for entry, before, result in ((o.entry, o.before, o.step) for o in outcomes):
            after, key = result.status, (entry.saved.id, result.status.camera)
            if result.messages or after.alert != before.alert:
                change = AlertChange(entry.saved.id, after, result.messages, entry.rule.to)
                if moment is not None and self._wants_image(change):
                    self._begun[len(self._unwritten)] = moment
                self._unwritten.append(change)
                self._dirty.pop(key, None)
                self._changed.notify_all()
            elif after != replace(before, count=after.count):
                self._dirty[key] = AlertChange(entry.saved.id, after)

    def _wants_image(self, change: AlertChange) -> bool:
        if self._appendices.snapshots is None or len(self._begun) >= MOST_IMAGES:
            return False
        return any(message.type is MessageType.NEW for message in change.messages)

    def _complete(self) -> list[AlertChange]:
        """Return what is to be written, with images of alerts that began, and with addresses."""
        with self._changed:
            begun, self._begun = self._begun, {}
            changes = list(self._unwritten)
        snapshots, links = self._appendices.snapshots, self._appendices.links
        if snapshots is not None and begun:
            waiting = [Beginning(changes[place], moment) for place, moment in begun.items()]
            for place, change in zip(begun, snapshots.illustrate(waiting), strict=True):
                changes[place] = change
        changes = [
            replace(change, messages=tuple(map(links.complete, change.messages)))
            for change in changes
        ]
        with self._changed:
            self._unwritten[: len(changes)] = changes
        return changes

    def _work(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            failed = not self.step()
            with self._changed:
                if failed or not (self._unwritten or stopping.is_set()):
                    self._changed.wait(self._pace.tick_s)

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _is_due(self, what: str, every_s: float) -> bool:
        now_s = self._clock.monotonic()
        with self._changed:
            if now_s < self._due_s[what]:
                return False
            self._due_s[what] = now_s + every_s
            return True

    def _follow(self) -> None:
        """Take over rules that were added, changed or removed."""
        try:
            versions = self._alerts.versions()
            if versions == self._versions:
                return
            first, rules = self._versions is None, self._alerts.rules()
            statuses = self._alerts.statuses() if first else ()
            recent = self._alerts.log(LogSelection(limit=MOST_RECENT))
        except StoreError as error:
            _LOG.warning("alert rules cannot be read: %s", error)
            return
        with self._changed:
            self._versions = versions
            self._recent = deque(recent, MOST_RECENT)
            self._known |= {(kept.rule_id, kept.status.camera): kept.status for kept in statuses}
            self._rules = {saved.id: saved for saved in rules}
            for board in self._boards.values():
                at = board.last_at or self._clock.now()
                self._keep(follow_rules(board, rules, self._entry, at))

    def _tick(self) -> None:
        """Judge conditions of cameras and of the machine, and alerts that are not observed."""
        rules = tuple(self._rules.values())
        seen = self._surroundings.look(rules)
        now = self._clock.now()
        with self._changed:
            for camera in seen.cameras:
                self._board(camera)
            for board in self._boards.values():
                self._keep(judge_entries(board.entries.values(), seen.observer(board.camera)))
                if board.is_unseen:
                    self._keep(board.remind(now))

    def _write(self) -> bool:
        """Write what changed; return whether that worked."""
        changes = self._complete()
        checkpoint = self._is_due("checkpoint", self._pace.checkpoint_s)
        with self._changed:
            dirty = list(self._dirty.values()) if checkpoint else []
        if not changes and not dirty:
            return True
        told = any(change.messages for change in changes)
        try:
            self._alerts.record([*changes, *dirty])
            recent = self._alerts.log(LogSelection(limit=MOST_RECENT)) if told else None
        except StoreError as error:
            _LOG.warning("alerts cannot be written and wait: %s", error)
            return False
        with self._changed:
            del self._unwritten[: len(changes)]
            self._begun = {place - len(changes): item for place, item in self._begun.items()}
            self._recent = self._recent if recent is None else deque(recent, MOST_RECENT)
            for change in dirty:
                key = (change.rule_id, change.status.camera)
                if self._dirty.get(key) is change:
                    del self._dirty[key]
        for change in changes:
            for message in change.messages:
                self._announce(message)
        return True
