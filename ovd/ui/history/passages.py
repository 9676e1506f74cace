"""The newest events at lines and areas, each with an image where one was kept."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from html import escape

from ovd.domain.events import ZoneEventKind
from ovd.domain.ports import EvidenceArchive
from ovd.domain.records import EvidenceImage
from ovd.domain.time_zones import load_zone
from ovd.language.korean.names import name_reading
from ovd.services.history.reading import History
from ovd.texts.page import PageTexts
from ovd.ui.html.cards import card_title
from ovd.ui.session import Session

# An image of the query that was taken this near shows who it was.
_NEAR = timedelta(seconds=2)


def draw_passages(history: History, session: Session, evidence: EvidenceArchive) -> str:
    """Draw the newest events of a history; nothing where there were none.

    Args:
        history: What was read.
        session: Whose view; its camera is that of the history.
        evidence: Where images are kept.
    """
    if not history.events:
        return ""
    texts, zone = session.texts, load_zone(session.time_zone)
    images = _find_images(history, session.camera, evidence)
    rows = []
    for event in history.events:
        local = event.at.astimezone(zone)
        words = _name_kind(event.kind, texts)
        query = name_reading(event.query, session.language)
        stay = "" if event.dwell_s is None else f" \u00b7 {event.dwell_s:.1f} s"
        rows.append(
            f'<li><i></i><time datetime="{local.isoformat()}">{local:%m-%d %H:%M:%S}</time>'
            f"<div><strong>{escape(event.zone.name)}</strong> {escape(words)}"
            f"<small>{escape(query)}{stay}</small></div>"
            f"{_draw_image(_nearest(images.get(event.query, ()), event.at), evidence)}</li>"
        )
    title = card_title(texts.events_title)
    return f'<section>{title}<ol class="ovd-alert-log">{"".join(rows)}</ol></section>'


def _name_kind(kind: ZoneEventKind, texts: PageTexts) -> str:
    return {
        ZoneEventKind.IN: texts.event_in,
        ZoneEventKind.OUT: texts.event_out,
        ZoneEventKind.ENTER: texts.event_enter,
        ZoneEventKind.EXIT: texts.event_exit,
    }[kind]


def _find_images(
    history: History, camera: str, evidence: EvidenceArchive
) -> Mapping[str, Sequence[EvidenceImage]]:
    """Return the images of the time of the events, by reading."""
    moments = [event.at for event in history.events]
    start_at, end_at = min(moments) - _NEAR, max(moments) + _NEAR
    return {
        series.query: [
            image
            for typed in series.summary.typed or (series.query,)
            for image in evidence.find(camera, typed, start_at, end_at)
        ]
        for series in history.series
    }


def _nearest(images: Sequence[EvidenceImage], at: datetime) -> EvidenceImage | None:
    near = [image for image in images if abs(image.captured_at - at) <= _NEAR]
    return min(near, key=lambda image: (abs(image.captured_at - at), image.number), default=None)


def _draw_image(image: EvidenceImage | None, evidence: EvidenceArchive) -> str:
    if image is None:
        return ""
    try:
        content = evidence.path_of(image).read_bytes()
    except OSError:
        return ""  # removed meanwhile
    return f'<img alt="" src="data:image/jpeg;base64,{b64encode(content).decode("ascii")}">'
