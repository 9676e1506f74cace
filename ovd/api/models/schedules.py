"""Scheduled reports in requests and answers."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ovd.api.models.answers import RequestBody
from ovd.api.models.records import BucketName, FormatName, LogoText, Names

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
TimeOfDay = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", examples=["07:00"])]
Addresses = Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=50)]


class ScheduleValues(RequestBody):
    """Values of a schedule; what is left out keeps its default, or stays as it is."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"at": "07:00", "format": "pdf", "enabled": True}]}
    )

    every: Literal["daily", "weekly"] | None = None
    at: TimeOfDay | None = Field(default=None, description="Local time at which it is made.")
    tz: Annotated[str, Field(max_length=64)] | None = None
    weekday: Weekday | None = Field(default=None, description="Of a weekly report.")
    cameras: Names | None = Field(default=None, description="Empty takes all.")
    queries: Names | None = Field(default=None, description="Empty takes all.")
    bucket: BucketName | None = None
    format: FormatName | None = None
    to: Addresses | None = Field(default=None, description="Recipients of the mail.")
    targets: Addresses | None = Field(default=None, description="Names of targets.")
    language: Literal["en", "ko"] | None = None
    title: Annotated[str, Field(max_length=200)] | None = None
    compare: Literal["previous"] | None = None
    logo: LogoText | None = Field(default=None, description="In base64; empty removes it.")
    enabled: bool | None = None


class NewScheduleBody(ScheduleValues):
    """A report to be made repeatedly; `to` or `targets` say where it goes."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    every: Literal["daily", "weekly"]
    at: TimeOfDay
    tz: Annotated[str, Field(max_length=64)]

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "gates-weekly",
                    "every": "weekly",
                    "at": "06:30",
                    "tz": "Europe/Berlin",
                    "targets": ["ops"],
                }
            ]
        }
    )


class DeliveredAnswer(BaseModel):
    """The last delivery of a schedule."""

    period: str
    at: datetime


class ScheduleAnswer(BaseModel):
    """A report that is made repeatedly."""

    name: str
    every: str
    at: str
    tz: str
    weekday: str | None = Field(description="Null for a daily report.")
    format: str
    bucket: str
    cameras: list[str]
    queries: list[str]
    to: list[str] = Field(description="Recipients of the mail; shown to admins only.")
    targets: list[str]
    language: str
    title: str
    compare: str | None
    has_logo: bool
    fixed: bool = Field(description="Whether the settings name it.")
    enabled: bool
    last: DeliveredAnswer | None
    next_at: datetime | None = Field(description="Null while it is not enabled.")
    problem: str = Field(description="Why the last attempt failed; empty when it did not.")


class SentAnswer(BaseModel):
    """A report that was just delivered."""

    name: str
    period: str
