"""Targets of alerts, and messages on their way, in requests and answers."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ovd.api.models.answers import RequestBody

# What a key of a database can be.
MessageId = Annotated[int, Field(ge=1, le=2**63 - 1)]
TargetName = Annotated[str, Field(min_length=1, max_length=200)]


class NewTargetBody(RequestBody):
    """A target to be added; its address and secret are never shown again."""

    name: TargetName
    url: Annotated[str, Field(min_length=1, max_length=2000)] = Field(
        description="`https://...` of a webhook, `mailto:NAME@HOST`, or any address of apprise."
    )
    secret: Annotated[str, Field(max_length=500, json_schema_extra={"format": "password"})] = Field(
        default="", description="Signs what a webhook gets."
    )
    language: Literal["en", "ko"] = "en"
    per_minute: Annotated[int, Field(ge=1, le=6000)] | None = None
    quiet_hours: Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=50)] = (
        Field(default_factory=list, description="Such as `daily 22:00-07:00`; messages wait.")
    )
    tz: Annotated[str, Field(max_length=64)] = "UTC"
    digest_s: Annotated[float, Field(ge=0, le=86400)] = 0.0

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "ops", "url": "https://example.org/hooks/ovd", "secret": "s3"}]
        }
    )


class TargetAnswer(BaseModel):
    """A target, without its secrets."""

    name: str
    url: str = Field(description="Without what may be secret.")
    has_secret: bool
    fixed: bool = Field(description="Whether the settings name it.")
    language: str
    per_minute: int | None
    quiet_hours: list[str]
    tz: str
    digest_s: float
    problem: str = Field(description="Why sending to it failed last; empty when it works.")


class TestedAnswer(BaseModel):
    """A target that took a test message."""

    name: str
    delivered: Literal[True] = True


class DeliveryAnswer(BaseModel):
    """A message on its way to a target."""

    id: int
    target: str
    status: Literal["waiting", "sent", "dead"]
    attempts: int
    error: str
    queued_at: datetime
    next_attempt_at: datetime | None
    sent_at: datetime | None
    message: dict[str, str | int | float | bool | None]


class ResendBody(RequestBody):
    """Messages that were given up, to be sent again or dropped."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"ids": None, "target": "desk"}]})

    ids: Annotated[list[MessageId], Field(max_length=1000)] | None = Field(
        default=None, description="Null takes all."
    )
    target: Annotated[str, Field(max_length=200)] = ""


class ResendAnswer(BaseModel):
    """The outcome of sending again or dropping."""

    messages: int = Field(description="Number of messages that wait again, or are gone.")
