"""AlertSnapshots: keeps an image of the frame in which an alert begins."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ovd.domain.alerts import AlertChange, MessageType
from ovd.domain.events import FrameResult
from ovd.domain.frame import Image
from ovd.domain.names import name_key
from ovd.domain.ports import EvidenceArchive
from ovd.domain.records import EvidenceImage, Run
from ovd.render.annotate import encode_jpeg
from ovd.services.evidence import QUALITY, Concealer, View
from ovd.threads import Caught, log_failure

# Longest wait until the images lie on the disk; a message whose image does not goes without.
LONGEST_WRITE_S = 2.0

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class CountedMoment:
    """A counted frame and the run that it belongs to."""

    run: Run
    result: FrameResult


@dataclass(frozen=True)
class Beginning:
    """A change by which an alert begins, and the frame that caused it."""

    change: AlertChange
    moment: CountedMoment


class AlertSnapshots:
    """Keeps images as evidence, as the settings say: crops or frames, people concealed."""

    def __init__(self, archive: EvidenceArchive, view: View, conceal: Concealer) -> None:
        """Keep nothing yet.

        Args:
            archive: Where images go.
            view: What of a frame is kept.
            conceal: What hides people.
        """
        self._archive = archive
        self._view = view
        self._conceal = conceal

    def illustrate(self, beginnings: Sequence[Beginning]) -> list[AlertChange]:
        """Keep an image of each alert that begins; return the changes that name those kept.

        Alerts of one query in one frame share their images. What goes wrong is logged, and the
        messages go without.
        """
        kept: dict[tuple[int, datetime, str], EvidenceImage | None] = {}
        concealed: dict[tuple[int, datetime], Image] = {}
        chosen = []
        for item in beginnings:
            frame = (item.moment.run.id, item.moment.result.frame.captured_at)
            query = _typed_query(item)
            if query and (*frame, query) not in kept:
                kept[(*frame, query)] = None
                with Caught() as caught:
                    if frame not in concealed:
                        concealed[frame] = self._conceal(item.moment.result.frame.image)
                    kept[(*frame, query)] = self._keep(item.moment, query, concealed[frame])
                if caught.error is not None:
                    log_failure(_LOG, "no image of an alert could be made", caught.error)
            chosen.append(kept.get((*frame, query)))
        if any(chosen):
            self._archive.flush(LONGEST_WRITE_S)
        return [
            self._name(item.change, image) for item, image in zip(beginnings, chosen, strict=True)
        ]

    def _keep(self, moment: CountedMoment, query: str, image: Image) -> EvidenceImage | None:
        """Hand over the images of a query in a frame; return the first, None without any."""
        frame, detections = moment.result.frame, moment.result.detections
        objects = detections.of_label(detections.labels.index(query))
        first = None
        for number, view in enumerate(self._view(image, objects)):
            entry = EvidenceImage(
                camera=moment.run.camera.name,
                query=query,
                captured_at=frame.captured_at,
                run_id=moment.run.id,
                frame_index=frame.index,
                number=number,
                score=float(objects.score[number]) if number < len(objects) else 0.0,
            )
            self._archive.put(entry, encode_jpeg(view, QUALITY))
            first = first or entry
        return first

    def _name(self, change: AlertChange, image: EvidenceImage | None) -> AlertChange:
        """Return a change whose messages name the image, if it lies on the disk."""
        if image is None or not self._archive.path_of(image).is_file():
            return change
        messages = (
            replace(item, image_query=image.query) if item.type is MessageType.NEW else item
            for item in change.messages
        )
        return replace(change, messages=tuple(messages))


def _typed_query(item: Beginning) -> str:
    """Return the query of an alert as it was typed at the camera; empty without one."""
    wanted = {name_key(message.query) for message in item.change.messages if message.query}
    queries = [count.query for count in item.moment.result.counts]
    found = [query.text for query in queries if name_key(query.text) in wanted]
    found += [query.text for query in queries if name_key(query.read_as) in wanted]
    return next(iter(found), "")
