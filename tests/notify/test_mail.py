import ssl
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from ovd.errors import MailError, MailUnsureError
from ovd.notify.mail import Mailer, MailServer

PASSWORD = "hunter2-hunter2"


class LocalServer(Controller):
    """Listens on any free port of this machine."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class Inbox:
    """What the server does with a message."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.answer = "250 taken"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.envelopes.append(envelope)
        if self.answer == "hang up":
            server.transport.abort()
        return self.answer

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("nobody"):
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 ok"


def check_login(server: SMTP, session: Session, envelope: Envelope, kind: str, data) -> AuthResult:
    assert isinstance(data, LoginPassword)
    return AuthResult(success=data == LoginPassword(b"ovd", PASSWORD.encode()), handled=False)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def server(inbox: Inbox, authority: trustme.CA, tmp_path: Path) -> Iterator[MailServer]:
    """A real SMTP server on this machine that wants STARTTLS and a login."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    controller = LocalServer(
        inbox,
        hostname="127.0.0.1",
        port=0,
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=check_login,
    )
    controller.start()
    yield MailServer(
        host="127.0.0.1",
        port=controller.port,
        sender="ovd@example.org",
        user="ovd",
        password=PASSWORD,
        ca_file=tmp_path / "ca.pem",
        timeout_s=20.0,
    )
    controller.stop()


def make_message(to: str = "boss@example.org") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "ovd@example.org", to, "report 보고서"
    message.set_content("counts")
    return message


def send(server: MailServer, message: EmailMessage | None = None) -> list[str]:
    calls: list[str] = []
    Mailer(server).send(message or make_message(), lambda: calls.append("about to send"))
    return calls


def test_message_arrives_over_starttls_with_login(server, inbox):
    calls = send(server)

    (envelope,) = inbox.envelopes
    assert calls == ["about to send"]
    assert (envelope.mail_from, envelope.rcpt_tos) == ("ovd@example.org", ["boss@example.org"])
    assert b"counts" in envelope.content


def test_wrong_password_is_an_error_without_it(server, inbox):
    with pytest.raises(MailError, match="refused the login") as caught:
        send(replace(server, password="s3cret-s3cret"))

    assert inbox.envelopes == []
    assert "s3cret" not in f"{caught.value!r} {caught.value.__context__!r} {server!r}"


def test_certificate_of_another_host_is_refused_before_the_password_is_sent(server, inbox):
    with pytest.raises(MailError, match="certificate is not trusted"):
        send(replace(server, ca_file=None))

    assert inbox.envelopes == []


def test_refused_message_was_certainly_not_taken(server, inbox):
    inbox.answer = "554 too much mail"

    with pytest.raises(MailError, match="code 554") as caught:
        send(server)

    assert not isinstance(caught.value, MailUnsureError)


def test_refused_recipients_are_reported_by_code(server):
    with pytest.raises(MailError, match="recipients refused: 550"):
        send(server, make_message("nobody@example.org"))


def test_connection_that_breaks_during_the_transfer_leaves_it_open(server, inbox):
    inbox.answer = "hang up"

    with pytest.raises(MailUnsureError, match="may or may not arrive"):
        send(server)


def test_server_that_is_not_there_was_not_about_to_send(server):
    calls: list[str] = []

    with pytest.raises(MailError, match="check host, port and security"):
        Mailer(replace(server, port=9)).send(make_message(), lambda: calls.append("sent"))

    assert calls == []


def test_server_without_starttls_gets_no_password(inbox):
    controller = LocalServer(inbox, hostname="127.0.0.1", port=0)
    controller.start()
    plain = MailServer(
        "127.0.0.1", "ovd@example.org", controller.port, user="ovd", password=PASSWORD
    )
    try:
        with pytest.raises(MailError, match="cannot send mail"):
            send(plain)
        send(replace(plain, security="none", user=""))
    finally:
        controller.stop()

    assert len(inbox.envelopes) == 1
