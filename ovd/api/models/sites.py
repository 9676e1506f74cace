"""Sites in requests and answers."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ovd.api.models.answers import RequestBody

Text = Annotated[str, Field(max_length=200)]
Hours = Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=50)]
_HOURS_HINT = "Such as `mon-fri 09:00-18:00`."


class PassingBody(RequestBody):
    """A line that people cross who pass by."""

    camera: Text
    line: Text


class LineBody(PassingBody):
    """A line through which a site is entered and left."""

    enter: Literal["in", "out"] = Field(
        default="in", description="Which crossing of the line enters the site."
    )


class DoorBody(RequestBody):
    """A way into a site: lines of cameras whose crossings are added up."""

    camera: Text = Field(default="", examples=["gate"])
    line: Text = Field(default="", description="Name of a line of the camera.", examples=["door"])
    enter: Literal["in", "out"] = Field(
        default="in", description="Which crossing of the line enters the site."
    )
    name: Text = Field(default="", description="For people; empty takes that of the line.")
    more: Annotated[list[LineBody], Field(max_length=20)] = Field(
        default_factory=list, description="Further lines of the same door."
    )
    passing: Annotated[list[PassingBody], Field(max_length=20)] = Field(
        default_factory=list, description="Lines that people cross who pass by in front of it."
    )
    imported: bool = Field(
        default=False, description="Its counts come from another counter; it has no line."
    )


class AreaBody(RequestBody):
    """An area of a camera."""

    camera: Text
    area: Text


class QueueBody(AreaBody):
    """An area in which people wait."""

    name: Text = ""
    front: Text = Field(default="", description="Line that is crossed by who was served.")
    limit_s: float | None = Field(default=None, description="A longer wait is too long.")


class StaffBody(RequestBody):
    """People who are not counted at doors."""

    areas: Annotated[list[AreaBody], Field(max_length=20)] = Field(
        default_factory=list, description="Whoever was in one of them, as behind the counter."
    )
    turn_back_s: float = Field(
        default=0.0, description="Who comes back within these seconds has not entered or left."
    )


class RoomBody(RequestBody):
    """A camera that sees the whole site."""

    camera: Text
    query: Text = Field(default="", description="Empty takes that of the site.")


class HolidayBody(RequestBody):
    """A day with hours of its own."""

    day: Annotated[str, Field(max_length=20, examples=["2026-12-25"])]
    name: Text = ""
    hours: Hours = Field(default_factory=list, description=f"{_HOURS_HINT} Empty is closed.")


class SiteBody(RequestBody):
    """A site: doors, opening hours, capacity."""

    name: Text = Field(examples=["Market Street"])
    tz: Annotated[str, Field(max_length=64, examples=["Asia/Seoul"])] = "UTC"
    query: Text = Field(default="person", description="What is counted, as typed at the cameras.")
    doors: Annotated[list[DoorBody], Field(max_length=100)]
    room: RoomBody | None = None
    hours: Hours = Field(default_factory=list, description=f"{_HOURS_HINT} Empty is always open.")
    holidays: Annotated[list[HolidayBody], Field(max_length=1000)] = Field(default_factory=list)
    capacity: int | None = None
    reset: Annotated[str, Field(max_length=20)] = Field(
        default="04:00", description='Local time at which it is empty, or "closing".'
    )
    area_m2: float | None = None
    queues: Annotated[list[QueueBody], Field(max_length=50)] = Field(default_factory=list)
    staff: StaffBody = Field(default_factory=StaffBody)
    currency: Annotated[str, Field(max_length=3, examples=["EUR"])] = ""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Market Street",
                    "tz": "Europe/Berlin",
                    "doors": [{"camera": "gate", "line": "door", "enter": "in"}],
                    "hours": ["mon-sat 09:00-20:00"],
                    "capacity": 40,
                }
            ]
        }
    )


class OccupancyAnswer(BaseModel):
    """The number of people inside now; null where it is not known."""

    site: str
    at: str
    people: float | None = Field(description="Best estimate.")
    low: float | None = Field(description="Lower end of the 95 % band.")
    high: float | None
    counted: int | None = Field(description="Entered minus left since the last reset.")
    observed: bool = Field(description="Whether all doors are observed.")
    capacity: int | None
    entered: int
    left: int
    since: str = Field(description="The last reset.")
    open: bool


class DoorCounts(BaseModel):
    """Passages through one door."""

    entered: int
    left: int


class SiteBucketAnswer(BaseModel):
    """Passages and people inside in one interval; null where not known."""

    bucket_start: str
    bucket_end: str
    entered: int | None
    left: int | None
    people: float | None = Field(description="Inside at the end of the interval.")
    low: float | None
    high: float | None
    most: float | None = Field(description="Most inside, by the minute.")
    doors: dict[str, DoorCounts]
    open_s: float = Field(description="Seconds in which the site was open.")
    coverage: float = Field(description="Share of the doors' time that was observed.")
    open_coverage: float | None = Field(description="The same of the opening hours.")
    entered_outside: int = Field(description="Entered while the site was closed.")
    left_outside: int = 0


class ResetBody(RequestBody):
    """A correction of the number of people inside."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"people": 12}]})

    people: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    at: Annotated[str, Field(max_length=64)] | None = Field(
        default=None, description="ISO 8601; default: now."
    )


class ResetAnswer(BaseModel):
    """A correction that was kept."""

    people: int
    at: str
    by: str


class DisplayBody(RequestBody):
    """A screen that waits to be paired."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "front door", "code": "K7F 2MQ"}]}
    )

    name: Annotated[str, Field(max_length=100, examples=["front door"])]
    code: Annotated[str, Field(max_length=20, description="What it shows.", examples=["K7F 2MQ"])]


class DisplayAnswer(BaseModel):
    """A screen that shows a site."""

    site: str
    name: str
    paired_by: str
    paired_at: datetime
    last_seen_at: datetime | None


class FileBody(RequestBody):
    """A CSV file in a request."""

    csv: Annotated[str, Field(max_length=20_000_000, description="The file, with a header.")]
    tz: Annotated[str, Field(max_length=64)] = Field(
        default="", description="Zone of times without an offset; empty takes that of the site."
    )


class SalesBody(FileBody):
    """Transactions of tills."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"csv": "time,amount,register\n2026-03-02T14:30,12.50,till 1\n"}]
        }
    )

    force: bool = Field(
        default=False, description="Take them although most lie outside the opening hours."
    )


class SalesImportAnswer(BaseModel):
    """The outcome of an import of transactions."""

    read: int
    added: int = Field(description="How many were not known before.")
    first_at: str
    last_at: str


class CountsBody(FileBody):
    """Counts of another counter."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "csv": "door,start,minutes,entered,left\ngarage,2026-03-02T14:00,15,9,4\n",
                    "source": "garage counter",
                }
            ]
        }
    )

    source: Text = ""


class ImportedAnswer(BaseModel):
    """Counts that were imported."""

    read: int
    entered: int
    left: int
