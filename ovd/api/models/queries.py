"""Queries and detections in requests and answers."""

from pydantic import BaseModel, Field

from ovd.api.models.answers import RequestBody
from ovd.api.models.cameras import QueryText


class SavedQuery(BaseModel):
    """A query on the saved list."""

    id: str = Field(examples=["6f2b0c1d9a3e"])
    text: str


class QueryBody(RequestBody):
    """A query as typed."""

    text: QueryText = Field(examples=["red car"])


class Reading(BaseModel):
    """The reading of a query."""

    query: str
    read_as: str
    supported: bool
    note: str
    min_score: float


class Readings(BaseModel):
    """The readings of the queries of a text."""

    queries: list[Reading]


class Box(BaseModel):
    """A box in pixels."""

    xmin: float
    ymin: float
    xmax: float
    ymax: float


class DetectionAnswer(BaseModel):
    """An object that was found."""

    label: str
    score: float
    box: Box


class DetectAnswer(BaseModel):
    """Objects found in an image."""

    image: str
    width: int
    height: int
    detector: str
    detections: list[DetectionAnswer]
    queries: list[Reading]
