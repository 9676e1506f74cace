"""A program that writes alerts and delivers them until it is killed: URL OF DATABASE, HOOK, NUMBER.

Every start writes all messages again from the first, as a rules engine would that is not sure what
it had written; those that are in the outbox are passed over.
"""

import sys
import threading
from pathlib import Path

from ovd.domain.alerts import Target
from ovd.notify.addresses import parse_target_url
from ovd.notify.webhook import WebhookNotifier
from ovd.services.alerts.delivery.pace import DeliveryPace
from ovd.services.alerts.delivery.sending import TargetSender
from ovd.services.alerts.delivery.worker import DeliveryWorker
from ovd.store import open_store
from ovd.store.credentials import CredentialCipher
from ovd.video.clock import SystemClock
from tests.builders import START, make_alert_message

# Claims of a killed process end soon, so that a test need not wait for them.
PACE = DeliveryPace(poll_s=0.05, lease_s=1.0)
BATCH = 5


def main(url: str, hook: str, number: int) -> None:
    store, clock = open_store(url, CredentialCipher(Path("/nowhere/key"))), SystemClock()
    notifier = WebhookNotifier(parse_target_url(hook), "s3cret")
    sender = TargetSender(store.outbox, lambda _: notifier, lambda _: (), clock, PACE)
    target = Target("ops", "hook")
    worker = DeliveryWorker(store.outbox, lambda: (target,), sender, clock, PACE)
    worker.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for first in range(0, number, BATCH):
        messages = [
            message
            for index in range(first, min(first + BATCH, number))
            for message in (
                make_alert_message(id=f"a{index}"),
                make_alert_message(2, id=f"a{index}", ended_at=START),
            )
        ]
        store.outbox.put(messages, ["ops"])
        worker.wake()
    threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
