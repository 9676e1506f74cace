"""`ovd serve`: the app in the browser."""

from contextlib import closing
from typing import Annotated

import typer

from ovd.bootstrap import build_services, open_catalogue
from ovd.cli.options import (
    Database,
    DetectorName,
    DeviceName,
    Insecure,
    PrecisionName,
    RootPath,
    RuntimeName,
    Tiles,
    run_options,
    settings_with,
)
from ovd.settings import Settings


def serve(  # noqa: PLR0913 -- one parameter per option of the command
    db: Database = None,
    detector: DetectorName = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 picks one.")] = None,
    root_path: RootPath = None,
    insecure: Insecure = False,
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
    require_user_for(settings, insecure)
    from ovd.web.listener import require_free_port
    from ovd.web.server import serve as serve_app

    require_free_port(settings.host, settings.port)
    with closing(build_services(settings)) as services:
        services.fleet.follow_database()
        serve_app(services, settings.host, settings.port, insecure)


def require_user_for(settings: Settings, insecure: bool) -> None:
    """Refuse to serve other machines without a user, before anything is loaded.

    Raises:
        NoUsersError: If other machines could reach it, and there is no user.
    """
    from ovd.web.access.policy import require_users

    with closing(open_catalogue(settings)) as store:
        require_users(settings.host, store.access.users.count() > 0, insecure)
