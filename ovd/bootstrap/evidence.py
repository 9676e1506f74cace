"""Images of what was counted."""

from datetime import timedelta

from ovd.bootstrap.detectors import build_reader
from ovd.domain.ports import Detector, EvidenceArchive, EvidenceSink
from ovd.evidence.archive import EvidenceLimits, EvidenceStore
from ovd.services.events import EventHub
from ovd.services.evidence import VIEWS, EvidenceRecorder, PersonConcealer, conceal_nothing
from ovd.settings import Settings


def open_evidence(settings: Settings) -> EvidenceArchive:
    """Open the images of counted objects in the data folder; to be closed."""
    limits = EvidenceLimits(
        max_age=timedelta(days=settings.evidence_days),
        max_bytes=settings.evidence_mb * 1_000_000,
        min_free_bytes=settings.evidence_free_mb * 1_000_000,
    )
    return EvidenceStore(settings.data_dir / "evidence", limits)


def record_evidence(
    settings: Settings, detector: Detector, sink: EvidenceSink, events: EventHub
) -> None:
    """Keep images of counted objects from now on, if the settings say so.

    Raises:
        InputError: If people shall be concealed and the detector does not find them.
    """
    if settings.keep not in VIEWS:
        return
    conceal = conceal_nothing
    if settings.blur != "none":
        conceal = PersonConcealer(detector, build_reader(detector), settings.blur)
    recorder = EvidenceRecorder(sink, VIEWS[settings.keep], conceal, settings.evidence_every_s)
    events.subscribe("evidence", recorder.handle)
