"""Entry point: parses the command line, and is the only place that prints errors and exits."""

import json
import logging
import sys

import typer
from typer.exceptions import TyperException
from typer.main import get_command

from ovd.cli.cameras import cameras_app
from ovd.cli.count import count
from ovd.cli.db import db_app
from ovd.cli.demo import demo
from ovd.cli.detect import detect
from ovd.cli.doctor import doctor
from ovd.cli.eval_count import eval_count
from ovd.cli.evaluate import evaluate
from ovd.cli.evidence import evidence_app
from ovd.cli.queries import queries_app
from ovd.cli.recount import recount
from ovd.cli.report import report
from ovd.cli.serve import serve
from ovd.cli.train import train
from ovd.cli.train_speller import train_speller
from ovd.cli.weights import weights_app
from ovd.errors import OvdError

INTERRUPTED = 130

app = typer.Typer(
    name="ovd",
    help="Type what to look for, point at a camera or video, get counts.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(detect)
app.command()(count)
app.command()(recount)
app.command()(report)
app.command()(serve)
app.command()(demo)
app.command(name="eval")(evaluate)
app.command(name="eval-count")(eval_count)
app.command()(doctor)
app.command()(train)
app.command()(train_speller)
app.add_typer(cameras_app, name="cameras")
app.add_typer(evidence_app, name="evidence")
app.add_typer(queries_app, name="queries")
app.add_typer(weights_app, name="weights")
app.add_typer(db_app, name="db")


def main(arguments: list[str] | None = None) -> None:
    """Run one command and exit.

    Exit codes: 0 done; 2 wrong usage or bad input; 3 the source could not be opened or was lost
    for good; 4 the database could not be used; 1 anything else.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    sys.exit(_run(arguments))


def _run(arguments: list[str]) -> int:
    as_json = "--json" in arguments
    try:
        outcome = get_command(app)(arguments, prog_name="ovd", standalone_mode=False)
    except OvdError as error:
        return _fail(error.code, str(error), error.exit_code, as_json)
    except TyperException as error:
        return _fail("usage", f"{error.format_message()} See: ovd --help", 2, as_json)
    except (KeyboardInterrupt, typer.Abort):
        return _fail("interrupted", "stopped by the user", INTERRUPTED, as_json)
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    return outcome if isinstance(outcome, int) else 0


def _fail(code: str, message: str, exit_code: int, as_json: bool) -> int:
    line = " ".join(message.split())
    if as_json:
        line = json.dumps({"error": {"code": code, "message": line}}, ensure_ascii=False)
        print(line, file=sys.stderr)
    else:
        print(f"error[{code}]: {line}", file=sys.stderr)
    return exit_code
