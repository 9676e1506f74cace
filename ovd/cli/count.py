"""`ovd count`: count queries in a video or stream and keep the counts."""

from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from ovd.bootstrap import (
    build_counter,
    build_opener,
    build_reader,
    build_verification,
    default_camera_name,
    open_catalogue,
    open_evidence,
    open_store,
    prepare_detector,
    record_evidence,
    verified_reader,
)
from ovd.cli.counting import drive, print_run, stopped_by_signals
from ovd.cli.options import (
    AsJson,
    Blur,
    Database,
    DetectorName,
    DeviceName,
    GiveUpAfter,
    Keep,
    MinScore,
    PrecisionName,
    QueriesOrSaved,
    RuntimeName,
    SampleFps,
    SendsBy,
    Tiles,
    VerifyBy,
    WeightsFolder,
    read_counted_queries,
    require_supported,
    run_options,
    settings_with,
)
from ovd.cli.timestamps import parse_moment
from ovd.domain.cameras import Camera
from ovd.domain.ports import SourceOptions
from ovd.domain.zones import Mask, Zone
from ovd.errors import InputError, QueryError
from ovd.render.counted_frame import draw_result
from ovd.services.counting.run import CountRun
from ovd.services.events import EventHub
from ovd.settings import Settings
from ovd.tracking.zone_file import load_masks, load_zones
from ovd.video.writer import VideoWriter

Source = Annotated[
    str, typer.Argument(help="Video file, image, folder, rtsp://, http(s):// or webcam:0.")
]
CameraName = Annotated[
    str | None, typer.Option(metavar="NAME", help="Camera name; default: from the source.")
]
Duration = Annotated[float | None, typer.Option(help="Stop after this many seconds of media time.")]
StartAt = Annotated[
    str | None, typer.Option(metavar="ISO8601", help="When a file's first frame was taken.")
]
Realtime = Annotated[
    bool, typer.Option("--realtime/--no-realtime", help="Pace a file like a camera.")
]
Zones = Annotated[
    Path | None,
    typer.Option(metavar="FILE.toml", help="Lines and polygons to count at; kept for the camera."),
]
SaveVideo = Annotated[
    Path | None, typer.Option(metavar="OUT.mp4", help="Save the annotated video.")
]


def count(  # noqa: PLR0913 -- one parameter per option of the command
    source: Source,
    query: QueriesOrSaved = None,
    camera: CameraName = None,
    db: Database = None,
    detector: DetectorName = None,
    verify: VerifyBy = None,
    weights: WeightsFolder = None,
    tiles: Tiles = None,
    runtime: RuntimeName = None,
    precision: PrecisionName = None,
    device: DeviceName = None,
    min_score: MinScore = None,
    fps: SampleFps = None,
    duration: Duration = None,
    start_at: StartAt = None,
    realtime: Realtime = False,
    transport: SendsBy = None,
    give_up_after: GiveUpAfter = 120.0,
    zones: Zones = None,
    save_video: SaveVideo = None,
    keep: Keep = None,
    blur: Blur = None,
    as_json: AsJson = False,
) -> None:
    """Count queries in a video or stream and keep the counts.

    Ctrl-C ends cleanly: everything counted so far is written.

    Example: ovd count samples/pedestrians.mp4 -q person --camera campus --json
    """
    how = run_options(runtime, precision, device) | {"keep": keep, "blur": blur, "tiles": tiles}
    settings = settings_with(detector=detector, db=db, verify=verify, weights_dir=weights, **how)
    moment = parse_moment(start_at) if start_at else None
    job = _Job(
        source=source,
        camera=camera or default_camera_name(source),
        texts=query or _saved_queries(settings),
        min_score=min_score,
        options=SourceOptions(
            fps, realtime, start_at=moment, transport=transport, give_up_s=give_up_after
        ),
        duration_s=duration,
        save_video=save_video,
        zones=None if zones is None else tuple(truth.zone for truth in load_zones(zones)),
        masks=None if zones is None else load_masks(zones) or None,
    )
    print_run(_count(job, settings), as_json)


def _saved_queries(settings: Settings) -> list[str]:
    """The saved list, where no query was given; says so on stderr.

    Raises:
        QueryError: If it is empty.
    """
    with closing(open_catalogue(settings)) as store:
        texts = list(store.saved_queries.all())
    if not texts:
        raise QueryError(
            'no query was given and none is saved; say what to count, such as -q "person", or save '
            'it for good: ovd queries add "person"'
        )
    typer.echo(f"counting the saved queries: {', '.join(map(repr, texts))}", err=True)
    return texts


@dataclass(frozen=True)
class _Job:
    source: str
    camera: str
    texts: list[str]
    min_score: float | None
    options: SourceOptions
    duration_s: float | None
    save_video: Path | None
    zones: tuple[Zone, ...] | None
    masks: tuple[Mask, ...] | None

    def __post_init__(self) -> None:
        if self.duration_s is not None and self.duration_s <= 0:
            raise InputError(f"--duration must be above 0 seconds, got {self.duration_s}")
        if (self.options.give_up_s or 0) < 0:
            wanted = "--give-up-after must not be below 0 seconds"
            raise InputError(f"{wanted}, got {self.options.give_up_s}")


def _count(job: _Job, settings: Settings) -> CountRun:
    prepared = prepare_detector(settings)
    verification = build_verification(settings)
    reader = verified_reader(build_reader(prepared.unopened, settings.weights_dir), verification)
    queries = read_counted_queries(reader, job.texts, job.min_score)
    require_supported(queries, settings.detector)
    detector = prepared.open()
    with ExitStack() as stack:
        evidence = stack.enter_context(closing(open_evidence(settings)))
        events = stack.enter_context(closing(EventHub()))
        record_evidence(settings, detector, evidence, events)
        opener = build_opener(settings)
        source = stack.enter_context(closing(opener(job.source, job.camera, job.options)))
        store = stack.enter_context(closing(open_store(settings)))
        writer = stack.enter_context(VideoWriter(job.save_video)) if job.save_video else None
        counter = build_counter(
            detector, store, events, settings.skip_still, settings.tiles, verification
        )
        run = stack.enter_context(
            counter.open_run(source, job.camera, queries, job.zones, job.masks)
        )
        _tell_kept_address(run.run.camera, source.info.uri)
        stack.enter_context(stopped_by_signals(run))
        for result in drive(run, source.info, job.duration_s):
            if writer is not None:
                writer.write(draw_result(result), result.frame.time_s)
    return run


def _tell_kept_address(camera: Camera, counted: str) -> None:
    if camera.uri != counted:
        typer.echo(
            f"note: the counts of {counted} go to camera {camera.name!r}, which keeps its address "
            f"{camera.uri}",
            err=True,
        )
