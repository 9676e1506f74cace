"""Alerts by a real SMTP server."""

from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy

import pytest

from ovd.domain.ports.notify import Attachment, Notice
from ovd.errors import DeliveryError
from ovd.notify.addresses import parse_target_url
from ovd.notify.mail import Mailer, MailServer
from ovd.notify.mail_notifier import MailNotifier
from tests.builders import START
from tests.notify.test_mail import Inbox, LocalServer

NOTICE = Notice(
    key="a1/new/1",
    topic="queue",
    title="[긴급] 정문: 사람 6",
    text="한 줄\n두 줄",
    body={},
    severity="critical",
    attachments=(Attachment("gate.jpg", "image/jpeg", b"\xff\xd8image"),),
)


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def server(inbox: Inbox) -> Iterator[MailServer]:
    controller = LocalServer(inbox, hostname="127.0.0.1", port=0)
    controller.start()
    yield MailServer("127.0.0.1", "ovd@example.org", controller.port, security="none")
    controller.stop()


def send(server: MailServer) -> None:
    address = parse_target_url("mailto:ops@example.org,boss@example.org")
    MailNotifier(Mailer(server), address, lambda: START).send(NOTICE)


def test_mail_has_the_words_and_the_image(server, inbox):
    send(server)

    [envelope] = inbox.envelopes
    mail = message_from_bytes(envelope.content, policy=policy.default)
    assert envelope.rcpt_tos == ["ops@example.org", "boss@example.org"]
    assert mail["Subject"] == NOTICE.title
    assert mail["Message-ID"] == "<a1.new.1@ovd.example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_body().get_content().splitlines() == NOTICE.text.splitlines()
    [image] = mail.iter_attachments()
    assert (image.get_filename(), image.get_content()) == ("gate.jpg", b"\xff\xd8image")


def test_mail_that_is_refused_is_a_failed_delivery(server, inbox):
    inbox.answer = "554 too much mail"

    with pytest.raises(DeliveryError, match="code 554") as caught:
        send(server)

    assert not caught.value.lasting


def test_server_that_is_away_is_a_failed_delivery(server):
    with pytest.raises(DeliveryError, match="check host, port and security"):
        send(replace(server, port=9))
