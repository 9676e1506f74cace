"""TargetSender: sends what was claimed for one target, and writes how each message stands."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ovd.domain.alerts import AlertMessage, OutboxEntry, OutboxStatus, Target
from ovd.domain.ports import Clock, Outbox
from ovd.domain.ports.notify import Attachment, Notice, Notifier
from ovd.errors import DeliveryError, OvdError, StoreError
from ovd.services.alerts.delivery.composing import compose_digest, compose_message
from ovd.services.alerts.delivery.pace import DeliveryPace, SendingTimes, digest_at, quiet_until
from ovd.threads import Caught, describe_failure

FindImages = Callable[[AlertMessage], tuple[Attachment, ...]]
LONGEST_ERROR = 500
# Images that go along with one digest at most.
MOST_OF_DIGEST = 8


class TargetSender:
    """Sends messages to one target, in order; one at a time works for a target."""

    def __init__(
        self,
        outbox: Outbox,
        open_notifier: Callable[[Target], Notifier],
        find_images: FindImages,
        clock: Clock,
        pace: DeliveryPace,
    ) -> None:
        """Prepare.

        Args:
            outbox: Where messages are written.
            open_notifier: Returns what takes messages to a target.
            find_images: Returns images of what a message is about.
            clock: Wall clock.
            pace: When messages are tried again.
        """
        self._outbox = outbox
        self._open = open_notifier
        self._find_images = find_images
        self._clock = clock
        self._pace = pace
        self._times = SendingTimes()

    def send(self, target: Target, entries: Sequence[OutboxEntry]) -> str:
        """Send claimed entries of a target, or put them off.

        Returns:
            Why sending failed; empty if nothing did.

        Raises:
            StoreError: If the outbox cannot be written; what was sent may be sent again.
        """
        now = self._clock.now()
        later = quiet_until(target.options, now) or digest_at(target.options, entries)
        if later is not None and later > now:
            self._put_off(entries, later)
            return ""
        with Caught() as caught:
            notifier = self._open(target)
        if isinstance(caught.error, StoreError):
            raise caught.error
        if caught.error is not None:
            return self._fail(entries, caught.error)
        if target.options.digest_s:
            return self._send_digest(target, notifier, entries, now)
        return self._send_each(target, notifier, entries)

    def _send_each(self, target: Target, notifier: Notifier, entries: Sequence[OutboxEntry]) -> str:
        # Before the lease ends, and others may take the rest.
        until = self._clock.now() + timedelta(seconds=self._pace.lease_s / 3)
        problem = ""
        for number, entry in enumerate(entries):
            now = self._clock.now()
            if self._times.room(target, now) == 0:
                self._put_off(entries[number:], self._times.room_at(target, now))
                break
            if now >= until:
                self._put_off(entries[number:], now)
                break
            images = self._find_images(entry.message)
            notice = compose_message(entry.message, target.options, images)
            error = self._try(target, notifier, notice)
            if error is None:
                self._mark_sent([entry])
                continue
            problem = self._fail([entry], error)
            if not _is_lasting(error):
                # The others would fail alike; each has its own attempts.
                later = self._pace.retry_at(self._clock.now(), entry.attempt + 1, None)
                self._put_off(entries[number + 1 :], later)
                break
        return problem

    def _send_digest(
        self, target: Target, notifier: Notifier, first: Sequence[OutboxEntry], now: datetime
    ) -> str:
        self._put_off(first, now)
        until = now + timedelta(seconds=self._pace.lease_s)
        entries = self._outbox.claim_all(target.name, now, until)
        if not entries:
            return ""
        if self._times.room(target, now) == 0:
            self._put_off(entries, self._times.room_at(target, now))
            return ""
        messages = [entry.message for entry in entries]
        images = tuple(image for message in messages for image in self._find_images(message))
        notice = compose_digest(messages, target.options, images[:MOST_OF_DIGEST])
        error = self._try(target, notifier, notice)
        if error is not None:
            return self._fail(entries, error)
        self._mark_sent(entries)
        return ""

    def _try(self, target: Target, notifier: Notifier, notice: Notice) -> BaseException | None:
        self._times.note(target.name, self._clock.now())
        with Caught() as caught:
            notifier.send(notice)
        return caught.error

    def _mark_sent(self, entries: Sequence[OutboxEntry]) -> None:
        now = self._clock.now()
        self._outbox.update(
            [
                replace(
                    entry,
                    attempt=entry.attempt + 1,
                    status=OutboxStatus.SENT,
                    last_error="",
                    sent_at=now,
                )
                for entry in entries
            ]
        )

    def _fail(self, entries: Sequence[OutboxEntry], error: BaseException) -> str:
        """Write that an attempt failed; one of too many, or for good, is the last."""
        problem = str(error) if isinstance(error, OvdError) else describe_failure(error)
        now = self._clock.now()
        wait_s = error.wait_s if isinstance(error, DeliveryError) else None
        changed = []
        for entry in entries:
            attempt = entry.attempt + 1
            dead = _is_lasting(error) or attempt >= self._pace.most_attempts
            changed.append(
                replace(
                    entry,
                    attempt=attempt,
                    status=OutboxStatus.DEAD if dead else OutboxStatus.WAITING,
                    last_error=problem[:LONGEST_ERROR],
                    next_attempt_at=self._pace.retry_at(now, attempt, wait_s),
                )
            )
        self._outbox.update(changed)
        return problem

    def _put_off(self, entries: Sequence[OutboxEntry], until: datetime) -> None:
        self._outbox.update([replace(entry, next_attempt_at=until) for entry in entries])


def _is_lasting(error: BaseException) -> bool:
    return isinstance(error, DeliveryError) and error.lasting
