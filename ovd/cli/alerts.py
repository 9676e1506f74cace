"""`ovd alerts`: rules that tell when counts or cameras need somebody's attention."""

import json
import tomllib
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from ovd.bootstrap import build_alert_rules, open_catalogue, open_history
from ovd.cli.identity import note_command
from ovd.cli.options import AsJson, Database, settings_with
from ovd.cli.timestamps import parse_moment
from ovd.domain.alerts import AlertMessage, AlertRule, AlertStatus, SavedRule
from ovd.domain.names import name_key
from ovd.errors import AlertRuleError
from ovd.services.alerts.replay import AlertReplay, Course, ThresholdAlerts, count_alerts
from ovd.services.alerts.rule_values import describe_rule, parse_rules
from ovd.text_files import read_toml

alerts_app = typer.Typer(
    help="Rules of alerts: add, list, test, replay and remove them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the rule.")]
RuleFile = Annotated[
    Path, typer.Argument(metavar="FILE.toml", help="One rule, or many as [[alerts]].")
]


@alerts_app.command()
def add(file: RuleFile, db: Database = None, as_json: AsJson = False) -> None:
    """Add the rules of a file, all or none. A running server judges them within 5 seconds.

    Example: ovd alerts add queue.toml
    """
    rules = parse_rules(_read(file), str(file))
    settings = settings_with(db=db)
    with closing(open_catalogue(settings)) as store:
        added = build_alert_rules(settings, store).add(rules)
        for saved in added:
            note_command(store, "alerts.add", saved.rule.name)
    if as_json:
        typer.echo(json.dumps([describe_rule(saved.rule) for saved in added], ensure_ascii=False))
        return
    for saved in added:
        typer.echo(f"added {saved.rule.name!r}")


@alerts_app.command(name="list")
def list_rules(db: Database = None, as_json: AsJson = False) -> None:
    """List the rules, and how they stand at each camera.

    Example: ovd alerts list
    """
    with closing(open_history(settings_with(db=db))) as store:
        rules, kept = store.alerts.rules(), store.alerts.statuses()
    statuses = {saved.id: [s.status for s in kept if s.rule_id == saved.id] for saved in rules}
    if as_json:
        listed = [_describe(saved, statuses[saved.id]) for saved in rules]
        typer.echo(json.dumps(listed, ensure_ascii=False))
        return
    for saved in rules:
        rule = saved.rule
        about = " ".join(
            str(part) for part in (rule.query, rule.zone and f"in {rule.zone}") if part
        )
        count = "" if rule.count is None else f" {rule.count}"
        disabled = "" if rule.enabled else "  disabled"
        typer.echo(f"{rule.name}  {about or 'camera'} {rule.when.value}{count}{disabled}".rstrip())
        for status in statuses[saved.id]:
            typer.echo(f"  {status.camera or 'this machine'}: {status.state.value}")


@alerts_app.command(name="test")
def send_test(name: Name, db: Database = None) -> None:
    """Send a message as the rule would; `ovd serve` delivers it to the rule's targets.

    Example: ovd alerts test queue
    """
    settings = settings_with(db=db)
    with closing(open_catalogue(settings, must_exist=True)) as store:
        message = build_alert_rules(settings, store).test(name)
        note_command(store, "alerts.test", name)
        targets = store.alerts.find(name).rule.to
    typer.echo(f"queued {message.id} for {', '.join(targets)}")


@alerts_app.command()
def remove(name: Name, db: Database = None) -> None:
    """Remove a rule; its open alerts end.

    Example: ovd alerts remove queue
    """
    settings = settings_with(db=db)
    with closing(open_catalogue(settings, must_exist=True)) as store:
        build_alert_rules(settings, store).remove(name)
        note_command(store, "alerts.remove", name)
    typer.echo(f"removed {name!r}")


@alerts_app.command()
def replay(
    name: Name,
    start: Annotated[
        str | None,
        typer.Option("--from", metavar="ISO8601", help="First moment; default: 7 days before."),
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="ISO8601", help="Moment after the last.")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(metavar="FILE.toml", help="Take the rule of this file, not the saved one."),
    ] = None,
    db: Database = None,
    as_json: AsJson = False,
) -> None:
    """Show when a rule would have fired over stored counts, and how often with other counts.

    Example: ovd alerts replay queue --from 2026-03-01 --to 2026-03-08
    """
    until = parse_moment(end) if end else datetime.now(UTC)
    since = parse_moment(start) if start else until - timedelta(days=7)
    with closing(open_history(settings_with(db=db))) as store:
        rule = store.alerts.find(name).rule if file is None else _rule_of(file, name)
        engine = AlertReplay(store)
        course = engine.read(rule, since, until)
        messages = engine.run(rule, course)
        tried = engine.try_thresholds(rule, course)
    if as_json:
        typer.echo(json.dumps(_describe_replay(course, messages, tried), ensure_ascii=False))
        return
    _print_replay(course, messages, tried)


def _read(file: Path) -> dict[str, object]:
    try:
        return read_toml(file)
    except FileNotFoundError:
        raise AlertRuleError(f"the file of rules {file} does not exist") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise AlertRuleError(f"{file} cannot be read as TOML: {error}") from error


def _rule_of(file: Path, name: str) -> AlertRule:
    rules = {name_key(rule.name): rule for rule in parse_rules(_read(file), str(file))}
    if name_key(name) not in rules:
        known = ", ".join(rule.name for rule in rules.values())
        raise AlertRuleError(f"{file} has no rule {name!r}; it has {known}")
    return rules[name_key(name)]


def _describe(saved: SavedRule, statuses: list[AlertStatus]) -> dict[str, object]:
    states = [{"camera": status.camera, "state": status.state.value} for status in statuses]
    return describe_rule(saved.rule) | {"states": states}


def _describe_replay(
    course: Course, messages: tuple[AlertMessage, ...], tried: tuple[ThresholdAlerts, ...]
) -> dict[str, object]:
    return {
        "from": course.start_at.isoformat(),
        "to": course.end_at.isoformat(),
        "complete": not course.is_cut,
        "observed_s": round(course.observed_s, 3),
        "alerts": count_alerts(messages),
        "messages": [{**message.body(), "at": message.at.isoformat()} for message in messages],
        "thresholds": [vars(item) for item in tried],
    }


def _print_replay(
    course: Course, messages: tuple[AlertMessage, ...], tried: tuple[ThresholdAlerts, ...]
) -> None:
    for message in messages:
        place = message.camera or "this machine"
        count = "" if message.count is None else f"  count {message.count}"
        moment = message.at.astimezone().isoformat(timespec="seconds")
        typer.echo(f"{moment}  {place}  {message.type.value}{count}")
    begun, hours = count_alerts(messages), course.observed_s / 3600
    typer.echo(f"{begun} alerts; {hours:.1f} hours were observed")
    if course.is_cut:
        moment = course.start_at.astimezone().isoformat(timespec="minutes")
        typer.echo(f"there are too many frames: only those since {moment} were read")
    for item in tried:
        typer.echo(f"  with count {item.count}: {item.alerts} alerts, {item.per_day:.1f} a day")
