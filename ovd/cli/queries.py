"""`ovd queries`: the list of saved queries, how a text is read, and what could be typed."""

import json
from contextlib import closing
from typing import Annotated

import typer

from ovd.bootstrap import build_reader, open_catalogue, prepare_detector
from ovd.cli.identity import note_command
from ovd.cli.options import AsJson, Database, DetectorName, settings_with
from ovd.domain.notes import NoteCode
from ovd.domain.ports import QueryReader
from ovd.domain.query import Query
from ovd.errors import QueryError
from ovd.services.counting.summary import describe_reading
from ovd.services.queries import Alias, find_same
from ovd.settings import Settings

queries_app = typer.Typer(
    help="The list of saved queries, and what could be typed.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Text = Annotated[str, typer.Argument(metavar="TEXT", help="A query, as typed.")]


@queries_app.command()
def add(
    text: Text, db: Database = None, detector: DetectorName = None, as_json: AsJson = False
) -> None:
    """Save a query, with which the app starts to set up a camera; says how it is read.

    Example: ovd queries add "vehicle except bus"
    """
    settings = settings_with(db=db, detector=detector)
    reader = _reader(settings)
    query = reader.read(text)
    with closing(open_catalogue(settings)) as store:
        saved = store.saved_queries
        same = find_same(query, [reader.read(known) for known in saved.all()])
        if same is not None and same.text.casefold() != query.text.casefold():
            raise QueryError(f"the query {Alias(query.text, same.text)}, which is on the list")
        if not saved.add(query.text):
            raise QueryError(f"the query {query.text!r} is on the list already")
        note_command(store, "queries.add", query.text)
    if as_json:
        typer.echo(json.dumps(describe_reading(query), ensure_ascii=False))
        return
    typer.echo("; ".join(filter(None, (f"saved {query.text!r}", _reading(query), query.note))))


def _reading(query: Query) -> str:
    """Return how a query is read, where its notes do not tell."""
    if not query.supported:
        return "not supported"
    told = any(note.code is NoteCode.READ_AS for note in query.notes)
    return "" if told else f"read as {query.read_as!r}"


@queries_app.command(name="list")
def list_queries(db: Database = None, as_json: AsJson = False) -> None:
    """List the saved queries, oldest first.

    Example: ovd queries list
    """
    with closing(open_catalogue(settings_with(db=db))) as store:
        saved = store.saved_queries
        texts = saved.all()
    if as_json:
        typer.echo(json.dumps(texts, ensure_ascii=False))
        return
    for text in texts:
        typer.echo(text)


@queries_app.command()
def remove(text: Text, db: Database = None) -> None:
    """Take a query off the list; everything counted for it stays.

    Example: ovd queries remove person
    """
    with closing(open_catalogue(settings_with(db=db))) as store:
        saved = store.saved_queries
        if not saved.remove(text.strip()):
            raise QueryError(
                f"no saved query {text!r}; it has {', '.join(map(repr, saved.all())) or 'none'}"
            )
        note_command(store, "queries.remove", text.strip())
    typer.echo(f"removed {text.strip()!r}")


@queries_app.command()
def suggest(
    text: Text,
    limit: Annotated[int, typer.Option(min=1, max=100, help="At most so many.")] = 8,
    detector: DetectorName = None,
    as_json: AsJson = False,
) -> None:
    """Show what could be typed that begins like TEXT, slips allowed, best first.

    Example: ovd queries suggest trafic
    """
    found = _reader(settings_with(detector=detector)).suggest(text, limit)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    for suggestion in found:
        typer.echo(suggestion)


def _reader(settings: Settings) -> QueryReader:
    return build_reader(prepare_detector(settings).unopened, settings.weights_dir)
