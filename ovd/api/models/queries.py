"""Queries and detections in requests and answers."""

from pydantic import BaseModel, ConfigDict, Field

from ovd.api.models.answers import RequestBody
from ovd.api.models.cameras import QueryText
from ovd.texts.languages import Language


class SavedQuery(BaseModel):
    """A query on the saved list."""

    id: str = Field(examples=["6f2b0c1d9a3e"])
    text: str


class QueryBody(RequestBody):
    """A query as typed."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "red car"}]})

    text: QueryText = Field(examples=["red car"])


class Reading(BaseModel):
    """The reading of a query."""

    query: str
    read_as: str
    supported: bool
    note: str
    min_score: float


class NamedReading(Reading):
    """The reading of a query, with its name in a language; the note is in that language, too."""

    name: str = Field(description="What is counted, in the language that was asked for.")


class ReadBody(QueryBody):
    """A query that is to be read."""

    lang: Language = Language.EN


class Readings(BaseModel):
    """The readings of the queries of a text."""

    queries: list[NamedReading]


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


class PreviewReading(NamedReading):
    """The reading of a query that is tried, and the scores of what it finds."""

    conditions: bool = Field(
        description="Whether conditions are judged over several frames; images show less of them."
    )
    scores: list[float] = Field(description="Scores of everything found, highest first.")


class PreviewFrame(BaseModel):
    """An image with everything that was found in it, also below the thresholds."""

    name: str = Field(description="File name or time.")
    width: int
    height: int
    image: str = Field(description="JPEG as a data URL, small.")
    detections: list[DetectionAnswer]


class PreviewAnswer(BaseModel):
    """The result of queries on images."""

    detector: str
    lowest_score: float = Field(description="What scores less is left out.")
    queries: list[PreviewReading]
    frames: list[PreviewFrame]


class DetectAnswer(BaseModel):
    """Objects found in an image."""

    image: str
    width: int
    height: int
    detector: str
    detections: list[DetectionAnswer]
    queries: list[Reading]


class ExampleListAnswer(BaseModel):
    """Queries under one title."""

    title: str
    queries: list[str]


class QueryExamples(BaseModel):
    """Examples of queries by topic, and lists for usual places."""

    topics: list[ExampleListAnswer]
    presets: list[ExampleListAnswer]
