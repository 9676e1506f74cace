"""Ports of alerts: rules and their states, targets, and the outbox.

A repository raises `StoreError` from every method when the database cannot be used.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Protocol

from ovd.domain.alerts import (
    AlertChange,
    AlertMessage,
    AlertRule,
    AlertStatus,
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

# Returns the message that ends the open alert of a rule; None where there is none.
AlertEnding = Callable[[AlertRule, AlertStatus], AlertMessage | None]


class AlertRepository(Protocol):
    """Alert rules, how they stand, and the log of messages. Names match without case."""

    def rules(self) -> tuple[SavedRule, ...]:
        """Return the rules by name."""
        ...

    def versions(self) -> frozenset[str]:
        """Return the versions of all rules, which differ after every change; quick."""
        ...

    def add(self, rules: Sequence[AlertRule]) -> tuple[SavedRule, ...]:
        """Add rules, all or none.

        Raises:
            AlertRuleListedError: If there is one of that name, or two have the same.
        """
        ...

    def find(self, name: str) -> SavedRule:
        """Return the rule of a name.

        Raises:
            UnknownAlertRuleError: If there is none.
        """
        ...

    def replace(self, name: str, rule: AlertRule) -> SavedRule:
        """Change a rule, also its name; how it stands is kept.

        Raises:
            UnknownAlertRuleError: If there is none of that name.
            AlertRuleListedError: If another one has the new name.
        """
        ...

    def remove(self, name: str, ending: AlertEnding) -> None:
        """Remove a rule; its open alerts end, which is logged and queued for its targets.

        Raises:
            UnknownAlertRuleError: If there is none of that name.
        """
        ...

    def statuses(self) -> tuple[SavedStatus, ...]:
        """Return how the rules stand."""
        ...

    def record(self, changes: Sequence[AlertChange]) -> None:
        """Write states, log and outbox in one transaction: all of it or nothing.

        A message that was written before is not written again; changes of rules that were removed
        in the meantime are passed over.
        """
        ...

    def log(self, selection: LogSelection) -> tuple[LoggedMessage, ...]:
        """Return messages of the log, newest first."""
        ...

    def find_message(self, idempotency_key: str) -> AlertMessage | None:
        """Return a message of the log; None where there is none of that key."""
        ...


class Outbox(Protocol):
    """Messages on their way to targets. Those of one alert to one target are in order."""

    def due(self, now: datetime, limit: int = 100) -> tuple[OutboxEntry, ...]:
        """Return waiting entries that may be tried now, oldest first.

        Of each alert and target only the first that waits, so that their order is kept.
        """
        ...

    def next_due_at(self) -> datetime | None:
        """Return when the next waiting entry may be tried; None where none waits."""
        ...

    def claim(
        self, now: datetime, until: datetime, busy: Collection[str] = (), limit: int = 100
    ) -> tuple[OutboxEntry, ...]:
        """Return what `due` returns, and keep it from other processes until a time.

        Args:
            now: The present, aware.
            until: Time after which an entry that was not updated may be tried again.
            busy: Names of targets whose entries are left out.
            limit: Greatest number of entries.
        """
        ...

    def claim_all(self, target: str, now: datetime, until: datetime) -> tuple[OutboxEntry, ...]:
        """Claim every entry that waits for a target and may be tried, in order, for one message."""
        ...

    def tally(self) -> OutboxTally:
        """Return how many entries wait, and how many are dead."""
        ...

    def resend(self, ids: Sequence[int] | None = None, target: str = "") -> int:
        """Let dead entries wait again, as if they had never been tried.

        Args:
            ids: Keys of entries; None takes all.
            target: Name of their target; empty takes all.

        Returns:
            Their number.
        """
        ...

    def drop(self, ids: Sequence[int] | None = None, target: str = "") -> int:
        """Remove dead entries, chosen as by `resend`; return their number."""
        ...

    def update(self, entries: Sequence[OutboxEntry]) -> None:
        """Write how entries stand now: attempt, time of the next one, status and error."""
        ...

    def entries(
        self,
        status: OutboxStatus | None = None,
        target: str = "",
        limit: int = 100,
        before_id: int | None = None,
    ) -> tuple[OutboxEntry, ...]:
        """Return entries, newest first; those older than one where `before_id` names it."""
        ...

    def put(self, messages: Sequence[AlertMessage], to: Sequence[str]) -> None:
        """Queue messages for targets without a rule, as for a test."""
        ...

    def remove_sent(self, before: datetime) -> int:
        """Remove entries that were sent before a time; return how many."""
        ...


class TargetRepository(Protocol):
    """Targets of the database. Names match without case."""

    def all(self) -> tuple[Target, ...]:
        """Return the targets by name, without their secrets."""
        ...

    def add(self, target: Target, secrets: TargetSecrets) -> None:
        """Add a target; its secrets are encrypted.

        Raises:
            TargetError: If there is one of that name.
            CredentialsError: If its secrets cannot be encrypted.
        """
        ...

    def secrets(self, name: str) -> TargetSecrets:
        """Return the secrets of a target, to send to it.

        Raises:
            UnknownTargetError: If there is none of that name.
            CredentialsError: If they cannot be decrypted.
        """
        ...

    def remove(self, name: str) -> None:
        """Remove a target; what waits for it is dead.

        Raises:
            UnknownTargetError: If there is none of that name.
        """
        ...


class CameraViews(Protocol):
    """Reference views of cameras, one each."""

    def find(self, camera: str) -> SavedView | None:
        """Return the reference view of a camera; None where there is none."""
        ...

    def save(self, view: SavedView) -> None:
        """Keep a view as the reference view of its camera, in place of an earlier one."""
        ...

    def remove(self, camera: str) -> None:
        """Forget the reference view of a camera, so that a new one is taken."""
        ...
