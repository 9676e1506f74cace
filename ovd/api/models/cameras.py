"""Cameras and zones in requests and answers."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ovd.api.models.answers import RequestBody

MOST_QUERIES = 100
QueryText = Annotated[str, Field(min_length=1, max_length=200)]
Score = Annotated[float, Field(ge=0, le=1)]
CameraState = Literal["counting", "waiting", "stopped", "failed", "done"]


class CameraQueryBody(RequestBody):
    """A query with a threshold of its own."""

    text: QueryText
    min_score: Score | None = None


QueryGiven = QueryText | CameraQueryBody
Queries = Annotated[list[QueryGiven], Field(max_length=MOST_QUERIES)]
Fps = Annotated[float, Field(gt=0, le=1000)]
DetectorChoice = Annotated[
    str, Field(max_length=100, description="As GET /detectors; empty: that of the settings.")
]
JudgeChoice = Annotated[
    str,
    Field(
        max_length=300,
        description="A detector, or clip:ARCH/TAG; empty: that of the settings; none: no judge.",
    ),
]


class CameraQueryAnswer(BaseModel):
    """A query that a camera is asked."""

    text: str
    min_score: float | None


class AliasAnswer(BaseModel):
    """A form that was sent of a query that the camera counts already."""

    text: str = Field(examples=["persn"])
    counted_as: str = Field(examples=["person"])


class CameraAnswer(BaseModel):
    """A camera."""

    name: str = Field(examples=["gate"])
    uri: str = Field(
        description="Where it is read from, without credentials.",
        examples=["rtsp://192.0.2.7/stream1"],
    )
    queries: list[CameraQueryAnswer] = Field(description="Empty: the saved queries are counted.")
    fps: float | None = Field(description="Frames counted per second; null: all.")
    detector: str = Field(description="Its own detector; empty: that of the settings.")
    verify: str = Field(description="Its own judge; empty: that of the settings, none: no judge.")
    enabled: bool
    state: CameraState
    detail: str = Field(description="Why it does not count; empty when all is well.")
    complete: bool = Field(description="Whether it can be opened: its credentials are known.")
    continues: bool = Field(
        default=False,
        description="Whether a camera that was just added continues the history of its name.",
    )
    aliases: list[AliasAnswer] = Field(
        default_factory=list,
        description="Queries of this request that count the same as one before them: they are "
        "not kept, and reports find them under the other one.",
    )


Uri = Annotated[str, Field(min_length=1, max_length=2000)]
Login = Annotated[str, Field(max_length=200, description="Where it is not part of the address.")]


class NewCamera(RequestBody):
    """A camera to be added."""

    name: Annotated[str, Field(max_length=200)] = ""
    uri: Uri
    user: Login = ""
    password: Login = ""
    queries: Queries = Field(default_factory=list)
    fps: Fps | None = None
    detector: DetectorChoice = ""
    verify: JudgeChoice = ""
    enabled: bool = True
    start_at: Annotated[str, Field(max_length=64)] | None = Field(
        default=None, description="Of an upload: when its first frame was taken, ISO 8601."
    )

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "gate", "uri": "rtsp://viewer:secret@192.0.2.7/1", "queries": ["person"]}
            ]
        }
    )


class CameraPatch(RequestBody):
    """Changes to a camera; what is left out stays."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"queries": ["person", "car"], "fps": 5}]}
    )

    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    uri: Uri | None = None
    user: Login = ""
    password: Login = ""
    queries: Queries | None = None
    fps: Fps | None = None
    detector: DetectorChoice | None = None
    verify: JudgeChoice | None = None
    enabled: bool | None = None


class CameraTest(RequestBody):
    """A camera to be opened, before it is added or as it is kept."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"uri": "rtsp://192.0.2.7/stream1", "user": "viewer", "password": "secret"},
                {"name": "gate"},
            ]
        }
    )

    name: Annotated[str, Field(max_length=200)] = Field(
        default="", description="Of a camera that is kept; its own address is opened without `uri`."
    )
    uri: Annotated[str, Field(max_length=2000)] = ""
    user: Login = ""
    password: Login = ""


class CameraTestAnswer(BaseModel):
    """The outcome of opening a camera."""

    problem: Literal[
        "", "address", "host", "credentials", "silent", "away", "refused", "recorded", "unusable"
    ] = Field(description="Why there is no image; empty when there is one.")
    message: str = Field(description="The same in words.")
    width: int = 0
    height: int = 0
    fps: float = 0.0
    seconds: float = Field(default=0.0, description="Until the image was there.")
    image: str = Field(default="", description="The image, a JPEG as a data URL.")


class AddressTemplateAnswer(BaseModel):
    """Where the cameras of one maker send video; `{host}` stands for the host."""

    maker: str
    main: str
    sub: str = Field(description="The lighter stream; empty where there is none.")


class FoundCameraAnswer(BaseModel):
    """A camera that answered in the local network."""

    host: str
    name: str = Field(description="What it calls itself; empty if it does not.")
    hardware: str = Field(description="Its model; empty if it does not say.")


class RefusedImport(BaseModel):
    """A camera of a file that was left out."""

    name: str
    message: str = Field(description="Why.")


class ImportAnswer(BaseModel):
    """The outcome of an import."""

    names: list[str] = Field(description="Cameras that were added or changed.")
    incomplete: list[str] = Field(description="Those whose passwords are to be given again.")
    refused: list[RefusedImport] = Field(description="Those that were left out.")


Share = Annotated[float, Field(ge=0, le=1)]


class ZoneBody(RequestBody):
    """A line or polygon in the image of a camera."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    kind: Literal["line", "polygon"]
    points: Annotated[list[tuple[Share, Share]], Field(min_length=2, max_length=100)] = Field(
        description="Corners as [x, y] in fractions of the image's width and height."
    )
    anchor: Literal["bottom", "center", "top"] = "bottom"


class ZoneTrialBody(RequestBody):
    """Lines and polygons to be tried on what was tracked lately."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [{"name": "door", "kind": "line", "points": [[0.1, 0.5], [0.9, 0.5]]}],
                    "seconds": 60,
                }
            ]
        }
    )

    items: Annotated[list[ZoneBody], Field(max_length=100)]
    seconds: Annotated[float, Field(gt=0, le=120)] = 120.0


class ZoneTrialItem(BaseModel):
    """Events at a zone that is tried; those of a line, or those of a polygon."""

    zone: str
    kind: Literal["line", "polygon"]
    query: str
    crossed_in: int = Field(serialization_alias="in", validation_alias="in", default=0)
    crossed_out: int = Field(serialization_alias="out", validation_alias="out", default=0)
    entered: int = 0
    left: int = 0
    inside: int = 0


class ZoneTrialAnswer(BaseModel):
    """The outcome of a trial."""

    frames: int = Field(description="Frames that were tracked in this time.")
    seconds: float = Field(description="Seconds from the first to the last of them.")
    items: list[ZoneTrialItem]


class MaskBody(RequestBody):
    """An area in which nothing is counted (ignore), or that is black in every image (privacy)."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    kind: Literal["ignore", "privacy"]
    points: Annotated[list[tuple[Share, Share]], Field(min_length=3, max_length=100)] = Field(
        description="Corners as [x, y] in fractions of the image's width and height."
    )
    anchor: Literal["bottom", "center", "top"] = "bottom"
    query: Annotated[str, Field(max_length=200)] = Field(
        default="", description="The one query that an ignore area holds for; empty: all."
    )


class MasksBody(RequestBody):
    """All masks of a camera."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "name": "screen",
                            "kind": "ignore",
                            "points": [[0, 0], [0.2, 0], [0.2, 0.2]],
                        }
                    ]
                }
            ]
        }
    )

    items: Annotated[list[MaskBody], Field(max_length=100)]


class ZonesBody(RequestBody):
    """All zones of a camera."""

    items: Annotated[list[ZoneBody], Field(max_length=100)]

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"items": [{"name": "door", "kind": "line", "points": [[0.1, 0.5], [0.9, 0.5]]}]}
            ]
        }
    )
