"""Options that several commands share, and how they become settings."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from ovd.domain.live import Transport
from ovd.domain.ports import QueryReader
from ovd.domain.query import Query
from ovd.errors import QueryError
from ovd.services.queries import Alias, merge_aliases
from ovd.settings import CONFIG_FILE, Settings, load_settings

Queries = Annotated[
    list[str], typer.Option("-q", "--query", metavar="TEXT", help="What to look for; repeatable.")
]
QueriesOrSaved = Annotated[
    list[str] | None,
    typer.Option(
        "-q",
        "--query",
        metavar="TEXT",
        help="What to look for; repeatable; default: the saved queries.",
    ),
]
MinScore = Annotated[
    float | None,
    typer.Option(help="Lowest score that counts, 0 to 1; default: the detector's own."),
]
DetectorName = Annotated[
    str | None, typer.Option("--detector", metavar="NAME", help="Detector; default: settings.")
]
Database = Annotated[
    str | None, typer.Option("--db", metavar="URL", help="Database URL; default: settings.")
]
SampleFps = Annotated[
    float | None, typer.Option(help="Frames to count per second of media time; default: all.")
]
Tiles = Annotated[
    str | None,
    typer.Option(
        help="Look at parts of the frame too, for small objects: none, auto or ROWSxCOLUMNS.",
        metavar="none|auto|RxC",
    ),
]
RuntimeName = Annotated[
    str | None,
    typer.Option(
        "--runtime",
        help="Library that computes the network; default: settings, else the fastest here.",
        metavar="auto|eager|onnx|openvino",
    ),
]
PrecisionName = Annotated[
    str | None,
    typer.Option(
        "--precision",
        help="Numbers inside the network; default: settings, else the fastest that counts alike.",
        metavar="auto|float32|bfloat16|float16|int8",
    ),
]
DeviceName = Annotated[
    str | None,
    typer.Option(
        "--device", help="Where it is computed; default: settings.", metavar="auto|cpu|cuda"
    ),
]
VerifyBy = Annotated[
    str | None,
    typer.Option(
        "--verify",
        help="Judge that decides about every track; default: settings, else none.",
        metavar="clip:ARCH/TAG|NAME",
    ),
]
WeightsFolder = Annotated[
    Path | None,
    typer.Option("--weights", help="Folder of weights; default: settings.", metavar="DIR"),
]
EncoderKeep = Annotated[
    float | None,
    typer.Option(help="Share of the tokens that a sparse encoder encodes; default: settings."),
]
SendsBy = Annotated[
    Transport | None,
    typer.Option("--transport", help="How an RTSP camera sends; default: settings."),
]
GiveUpAfter = Annotated[
    float, typer.Option(help="Seconds that a camera may be away before the run ends.")
]
Keep = Annotated[
    str | None,
    typer.Option(help="Images of counted objects to keep: none, crops or frames."),
]
Blur = Annotated[
    str | None,
    typer.Option(help="What is concealed in kept images: none, faces or persons."),
]
RootPath = Annotated[
    str | None,
    typer.Option(help="Path below which a proxy shows the app, such as /ovd.", metavar="/PATH"),
]
Insecure = Annotated[
    bool,
    typer.Option("--insecure", help="Without users, let everyone who reaches it do everything."),
]
TlsCert = Annotated[
    Path | None,
    typer.Option(help="Serve HTTPS with this certificate, a PEM file.", metavar="FILE"),
]
TlsKey = Annotated[
    Path | None,
    typer.Option(help="Its private key; default: in the same file.", metavar="FILE"),
]
TlsSelfSigned = Annotated[
    bool,
    typer.Option("--tls-self-signed", help="Serve HTTPS with a certificate that ovd makes."),
]
LogFormatName = Annotated[
    str | None,
    typer.Option("--log-format", help="How lines are logged; default: text.", metavar="text|json"),
]
LogLevelName = Annotated[
    str | None,
    typer.Option(
        "--log-level",
        help="Lowest level that is logged; default: warning.",
        metavar="debug|info|warning|error",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def run_options(
    runtime: str | None, precision: str | None, device: str | None
) -> dict[str, str | None]:
    """Return what `--runtime`, `--precision` and `--device` mean to `settings_with`."""
    return {"runtime": runtime, "precision": precision, "device": device}


def settings_with(**overrides: str | float | Path | None) -> Settings:
    """Settings in which the options that were given win."""
    given = {name: value for name, value in overrides.items() if value is not None}
    return load_settings(CONFIG_FILE, **given)


def read_queries(
    reader: QueryReader, texts: list[str], min_score: float | None
) -> tuple[Query, ...]:
    """Read the queries as typed, repetitions dropped.

    Raises:
        QueryError: If one cannot be read, or none was given.
    """
    if not texts:
        raise QueryError('no query: say what to look for, such as -q "person"')
    queries = [query for text in texts for query in reader.read_many(text, min_score)]
    return tuple({query.text.casefold(): query for query in reversed(queries)}.values())[::-1]


def read_counted_queries(
    reader: QueryReader, texts: list[str], min_score: float | None
) -> tuple[Query, ...]:
    """Read the queries to be counted; one that counts the same as another is told and left out.

    Raises:
        QueryError: If one cannot be read, or none was given.
    """
    distinct = merge_aliases(read_queries(reader, texts, min_score))
    print_aliases(distinct.aliases)
    return distinct.queries


def print_aliases(aliases: Iterable[Alias]) -> None:
    """Tell on stderr which typed forms are counted as another one."""
    for alias in aliases:
        typer.echo(f"note: {alias}", err=True)


def require_supported(queries: tuple[Query, ...], detector: str) -> None:
    """Refuse to count when nothing asked for can be counted.

    Raises:
        QueryError: If no query is supported; says why.
    """
    if not any(query.supported for query in queries):
        reasons = "; ".join(f"{query.text!r}: {query.note}" for query in queries)
        raise QueryError(f"detector {detector!r} cannot count any of the queries: {reasons}")


def print_notes(queries: tuple[Query, ...]) -> None:
    """Tell on stderr how queries were read where that is not obvious."""
    for query in queries:
        if query.note:
            typer.echo(f"note: {query.text!r}: {query.note}", err=True)
