"""Alert rules as plain values, as they are in TOML files and in JSON."""

import difflib
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from ovd.domain.alerts import AlertRule, Clearing, Condition, Direction, Severity
from ovd.errors import AlertRuleError, OvdError

Values = Mapping[str, object]
Word = TypeVar("Word", bound=StrEnum)

_TEXTS = ("name", "query", "zone", "tz")
_LISTS = ("cameras", "schedule", "to")
_SECONDS = ("for_s", "within_s", "cooldown_s")
_KEYS = frozenset(
    (*_TEXTS, *_LISTS, *_SECONDS, "when", "count", "direction", "clear", "severity", "enabled")
) | {"snoozed_until"}


def parse_rule(values: Values, place: str = "") -> AlertRule:
    """Read a rule from plain values.

    Args:
        values: Values by their names in a rule.
        place: Where they come from, for messages, such as `rule 2 of rules.toml`.

    Raises:
        AlertRuleError: If one is unknown, missing, or of another kind than is wanted.
        OvdError: If the rule cannot be; see `AlertRule`.
    """
    name = values.get("name")
    place = place or (f"alert rule {name!r}" if isinstance(name, str) else "the alert rule")
    unknown = sorted(set(values) - _KEYS)
    if unknown:
        near = difflib.get_close_matches(unknown[0], _KEYS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(sorted(_KEYS))}"
        raise AlertRuleError(f"{place} has the unknown key {unknown[0]!r}; {hint}")
    reader = _Reader({key: value for key, value in values.items() if value is not None}, place)
    for key in ("name", "when"):
        if key not in reader.values:
            raise AlertRuleError(f"{place} has no {key!r}")
    return AlertRule(
        name=reader.text("name"),
        when=reader.word("when", Condition, Condition.ABOVE),
        cameras=reader.texts("cameras"),
        query=reader.text("query"),
        zone=reader.text("zone"),
        count=reader.whole("count"),
        direction=reader.word("direction", Direction, Direction.ANY),
        within_s=reader.seconds("within_s") if "within_s" in reader.values else None,
        for_s=reader.seconds("for_s"),
        clear=reader.clearing(),
        cooldown_s=reader.seconds("cooldown_s"),
        schedule=reader.texts("schedule"),
        tz=reader.text("tz") or "UTC",
        severity=reader.word("severity", Severity, Severity.WARNING),
        to=reader.texts("to"),
        enabled=reader.flag("enabled", True),
        snoozed_until=reader.time("snoozed_until"),
    )


def describe_rule(rule: AlertRule) -> dict[str, object]:
    """Return a rule as plain values, which `parse_rule` reads."""
    return {
        "name": rule.name,
        "cameras": list(rule.cameras),
        "query": rule.query,
        "zone": rule.zone,
        "when": rule.when.value,
        "count": rule.count,
        "direction": rule.direction.value,
        "within_s": rule.within_s,
        "for_s": rule.for_s,
        "clear": {"count": rule.clear.count, "for_s": rule.clear.for_s},
        "cooldown_s": rule.cooldown_s,
        "schedule": list(rule.schedule),
        "tz": rule.tz,
        "severity": rule.severity.value,
        "to": list(rule.to),
        "enabled": rule.enabled,
        "snoozed_until": None if rule.snoozed_until is None else rule.snoozed_until.isoformat(),
    }


def parse_rules(content: Values, source: str) -> tuple[AlertRule, ...]:
    """Read one rule, or those of `[[alerts]]`, from the content of a file.

    Raises:
        OvdError: As `parse_rule`; also if there is none.
    """
    tables = content.get("alerts", [content])
    if "alerts" in content and (not isinstance(tables, list) or len(content) > 1 or not tables):
        raise AlertRuleError(
            f"{source} holds one rule, or [[alerts]] with a rule each and nothing else"
        )
    rules = []
    for number, table in enumerate(tables if isinstance(tables, list) else [], start=1):
        place = f"rule {number} of {source}" if "alerts" in content else source
        if not isinstance(table, Mapping):
            raise AlertRuleError(f"{place} is no table; write [[alerts]] above its name and when")
        try:
            rules.append(parse_rule(table, place))
        except AlertRuleError:
            raise
        except OvdError as error:
            raise type(error)(f"{place}: {error}") from error
    return tuple(rules)


class _Reader:
    """Reads values of a rule by kind."""

    def __init__(self, values: Values, place: str) -> None:
        self.values = values
        self._place = place

    def text(self, key: str) -> str:
        value = self.values.get(key, "")
        if not isinstance(value, str):
            raise self._refuse(key, "a text", value)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.values.get(key, [])
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, Sequence) or not all(isinstance(item, str) for item in items):
            raise self._refuse(key, "a list of texts", value)
        return tuple(str(item) for item in items)

    def whole(self, key: str) -> int | None:
        value = self.values.get(key)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise self._refuse(key, "a whole number", value)
        return value

    def seconds(self, key: str) -> float:
        value = self.values.get(key, 0.0)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self._refuse(key, "a number of seconds", value)
        return float(value)

    def flag(self, key: str, default: bool) -> bool:
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            raise self._refuse(key, "true or false", value)
        return value

    def time(self, key: str) -> datetime | None:
        value = self.values.get(key)
        if value is None or isinstance(value, datetime):
            moment = value
        else:
            try:
                moment = datetime.fromisoformat(str(value))
            except ValueError:
                raise self._refuse(key, "a time such as 2026-03-01T12:00:00+09:00", value) from None
        if moment is not None and moment.tzinfo is None:
            raise self._refuse(key, "a time with its UTC offset", value)
        return moment

    def word(self, key: str, words: type[Word], default: Word) -> Word:
        value = self.values.get(key, default)
        try:
            return words(str(value))
        except ValueError:
            raise self._refuse(key, f"one of {', '.join(words)}", value) from None

    def clearing(self) -> Clearing:
        value = self.values.get("clear", {})
        if not isinstance(value, Mapping) or not set(value) <= {"count", "for_s"}:
            raise self._refuse("clear", "a table of count and for_s", value)
        given = {key: item for key, item in value.items() if item is not None}
        inner = _Reader(given, f"{self._place}: clear")
        return Clearing(inner.whole("count"), inner.seconds("for_s"))

    def _refuse(self, key: str, wanted: str, value: object) -> AlertRuleError:
        return AlertRuleError(f"{self._place}: {key} is {wanted}, got {value!r}")
