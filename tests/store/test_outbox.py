"""Claims, tallies and second attempts of the outbox."""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta

from ovd.domain.alerts import OutboxStatus
from tests.builders import START, make_alert_message
from tests.store.databases import open_store

LEASE = timedelta(seconds=90)


def test_claimed_entries_are_kept_from_other_processes(url: str):
    with (
        closing(open_store(url, now=lambda: START)) as one,
        closing(open_store(url, now=lambda: START)) as other,
    ):
        one.outbox.put([make_alert_message(), make_alert_message(id="a2")], ["ops"])

        claimed = one.outbox.claim(START, START + LEASE)

        assert [entry.message.id for entry in claimed] == ["a1", "a2"]
        assert other.outbox.claim(START, START + LEASE) == ()
        assert len(other.outbox.claim(START + LEASE, START + 2 * LEASE)) == 2


def test_busy_targets_are_left_out(url: str):
    with closing(open_store(url, now=lambda: START)) as store:
        store.outbox.put([make_alert_message()], ["ops", "mail"])

        claimed = store.outbox.claim(START, START + LEASE, frozenset({"ops"}))

    assert [entry.target for entry in claimed] == ["mail"]


def test_all_entries_of_a_target_are_claimed_for_a_digest(url: str):
    with closing(open_store(url, now=lambda: START)) as store:
        end = make_alert_message(2, ended_at=START)
        store.outbox.put([make_alert_message(), end], ["ops", "mail"])

        claimed = store.outbox.claim_all("ops", START, START + LEASE)

    assert [entry.message.number for entry in claimed] == [1, 2]


def test_dead_entries_are_tallied_and_sent_again(url: str):
    with closing(open_store(url, now=lambda: START)) as store:
        store.outbox.put([make_alert_message(), make_alert_message(id="a2")], ["ops"])
        [first, second] = store.outbox.due(START)
        store.outbox.update([replace(first, status=OutboxStatus.DEAD, attempt=20)])

        tally = store.outbox.tally()
        assert (tally.waiting, tally.dead, tally.oldest_at) == (1, 1, START)
        assert store.outbox.resend([second.id]) == 0
        assert store.outbox.resend(target="OPS".lower()) == 1

        again = store.outbox.due(START)
    assert [(entry.id, entry.attempt) for entry in again] == [(first.id, 0), (second.id, 0)]
