"""Rules run over made-up counts, second by second."""

from collections.abc import Iterable
from datetime import timedelta

from ovd.domain.alerts import AlertMessage, AlertRule, AlertStatus, MessageType
from ovd.services.alerts.judging import Amount, Observation
from ovd.services.alerts.machine import step
from tests.builders import START

Told = tuple[str, float]


def seconds(message: AlertMessage) -> float:
    return (message.at - START).total_seconds()


def observe(count: int | None, at_s: float, observed_s: float = 1.0) -> Observation:
    """A count of one frame; None is a gap."""
    at = START + timedelta(seconds=at_s)
    if count is None:
        return Observation(at)
    return Observation(at, observed_s, Amount.exactly(count), count=count)


class Timeline:
    """A rule at the camera "gate", given one count per second."""

    def __init__(self, rule: AlertRule) -> None:
        self.rule = rule
        self.status = AlertStatus("gate")
        self.messages: list[AlertMessage] = []

    def see(self, observation: Observation) -> None:
        result = step(self.rule, self.status, observation)
        self.status = result.status
        self.messages += result.messages

    def run(self, counts: Iterable[int | None], start_s: float = 0.0) -> list[Told]:
        """Judge counts from a second on; return type and second of all messages so far."""
        for number, count in enumerate(counts):
            self.see(observe(count, start_s + number))
        return self.told

    @property
    def told(self) -> list[Told]:
        return [(message.type.value, seconds(message)) for message in self.messages]

    @property
    def ends(self) -> list[AlertMessage]:
        return [message for message in self.messages if message.type is MessageType.END]
