"""`ovd teach`: names from example boxes."""

import json
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from ovd.bootstrap import build_teacher, open_catalogue, open_history
from ovd.cli.identity import note_command
from ovd.cli.options import AsJson, Database, DetectorName, settings_with
from ovd.detection.taught.examples import ExampleImage
from ovd.detection.taught.file import load_taught_names, save_taught_names
from ovd.domain.teaching.taught_names import ExampleKind, TaughtName, TaughtNames
from ovd.errors import ExampleError, TaughtNameError
from ovd.video.images import load_image

_BOX, _NOT_BOX, _IMAGE = "--box", "--not-box", "--image"


class TeachGroup(TyperGroup):
    """Takes a name in the place of a command, and ties each box to the image before it."""

    def resolve_command(
        self, ctx: Any, args: list[str]
    ) -> tuple[str | None, TyperCommand | TyperGroup | None, list[str]]:
        """Return the command; for a name, the hidden one that teaches it."""
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["name", *_tie_boxes(args)]
        name, command, rest = super().resolve_command(ctx, args)
        assert command is None or isinstance(command, TyperCommand | TyperGroup)
        return name, command, rest


def _tie_boxes(args: list[str]) -> list[str]:
    """Put the number of the image before each of its boxes: the order is lost later."""
    tied, images, is_box = [], 0, False
    for arg in args:
        option, equals, value = arg.partition("=")
        if is_box:
            arg = f"{images}:{arg}"
        elif equals and option in (_BOX, _NOT_BOX):
            arg = f"{option}={images}:{value}"
        is_box = arg in (_BOX, _NOT_BOX)
        images += option == _IMAGE
        tied.append(arg)
    return tied


teach_app = typer.Typer(
    cls=TeachGroup,
    help="Teach a name by example boxes: ovd teach ladder --image yard.jpg --box 10,20,90,120 "
    "--image hall.jpg --box 5,5,60,70. Then use it as any other: -q ladder.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="What to call the object.")]
Images = Annotated[
    list[Path] | None, typer.Option(_IMAGE, metavar="FILE", help="An image; its boxes follow.")
]
Boxes = Annotated[
    list[str] | None,
    typer.Option(_BOX, metavar="X0,Y0,X1,Y1", help="Box around the object, in pixels; repeatable."),
]
NotBoxes = Annotated[
    list[str] | None,
    typer.Option(
        _NOT_BOX, metavar="X0,Y0,X1,Y1", help="Box around a look-alike that is another thing."
    ),
]
Without = Annotated[
    list[Path] | None,
    typer.Option(metavar="FILE", help="An image of your own without the object; repeatable."),
]
More = Annotated[
    bool, typer.Option("--more", help="Keep the examples that the name has, and add these.")
]
Anyway = Annotated[
    bool,
    typer.Option("--anyway", help="Teach although it is known by another name, or unsure."),
]


@teach_app.command(name="name", hidden=True)
def teach_name(  # noqa: PLR0913 -- one parameter per option of the command
    name: Name,
    image: Images = None,
    box: Boxes = None,
    not_box: NotBoxes = None,
    without: Without = None,
    more: More = False,
    anyway: Anyway = False,
    db: Database = None,
    detector: DetectorName = None,
    as_json: AsJson = False,
) -> None:
    """Teach a name from boxes on images; each box belongs to the image before it.

    Example: ovd teach ladder --image yard.jpg --box 10,20,90,120 --image hall.jpg --box 5,5,60,70
    """
    paths = image or []
    shown = _example_images(paths, box or [], ExampleKind.SHOWN)
    refused = _example_images(paths, not_box or [], ExampleKind.REFUSED)
    backgrounds = [(path.name, load_image(path)) for path in without or []]
    settings = settings_with(db=db, detector=detector)
    teacher = build_teacher(settings)
    examples = teacher.read_images([*shown, *refused], backgrounds)
    with closing(open_catalogue(settings)) as store:
        if more:
            examples = (*_find(store.taught_names, name).examples, *examples)
        taught = store.taught_names.add(teacher.learn(name, examples, anyway=anyway))
        note_command(store, "taught.add", taught.name, f"version {taught.version}")
    if as_json:
        typer.echo(json.dumps(describe_taught(taught), ensure_ascii=False))
        return
    typer.echo(f"learned {taught.name!r}, version {taught.version}: {taught.estimate.text}")
    fitting = sum(1 for item in taught.examples if item.shows_object and len(item.region_embeds))
    boxes = sum(item.shows_object for item in taught.examples)
    if fitting < boxes:
        typer.echo(f"{boxes - fitting} of {boxes} boxes fit no region and taught nothing", err=True)


def _example_images(paths: list[Path], boxes: list[str], kind: ExampleKind) -> list[ExampleImage]:
    """Return each image with its boxes of one kind; images without such boxes are left out.

    Raises:
        ExampleError: If a box comes before any image, or is not four numbers.
        ImageError: If an image cannot be read.
    """
    by_image: dict[int, list[tuple[float, float, float, float]]] = {}
    for text in boxes:
        number, _, corners = text.partition(":")
        if number == "0":
            raise ExampleError(f"the box {corners} belongs to no image; put --image FILE before it")
        by_image.setdefault(int(number) - 1, []).append(_parse_box(corners))
    return [
        ExampleImage(load_image(paths[at]), tuple(found), kind, paths[at].name)
        for at, found in by_image.items()
    ]


def _parse_box(text: str) -> tuple[float, float, float, float]:
    try:
        x0, y0, x1, y1 = (float(part) for part in text.split(","))
    except ValueError:
        raise ExampleError(f"a box is X0,Y0,X1,Y1 in pixels, got {text!r}") from None
    return (x0, y0, x1, y1)


@teach_app.command(name="list")
def list_taught(db: Database = None, as_json: AsJson = False) -> None:
    """List the taught names in use.

    Example: ovd teach list
    """
    with closing(open_history(settings_with(db=db))) as store:
        names = store.taught_names.all()
    if as_json:
        typer.echo(json.dumps([describe_taught(item) for item in names], ensure_ascii=False))
        return
    for item in names:
        typer.echo(f"{item.name}  version {item.version}  {item.estimate.text}")


@teach_app.command()
def show(name: Name, db: Database = None, as_json: AsJson = False) -> None:
    """Show what a name was learned from.

    Example: ovd teach show ladder
    """
    with closing(open_history(settings_with(db=db))) as store:
        item = _find(store.taught_names, name)
    if as_json:
        typer.echo(json.dumps(describe_taught(item), ensure_ascii=False))
        return
    typer.echo(f"{item.name}, version {item.version}, by {item.detector_id}: {item.estimate.text}")
    for example in item.examples:
        box = ",".join(f"{value:g}" for value in example.xyxy)
        typer.echo(f"{example.kind.value}  {example.source}  {box}")


@teach_app.command()
def remove(name: Name, db: Database = None) -> None:
    """Stop using a name; what was counted with it stays.

    Example: ovd teach remove ladder
    """
    with closing(open_catalogue(settings_with(db=db))) as store:
        item = _find(store.taught_names, name)
        store.taught_names.remove(item.name, item.camera)
        note_command(store, "taught.remove", item.name)
    typer.echo(f"removed {item.name!r}")


@teach_app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File to write.")],
    db: Database = None,
) -> None:
    """Write all taught names into a file.

    Example: ovd teach export names.npz
    """
    with closing(open_history(settings_with(db=db))) as store:
        names = store.taught_names.all()
    save_taught_names(file, names)
    typer.echo(f"wrote {len(names)} names to {file}")


@teach_app.command(name="import")
def import_names(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File that `export` wrote.")],
    db: Database = None,
) -> None:
    """Take the names of a file into the database, each as a new version.

    Example: ovd teach import names.npz
    """
    names = load_taught_names(file)
    with closing(open_catalogue(settings_with(db=db))) as store:
        for item in names:
            kept = store.taught_names.add(item)
            note_command(store, "taught.add", kept.name, f"version {kept.version}")
            typer.echo(f"{kept.name}, version {kept.version}")


def _find(names: TaughtNames, name: str) -> TaughtName:
    wanted = name.strip().lower()
    in_use = names.all()
    found = next((item for item in in_use if item.name == wanted), None)
    if found is None:
        listed = ", ".join(repr(item.name) for item in in_use) or "none"
        raise TaughtNameError(f"no taught name {name!r}; in use: {listed}")
    return found


def describe_taught(item: TaughtName) -> dict[str, object]:
    """Return a taught name, as in the JSON of `teach`."""
    return {
        "name": item.name,
        "version": item.version,
        "camera": item.camera or None,
        "detector": item.detector_id,
        "created_at": None if item.created_at is None else item.created_at.isoformat(),
        "examples": [
            {
                "kind": example.kind.value,
                "source": example.source,
                "box": list(example.xyxy),
                "fits": len(example.region_embeds) > 0,
            }
            for example in item.examples
        ],
        "vectors": len(item.vectors),
        "estimate": {
            "found": item.estimate.found,
            "tried": item.estimate.tried,
            "false_images": item.estimate.false_images,
            "images": item.estimate.images,
        },
    }
