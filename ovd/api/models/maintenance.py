"""Maintenance in requests and answers."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ovd.api.models.answers import RequestBody
from ovd.api.models.records import Names


class ReloadAnswer(BaseModel):
    """The outcome of reading the settings again."""

    applied: list[str] = Field(description="Settings that changed and hold from now on.")
    after_restart: list[str] = Field(description="Settings that change with the next start.")


class EraseBody(RequestBody):
    """A period to erase; at least one part is wanted."""

    cameras: Names = Field(default_factory=list, description="Empty takes all.")
    queries: Names = Field(default_factory=list, description="Empty takes all.")
    start: Annotated[str, Field(max_length=64)] | None = Field(default=None, alias="from")
    end: Annotated[str, Field(max_length=64)] | None = Field(default=None, alias="to")

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "cameras": ["gate"],
                    "from": "2026-03-01T08:00:00+09:00",
                    "to": "2026-03-01T09:00:00+09:00",
                }
            ]
        }
    )


class EraseAnswer(BaseModel):
    """Numbers of what was erased."""

    counts: int
    tracks: int
    zone_events: int
    alerts: int = Field(description="Messages about alerts.")
    images: int
