"""NameTeacher: teaches a name from example boxes, and tells how sure the result is."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ovd.detection.taught.bank import BackgroundBank
from ovd.detection.taught.examples import (
    ExampleImage,
    box_offset,
    check_agreement,
    find_background,
    find_examples,
)
from ovd.detection.taught.fitting import FitConfig, fit_vector
from ovd.detection.taught.proposals import Proposal, find_proposals
from ovd.detection.taught.thresholds import image_maxima, level_of, logit, with_threshold
from ovd.domain.frame import Image
from ovd.domain.names import normalise_name
from ovd.domain.ports import DetectorInfo
from ovd.domain.teaching.regions import RegionEncoder, Regions, RegionVector
from ovd.domain.teaching.taught_names import TaughtExample, TaughtName, TeachingEstimate
from ovd.errors import ExampleError, KnownNameError, TeachingUnsureError

MAX_EXAMPLES = 100
MAX_NAME_LENGTH = 60


@dataclass(frozen=True)
class TeachConfig:
    """Parameters of teaching.

    Attributes:
        fit: Parameters of the fit.
        false_share: Share of background images in which something may reach the threshold.
        kept_ratio: Background images falsely marked by any of their regions for each that is by
            one of those that the bank keeps, as `bench.teach` measured.
        folds: Parts into which examples are divided to leave one out in turn.
        least_found: Share of left-out examples that must be found; else nothing is taught.
        known_score: Score from which an example counts as something that is known.
        known_share: Share of examples that must be known by one name to refuse another name.
        several_from: Missed examples from which another vector is learned for them.
    """

    fit: FitConfig = field(default_factory=FitConfig)
    false_share: float = 0.04
    kept_ratio: float = 2.0
    folds: int = 5
    least_found: float = 0.2
    known_score: float = 0.5
    known_share: float = 0.8
    several_from: int = 3


class NameTeacher:
    """Learns names from examples; holds no state but the text vectors of the known names."""

    def __init__(
        self,
        encoder: RegionEncoder,
        info: DetectorInfo,
        bank: BackgroundBank,
        config: TeachConfig | None = None,
    ) -> None:
        """Teach names to one detector.

        Args:
            encoder: Shows the regions of images.
            info: What the detector knows.
            bank: Background of the same weights.
            config: Parameters.
        """
        self._encoder = encoder
        self._info = info
        self._bank = bank
        self._config = config or TeachConfig()

    @property
    def bank(self) -> BackgroundBank:
        """Return the background that names are told from."""
        return self._bank

    def propose(
        self, taught: TaughtName, frames: Sequence[tuple[str, Regions]], limit: int = 12
    ) -> list[Proposal]:
        """Return what looks like the object on frames of the user, to be confirmed or refused.

        Args:
            taught: The name as it was learned so far.
            frames: Sources and regions of the frames, as `find_regions` gives them.
            limit: At most so many, best first.
        """
        level = logit(self._info.default_min_score)
        return find_proposals(taught.vectors, frames, taught.examples, level)[:limit]

    def find_regions(self, images: Sequence[Image]) -> list[Regions]:
        """Return the regions of `(H, W, 3)` uint8 RGB images, in order."""
        return self._encoder.find_regions(images)

    def read_images(
        self, images: Sequence[ExampleImage], backgrounds: Sequence[tuple[str, Image]] = ()
    ) -> tuple[TaughtExample, ...]:
        """Find the regions of images that fit the boxes drawn on them.

        Args:
            images: Images with boxes.
            backgrounds: Sources and images that do not show the object anywhere.

        Raises:
            ExampleError: If a box is outside of its image, empty or too small.
            ImageError: If an image is empty or of another shape or type.
        """
        whitening = self._bank.whitening
        found: list[TaughtExample] = []
        for shown in images:
            [regions] = self._encoder.find_regions([shown.image])
            found += find_examples(shown, regions, whitening)
        for source, image in backgrounds:
            [regions] = self._encoder.find_regions([image])
            found.append(find_background(image, regions, source, whitening))
        return tuple(found)

    def learn(
        self,
        name: str,
        examples: Sequence[TaughtExample],
        camera: str = "",
        anyway: bool = False,
    ) -> TaughtName:
        """Learn a name from all of its examples.

        Args:
            name: What to call the object.
            examples: Shown, confirmed and refused ones, as `read_images` finds them.
            camera: Name of the only camera that the name is for; empty for all.
            anyway: Whether to teach also where the examples are known by another name, or are
                not found by what the others taught.

        Raises:
            ExampleError: If the name is blank or too long, there are too many examples or none,
                they contradict each other, or no region of the network fits them.
            KnownNameError: If the name, or what the examples show, is known already.
            TeachingUnsureError: If too few examples are found by what the others taught.
        """
        name = _require_name(name)
        usable = _require_usable(examples)
        if not anyway:
            self._refuse_known(name, camera, usable)
        [text] = self._encoder.text_vectors([name])
        vectors, estimate = self._fit_with_estimate(usable, text)
        least = self._config.least_found * estimate.tried
        if estimate.tried and estimate.found < least and not anyway:
            raise TeachingUnsureError(
                f"{name!r} was not learned: {estimate.text}; give more examples that look alike, "
                "or fewer kinds of object under one name"
            )
        return TaughtName(name, self._info.detector_id, vectors, estimate, tuple(examples), camera)

    def _refuse_known(self, name: str, camera: str, usable: Sequence[TaughtExample]) -> None:
        if name in self._info.known_names and not camera:
            raise KnownNameError(
                f"the detector {self._info.name!r} knows {name!r} already; choose another name, "
                "or teach it for one camera to count only what looks like the examples there"
            )
        known, share = self._known_as(usable)
        if known and known != name and share >= self._config.known_share:
            raise KnownNameError(
                f"the detector finds {share:.0%} of the examples as {known!r} already: count that, "
                f"or teach {name!r} anyway, which will count them beside it"
            )

    def _known_as(self, examples: Sequence[TaughtExample]) -> tuple[str, float]:
        """Return the known name that most examples are found as, and their share."""
        names = self._info.known_names
        texts = self._encoder.text_vectors(names)
        vectors = np.stack([item.vector for item in texts])
        bias = np.array([item.bias for item in texts])
        shown = [item for item in examples if item.shows_object]
        logits = np.stack(
            [(item.region_embeds.astype(np.float32) @ vectors.T).max(axis=0) for item in shown]
        )
        known = 1 / (1 + np.exp(-(logits + bias))) >= self._config.known_score
        best = int(known.sum(axis=0).argmax())
        return names[best], float(known[:, best].mean())

    def _fit_with_estimate(
        self, examples: Sequence[TaughtExample], text: RegionVector
    ) -> tuple[tuple[RegionVector, ...], TeachingEstimate]:
        vectors = [self._fit(examples, text)]
        shown = [item for item in examples if item.shows_object]
        found = self._leave_out(examples, text) if len(shown) > 1 else []
        missed = [item for item, hit in zip(shown, found, strict=False) if not hit]
        if found and self._config.several_from <= len(missed) < len(shown):
            vectors = self._with_another(examples, missed, text, vectors)
        false = round(self._config.false_share * self._bank.images)
        estimate = TeachingEstimate(sum(found), len(found), false, self._bank.images)
        level = _above_refused(vectors, examples, self._level(vectors))
        return with_threshold(vectors, level, self._info.default_min_score), estimate

    def _fit(self, examples: Sequence[TaughtExample], text: RegionVector) -> RegionVector:
        vector = fit_vector(examples, text, self._bank, self._config.fit)
        return replace(vector, box_offset=box_offset(examples))

    def _level(self, vectors: Sequence[RegionVector]) -> float:
        """Return the logit that something reaches in the wished share of background images."""
        share = self._config.false_share / self._config.kept_ratio
        return level_of(image_maxima(vectors, self._bank), share)

    def _leave_out(self, examples: Sequence[TaughtExample], text: RegionVector) -> list[bool]:
        """Return for each shown example whether it is found by what the others taught."""
        shown = [item for item in examples if item.shows_object]
        refused = [item for item in examples if not item.shows_object]
        folds = min(self._config.folds, len(shown))
        hits = [False] * len(shown)
        for fold in range(folds):
            kept = [item for at, item in enumerate(shown) if at % folds != fold]
            vectors = [self._fit([*kept, *refused], text)]
            level = self._level(vectors)
            for at in range(fold, len(shown), folds):
                hits[at] = _best_logit(vectors, shown[at]) >= level
        return hits

    def _with_another(
        self,
        examples: Sequence[TaughtExample],
        missed: Sequence[TaughtExample],
        text: RegionVector,
        vectors: list[RegionVector],
    ) -> list[RegionVector]:
        """Return the vectors with another for the missed examples, if more are found by both."""
        refused = [item for item in examples if not item.shows_object]
        both = [*vectors, self._fit([*missed, *refused], text)]
        shown = [item for item in examples if item.shows_object]
        before, after = (
            sum(_best_logit(some, item) >= self._level(some) for item in shown)
            for some in (vectors, both)
        )
        return both if after > before + 1 else vectors


def _above_refused(
    vectors: Sequence[RegionVector], examples: Sequence[TaughtExample], level: float
) -> float:
    """Raise the level above refused look-alikes, as far as that loses fewer shown examples."""
    shown = np.array([_best_logit(vectors, item) for item in examples if item.shows_object])
    refused = np.array([_best_logit(vectors, item) for item in examples if not item.shows_object])
    levels = [level, *(np.nextafter(refused[refused >= level], np.inf)).tolist()]
    wrong = [int((shown < at).sum() + (refused >= at).sum()) for at in levels]
    return float(min(zip(wrong, levels, strict=True))[1])


def _best_logit(vectors: Sequence[RegionVector], example: TaughtExample) -> float:
    embeds = example.region_embeds.astype(np.float32)
    logits: list[NDArray[np.float32]] = [embeds @ item.vector + item.bias for item in vectors]
    return float(np.max(logits))


def _require_name(name: str) -> str:
    name = normalise_name(name).lower()
    if not name or len(name) > MAX_NAME_LENGTH or any(char in name for char in '[]",;'):
        raise ExampleError(
            f"a name has 1 to {MAX_NAME_LENGTH} characters without brackets, quotes, commas and "
            f"semicolons, got {name!r}"
        )
    return name


def _require_usable(examples: Sequence[TaughtExample]) -> list[TaughtExample]:
    shown = [item for item in examples if item.shows_object]
    if not shown:
        raise ExampleError("no example shows the object; draw at least one box around it")
    if len(examples) > MAX_EXAMPLES:
        raise ExampleError(f"at most {MAX_EXAMPLES} examples can be used, got {len(examples)}")
    check_agreement(examples)
    usable = [item for item in examples if len(item.region_embeds)]
    if not any(item.shows_object for item in usable):
        raise ExampleError(
            "no region that the detector looks at fits any of the boxes; draw them tightly around "
            "whole objects, or give images where the object is larger"
        )
    return usable
