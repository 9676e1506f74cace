"""A delivery worker over an outbox in a list and notifiers that obey tests."""

from collections.abc import Callable
from datetime import timedelta

from ovd.domain.alerts import AlertMessage, OutboxStatus, Target, TargetOptions
from ovd.domain.ports.notify import Attachment, Notice
from ovd.services.alerts.delivery.pace import DeliveryPace
from ovd.services.alerts.delivery.sending import TargetSender
from ovd.services.alerts.delivery.worker import DeliveryWorker
from tests.builders import make_alert_message
from tests.fakes import FixedClock
from tests.memory_alerts import MemoryOutbox
from tests.mosquitto import wait_until

Answer = BaseException | None


class Recorder:
    """Implements `Notifier`: records notices; `answer` says what happens to one."""

    def __init__(self) -> None:
        self.notices: list[Notice] = []
        self.answer: Callable[[Notice], Answer] = lambda _: None

    def send(self, notice: Notice) -> None:
        self.notices.append(notice)
        error = self.answer(notice)
        if error is not None:
            raise error

    @property
    def keys(self) -> list[str]:
        return [notice.key for notice in self.notices]


class DeliveryStage:
    """Targets and messages that tests set; `run` sends what is due."""

    def __init__(self, **options: object) -> None:
        self.clock = FixedClock()
        self.outbox = MemoryOutbox(self.clock.now)
        self.targets = {
            "ops": Target("ops", "https://example.org/...", options=TargetOptions(**options))
        }  # type: ignore[arg-type]
        self.recorder = Recorder()
        self.images: tuple[Attachment, ...] = ()
        self.pace = DeliveryPace()
        sender = TargetSender(
            self.outbox,
            lambda _: self.recorder,
            lambda _: self.images,
            self.clock,
            self.pace,
        )
        self.worker = DeliveryWorker(
            self.outbox, lambda: tuple(self.targets.values()), sender, self.clock, self.pace
        )

    def put(self, *messages: AlertMessage, to: str = "ops") -> None:
        self.outbox.put(messages or (make_alert_message(),), (to,))

    def run(self, after_s: float = 0.0) -> None:
        """Let time pass, then send until nothing is due."""
        self.clock.advance(after_s)
        while self.worker.step():
            wait_until(lambda: not self.worker._busy)

    def statuses(self) -> list[OutboxStatus]:
        return [entry.status for entry in self.outbox.kept]

    def next_in(self) -> timedelta:
        next_at = self.outbox.next_due_at()
        assert next_at is not None
        return next_at - self.clock.now()
