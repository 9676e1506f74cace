"""The session of one browser tab; counting itself is in the fleet."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from ovd.domain.access import Identity, IdentityKind, Role
from ovd.domain.ports import SourceOptions
from ovd.domain.query import Query
from ovd.texts.languages import Language
from ovd.texts.page import PageTexts, page_texts
from ovd.ui.history.selection import HistorySelection
from ovd.ui.wall.selection import WallSelection


class View(StrEnum):
    """The views of the page."""

    LIVE = "live"
    HISTORY = "history"
    CAMERAS = "cameras"
    ALERTS = "alerts"
    REPORTS = "reports"
    SITES = "sites"
    SYSTEM = "system"
    TRY = "try"


FIRST_HISTORY = HistorySelection()
NO_WALL = WallSelection()
OPEN = Identity(IdentityKind.OPEN, "", Role.ADMIN)


@dataclass(frozen=True)
class StartedSource:
    """A source that a session started, to be able to start it again.

    Attributes:
        camera: Name of the camera.
        uri: Where it is read from, credentials included; kept in memory only.
        options: How it is read.
    """

    camera: str
    uri: str = field(repr=False)
    options: SourceOptions


@dataclass(frozen=True)
class EvidenceSelection:
    """A cell of the report whose images are shown.

    Attributes:
        query: Reading of the query.
        start_at: Start of the bucket, aware.
        end_at: Its end, exclusive, aware.
        typed: The forms in which it was typed.
    """

    query: str
    start_at: datetime
    end_at: datetime
    typed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Session:
    """State of one browser tab.

    Attributes:
        language: Language of the page.
        camera: Name of the camera that is shown, empty when there is none.
        adding: Whether the form for starting a camera is open.
        draft: Queries typed for a camera that is not being counted yet.
        started: What this session started, newest last, one entry per camera.
        bucket: Length of the report's rows, a key of `ovd.services.reports.buckets.BUCKETS`.
        time_zone: IANA name of the zone the report's times are shown in.
        format_name: Format of the report's download.
        evidence: Whose images are shown below the report; None shows none.
        view: What the tab looks at.
        history: What its history view shows.
        wall: What its wall of cameras shows.
        identity: Who opened the tab.
    """

    language: Language = Language.EN
    camera: str = ""
    adding: bool = False
    draft: tuple[Query, ...] = ()
    started: tuple[StartedSource, ...] = ()
    bucket: str = "1m"
    time_zone: str = "UTC"
    format_name: str = "csv"
    evidence: EvidenceSelection | None = None
    view: View = View.LIVE
    history: HistorySelection = FIRST_HISTORY
    wall: WallSelection = NO_WALL
    identity: Identity = field(default=OPEN, repr=False)

    @property
    def texts(self) -> PageTexts:
        """Return the words of the session's language."""
        return page_texts(self.language)

    def belongs_to(self, identity: Identity) -> bool:
        """Return whether an identity is the one that opened the tab, and may as much as then."""
        own = self.identity
        return (own.kind, own.name, own.cameras) == (identity.kind, identity.name, identity.cameras)

    def source_of(self, camera: str) -> StartedSource | None:
        """Return how this session started a camera, None when it did not."""
        return next((source for source in self.started if source.camera == camera), None)

    def with_started(self, source: StartedSource) -> "Session":
        """Return the session showing a camera that was just started."""
        others = tuple(known for known in self.started if known.camera != source.camera)
        return replace(
            self,
            camera=source.camera,
            adding=False,
            draft=(),
            started=(*others, source),
            wall=NO_WALL,
        )
