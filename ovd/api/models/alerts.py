"""Alert rules, their states and their log in requests and answers."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ovd.api.models.answers import RequestBody

Name = Annotated[str, Field(min_length=1, max_length=200)]
Text = Annotated[str, Field(max_length=200)]
Names = Annotated[list[Name], Field(max_length=200)]
Seconds = Annotated[float, Field(ge=0, le=604800)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
When = Literal[
    "above",
    "below",
    "present",
    "absent",
    "crossed",
    "lost",
    "stale",
    "occupancy_above",
    "occupancy_below",
    "disk_low",
    "moved",
]
State = Literal["ok", "pending", "firing", "unknown"]
Severity = Literal["info", "warning", "critical"]


class ClearBody(RequestBody):
    """The condition that ends an alert."""

    count: Count | None = None
    for_s: Seconds = 0.0


class RulePatch(RequestBody):
    """Values of an alert rule; what is left out stays, or takes its default."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"count": 6, "cooldown_s": 300, "to": ["ops"]}]}
    )

    name: Name | None = None
    cameras: Names | None = Field(default=None, description="Empty: every camera.")
    query: Text | None = None
    zone: Text | None = None
    when: When | None = None
    count: Count | None = None
    direction: Literal["in", "out", "any"] | None = None
    within_s: Seconds | None = None
    for_s: Seconds | None = None
    clear: ClearBody | None = None
    cooldown_s: Seconds | None = None
    schedule: Annotated[list[Text], Field(max_length=50)] | None = None
    tz: Text | None = None
    severity: Severity | None = None
    to: Names | None = Field(default=None, description="Names of targets.")
    enabled: bool | None = None
    snoozed_until: datetime | None = Field(default=None, description="With its UTC offset.")


class NewRule(RulePatch):
    """An alert rule."""

    name: Name
    when: When

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "queue",
                    "cameras": ["gate"],
                    "query": "person",
                    "when": "above",
                    "count": 4,
                    "for_s": 10,
                }
            ]
        }
    )


class StateAnswer(BaseModel):
    """The state of a rule at one camera."""

    camera: str | None = Field(description="Null for a condition of the machine.")
    state: State
    since: datetime | None
    count: int | float | None
    alert: str | None = Field(description="Id of the open alert.")


class RuleAnswer(BaseModel):
    """An alert rule, and how it stands."""

    name: str
    cameras: list[str]
    query: str
    zone: str
    when: When
    count: int | None
    direction: Literal["in", "out", "any"]
    within_s: float | None
    for_s: float
    clear: ClearBody
    cooldown_s: float
    schedule: list[str]
    tz: str
    severity: Severity
    to: list[str]
    enabled: bool
    snoozed_until: datetime | None
    states: list[StateAnswer]


class SnoozeBody(RequestBody):
    """The time for which no alert of a rule begins."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"for_s": 3600}]})

    for_s: Seconds = Field(default=3600.0, description="0 ends the snooze.")


class TestAnswer(BaseModel):
    """A message that was queued as a test."""

    id: str
    to: list[str]


class MessageAnswer(BaseModel):
    """A message about an alert."""

    id: str
    type: Literal["new", "update", "end"]
    rule: str
    severity: Severity
    camera: str | None
    zone: str | None
    query: str | None
    count: int | float | None
    threshold: int | float | None
    started_at: datetime
    ended_at: datetime | None
    observed: bool
    image_url: str | None
    link: str | None
    at: datetime = Field(description="When the message was made, by the clock of the rule.")


class ThresholdAnswer(BaseModel):
    """The number of alerts with another count."""

    count: int
    alerts: int
    per_day: float


class ReplayBody(NewRule):
    """An alert rule, and the time to replay it over."""

    start: datetime | None = Field(default=None, description="Default: 7 days before the end.")
    end: datetime | None = Field(default=None, description="Default: now.")


class ReplayAnswer(BaseModel):
    """When a rule would have fired."""

    alerts: int
    start: datetime = Field(description="The first moment that was read.")
    complete: bool = Field(description="False where only the newest frames were read.")
    observed_s: float
    messages: list[MessageAnswer]
    thresholds: list[ThresholdAnswer]


class ReferenceAnswer(BaseModel):
    """The cameras that take a new reference view."""

    cameras: list[str]
