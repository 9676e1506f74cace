"""The table of commands: a verb's module is imported when that verb is run, not before."""

import importlib
from dataclasses import dataclass
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from ovd.cli.extras import Extra, require_extra

Command = TyperCommand | TyperGroup


@dataclass(frozen=True)
class Verb:
    """One command of `ovd`.

    Attributes:
        name: What is typed.
        module: Module of `ovd.cli` that holds it.
        attribute: The function there, or the `typer.Typer` of a verb that has verbs of its own.
        summary: Its line in `ovd --help`, which imports none of the modules.
        extra: Packages that must be there before it starts; None for those of every installation.
    """

    name: str
    module: str
    attribute: str
    summary: str
    extra: Extra | None = None

    def load(self) -> Command:
        """Import the module and return the command."""
        found = getattr(importlib.import_module(f"ovd.cli.{self.module}"), self.attribute)
        app = _new_app()
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=self.name)
        else:
            app.command(self.name)(found)
        return _checked(get_group(app).commands[self.name])


VERBS = (
    Verb("detect", "detect", "detect", "Detect queries in images."),
    Verb("count", "count", "count", "Count queries in a video or stream; keep the counts."),
    Verb("recount", "recount", "recount", "Count new queries in footage counted before."),
    Verb("report", "report", "report", "Write the counts of a time range as a report."),
    Verb("schedules", "schedules", "schedules_app", "Make reports daily or weekly."),
    Verb("serve", "serve", "serve", "Open the app in the browser."),
    Verb("demo", "demo", "demo", "Open the app while it counts the sample clip."),
    Verb("eval", "evaluate", "evaluate", "Measure a detector on COCO boxes.", Extra.EVAL),
    Verb("eval-count", "eval_count", "eval_count", "Compare counts with labelled truth."),
    Verb("bench", "bench", "bench", "Measure every runtime on this machine."),
    Verb("doctor", "doctor", "doctor", "Tell what works on this machine."),
    Verb("train", "train", "train", "Train the detector.", Extra.TRAIN),
    Verb("distill", "distill", "distill", "Learn names from a large model.", Extra.TRAIN),
    Verb("train-speller", "train_speller", "train_speller", "Train the spelling corrector."),
    Verb("train-relations", "train_relations", "train_relations", "Fit the models of relations."),
    Verb("cameras", "cameras", "cameras_app", "Add, list, test and remove cameras."),
    Verb("evidence", "evidence", "evidence_app", "List and show images of what was counted."),
    Verb("queries", "queries", "queries_app", "Keep the list of saved queries."),
    Verb("teach", "teach", "teach_app", "Teach names by example boxes."),
    Verb("sites", "sites", "sites_app", "Tell how many people are inside, over all doors."),
    Verb("detectors", "detectors", "detectors", "List the detectors."),
    Verb("weights", "weights", "weights_app", "List and verify the weights files."),
    Verb("targets", "targets", "targets_app", "Add, list, try and remove targets of alerts."),
    Verb("alerts", "alerts", "alerts_app", "Keep the rules that alerts come of."),
    Verb("users", "users", "users_app", "Add, list, change and remove users."),
    Verb("tokens", "tokens", "tokens_app", "Make, list and revoke API tokens."),
    Verb("audit", "audit", "audit", "Show who changed what."),
    Verb("db", "db", "db_app", "Upgrade, copy, measure and check the database."),
)
_BY_NAME = {verb.name: verb for verb in VERBS}


class VerbGroup(TyperGroup):
    """Puts the imported command in the place of its line in the help when it is run."""

    def resolve_command(
        self, ctx: Any, args: list[str]
    ) -> tuple[str | None, Command | None, list[str]]:
        """Return the verb's name, its command, and the arguments that are left for it.

        A group of verbs without an argument gets `--help`: that is what was asked for.

        Raises:
            MissingExtraError: If the verb needs packages that are not installed.
        """
        name, _, rest = super().resolve_command(ctx, args)
        if name is None:
            return None, None, rest
        verb = _BY_NAME[name]
        if verb.extra is not None and "--help" not in rest:
            require_extra(verb.extra, name)
        command = verb.load()
        return name, command, ["--help"] if isinstance(command, TyperGroup) and not rest else rest


def _new_app(cls: type[TyperGroup] | None = None) -> typer.Typer:
    return typer.Typer(cls=cls, rich_markup_mode=None, add_completion=False)


def _checked(command: object) -> Command:
    assert isinstance(command, TyperCommand | TyperGroup)
    return command


def _never_run() -> None:
    raise AssertionError("VerbGroup loads the verb instead")


def _print_version(wanted: bool) -> None:
    if wanted:
        from ovd import __version__

        typer.echo(f"ovd {__version__}")
        raise typer.Exit


def build_command() -> Command:
    """Return the command `ovd` with all its verbs."""
    app = _new_app(VerbGroup)

    @app.callback()
    def ovd(
        version: bool = typer.Option(
            False,
            "--version",
            callback=_print_version,
            is_eager=True,
            help="Show the version and exit.",
        ),
    ) -> None:
        """Type what to look for, point at a camera or video, get counts."""

    for verb in VERBS:
        app.command(verb.name, short_help=verb.summary)(_never_run)
    return _checked(get_group(app))
