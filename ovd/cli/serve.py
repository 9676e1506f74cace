"""`ovd serve`: the app in the browser."""

from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from ovd.bootstrap import add_first_admin, build_access, build_services, open_catalogue
from ovd.cli.options import (
    Database,
    DetectorName,
    DeviceName,
    Insecure,
    LogFormatName,
    LogLevelName,
    PrecisionName,
    RootPath,
    RuntimeName,
    Tiles,
    TlsCert,
    TlsKey,
    TlsSelfSigned,
    VerifyBy,
    WeightsFolder,
    run_options,
    settings_with,
)
from ovd.logs import configure_logging
from ovd.settings import Settings

if TYPE_CHECKING:
    from ovd.web.tls import TlsFiles


def serve(  # noqa: PLR0913 -- one parameter per option of the command
    db: Database = None,
    detector: DetectorName = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 picks one.")] = None,
    root_path: RootPath = None,
    insecure: Insecure = False,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    tls_self_signed: TlsSelfSigned = False,
    log_format: LogFormatName = None,
    log_level: LogLevelName = None,
    tiles: Tiles = None,
    runtime: RuntimeName = None,
    precision: PrecisionName = None,
    device: DeviceName = None,
    verify: VerifyBy = None,
    weights: WeightsFolder = None,
) -> None:
    """Open the app in the browser; the same as `python app.py`.

    Counts the cameras that are enabled; see ovd cameras. SIGHUP reads the settings and the
    certificate again.

    Example: ovd serve --port 7860
    """
    run(
        partial(
            settings_with,
            db=db,
            detector=detector,
            verify=verify,
            weights_dir=weights,
            tiles=tiles,
            host=host,
            port=port,
            root_path=root_path,
            tls_cert=tls_cert,
            tls_key=tls_key,
            tls_self_signed=True if tls_self_signed else None,
            log_format=log_format,
            log_level=log_level,
            **run_options(runtime, precision, device),
        ),
        insecure,
    )


def run(read_settings: Callable[[], Settings], insecure: bool) -> None:
    """Serve until the process is told to end.

    Args:
        read_settings: Reads the settings, with the options of the command.
        insecure: Whether everyone may do everything while there are no users.
    """
    settings = read_settings()
    configure_logging(settings.log_format, settings.log_level)
    prepare_access(settings, insecure)
    tls = open_tls(settings)
    from ovd.web.listener import require_free_port

    require_free_port(settings.host, settings.port)
    with closing(build_services(settings)) as services:
        # Imported while the network is opened; together they take the most time of a start.
        from ovd.web.server import ServeOptions
        from ovd.web.server import serve as serve_app

        services.fleet.follow_database()
        options = ServeOptions(
            settings.host, settings.port, insecure, tls, settings.root_path, read_settings
        )
        serve_app(services, options)


def prepare_access(settings: Settings, insecure: bool) -> None:
    """Add the first admin, or refuse to serve other machines without a user.

    Called before anything is loaded.

    Raises:
        NoUsersError: If other machines could reach it, and there is no user.
        SettingsError: If the password of the first admin cannot be read.
        MissingExtraError: If the settings name a single sign-on, and its packages are missing.
    """
    from ovd.web.access.policy import require_users

    with closing(open_catalogue(settings)) as store:
        if add_first_admin(build_access(store), settings.admin_password_file):
            typer.echo("added the user admin")
        has_users = store.access.users.count() > 0 or settings.oidc is not None
        require_users(settings.host, has_users, insecure)
    if settings.oidc is not None:
        from ovd.web.oidc.libraries import Libraries

        Libraries()


def open_tls(settings: Settings) -> "TlsFiles | None":
    """Return the certificate to serve HTTPS with, and print the fingerprint of an own one.

    Raises:
        SettingsError: If its files cannot be used.
    """
    if settings.tls_cert is None and not settings.tls_self_signed:
        return None
    from ovd.video.clock import SystemClock
    from ovd.web.tls import TlsFiles, open_self_signed

    if settings.tls_cert is not None:
        files = TlsFiles(settings.tls_cert, settings.tls_key or settings.tls_cert)
        files.require_usable()
        return files
    files = open_self_signed(settings.data_dir / "tls", settings.host, SystemClock().now())
    typer.echo(f"certificate made by ovd, SHA-256 {files.fingerprint()}")
    return files
