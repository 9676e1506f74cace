"""Alerts: the engine that judges rules, and the service that changes them."""

from collections.abc import Callable

from ovd.bootstrap.detectors import build_reader, prepare_detector
from ovd.bootstrap.stores import open_cipher
from ovd.domain.alerts import AlertMessage
from ovd.domain.ports import CameraFleet, CountStore, QueryReader
from ovd.services.alerts.engine import AlertAppendices, AlertEngine
from ovd.services.alerts.images.links import AlertLinks
from ovd.services.alerts.images.snapshots import AlertSnapshots
from ovd.services.alerts.rules import AlertRuleService, RuleContext
from ovd.services.alerts.site_watch import PeopleInside
from ovd.services.alerts.surroundings import Surroundings
from ovd.services.alerts.view_watch import ReferenceViews
from ovd.services.events import AlertTold, EventHub
from ovd.services.sites.service import SiteService
from ovd.settings import MQTT_TARGET, Settings
from ovd.video.clock import SystemClock


def build_alert_engine(
    settings: Settings,
    store: CountStore,
    fleet: CameraFleet,
    events: EventHub,
    queued: Callable[[], None] = lambda: None,
    snapshots: AlertSnapshots | None = None,
) -> AlertEngine:
    """Return the engine, subscribed to events and not started yet.

    Args:
        settings: The address of the page, for links.
        store: Rules, states and log.
        fleet: How cameras stand.
        events: What happens at them; told every message.
        queued: Called once a message is in the outbox; must return at once.
        snapshots: Keeps images of alerts that begin; None keeps none.
    """
    clock = SystemClock()

    def announce(message: AlertMessage) -> None:
        queued()
        events.publish(AlertTold(message))

    sites = PeopleInside(SiteService(store.sites, store, clock).people_inside, clock)
    engine = AlertEngine(
        store.alerts,
        Surroundings(
            fleet.statuses,
            store.health,
            clock,
            ReferenceViews(store.views, fleet.latest, clock),
            sites,
        ),
        clock,
        announce,
        AlertAppendices(build_links(settings), snapshots),
    )
    events.subscribe("alerts", engine.handle)
    return engine


def build_links(settings: Settings) -> AlertLinks:
    """Return what makes the addresses in messages, and recognises those of images."""
    return AlertLinks(settings.public_url, open_cipher(settings).sign)


def build_alert_rules(
    settings: Settings,
    store: CountStore,
    reader: QueryReader | None = None,
    changed: Callable[[], None] = lambda: None,
) -> AlertRuleService:
    """Return the service that changes rules.

    Args:
        settings: Which targets are fixed, and the detector where no reader is given.
        store: Where rules are, and what they name.
        reader: Reads queries; None reads them for the detector of the settings.
        changed: Called after every change.
    """
    if reader is None:
        reader = build_reader(prepare_detector(settings).unopened, settings.weights_dir)
    links = build_links(settings)
    return AlertRuleService(
        RuleContext(
            store, reader, SystemClock(), lambda: _target_names(settings, store), changed, links
        )
    )


def _target_names(settings: Settings, store: CountStore) -> tuple[str, ...]:
    fixed = [target.name for target in settings.targets]
    broker = [] if settings.mqtt is None else [MQTT_TARGET]
    return (*(target.name for target in store.targets.all()), *fixed, *broker)
