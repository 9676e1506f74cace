"""Names taught by example, in requests and answers."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ovd.api.models.queries import Box

Side = Annotated[float, Field(allow_inf_nan=False)]


class ExampleBox(BaseModel):
    """A box on one of the images of a request."""

    model_config = ConfigDict(extra="forbid")

    image: Annotated[int, Field(ge=0, le=99)] = Field(description="Number of the image, from 0.")
    box: tuple[Side, Side, Side, Side] = Field(description="x0, y0, x1, y1 in pixels of it.")
    kind: Literal["shown", "confirmed", "refused"] = "shown"


class ExampleAnswer(BaseModel):
    """A box that a name was learned from."""

    kind: str
    source: str
    box: Box
    fits: bool = Field(description="Whether the detector has a region that fits it.")


class EstimateAnswer(BaseModel):
    """Estimate of how well a taught name will work."""

    found: int = Field(description="Examples that were found by what the others taught.")
    tried: int
    false_images: int = Field(description="Background images in which something is found.")
    images: int
    text: str


class TaughtAnswer(BaseModel):
    """A taught name."""

    name: str
    version: int
    camera: str | None
    detector: str
    created_at: datetime | None
    in_use: bool = Field(description="Whether it belongs to the weights that detect now.")
    examples: list[ExampleAnswer]
    estimate: EstimateAnswer


class LookAlike(BaseModel):
    """An object that may be what was taught, to be confirmed or refused."""

    image: int = Field(description="Number of the image, from 0.")
    box: Box
    score: float


class LookAlikes(BaseModel):
    """Objects on images that were sent, the most alike first."""

    items: list[LookAlike]
