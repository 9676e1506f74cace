"""Images of what was counted."""

from datetime import timedelta

from ovd.bootstrap.detectors import build_reader
from ovd.domain.ports import Detector, EvidenceArchive, EvidenceSink
from ovd.evidence.archive import EvidenceLimits, EvidenceStore
from ovd.services.alerts.images.snapshots import AlertSnapshots
from ovd.services.events import EventHub
from ovd.services.evidence import (
    VIEWS,
    Concealer,
    EvidenceRecorder,
    PersonConcealer,
    conceal_nothing,
)
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
    conceal = _build_concealer(settings, detector)
    recorder = EvidenceRecorder(sink, VIEWS[settings.keep], conceal, settings.evidence_every_s)
    events.subscribe("evidence", recorder.handle)


def build_snapshots(
    settings: Settings, detector: Detector, archive: EvidenceArchive
) -> AlertSnapshots | None:
    """Return what keeps images of alerts; None where the settings keep no images.

    Raises:
        InputError: If people shall be concealed and the detector does not find them.
    """
    if settings.keep not in VIEWS:
        return None
    return AlertSnapshots(archive, VIEWS[settings.keep], _build_concealer(settings, detector))


def _build_concealer(settings: Settings, detector: Detector) -> Concealer:
    if settings.blur == "none":
        return conceal_nothing
    return PersonConcealer(detector, build_reader(detector), settings.blur)
