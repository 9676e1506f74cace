"""`ovd cameras`: cameras kept by name."""

import json
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from ovd.bootstrap import (
    build_opener,
    build_reader,
    open_catalogue,
    prepare_detector,
    require_choice,
)
from ovd.cli.identity import note_command
from ovd.cli.options import AsJson, Database, SampleFps, SendsBy, print_aliases, settings_with
from ovd.domain.cameras import CameraOptions, CameraQuery, CameraSettings
from ovd.domain.ports import SourceOptions
from ovd.errors import InputError
from ovd.services.cameras import add_password, parse_camera_address, recording_error
from ovd.services.cameras.file import describe_camera, export_cameras, import_cameras
from ovd.services.cameras.testing import CameraTester
from ovd.services.queries import merge_camera_queries
from ovd.settings import Settings
from ovd.video.clock import SystemClock

cameras_app = typer.Typer(
    help="Keep cameras by name, list, try and remove them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the camera.")]
CameraQueries = Annotated[
    list[str] | None,
    typer.Option(
        "-q",
        "--query",
        metavar="TEXT",
        help="What to count; repeatable; default: the saved queries.",
    ),
]
Uri = Annotated[
    str,
    typer.Argument(
        metavar="URI",
        help="Its address; {NAME} stands for a variable of the environment.",
    ),
]


@cameras_app.command()
def add(  # noqa: PLR0913 -- one parameter per option of the command
    name: Name,
    uri: Uri,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password of its user from stdin.")
    ] = False,
    query: CameraQueries = None,
    fps: SampleFps = None,
    transport: SendsBy = None,
    detector: Annotated[
        str, typer.Option(metavar="NAME", help="Its own detector; default: that of the settings.")
    ] = "",
    verify: Annotated[
        str,
        typer.Option(
            metavar="NAME|none", help="Its own judge, or none; default: that of the settings."
        ),
    ] = "",
    enabled: Annotated[
        bool, typer.Option("--enabled/--disabled", help="Whether ovd serve counts it.")
    ] = True,
    db: Database = None,
) -> None:
    """Add a camera, which ovd serve then counts. Nothing is opened; see the command test.

    Its password is kept encrypted in the database and shown nowhere.

    Example: ovd cameras add gate rtsp://viewer@192.0.2.7/stream1 -q person --password-stdin
    """
    typed = add_password(uri, _read_password()) if password_stdin else uri
    settings = settings_with(db=db)
    wanted = CameraSettings(
        name,
        parse_camera_address(typed),
        tuple(CameraQuery(text) for text in query or ()),
        CameraOptions(fps, transport, detector, verify),
        enabled,
    )
    require_choice(settings, wanted.options)
    wanted = _merge_aliases(wanted, settings)
    with closing(open_catalogue(settings)) as store:
        added = store.cameras.add(wanted)
        note_command(store, "cameras.add", added.camera.name, added.camera.uri)
    if added.continues:
        typer.echo(f"note: {added.camera.name!r} continues its history", err=True)
    typer.echo(f"{added.camera.name}  {added.camera.uri}")


def _merge_aliases(wanted: CameraSettings, settings: Settings) -> CameraSettings:
    """Return a camera without queries that count the same as another one of it; tell which."""
    if len(wanted.queries) < 2:
        return wanted
    reader = build_reader(prepare_detector(settings).unopened, settings.weights_dir)
    distinct = merge_camera_queries(reader, wanted.queries)
    print_aliases(distinct.aliases)
    return replace(wanted, queries=distinct.queries)


def _read_password() -> str:
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise InputError("no password came on stdin; write: printf %s PASSWORD | ovd cameras add")
    return password


@cameras_app.command(name="list")
def list_cameras(db: Database = None, as_json: AsJson = False) -> None:
    """List the cameras that were added or counted, without those that were removed.

    Example: ovd cameras list
    """
    with closing(open_catalogue(settings_with(db=db))) as store:
        known = store.cameras.all()
    if as_json:
        entries = [
            describe_camera(camera) | {"created_at": camera.created_at.isoformat()}
            for camera in known
        ]
        typer.echo(json.dumps(entries, ensure_ascii=False))
        return
    for camera in known:
        typer.echo(f"{camera.name}  {camera.uri}" + ("" if camera.enabled else "  (not counted)"))


@cameras_app.command(name="export")
def export_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="JSON file to write.")],
    db: Database = None,
) -> None:
    """Write the cameras to a file, without passwords.

    Example: ovd cameras export cameras.json
    """
    with closing(open_catalogue(settings_with(db=db))) as store:
        count = export_cameras(store.cameras, file)
    typer.echo(f"{count} cameras: {file}")


@cameras_app.command(name="import")
def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File of ovd cameras export.")],
    db: Database = None,
) -> None:
    """Add the cameras of a file, or change those of their names.

    Example: ovd cameras import cameras.json
    """
    settings = settings_with(db=db)
    with closing(open_catalogue(settings)) as store:
        names = import_cameras(store.cameras, file, lambda one: _merge_aliases(one, settings))
        note_command(store, "cameras.import", "", f"{len(names)} cameras")
        cameras = [camera for camera in store.cameras.all() if camera.name in names]
    for camera in cameras:
        if not camera.complete:
            typer.echo(f"note: {camera.name!r} needs its password: add it again", err=True)
    typer.echo(f"{len(names)} cameras from {file}")


@cameras_app.command(name="test")
def try_camera(
    name: Name, db: Database = None, transport: SendsBy = None, as_json: AsJson = False
) -> None:
    """Open a camera and wait for its first frame; nothing is counted or stored.

    Example: ovd cameras test gate
    """
    settings = settings_with(db=db)
    with closing(open_catalogue(settings_with(db=db))) as store:
        camera, address = store.cameras.find(name), store.cameras.find_address(name)
    tester = CameraTester(build_opener(settings), SystemClock())
    opened = tester.open(address, name, SourceOptions(transport=transport, give_up_s=0.0))
    info, took_s = opened.info, opened.took_s
    if camera.enabled and info.recorded:
        raise recording_error(name)
    height, width = opened.frame.size_hw
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
        note_command(store, "cameras.remove", name)
    typer.echo(f"removed {name}" + ("; its counts stay in reports" if kept else ""))
