"""Port of the detector."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from ovd.domain.detections import Detections
from ovd.domain.frame import Image
from ovd.domain.query import NOTHING_JUDGED, AttributeKind, JudgedConditions, Query, Vocabulary


@dataclass(frozen=True)
class Computation:
    """The computation of a detector's network; counts may differ a little between two.

    Attributes:
        runtime: Library, such as "openvino"; empty where it is not known.
        precision: Type of the numbers inside, such as "float32"; empty where it is not known.
        notes: Why something that was asked for is not used.
    """

    runtime: str = ""
    precision: str = ""
    notes: tuple[str, ...] = ()


UNKNOWN_COMPUTATION = Computation()


@dataclass(frozen=True)
class TaughtPrompt:
    """One name that was taught by example, in the version that is in use.

    Attributes:
        name: As it is typed, lower case.
        version: Counts from 1.
        prompt: The prompt that asks for exactly this version.
    """

    name: str
    version: int
    prompt: str


@dataclass(frozen=True)
class DetectorInfo:
    """Facts about a detector.

    Attributes:
        name: Name by which users choose it.
        weights_sha256: Checksum of the network's weights, hexadecimal.
        known_names: Names it was trained to find, lower case, in the order of training.
        default_min_score: Threshold in [0, 1] at which its counts are meant to be read.
        open_vocabulary: Whether it may be asked for names beyond `known_names`.
        judged_attributes: What it can tell about an object beside its name, so that "red car" may
            be one of its prompts.
        judged_conditions: What can be judged of an object beside name and attributes: relations,
            states, groups.
        independent_scores: Whether the score of a query is the same whatever else is asked for.
        computation: How its network is computed.
        taught: Those of `known_names` that were taught by example.
        phrases: Whether it may be asked for any noun phrase as it was typed, without a list of
            names: `known_names` is empty then.
    """

    name: str
    weights_sha256: str
    known_names: tuple[str, ...]
    default_min_score: float
    open_vocabulary: bool = False
    judged_attributes: frozenset[AttributeKind] = frozenset()
    independent_scores: bool = True
    judged_conditions: JudgedConditions = NOTHING_JUDGED
    computation: Computation = UNKNOWN_COMPUTATION
    taught: tuple[TaughtPrompt, ...] = ()
    phrases: bool = False

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("a detector needs a name")
        if not 0.0 <= self.default_min_score <= 1.0:
            raise ValueError(f"default_min_score must be in [0, 1], got {self.default_min_score}")

    @property
    def detector_id(self) -> str:
        """Return the name and the start of the checksum, which identify detector and weights."""
        return f"{self.name}@{self.weights_sha256[:12]}"


class Detector(Protocol):
    """Finds the objects of a vocabulary in images. Safe to share between threads."""

    @property
    def info(self) -> DetectorInfo:
        """Return its facts; only `computation` changes, when the network is opened."""
        ...

    def encode(self, queries: Sequence[Query]) -> Vocabulary:
        """Embed the prompts of supported queries; repeated prompts come from a cache.

        Raises:
            QueryError: If a query is unsupported or there is none.
        """
        ...

    def detect(self, images: Sequence[Image], vocabulary: Vocabulary) -> list[Detections]:
        """Find objects in `(H, W, 3)` RGB images; one result per image, in order.

        Only detections at or above the `min_score` of their query are returned, after
        duplicates of the same object and query were removed.
        """
        ...


@runtime_checkable
class NetworkOwner(Protocol):
    """A detector whose network may be opened later than the rest of it is loaded."""

    def open_network(self) -> None:
        """Open the network now, unless it is open; otherwise the first image opens it.

        Raises:
            RuntimeUnavailableError: If no runtime works here.
        """
        ...
