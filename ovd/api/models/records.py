"""Counts, runs, gaps, events and evidence in answers; reports in requests."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ovd.api.models.answers import RequestBody

Names = Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=200)]
BucketName = Literal["1s", "1m", "15m", "1h", "1d"]
LogoText = Annotated[
    str, Field(max_length=2_700_000, description="A PNG or JPEG file of at most 2 MB, in base64.")
]
FormatName = Literal["csv", "json", "xlsx", "parquet", "html", "pdf"]


class CountRow(BaseModel):
    """Counts of one query at one camera in one bucket; the columns of reports."""

    model_config = ConfigDict(populate_by_name=True)

    camera: str
    query: str = Field(description="Reading of the query.")
    typed: list[str] = Field(description="The forms in which it was typed.")
    bucket_start: datetime
    bucket_end: datetime
    observed_s: float
    samples: int
    mean_count: float | None = Field(description="Null, not 0, where nothing was observed.")
    max_count: int | None
    unique: int | None
    crossed_in: int | None = Field(alias="in")
    crossed_out: int | None = Field(alias="out")
    coverage: float
    mean_pending: float | None = Field(
        description="Mean number of objects in a frame that were not judged yet."
    )
    mean_unknown: float | None = Field(
        description="Mean number of objects in a frame that cannot be judged: may match or not."
    )


class RunAnswer(BaseModel):
    """One interval of counting one camera."""

    id: int
    camera: str
    detector: str
    started_at: datetime
    ended_at: datetime | None
    status: str
    error: str


class GapAnswer(BaseModel):
    """An interval that was not observed."""

    camera: str
    started_at: datetime
    ended_at: datetime
    reason: str


class EventAnswer(BaseModel):
    """Something that happened at a zone."""

    camera: str
    zone: str
    query: str
    kind: str
    at: datetime
    track_id: int
    run_id: int
    dwell_s: float | None


class EvidenceAnswer(BaseModel):
    """An image of what was counted."""

    id: str
    camera: str
    query: str
    captured_at: datetime
    score: float
    run_id: int
    frame_index: int


class ReportBody(RequestBody):
    """A report, with the options of `ovd report`."""

    cameras: Names = Field(default_factory=list)
    queries: Names = Field(default_factory=list)
    start: Annotated[str, Field(max_length=64)] | None = Field(default=None, alias="from")
    end: Annotated[str, Field(max_length=64)] | None = Field(default=None, alias="to")
    bucket: BucketName = "1h"
    tz: Annotated[str, Field(max_length=64)] = "UTC"
    format: FormatName = "csv"
    compare: Literal["previous"] | None = None
    language: Literal["en", "ko"] = "en"
    title: Annotated[str, Field(max_length=200)] = ""
    logo: LogoText = ""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"cameras": ["gate"], "bucket": "1h", "tz": "Asia/Seoul", "format": "csv"}]
        }
    )


class JudgeHealth(BaseModel):
    """The health of the judge that decides about the tracks of a camera."""

    name: str
    min_score: float = Field(description="Combined score from which an object counts.")
    judged: int = Field(description="Judgements of this run.")
    pending: int = Field(description="Objects that were not judged yet.")
    waited_s: float = Field(description="How long the oldest of them has waited.")
    judgement_s: float | None = Field(description="What a judgement takes; null before the first.")
    wanted_per_s: float = Field(description="Judgements per second that the budget allows.")
    per_s: float = Field(description="Judgements per second that are made at most.")
    slow: bool = Field(description="Whether it takes too long for its budget.")
    behind: bool = Field(description="Whether objects wait too long for their first judgement.")
    note: str = Field(description="What is wrong; empty where nothing is.")


class CameraHealth(BaseModel):
    """The health of a camera."""

    name: str
    state: str
    frame_age_s: float | None
    frames_per_s: float
    in_gap: bool
    detail: str
    judge: JudgeHealth | None = Field(description="Null where no judge decides about tracks.")


class StoreAnswer(BaseModel):
    """The health of the database."""

    state: str
    queued: int
    free_bytes: int | None
    detail: str


class DetectorHealth(BaseModel):
    """The computation of the detector, and why it is not the first choice."""

    runtime: str
    precision: str
    notes: list[str]


class MqttHealthAnswer(BaseModel):
    """The connection to the MQTT broker."""

    connected: bool
    problem: str
    waiting: int = Field(description="Values and messages that the broker does not have yet.")


class DeliveryHealthAnswer(BaseModel):
    """The delivery of alerts."""

    waiting: int = Field(description="Messages that wait to be sent.")
    dead: int = Field(description="Messages that were given up.")
    oldest_at: datetime | None = Field(description="When the oldest that waits was written.")
    problems: dict[str, str] = Field(description="Why sending fails, by target.")


class HealthAnswer(BaseModel):
    """The health of the server."""

    status: Literal["ok", "degraded", "down"]
    version: str
    cameras: list[CameraHealth]
    store: StoreAnswer
    detector: DetectorHealth
    delivery: DeliveryHealthAnswer | None
    mqtt: MqttHealthAnswer | None = Field(description="Null without a broker in the settings.")


class Alive(BaseModel):
    """A sign of life."""

    status: Literal["ok", "down"]


class UploadAnswer(BaseModel):
    """A file that was sent."""

    id: str
    uri: str = Field(description="The address to give to a new camera.")
    width: int
    height: int
    fps: float
    length_s: float | None
    bytes: int


class DetectorAnswer(BaseModel):
    """A detector."""

    name: str
    licence: str
    parameters: int
    installed: bool
    embedded: bool
    independent_scores: bool
    bytes: int | None = Field(description="Size of its network's file; null: not installed.")
    in_use: bool
    default_min_score: float = 0.35
    accepted: bool = True
    repository: str = ""


class JobAnswer(BaseModel):
    """Long work, and how far it is."""

    id: str
    kind: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    progress: float
    created_at: datetime
    ended_at: datetime | None
    error: str
