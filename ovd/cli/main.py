"""Entry point: parses the command line, and is the only place that prints errors and exits."""

import json
import logging
import sys

import typer
from typer.exceptions import TyperException

from ovd.cli.command_line import hide_logins
from ovd.cli.verbs import build_command
from ovd.errors import OvdError

INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> None:
    """Run one command and exit.

    Exit codes: 0 done; 2 wrong usage or bad input; 3 the source could not be opened or was lost
    for good; 4 the database could not be used; 1 anything else.
    """
    hide_logins()
    arguments = sys.argv[1:] if arguments is None else arguments
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    sys.exit(_run(arguments))


def _run(arguments: list[str]) -> int:
    as_json = "--json" in arguments
    try:
        outcome = build_command()(arguments or ["--help"], prog_name="ovd", standalone_mode=False)
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
