"""Delivery of alerts: targets, what takes messages there, and the worker of the outbox."""

from collections.abc import Callable

from ovd.bootstrap.mail import build_mailer
from ovd.bootstrap.mqtt import Mqtt
from ovd.domain.alerts import Target
from ovd.domain.ports import Clock, CountStore, EvidenceArchive
from ovd.domain.ports.notify import Notice, Notifier
from ovd.errors import DeliveryError, TargetError
from ovd.notify.addresses import TargetAddress, TargetKind
from ovd.notify.webhook import WebhookNotifier
from ovd.services.access.audit import AuditLog
from ovd.services.alerts.delivery.pace import DeliveryPace
from ovd.services.alerts.delivery.sending import TargetSender
from ovd.services.alerts.delivery.targets import FixedTarget, TargetService
from ovd.services.alerts.delivery.worker import DeliveryWorker
from ovd.services.alerts.images.finding import AlertImages
from ovd.services.mqtt.shapes import alert_topic
from ovd.settings import MQTT_TARGET, Settings


def build_targets(
    settings: Settings, store: CountStore, audit: AuditLog, clock: Clock, mqtt: Mqtt | None = None
) -> TargetService:
    """Return the targets of the database and of the settings.

    Args:
        settings: Targets that cannot be changed, the mail server and the broker.
        store: The other targets.
        audit: Told of every change.
        clock: Dates messages.
        mqtt: The broker; None where this process does not publish.
    """
    open_notifier = _notifiers(settings, clock)
    fixed = [
        FixedTarget(entry.target, _opening(open_notifier, entry.address, entry.secret))
        for entry in settings.targets
    ]
    if settings.mqtt is not None:
        shown = f"mqtt://{settings.mqtt.host}/{settings.mqtt.prefix}/alerts"
        target = Target(MQTT_TARGET, shown, fixed=True)
        fixed.append(FixedTarget(target, lambda: _open_mqtt(mqtt)))
    return TargetService(store.targets, fixed, open_notifier, audit, clock)


def build_delivery(
    store: CountStore, targets: TargetService, evidence: EvidenceArchive, clock: Clock
) -> DeliveryWorker:
    """Return the worker of the outbox, not started."""
    pace = DeliveryPace()
    sender = TargetSender(store.outbox, targets.open, AlertImages(evidence).attach, clock, pace)
    return DeliveryWorker(store.outbox, targets.all, sender, clock, pace)


def _notifiers(settings: Settings, clock: Clock) -> Callable[[TargetAddress, str], Notifier]:
    def open_notifier(address: TargetAddress, secret: str) -> Notifier:
        if address.kind is TargetKind.WEBHOOK:
            return WebhookNotifier(address, secret)
        if secret:
            raise TargetError("only webhooks are signed; this target takes no secret")
        if address.kind is TargetKind.MAIL:
            mailer = build_mailer(settings)
            if mailer is None:
                raise TargetError("mail needs a server: add a [mail] table to ovd.toml")
            # Loaded when mail is sent: most commands send none.
            from ovd.notify.mail_notifier import MailNotifier

            return MailNotifier(mailer, address, clock.now)
        from ovd.notify.apprise_notifier import AppriseNotifier

        return AppriseNotifier(address)

    return open_notifier


def _opening(
    open_notifier: Callable[[TargetAddress, str], Notifier], address: TargetAddress, secret: str
) -> Callable[[], Notifier]:
    return lambda: open_notifier(address, secret)


def _open_mqtt(mqtt: Mqtt | None) -> Notifier:
    if mqtt is None:
        return _NotServing()
    from ovd.notify.mqtt.notifier import MqttNotifier

    return MqttNotifier(
        mqtt.connection, lambda rule: alert_topic(mqtt.prefix, mqtt.slugs.rule(rule))
    )


class _NotServing:
    """Implements `Notifier` where no connection to the broker is kept."""

    def send(self, notice: Notice) -> None:
        """Refuse."""
        raise DeliveryError("only ovd serve is connected to the MQTT broker; test it there")
