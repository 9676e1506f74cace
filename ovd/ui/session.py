"""What one browser tab looks at; counting itself lives in the fleet."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from ovd.domain.cameras import Camera
from ovd.domain.ports import SourceOptions
from ovd.domain.query import Query
from ovd.texts.page import Language, Texts, texts_for


@dataclass(frozen=True)
class StartedSource:
    """What a session started, to start it again.

    Attributes:
        camera: Name of the camera.
        uri: Where it is read from, credentials included; kept in memory only.
        options: How it is read.
    """

    camera: str
    uri: str = field(repr=False)
    options: SourceOptions


@dataclass(frozen=True)
class ShownStretch:
    """A cell of the report whose pictures are shown.

    Attributes:
        query: Text of the query.
        start_at: Start of the bucket, aware.
        end_at: Its end, exclusive, aware.
    """

    query: str
    start_at: datetime
    end_at: datetime


@dataclass(frozen=True)
class Session:
    """State of one browser tab.

    Attributes:
        begun: Whether the browser has said who it is; a session that a restart of the server
            wiped out has not.
        language: Language of the interface.
        camera: Name of the camera looked at, empty when there is none.
        adding: Whether the form for starting a camera is open.
        draft: Queries typed for a camera that is not being counted yet.
        recorded: Cameras the store knew when the session last did something.
        started: What this session started, newest last, one entry per camera.
        bucket: Length of the report's rows, a key of `ovd.ui.report_panel.BUCKETS`.
        time_zone: IANA name of the zone the report's times are shown in.
        format_name: Format of the report's download.
        stretch: Whose pictures are shown below the report; None shows none.
    """

    begun: bool = False
    language: Language = Language.EN
    camera: str = ""
    adding: bool = False
    draft: tuple[Query, ...] = ()
    recorded: tuple[Camera, ...] = ()
    started: tuple[StartedSource, ...] = ()
    bucket: str = "1m"
    time_zone: str = "UTC"
    format_name: str = "csv"
    stretch: ShownStretch | None = None

    @property
    def texts(self) -> Texts:
        """The words of the session's language."""
        return texts_for(self.language)

    def source_of(self, camera: str) -> StartedSource | None:
        """How this session started a camera, None when it did not."""
        return next((source for source in self.started if source.camera == camera), None)

    def with_started(self, source: StartedSource) -> "Session":
        """Looking at a camera that was just started."""
        others = tuple(known for known in self.started if known.camera != source.camera)
        return replace(
            self, camera=source.camera, adding=False, draft=(), started=(*others, source)
        )
