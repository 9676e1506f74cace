"""Alert rules, targets and the outbox in lists, for tests that need no database."""

import itertools
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime

from ovd.domain.alerts import (
    AlertChange,
    AlertMessage,
    AlertRule,
    LoggedMessage,
    LogSelection,
    OutboxEntry,
    OutboxStatus,
    OutboxTally,
    SavedRule,
    SavedStatus,
    SavedView,
    Target,
    TargetSecrets,
)
from ovd.domain.names import name_key
from ovd.domain.ports import AlertEnding
from ovd.errors import (
    AlertRuleListedError,
    TargetError,
    UnknownAlertRuleError,
    UnknownTargetError,
)


class MemoryOutbox:
    """An Outbox in a list."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.kept: list[OutboxEntry] = []

    def due(self, now: datetime, limit: int = 100) -> tuple[OutboxEntry, ...]:
        waiting = [entry for entry in self.kept if entry.status is OutboxStatus.WAITING]
        first = {(entry.target, entry.message.id): entry for entry in reversed(waiting)}
        due = [entry for entry in first.values() if entry.next_attempt_at <= now]
        return tuple(sorted(due, key=lambda entry: entry.id)[:limit])

    def claim(
        self, now: datetime, until: datetime, busy: Collection[str] = (), limit: int = 100
    ) -> tuple[OutboxEntry, ...]:
        due = [entry for entry in self.due(now, 10_000) if entry.target not in busy]
        return self._claim(due[:limit], until)

    def claim_all(self, target: str, now: datetime, until: datetime) -> tuple[OutboxEntry, ...]:
        waiting = [entry for entry in self.kept if entry.status is OutboxStatus.WAITING]
        due = [e for e in waiting if e.target == target and e.next_attempt_at <= now]
        return self._claim(due, until)

    def tally(self) -> OutboxTally:
        waiting = [entry for entry in self.kept if entry.status is OutboxStatus.WAITING]
        dead = [entry for entry in self.kept if entry.status is OutboxStatus.DEAD]
        oldest = min((entry.queued_at for entry in waiting), default=None)
        return OutboxTally(len(waiting), len(dead), oldest)

    def resend(self, ids: Sequence[int] | None = None, target: str = "") -> int:
        found = [
            replace(entry, status=OutboxStatus.WAITING, attempt=0, next_attempt_at=self._now())
            for entry in self.entries(OutboxStatus.DEAD, target, 10_000)
            if ids is None or entry.id in ids
        ]
        self.update(found)
        return len(found)

    def drop(self, ids: Sequence[int] | None = None, target: str = "") -> int:
        raise NotImplementedError

    def _claim(self, entries: Sequence[OutboxEntry], until: datetime) -> tuple[OutboxEntry, ...]:
        claimed = tuple(replace(entry, next_attempt_at=until) for entry in entries)
        self.update(claimed)
        return claimed

    def next_due_at(self) -> datetime | None:
        waiting = [entry for entry in self.kept if entry.status is OutboxStatus.WAITING]
        return min((entry.next_attempt_at for entry in waiting), default=None)

    def update(self, entries: Sequence[OutboxEntry]) -> None:
        changed = {entry.id: entry for entry in entries}
        self.kept = [changed.get(entry.id, entry) for entry in self.kept]

    def entries(
        self,
        status: OutboxStatus | None = None,
        target: str = "",
        limit: int = 100,
        before_id: int | None = None,
    ) -> tuple[OutboxEntry, ...]:
        found = [
            entry
            for entry in reversed(self.kept)
            if status in (None, entry.status) and target in ("", entry.target)
            if before_id is None or entry.id < before_id
        ]
        return tuple(found[:limit])

    def put(self, messages: Sequence[AlertMessage], to: Sequence[str]) -> None:
        for message, target in itertools.product(messages, to):
            known = {(entry.target, entry.message.idempotency_key) for entry in self.kept}
            if (target, message.idempotency_key) in known:
                continue
            number, now = len(self.kept) + 1, self._now()
            status = OutboxStatus.WAITING
            self.kept.append(OutboxEntry(number, target, message, 0, now, status, "", now))

    def remove_sent(self, before: datetime) -> int:
        kept = [entry for entry in self.kept if entry.sent_at is None or entry.sent_at >= before]
        removed, self.kept = len(self.kept) - len(kept), kept
        return removed


class MemoryAlerts:
    """An AlertRepository in lists."""

    def __init__(self, now: Callable[[], datetime], outbox: MemoryOutbox) -> None:
        self._now = now
        self._outbox = outbox
        self._ids = itertools.count(1)
        self._versions = map("v{}".format, itertools.count(1))
        self._rules: dict[int, SavedRule] = {}
        self._statuses: dict[tuple[int, str], SavedStatus] = {}
        self.logged: list[LoggedMessage] = []
        self.writes = 0

    def rules(self) -> tuple[SavedRule, ...]:
        return tuple(sorted(self._rules.values(), key=lambda saved: name_key(saved.rule.name)))

    def versions(self) -> frozenset[str]:
        return frozenset(saved.version for saved in self._rules.values())

    def add(self, rules: Sequence[AlertRule]) -> tuple[SavedRule, ...]:
        keys = [name_key(rule.name) for rule in rules]
        for rule in rules:
            if keys.count(name_key(rule.name)) > 1 or self._named(rule.name):
                raise AlertRuleListedError(f"there is an alert rule {rule.name!r} already")
        return tuple(self._keep(next(self._ids), rule, self._now()) for rule in rules)

    def find(self, name: str) -> SavedRule:
        saved = self._named(name)
        if saved is None:
            raise UnknownAlertRuleError(f"there is no alert rule {name!r}; known: none")
        return saved

    def replace(self, name: str, rule: AlertRule) -> SavedRule:
        saved, other = self.find(name), self._named(rule.name)
        if other not in (None, saved):
            raise AlertRuleListedError(f"there is an alert rule {rule.name!r} already")
        return self._keep(saved.id, rule, saved.created_at)

    def remove(self, name: str, ending: AlertEnding) -> None:
        saved = self.find(name)
        for key in [key for key in self._statuses if key[0] == saved.id]:
            message = ending(saved.rule, self._statuses.pop(key).status)
            self._log((message,) if message else (), saved.rule.to)
        del self._rules[saved.id]

    def statuses(self) -> tuple[SavedStatus, ...]:
        return tuple(self._statuses.values())

    def record(self, changes: Sequence[AlertChange]) -> None:
        self.writes += 1
        for change in changes:
            if change.rule_id in self._rules:
                kept = SavedStatus(change.rule_id, change.status)
                self._statuses[change.rule_id, change.status.camera] = kept
                self._log(change.messages, change.to)

    def log(self, selection: LogSelection) -> tuple[LoggedMessage, ...]:
        found = [logged for logged in reversed(self.logged) if _selects(selection, logged)]
        return tuple(found[: selection.limit])

    def find_message(self, idempotency_key: str) -> AlertMessage | None:
        messages = (logged.message for logged in self.logged)
        return next((item for item in messages if item.idempotency_key == idempotency_key), None)

    def _named(self, name: str) -> SavedRule | None:
        found = (s for s in self._rules.values() if name_key(s.rule.name) == name_key(name))
        return next(found, None)

    def _keep(self, rule_id: int, rule: AlertRule, created_at: datetime) -> SavedRule:
        self._rules[rule_id] = SavedRule(rule_id, next(self._versions), rule, created_at)
        return self._rules[rule_id]

    def _log(self, messages: Sequence[AlertMessage], to: Sequence[str]) -> None:
        for message in messages:
            keys = {logged.message.idempotency_key for logged in self.logged}
            if message.idempotency_key not in keys:
                self.logged.append(LoggedMessage(len(self.logged) + 1, message, self._now()))
        self._outbox.put(messages, to)


class MemoryTargets:
    """A TargetRepository in a dict."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Target, TargetSecrets]] = {}

    def all(self) -> tuple[Target, ...]:
        return tuple(self._kept[key][0] for key in sorted(self._kept))

    def add(self, target: Target, secrets: TargetSecrets) -> None:
        if name_key(target.name) in self._kept:
            raise TargetError(f"there is a target {target.name!r} already")
        kept = replace(target, has_secret=bool(secrets.secret))
        self._kept[name_key(target.name)] = (kept, secrets)

    def secrets(self, name: str) -> TargetSecrets:
        if name_key(name) not in self._kept:
            raise UnknownTargetError(f"there is no target {name!r}; known: none")
        return self._kept[name_key(name)][1]

    def remove(self, name: str) -> None:
        self.secrets(name)
        del self._kept[name_key(name)]


def _selects(selection: LogSelection, logged: LoggedMessage) -> bool:
    message = logged.message
    return (
        selection.rule in ("", message.rule)
        and selection.camera in ("", message.camera)
        and (selection.cameras is None or message.camera in ("", *selection.cameras))
        and (selection.start_at is None or selection.start_at <= message.at)
        and (selection.end_at is None or message.at < selection.end_at)
        and (selection.before_id is None or logged.id < selection.before_id)
    )


class MemoryViews:
    """CameraViews in a dict."""

    def __init__(self) -> None:
        self.kept: dict[str, SavedView] = {}

    def find(self, camera: str) -> SavedView | None:
        return self.kept.get(camera)

    def save(self, view: SavedView) -> None:
        self.kept[view.camera] = view

    def remove(self, camera: str) -> None:
        self.kept.pop(camera, None)
