"""`ovd recount`: count new queries in footage that was counted before."""

from collections import deque
from contextlib import ExitStack, closing
from typing import Annotated

import typer

from ovd.bootstrap import (
    build_detector,
    build_opener,
    build_reader,
    build_recounter,
    build_verification,
    open_evidence,
    open_history,
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
    Keep,
    MinScore,
    PrecisionName,
    Queries,
    RuntimeName,
    SampleFps,
    Tiles,
    VerifyBy,
    WeightsFolder,
    read_counted_queries,
    require_supported,
    run_options,
    settings_with,
)
from ovd.cli.timestamps import parse_moment
from ovd.domain.ports import SourceOptions
from ovd.services.events import EventHub

CameraName = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Its camera; default: the one counted from this file."),
]
StartAt = Annotated[
    str | None,
    typer.Option(
        metavar="ISO8601", help="When its first frame was taken; default: from the history."
    ),
]


def recount(  # noqa: PLR0913 -- one parameter per option of the command
    clip: Annotated[str, typer.Argument(help="Recording that a camera was counted from.")],
    query: Queries,
    camera: CameraName = None,
    start_at: StartAt = None,
    resume: Annotated[
        bool, typer.Option("--continue", help="Go on where a stopped recount ended.")
    ] = False,
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
    keep: Keep = None,
    blur: Blur = None,
    as_json: AsJson = False,
) -> None:
    """Count new queries in footage that was counted before, into the same history.

    The new counts get the times of the earlier ones. A query that was already counted at that
    camera in that time is refused, never doubled.

    Example: ovd recount samples/pedestrians.mp4 -q bicycle --camera campus
    """
    how = run_options(runtime, precision, device) | {"keep": keep, "blur": blur, "tiles": tiles}
    settings = settings_with(detector=detector, db=db, verify=verify, weights_dir=weights, **how)
    chosen = build_detector(settings)
    verification = build_verification(settings)
    reader = verified_reader(build_reader(chosen, settings.weights_dir), verification)
    queries = read_counted_queries(reader, query, min_score)
    require_supported(queries, chosen.info.name)
    with ExitStack() as stack:
        evidence = stack.enter_context(closing(open_evidence(settings)))
        events = stack.enter_context(closing(EventHub()))
        record_evidence(settings, chosen, evidence, events)
        store = stack.enter_context(closing(open_history(settings)))
        recounter = build_recounter(chosen, store, events, settings.tiles, verification)
        footage = recounter.find(clip, camera, parse_moment(start_at) if start_at else None)
        options = SourceOptions(fps, start_at=footage.start_at)
        opened = build_opener(settings)(clip, footage.camera.name, options)
        source = stack.enter_context(closing(opened))
        run = stack.enter_context(recounter.open_run(source, footage, queries, resume))
        stack.enter_context(stopped_by_signals(run))
        deque(drive(run, source.info), maxlen=0)
    print_run(run, as_json)
