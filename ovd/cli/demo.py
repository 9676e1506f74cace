"""`ovd demo`: the app with the sample clip already being counted."""

import threading
from contextlib import closing
from datetime import UTC, datetime
from typing import Annotated

import typer

from ovd.bootstrap import Services, build_services
from ovd.bundled import Bundle, bundled_dir
from ovd.cli.options import (
    DetectorName,
    DeviceName,
    PrecisionName,
    RuntimeName,
    run_options,
    settings_with,
)
from ovd.domain.ports import SourceOptions
from ovd.domain.records import RunStatus
from ovd.errors import SourceOpenError

CLIP = "pedestrians.mp4"
CAMERA = "campus"
QUERIES = ("person", "bicycle")
FPS = 5.0
PRINT_EVERY_S = 5.0


def demo(
    detector: DetectorName = None,
    runtime: RuntimeName = None,
    precision: PrecisionName = None,
    device: DeviceName = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 picks one.")] = None,
) -> None:
    """Open the app with the sample clip being counted as camera "campus", over and over.

    Example: ovd demo
    """
    settings = settings_with(
        detector=detector, host=host, port=port, **run_options(runtime, precision, device)
    )
    clip = bundled_dir(Bundle.SAMPLES) / CLIP
    if not clip.exists():
        raise SourceOpenError(f"the sample clip {clip} is missing; install ovd anew")
    typer.echo(f"starting: the sample clip is counted as camera {CAMERA!r}; loading the detector")
    from ovd.web.listener import require_free_port

    require_free_port(settings.host, settings.port)
    ended = threading.Event()
    with closing(build_services(settings)) as services:
        # Imported while the network is opened; together they take the most time of a start.
        from ovd.web.server import ServeOptions
        from ovd.web.server import serve as serve_app

        queries = [services.reader.read(text) for text in QUERIES]
        options = SourceOptions(
            sample_fps=FPS, realtime=True, loop=True, start_at=datetime.now(UTC)
        )
        services.fleet.start(CAMERA, str(clip), queries, options)
        threading.Thread(
            target=_print_counts, args=(services, ended), name="demo counts", daemon=True
        ).start()
        try:
            serve_app(services, ServeOptions(settings.host, settings.port))
        finally:
            ended.set()


def _print_counts(services: Services, ended: threading.Event) -> None:
    while not ended.wait(PRINT_EVERY_S):
        status = services.fleet.status(CAMERA)
        if status.state is not RunStatus.RUNNING:
            typer.echo(f"{CAMERA}: {status.state.value} {status.error}".rstrip())
            return
        latest = services.fleet.latest(CAMERA)
        if latest is not None:
            counts = ", ".join(
                f"{entry.query.text} {entry.count}" for entry in latest.result.counts
            )
            typer.echo(
                f"{CAMERA}: {counts}   ({status.frames_counted} frames, "
                f"{status.counted_fps:.1f} per second)"
            )
