"""`ovd serve`: the app in the browser."""

from contextlib import closing
from typing import Annotated

import typer

from ovd.bootstrap import build_services
from ovd.cli.options import (
    Database,
    DetectorName,
    DeviceName,
    PrecisionName,
    RootPath,
    RuntimeName,
    Tiles,
    run_options,
    settings_with,
)


def serve(  # noqa: PLR0913 -- one parameter per option of the command
    db: Database = None,
    detector: DetectorName = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 picks one.")] = None,
    root_path: RootPath = None,
    tiles: Tiles = None,
    runtime: RuntimeName = None,
    precision: PrecisionName = None,
    device: DeviceName = None,
) -> None:
    """Open the app in the browser; the same as `python app.py`.

    Counts the cameras that are enabled; see ovd cameras.

    Example: ovd serve --port 7860
    """
    settings = settings_with(
        db=db,
        detector=detector,
        tiles=tiles,
        host=host,
        port=port,
        root_path=root_path,
        **run_options(runtime, precision, device),
    )
    from ovd.web.listener import require_free_port
    from ovd.web.server import serve as serve_app

    require_free_port(settings.host, settings.port)
    with closing(build_services(settings)) as services:
        services.fleet.follow_database()
        serve_app(services, settings.host, settings.port)
