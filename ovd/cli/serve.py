"""`ovd serve`: the app in the browser."""

from typing import Annotated

import typer

from ovd.bootstrap import build_services
from ovd.cli.options import Database, DetectorName, settings_with


def serve(
    db: Database = None,
    detector: DetectorName = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 picks one.")] = None,
) -> None:
    """Open the app in the browser; the same as `python app.py`.

    Goes on with the cameras that were being counted when it last ended.

    Example: ovd serve --port 7860
    """
    settings = settings_with(db=db, detector=detector, host=host, port=port)
    from ovd.ui.app import serve as serve_ui
    from ovd.ui.server import require_free_port

    require_free_port(settings.host, settings.port)
    services = build_services(settings)
    services.fleet.resume(services.reader)
    serve_ui(services, settings.host, settings.port)
