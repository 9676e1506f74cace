"""TaughtName: a name learned from example boxes, with the examples and how sure it is."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ovd.domain.names import normalise_name
from ovd.domain.teaching.regions import RegionVector

Box = tuple[float, float, float, float]


class ExampleKind(StrEnum):
    """Kinds of what a user tells about a box."""

    SHOWN = "shown"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


@dataclass(frozen=True, eq=False)
class TaughtExample:
    """One box on an image, as regions of a detector; the image itself is not kept.

    Attributes:
        kind: Whether the box shows the object, or a look-alike that is another thing.
        xyxy: Corners in pixels of the image.
        image_hw: Height and width of the image in pixels.
        source: Where the image came from, such as its file name; no credentials.
        image_sha256: Checksum of the pixels, hexadecimal.
        region_embeds: `(R, D)` float16 embeddings of the regions that fit the box, best first.
        region_xyxy: `(R, 4)` float32 boxes of these regions in pixels of the image.
        other_embeds: `(M, D)` float16 embeddings of regions of the image that show something else.
        crop: JPEG of the box, where evidence may be kept; else empty.
    """

    kind: ExampleKind
    xyxy: Box
    image_hw: tuple[int, int]
    source: str
    image_sha256: str
    region_embeds: NDArray[np.float16]
    region_xyxy: NDArray[np.float32]
    other_embeds: NDArray[np.float16]
    crop: bytes = b""

    def __post_init__(self) -> None:
        if self.region_embeds.ndim != 2 or self.region_xyxy.shape != (len(self.region_embeds), 4):
            raise ValueError(
                f"wanted (R, D) and (R, 4), got {self.region_embeds.shape} and "
                f"{self.region_xyxy.shape}"
            )
        if self.other_embeds.shape[1:] != self.region_embeds.shape[1:]:
            raise ValueError(
                f"embeddings of one image share D, got {self.region_embeds.shape} and "
                f"{self.other_embeds.shape}"
            )

    @property
    def shows_object(self) -> bool:
        """Return whether the box shows the object."""
        return self.kind is not ExampleKind.REFUSED


@dataclass(frozen=True)
class TeachingEstimate:
    """Estimate of how well a taught name will work, by leaving out one example at a time.

    Attributes:
        found: Examples that were found by what the others taught; 0 for a single one.
        tried: Examples that were left out in turn.
        false_images: Background images in which something reaches the threshold.
        images: Background images that were searched.
    """

    found: int
    tried: int
    false_images: int
    images: int

    @property
    def text(self) -> str:
        """Return the estimate as one English sentence."""
        background = f"{self.false_images} false in {self.images} background images"
        if not self.tried:
            return f"one example cannot be checked against others; {background}"
        return f"{self.found} of {self.tried} examples found when left out, {background}"


@dataclass(frozen=True, eq=False)
class TaughtName:
    """One version of a taught name; a change is a new version, so that counts stay explained.

    Attributes:
        name: In the form of `normalise_name`, lower case.
        detector_id: `DetectorInfo.detector_id` of the detector whose regions these are.
        vectors: What regions are compared with; an object matches the best of them.
        estimate: How well it may be expected to work.
        examples: What it was learned from.
        camera: Name of the one camera that it is for; empty for all.
        version: Counts from 1; 0 before it is kept.
        created_at: When it was kept.
    """

    name: str
    detector_id: str
    vectors: tuple[RegionVector, ...]
    estimate: TeachingEstimate
    examples: tuple[TaughtExample, ...] = ()
    camera: str = ""
    version: int = 0
    created_at: datetime | None = field(default=None)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", normalise_name(self.name).lower())
        if not self.name:
            raise ValueError("a taught name needs a name")
        if not self.vectors:
            raise ValueError("a taught name needs at least one vector")

    @property
    def prompt(self) -> str:
        """Return the prompt by which exactly this version is asked for."""
        return f"{self.name} [taught {self.version}]"

    def kept_as(self, version: int, created_at: datetime) -> "TaughtName":
        """Return the same name with its version."""
        return replace(self, version=version, created_at=created_at)


class TaughtNames(Protocol):
    """The taught names of one database. Safe to share between threads."""

    def add(self, taught: TaughtName) -> TaughtName:
        """Keep a name as its next version, which is in use from now on instead of the last.

        Versions of a name are counted over all cameras.

        Raises:
            CameraError: If its camera does not exist.
        """
        ...

    def all(self) -> tuple[TaughtName, ...]:
        """Return the names in use, by name and camera."""
        ...

    def versions(self) -> tuple[TaughtName, ...]:
        """Return every version that was ever kept, without examples, also of removed names."""
        ...

    def remove(self, name: str, camera: str = "") -> bool:
        """Stop using a name; its versions stay for the counts made with them.

        Returns:
            Whether it was in use.
        """
        ...
