"""EvidenceRecorder: chooses images of counted objects to keep, and conceals people in them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from ovd.domain.detections import Detections
from ovd.domain.events import FrameResult
from ovd.domain.frame import Image
from ovd.domain.ports import Detector, EvidenceSink, QueryReader
from ovd.domain.records import EvidenceImage, Run
from ovd.errors import InputError
from ovd.render.annotate import annotate, encode_jpeg
from ovd.render.blurring import head_boxes, pixelate
from ovd.render.thumbnails import crop, shrink
from ovd.services.events import Event, FrameCounted, RunEnded

CROP_PX = 160
FRAME_PX = 480
QUALITY = 80
MOST_CROPS = 8
# A false detection conceals too much, which does no harm; a missed person does.
PERSON_MIN_SCORE = 0.15
# How much better the scores must be for another frame with as many objects to be preferred.
_CLEARLY_BETTER = 1.1

Concealer = Callable[[Image], Image]
View = Callable[[Image, Detections], Sequence[Image]]


def view_crops(image: Image, detections: Detections) -> list[Image]:
    """Return one small image per object, best score first, at most `MOST_CROPS`."""
    return [shrink(crop(image, box), CROP_PX) for box in detections.xyxy[:MOST_CROPS]]


def view_frame(image: Image, detections: Detections) -> list[Image]:
    """Return the whole frame, small, with a box around each object."""
    small = shrink(image, FRAME_PX)
    scale = np.float32(small.shape[1] / image.shape[1])
    boxes = Detections(
        detections.xyxy * scale, detections.score, detections.label_id, detections.labels
    )
    return [annotate(small, boxes, legend=False)]


VIEWS: dict[str, View] = {"crops": view_crops, "frames": view_frame}


def conceal_nothing(image: Image) -> Image:
    """Return the image as it is."""
    return image


def _whole_boxes(xyxy: NDArray[np.float32]) -> NDArray[np.float32]:
    return xyxy


AREAS: dict[str, Callable[[NDArray[np.float32]], NDArray[np.float32]]] = {
    "persons": _whole_boxes,
    "faces": head_boxes,
}


class PersonConcealer:
    """Pixelates people wherever the detector finds them, whatever is being counted."""

    def __init__(self, detector: Detector, reader: QueryReader, blur: str) -> None:
        """Prepare to find people.

        Args:
            detector: Finds the people, at `PERSON_MIN_SCORE`.
            reader: Reads queries for this detector.
            blur: A name of `AREAS`.

        Raises:
            InputError: If the detector cannot find people.
        """
        person = reader.read("person", PERSON_MIN_SCORE)
        if not person.supported:
            raise InputError(
                f"cannot conceal {blur}: detector {detector.info.name!r} does not find people; "
                "choose another detector, or keep counts only"
            )
        self._detector = detector
        self._vocabulary = detector.encode([person])
        self._areas = AREAS[blur]

    def __call__(self, image: Image) -> Image:
        """Return the image with people concealed."""
        people = self._detector.detect([image], self._vocabulary)[0]
        return pixelate(image, self._areas(people.xyxy))


@dataclass(frozen=True)
class _Best:
    """The best view of a query since its interval began."""

    until: datetime
    count: int
    quality: float
    images: tuple[tuple[EvidenceImage, Image], ...]

    def beaten_by(self, count: int, quality: float) -> bool:
        more = count > self.count
        return more or (count == self.count and quality > _CLEARLY_BETTER * self.quality)


class EvidenceRecorder:
    """Keeps the best view of every query each `every_s` seconds, as events tell of frames.

    Subscribe `handle` to an `EventHub`. The best view is the frame with the highest count, so that
    it shows the maximum of a report. People are concealed before an image leaves this class.
    """

    def __init__(
        self,
        sink: EvidenceSink,
        view: View,
        conceal: Concealer = conceal_nothing,
        every_s: float = 10.0,
    ) -> None:
        """Prepare to record.

        Args:
            sink: Where finished images go.
            view: What of a frame is kept; one of `VIEWS`.
            conceal: What hides people.
            every_s: Seconds of camera time for which one view of a query is kept.
        """
        self._sink = sink
        self._view = view
        self._conceal = conceal
        self._every = timedelta(seconds=every_s)
        self._best: dict[int, dict[str, _Best]] = {}

    def handle(self, event: Event) -> None:
        """Consider a counted frame, or write what is pending of a run that ended."""
        if isinstance(event, FrameCounted):
            self._consider(event.run, event.result)
        elif isinstance(event, RunEnded):
            for view in self._best.pop(event.run.id, {}).values():
                self._write(view)

    def _consider(self, run: Run, result: FrameResult) -> None:
        best = self._best.setdefault(run.id, {})
        now = result.frame.captured_at
        for text in [text for text, view in best.items() if now >= view.until]:
            self._write(best.pop(text))
        concealed: Image | None = None
        for entry in result.counts:
            objects = result.detections.of_label(result.detections.labels.index(entry.query.text))
            quality = float(objects.score.sum())
            known = best.get(entry.query.text)
            if not len(objects) or (known and not known.beaten_by(len(objects), quality)):
                continue
            if concealed is None:
                concealed = self._conceal(result.frame.image)
            until = known.until if known else now + self._every
            images = self._images(run, result, objects, concealed)
            best[entry.query.text] = _Best(until, len(objects), quality, images)

    def _images(
        self, run: Run, result: FrameResult, objects: Detections, image: Image
    ) -> tuple[tuple[EvidenceImage, Image], ...]:
        frame = result.frame
        query = objects.labels[int(objects.label_id[0])]
        return tuple(
            (
                EvidenceImage(
                    camera=run.camera.name,
                    query=query,
                    captured_at=frame.captured_at,
                    run_id=run.id,
                    frame_index=frame.index,
                    number=number,
                    score=float(objects.score[number]),
                ),
                image,
            )
            for number, image in enumerate(self._view(image, objects))
        )

    def _write(self, view: _Best) -> None:
        for entry, image in view.images:
            self._sink.put(entry, encode_jpeg(image, QUALITY))
