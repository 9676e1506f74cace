"""Ports: protocols of what the use cases need; `ovd.bootstrap` picks the classes."""

from ovd.domain.ports.access import (
    AccessStore,
    AuditRepository,
    SessionRepository,
    TokenRepository,
    UserRepository,
)
from ovd.domain.ports.alerts import (
    AlertEnding,
    AlertRepository,
    CameraViews,
    Outbox,
    TargetRepository,
)
from ovd.domain.ports.clock import Clock
from ovd.domain.ports.detector import (
    Computation,
    Detector,
    DetectorInfo,
    NetworkOwner,
    TaughtPrompt,
)
from ovd.domain.ports.evidence import EvidenceArchive, EvidenceSink
from ovd.domain.ports.fleet import (
    CameraFleet,
    CameraStatus,
    Capacity,
    HistoryPoint,
    LiveFrame,
    LiveFrames,
)
from ovd.domain.ports.jobs import Job, JobRepository, JobState
from ovd.domain.ports.queries import QueryReader
from ovd.domain.ports.sources import (
    FrameSource,
    RecordingSource,
    SourceInfo,
    SourceOpener,
    SourceOptions,
)
from ovd.domain.ports.store import CountRepository, CountStore, RunRepository

__all__ = [
    "AccessStore",
    "AlertEnding",
    "AlertRepository",
    "AuditRepository",
    "CameraFleet",
    "CameraStatus",
    "CameraViews",
    "Capacity",
    "Clock",
    "Computation",
    "CountRepository",
    "CountStore",
    "Detector",
    "DetectorInfo",
    "EvidenceArchive",
    "EvidenceSink",
    "FrameSource",
    "HistoryPoint",
    "Job",
    "JobRepository",
    "JobState",
    "LiveFrame",
    "LiveFrames",
    "NetworkOwner",
    "Outbox",
    "QueryReader",
    "RecordingSource",
    "RunRepository",
    "SessionRepository",
    "SourceInfo",
    "SourceOpener",
    "SourceOptions",
    "TargetRepository",
    "TaughtPrompt",
    "TokenRepository",
    "UserRepository",
]
