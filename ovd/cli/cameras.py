"""`ovd cameras`: cameras kept by name."""

import json
from contextlib import closing
from typing import Annotated

import typer

from ovd.bootstrap import build_opener, open_catalogue
from ovd.cli.options import AsJson, Database, SendsBy, settings_with
from ovd.domain.cameras import CameraSettings
from ovd.domain.frame import Frame
from ovd.domain.ports import SourceOptions
from ovd.errors import SourceLostError, SourceOpenError
from ovd.services.cameras import parse_camera_address
from ovd.video.clock import SystemClock

cameras_app = typer.Typer(
    help="Keep cameras by name, list, try and remove them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the camera.")]
Uri = Annotated[
    str,
    typer.Argument(
        metavar="URI",
        help="Its address; write a password as {NAME}, a variable of the environment.",
    ),
]


@cameras_app.command()
def add(name: Name, uri: Uri, db: Database = None) -> None:
    """Keep a camera. Nothing is opened; see the command test.

    Example: ovd cameras add gate 'rtsp://viewer:{GATE_PASSWORD}@192.0.2.7/stream1'
    """
    address = parse_camera_address(uri)
    with closing(open_catalogue(settings_with(db=db))) as store:
        added = store.cameras.add(CameraSettings(name, address))
    if added.continues:
        typer.echo(f"note: {added.camera.name!r} continues its history", err=True)
    typer.echo(f"{added.camera.name}  {added.camera.uri}")


@cameras_app.command(name="list")
def list_cameras(db: Database = None, as_json: AsJson = False) -> None:
    """List the cameras that were added or counted.

    Example: ovd cameras list
    """
    with closing(open_catalogue(settings_with(db=db))) as store:
        known = store.cameras.all()
    if as_json:
        entries = [
            {"name": camera.name, "uri": camera.uri, "created_at": camera.created_at.isoformat()}
            for camera in known
        ]
        typer.echo(json.dumps(entries, ensure_ascii=False))
        return
    for camera in known:
        typer.echo(f"{camera.name}  {camera.uri}")


@cameras_app.command(name="test")
def try_camera(
    name: Name, db: Database = None, transport: SendsBy = None, as_json: AsJson = False
) -> None:
    """Open a camera and wait for its first picture; nothing is counted or stored.

    Example: ovd cameras test gate
    """
    settings = settings_with(db=db)
    with closing(open_catalogue(settings_with(db=db))) as store:
        camera, address = store.cameras.find(name), store.cameras.find_address(name)
    clock = SystemClock()
    started_s = clock.monotonic()
    options = SourceOptions(transport=transport, give_up_s=0.0)
    with closing(build_opener(settings)(address, name, options)) as source:
        try:
            frame = next((item for item in source if isinstance(item, Frame)), None)
        except SourceLostError as error:
            raise SourceOpenError(f"camera {name!r} sent no picture: {error}") from error
        took_s = clock.monotonic() - started_s
        info = source.info
    if frame is None:
        raise SourceOpenError(f"camera {name!r} sent nothing to be seen: {camera.uri}")
    height, width = frame.size_hw
    facts = {"name": name, "uri": info.uri, "width": width, "height": height, "fps": info.fps}
    if as_json:
        typer.echo(json.dumps(facts | {"seconds": round(took_s, 3)}, ensure_ascii=False))
        return
    typer.echo(f"{name}  ok  {width} x {height}, {info.fps:g} per second, after {took_s:.1f} s")


@cameras_app.command()
def remove(name: Name, db: Database = None) -> None:
    """Take a camera off the list; its counts stay.

    Example: ovd cameras remove gate
    """
    with closing(open_catalogue(settings_with(db=db))) as store:
        kept = store.cameras.remove(name)
    typer.echo(f"removed {name}" + ("; its counts stay in reports" if kept else ""))
