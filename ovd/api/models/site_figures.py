"""Figures of sites in answers: periods in short, sales, queues; null where not known."""

from typing import Literal

from pydantic import BaseModel, Field


class PassingAnswer(BaseModel):
    """People who entered, of those who passed by while all lines for it were observed."""

    entered: int
    passed: int
    rate: float | None
    observed_s: float


class HourAnswer(BaseModel):
    """An hour that stands out; a day of longer periods."""

    start: str
    end: str
    entered: int | None
    most: float | None


class DoorSummary(BaseModel):
    """One door in a period."""

    name: str
    entered: int | None
    left: int | None
    share: float | None = Field(description="Share of all who entered.")
    coverage: float
    turn_in: PassingAnswer | None


class AfterClosingAnswer(BaseModel):
    """People inside one hour after closing."""

    closed_at: str
    people: float | None
    low: float | None
    high: float | None


class SalesAnswer(BaseModel):
    """Transactions of a period; refunds are taken off the amount and are not counted."""

    transactions: int
    amount: float
    first_at: str | None
    last_at: str | None


class RemovedSales(BaseModel):
    """Transactions that were removed."""

    removed: int


class SummaryAnswer(BaseModel):
    """A period of a site in short."""

    site: str
    start: str
    end: str
    entered: int | None
    left: int | None
    entered_open: int | None = Field(description="Entered in the opening hours.")
    entered_outside: int = Field(description="Entered outside of them.")
    left_outside: int
    open_hours: float
    coverage: float
    open_coverage: float | None
    most: float | None
    mean_people: float | None = Field(description="Mean inside in the opening hours.")
    mean_stay_s: float | None = Field(description="By Little's law.")
    no_stay: Literal["few_passages", "not_observed", "unbalanced"] | None = Field(
        description="Why the mean stay is not told."
    )
    visitors_per_open_hour: float | None
    visitors_per_m2: float | None
    capture: PassingAnswer | None = Field(description="All doors with a line for passers-by.")
    peak: HourAnswer | None
    best: HourAnswer | None
    worst: HourAnswer | None
    doors: list[DoorSummary]
    after_closing: list[AfterClosingAnswer]
    sales: SalesAnswer | None
    currency: str
    conversion: float | None = Field(description="Transactions by visitor.")
    sales_per_visitor: float | None


class QueueNowAnswer(BaseModel):
    """A queue now."""

    name: str
    length: int | None
    longest_s: float | None = Field(description="How long the first has waited.")
    expected_wait_s: float | None = Field(description="Of one who joins now.")


class QueueAnswer(BaseModel):
    """A queue in a period."""

    name: str
    joined: int | None
    served: int
    abandoned: int | None = Field(description="Left before; null without a front line.")
    lost: int = Field(description="Lost sight of: neither served nor abandoned.")
    wait_p50_s: float | None
    wait_p90_s: float | None
    longest_s: float | None
    limit_s: float | None
    over_limit: float | None = Field(description="Share of those served who waited longer.")
    over_limit_s: float | None = Field(description="Time in which someone had waited longer.")
    mean_length: float | None
    most: int | None
    coverage: float


class QueuesAnswer(BaseModel):
    """The queues of a site."""

    now: list[QueueNowAnswer]
    period: list[QueueAnswer]
