"""Judge the condition of a rule by one observation: it holds, it does not, or that is unknown."""

from dataclasses import dataclass
from datetime import datetime

from ovd.domain.alerts import AlertRule, Condition


@dataclass(frozen=True)
class Amount:
    """A number that was observed, as far as it is known.

    Attributes:
        low: It is at least this.
        high: It is at most this; None where there is no bound, as with what was not judged.
    """

    low: int | float
    high: int | float | None

    @classmethod
    def exactly(cls, value: int | float) -> "Amount":
        """Return a number that is known."""
        return cls(value, value)


@dataclass(frozen=True)
class Observation:
    """One observation of what a rule is about.

    Attributes:
        at: When, aware UTC, by the clock of the rule.
        observed_s: Seconds up to `at` that it stands for.
        amount: What was observed; None if nothing was: a gap, or a query that is not counted.
        crossed_at: Times of the crossings since the observation before, for `crossed`.
        count: The number to tell people; None where there is none, or it is not observed.
    """

    at: datetime
    observed_s: float = 0.0
    amount: Amount | None = None
    crossed_at: tuple[datetime, ...] = ()
    count: int | float | None = None


@dataclass(frozen=True)
class Judgement:
    """The condition of a rule at one time; None where it cannot be told.

    Attributes:
        holds: Whether it holds.
        clears: Whether the condition that ends an alert holds.
    """

    holds: bool | None
    clears: bool | None


_UNKNOWN = Judgement(None, None)


def judge(rule: AlertRule, amount: Amount | None) -> Judgement:
    """Judge the condition of a rule, and the one that ends its alerts."""
    if amount is None:
        return _UNKNOWN
    threshold = rule.threshold or 0
    clear = threshold if rule.clear.count is None else rule.clear.count
    match rule.when:
        case Condition.ABOVE | Condition.OCCUPANCY_ABOVE:
            return Judgement(_exceeds(amount, threshold), _not(_exceeds(amount, clear)))
        case Condition.BELOW | Condition.OCCUPANCY_BELOW:
            return Judgement(_not(_reaches(amount, threshold)), _reaches(amount, clear))
        case Condition.ABSENT:
            seen = _exceeds(amount, 0)
            return Judgement(_not(seen), seen)
        case Condition.PRESENT | Condition.CROSSED:
            reached = _reaches(amount, threshold)
            return Judgement(reached, _not(reached))
        case _:  # conditions of cameras and of the machine: 1 while they hold, else 0
            return Judgement(amount.low > 0, amount.low == 0)


def _exceeds(amount: Amount, limit: int | float) -> bool | None:
    if amount.low > limit:
        return True
    return None if amount.high is None or amount.high > limit else False


def _reaches(amount: Amount, limit: int | float) -> bool | None:
    if amount.low >= limit:
        return True
    return None if amount.high is None or amount.high >= limit else False


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value
