"""AlertRuleService: adds, changes, tests and removes rules, and refuses those that never fire."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from ovd.domain.alerts import (
    AlertMessage,
    AlertRule,
    AlertStatus,
    Condition,
    MessageType,
    SavedRule,
)
from ovd.domain.cameras import Camera
from ovd.domain.names import name_key
from ovd.domain.ports import Clock, CountStore, QueryReader
from ovd.domain.zones import LineZone, Zone
from ovd.errors import AlertRuleError, QueryError, UnknownTargetError
from ovd.services.alerts.images.links import AlertLinks
from ovd.services.alerts.judging import Observation
from ovd.services.alerts.machine import finish
from ovd.services.alerts.rule_values import Values, describe_rule, parse_rule


@dataclass(frozen=True)
class RuleContext:
    """The collaborators of `AlertRuleService`.

    Attributes:
        store: Cameras, zones, queries, targets and rules.
        reader: Reads queries, so that one may be named by its text or by its reading.
        clock: The time of alerts that end because their rule is removed.
        target_names: Names of the targets of the settings and of the database.
        changed: Called after every change; must return at once.
        links: Makes the addresses in messages.
    """

    store: CountStore
    reader: QueryReader
    clock: Clock
    target_names: Callable[[], Sequence[str]]
    changed: Callable[[], None] = lambda: None
    links: AlertLinks = field(default_factory=AlertLinks)


class AlertRuleService:
    """Changes rules for a user, whichever face asks for it."""

    def __init__(self, context: RuleContext) -> None:
        """Work on what a context names."""
        self._context = context
        self._alerts = context.store.alerts

    def add(self, rules: Sequence[AlertRule]) -> tuple[SavedRule, ...]:
        """Add rules, all or none.

        Raises:
            AlertRuleError: If one names a camera, query or zone that is not there.
            AlertRuleListedError: If there is one of that name, or two have the same.
            UnknownTargetError: If one names a target that is not there.
            StoreError: If the database cannot be used.
        """
        added = self._alerts.add([self.check(rule) for rule in rules])
        self._context.changed()
        return added

    def change(self, name: str, values: Values) -> SavedRule:
        """Change some values of a rule; the others stay.

        Raises:
            UnknownAlertRuleError: If there is none of that name.
            AlertRuleError: As for `add`, and if a value cannot be.
            StoreError: If the database cannot be used.
        """
        before = self._alerts.find(name).rule
        rule = parse_rule({**describe_rule(before), **values})
        if _judged(rule) != _judged(before):
            rule = self.check(rule)
        elif rule.to != before.to:
            self._check_targets(rule)
        saved = self._alerts.replace(name, rule)
        self._context.changed()
        return saved

    def snooze(self, name: str, until: datetime | None) -> SavedRule:
        """Let no alert of a rule begin until a time; None ends the snooze.

        Raises:
            UnknownAlertRuleError: If there is none of that name.
            StoreError: If the database cannot be used.
        """
        return self.change(name, {"snoozed_until": until})

    def remove(self, name: str) -> None:
        """Remove a rule; its open alerts end.

        Raises:
            UnknownAlertRuleError: If there is none of that name.
            StoreError: If the database cannot be used.
        """
        self._alerts.remove(name, self._end)
        self._context.changed()

    def test(self, name: str) -> AlertMessage:
        """Send a message as the rule would to its targets, whose id begins with `test-`.

        Raises:
            UnknownAlertRuleError: If there is none of that name.
            AlertRuleError: If it tells no target.
            StoreError: If the database cannot be used.
        """
        rule = self._alerts.find(name).rule
        if not rule.to:
            raise AlertRuleError(
                f"alert rule {rule.name!r} tells no target, so that there is nothing to test; give "
                "it one: to = [NAME]"
            )
        now = self._context.clock.now()
        cameras = rule.cameras or [camera.name for camera in self._context.store.cameras.all()]
        message = AlertMessage(
            id=f"test-{uuid.uuid4().hex[:12]}",
            type=MessageType.NEW,
            number=1,
            rule=rule.name,
            when=rule.when,
            severity=rule.severity,
            camera=next(iter(cameras), "") if rule.is_about_cameras else "",
            zone=rule.zone,
            query=rule.query,
            count=_example_count(rule),
            threshold=rule.threshold,
            at=now,
            started_at=now,
            ended_at=None,
            observed=True,
        )
        message = self._context.links.complete(message)
        self._context.store.outbox.put([message], rule.to)
        self._context.changed()
        return message

    def take_reference(self, name: str) -> tuple[str, ...]:
        """Let the cameras of a rule take their next image as reference view; return their names.

        Raises:
            UnknownAlertRuleError: If there is none of that name.
            AlertRuleError: If its condition is not that a camera was moved.
            StoreError: If the database cannot be used.
        """
        rule = self._alerts.find(name).rule
        if rule.when is not Condition.MOVED:
            raise AlertRuleError(
                f"alert rule {rule.name!r} compares no views; its condition is {rule.when}"
            )
        cameras = tuple(camera.name for camera in self._find_cameras(rule))
        for camera in cameras:
            self._context.store.views.remove(camera)
        return cameras

    def check(self, rule: AlertRule) -> AlertRule:
        """Return a rule with its names as they are known, if it can ever fire.

        Raises:
            AlertRuleError: If it names a camera, query or zone that is not there.
            UnknownTargetError: If it names a target that is not there.
            StoreError: If the database cannot be read.
        """
        self._check_targets(rule)
        if rule.when.is_about_site:
            return replace(rule, zone=self._find_site(rule))
        if not rule.is_about_cameras:
            return rule
        cameras = self._find_cameras(rule)
        rule = replace(rule, cameras=tuple(camera.name for camera in cameras if rule.cameras))
        if not rule.when.counts_objects:
            return rule
        rule = replace(rule, query=self._find_query(rule, cameras))
        return replace(rule, zone=self._find_zone(rule, cameras)) if rule.zone else rule

    def _end(self, rule: AlertRule, status: AlertStatus) -> AlertMessage | None:
        messages = finish(rule, status, Observation(self._context.clock.now())).messages
        return self._context.links.complete(messages[0]) if messages else None

    def _check_targets(self, rule: AlertRule) -> None:
        known = tuple(self._context.target_names()) if rule.to else ()
        for name in rule.to:
            if name not in known:
                raise UnknownTargetError(
                    f"alert rule {rule.name!r}: there is no target {name!r}; known: "
                    f"{', '.join(known) or 'none'}; add it: ovd targets add {name!r} URL"
                )

    def _find_site(self, rule: AlertRule) -> str:
        sites = [site.name for site in self._context.store.sites.all()]
        found = [name for name in sites if name_key(name) == name_key(rule.zone)]
        if not found:
            raise AlertRuleError(
                f"alert rule {rule.name!r}: there is no site {rule.zone!r}; known: "
                f"{', '.join(sites) or 'none'}"
            )
        return found[0]

    def _find_cameras(self, rule: AlertRule) -> tuple[Camera, ...]:
        """Return the cameras that a rule covers, those without a list all that there are."""
        known = {name_key(camera.name): camera for camera in self._context.store.cameras.all()}
        for name in rule.cameras:
            if name_key(name) not in known:
                names = ", ".join(camera.name for camera in known.values()) or "none"
                raise AlertRuleError(
                    f"alert rule {rule.name!r}: there is no camera {name!r}; known: {names}"
                )
        chosen = [name_key(name) for name in rule.cameras] or list(known)
        return tuple(known[key] for key in chosen)

    def _find_query(self, rule: AlertRule, cameras: Sequence[Camera]) -> str:
        """Return the query as cameras count it; they must, where the rule names them."""
        reading = self._read(rule.query)
        named, without = "", []
        for camera in cameras:
            counted = self._counted(camera)
            same = [text for text in counted if name_key(text) == name_key(rule.query)]
            same = same or [text for text in counted if self._read(text) == reading]
            if not same:
                without.append(camera.name)
            named = named or next(iter(same), "")
        if cameras and (not named or (rule.cameras and without)):
            raise AlertRuleError(
                f"alert rule {rule.name!r}: {rule.query!r} is not counted at "
                f"{', '.join(without)}; add the query to the camera first, on the page or with "
                f"PATCH /api/v1/cameras/NAME, or for cameras without queries of their own: ovd "
                f"queries add {rule.query!r}"
            )
        every = {name_key(text) for camera in cameras for text in self._counted(camera)}
        return rule.query if name_key(rule.query) in every or not cameras else reading

    def _counted(self, camera: Camera) -> tuple[str, ...]:
        own = tuple(query.text for query in camera.queries)
        return own or tuple(self._context.store.saved_queries.all())

    def _read(self, text: str) -> str:
        try:
            return name_key(self._context.reader.read(text).read_as)
        except QueryError as error:
            raise AlertRuleError(f"the query {text!r} cannot be read: {error}") from error

    def _find_zone(self, rule: AlertRule, cameras: Sequence[Camera]) -> str:
        zones = {camera.name: self._context.store.zones.of(camera) for camera in cameras}
        found = {name: _zone_named(kept, rule.zone) for name, kept in zones.items()}
        missing = [name for name, zone in found.items() if zone is None]
        if (rule.cameras and missing) or len(missing) == len(found):
            known = sorted({zone.name for kept in zones.values() for zone in kept})
            raise AlertRuleError(
                f"alert rule {rule.name!r}: there is no zone {rule.zone!r} at "
                f"{', '.join(missing) or 'any camera'}; known: {', '.join(known) or 'none'}"
            )
        zone = next(zone for zone in found.values() if zone is not None)
        if isinstance(zone, LineZone) and rule.when is not Condition.CROSSED:
            raise AlertRuleError(
                f"alert rule {rule.name!r}: {zone.name!r} is a line, in which nothing is; "
                f"{rule.when} needs a polygon, or use crossed"
            )
        return zone.name


def _zone_named(zones: Sequence[Zone], name: str) -> Zone | None:
    return next((zone for zone in zones if name_key(zone.name) == name_key(name)), None)


def _judged(rule: AlertRule) -> AlertRule:
    """Return what decides whether a rule can fire."""
    return replace(rule, name="rule", to=(), enabled=True, snoozed_until=None)


def _example_count(rule: AlertRule) -> int | None:
    match rule.when:
        case Condition.ABOVE | Condition.OCCUPANCY_ABOVE:
            return (rule.threshold or 0) + 1
        case Condition.BELOW | Condition.OCCUPANCY_BELOW:
            return (rule.threshold or 1) - 1
        case Condition.ABSENT:
            return 0
        case _:
            return rule.threshold
