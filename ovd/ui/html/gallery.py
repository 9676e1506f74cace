"""The images behind a number of the report, where images are kept."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from itertools import groupby

import numpy as np

from ovd.domain.ports import EvidenceArchive
from ovd.domain.records import EvidenceImage
from ovd.domain.time_zones import load_zone
from ovd.language.korean.names import name_reading
from ovd.ui.html.cards import card_title, empty
from ovd.ui.session import EvidenceSelection, Session

MOST_IMAGES = 24


@dataclass(frozen=True)
class _Shown:
    image: EvidenceImage
    jpeg: bytes


def draw_gallery(evidence: EvidenceArchive, session: Session) -> str:
    """Draw the images of the cell that the session chose; nothing when it chose none."""
    chosen = session.evidence
    if chosen is None:
        return ""
    found = sorted(
        (
            image
            for typed in dict.fromkeys(chosen.typed or (chosen.query,))
            for image in evidence.find(session.camera, typed, chosen.start_at, chosen.end_at)
        ),
        key=lambda image: (image.captured_at, image.run_id, image.frame_index),
    )
    shown = []
    for image in choose_images(found, MOST_IMAGES):
        try:
            shown.append(_Shown(image, evidence.path_of(image).read_bytes()))
        except OSError:
            continue  # removed meanwhile
    return _gallery(shown, len(found), chosen, session)


def choose_images(images: Sequence[EvidenceImage], at_most: int) -> tuple[EvidenceImage, ...]:
    """Choose some images, in order: those of the fullest frame, and others spread evenly.

    Args:
        images: Images of one query at one camera, by time.
        at_most: How many may be chosen.
    """
    frames = [
        list(group)
        for _, group in groupby(images, key=lambda image: (image.run_id, image.frame_index))
    ]
    if not frames:
        return ()
    fullest = max(range(len(frames)), key=lambda number: len(frames[number]))
    chosen, room = {fullest}, at_most - len(frames[fullest])
    as_many = max(room * len(frames) // len(images), 1)
    for number in np.linspace(0, len(frames) - 1, as_many).round().astype(int).tolist():
        if number not in chosen and len(frames[number]) <= room:
            chosen.add(number)
            room -= len(frames[number])
    return tuple(image for number in sorted(chosen) for image in frames[number][:at_most])


def _gallery(
    shown: Sequence[_Shown], found: int, chosen: EvidenceSelection, session: Session
) -> str:
    texts = session.texts
    zone = load_zone(session.time_zone)
    title = texts.evidence_title.format(
        query=name_reading(chosen.query, session.language),
        start=_clock(chosen.start_at.astimezone(zone)),
        end=_clock(chosen.end_at.astimezone(zone)),
    )
    close = escape(texts.evidence_close)
    aside = (
        f'<button type="button" class="ovd-remove" data-event="hide_evidence" '
        f'aria-label="{close}" title="{close}">&times;</button>'
    )
    if not shown:
        body = empty(texts.evidence_none)
    else:
        note = texts.evidence_note.format(shown=len(shown), all=found)
        figures = "".join(_figure(item, title, session) for item in shown)
        body = f'<div class="ovd-thumbnails">{figures}</div><p class="ovd-note">{escape(note)}</p>'
    return f'<section class="ovd-gallery">{card_title(title, aside=aside)}{body}</section>'


def _figure(item: _Shown, title: str, session: Session) -> str:
    image = item.image
    moment = image.captured_at.astimezone(load_zone(session.time_zone))
    caption = f"{moment:%H:%M:%S} · {image.score:.2f}"
    return (
        f'<figure><img alt="{escape(title)}" '
        f'src="data:image/jpeg;base64,{b64encode(item.jpeg).decode("ascii")}">'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def _clock(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M" + (":%S" if moment.second else ""))
