"""`ovd users`: who may sign in."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Annotated

import typer

from ovd.bootstrap import build_access, open_catalogue
from ovd.cli.identity import command_identity, read_new_password
from ovd.cli.options import AsJson, Database, settings_with
from ovd.domain.access import Role, User
from ovd.services.access.service import AccessService
from ovd.services.access.users import UserRequest

users_app = typer.Typer(
    help="Add, list, change and remove the users that may sign in.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the user, in any case.")]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from stdin, one line.")
]
OnlyCameras = Annotated[
    list[str] | None,
    typer.Option(
        "--camera", metavar="NAME", help="Camera that a viewer may see; repeatable; default: all."
    ),
]


@contextmanager
def open_access(db: str | None) -> Iterator[AccessService]:
    """Open users and tokens of the database of the settings."""
    with closing(open_catalogue(settings_with(db=db))) as store:
        yield build_access(store)


@users_app.command()
def add(
    name: Name,
    role: Annotated[Role, typer.Option(help="What the user may do.")] = Role.VIEWER,
    camera: OnlyCameras = None,
    password_stdin: PasswordStdin = False,
    db: Database = None,
) -> None:
    """Add a user; the first one closes the server to everyone who has not signed in.

    Example: ovd users add anna --role admin
    """
    password = read_new_password(password_stdin)
    with open_access(db) as access:
        user = access.users.add(
            command_identity(), name, password, role, None if camera is None else tuple(camera)
        )
    typer.echo(f"{user.name}  {user.role.value}")


@users_app.command(name="list")
def list_users(db: Database = None, as_json: AsJson = False) -> None:
    """List the users.

    Example: ovd users list
    """
    with open_access(db) as access:
        users = access.users.all()
    if as_json:
        typer.echo(json.dumps([_describe(user) for user in users], ensure_ascii=False))
        return
    for user in users:
        permitted = "" if user.cameras is None else f"  only {', '.join(sorted(user.cameras))}"
        typer.echo(f"{user.name}  {user.role.value}{permitted}")


@users_app.command()
def passwd(name: Name, password_stdin: PasswordStdin = False, db: Database = None) -> None:
    """Give a user another password, which ends the sessions of the user.

    Example: ovd users passwd anna
    """
    password = read_new_password(password_stdin)
    with open_access(db) as access:
        user = access.users.change(command_identity(), name, UserRequest(password=password))
    typer.echo(f"{user.name}  password changed")


@users_app.command()
def remove(name: Name, db: Database = None) -> None:
    """Remove a user, and end the sessions of the user.

    Example: ovd users remove anna
    """
    with open_access(db) as access:
        user = access.users.remove(command_identity(), name)
    typer.echo(f"removed {user.name}")


def _describe(user: User) -> dict[str, object]:
    return {
        "name": user.name,
        "role": user.role.value,
        "cameras": None if user.cameras is None else sorted(user.cameras),
        "created_at": user.created_at.isoformat(),
    }
