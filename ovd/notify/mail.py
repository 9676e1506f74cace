"""Sending of e-mail through an SMTP server."""

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

from ovd.errors import MailError, MailUnsureError

_REFUSALS = (
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPDataError,
    smtplib.SMTPHeloError,
    smtplib.SMTPNotSupportedError,
)


@dataclass(frozen=True)
class MailServer:
    """An SMTP server and how to log in.

    Attributes:
        host: Name or address of the server.
        sender: Address that messages come from.
        port: Its port.
        security: `starttls`, `tls` (from the first byte) or `none`.
        user: Name to log in with; empty sends without login.
        password: Its password; never shown.
        ca_file: Certificates to trust instead of the system's, for a private server.
        timeout_s: Seconds to wait for the server.
    """

    host: str
    sender: str
    port: int = 587
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None
    timeout_s: float = 30.0


class Mailer:
    """Sends messages through one server, a connection per message."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    @property
    def sender(self) -> str:
        """Return the address that messages come from."""
        return self._server.sender

    def send(self, message: EmailMessage, about_to_send: Callable[[], None]) -> None:
        """Log in, then transmit the message.

        Args:
            message: The complete message, with its addresses.
            about_to_send: Called when everything before the message itself went well.

        Raises:
            MailError: If the message was certainly not accepted.
            MailUnsureError: If the connection broke during the transfer; it may have arrived.
        """
        with self._translated_errors():
            connection = self._connect()
        try:
            about_to_send()
            self._transmit(connection, message)
            with suppress(smtplib.SMTPException, OSError):
                connection.quit()
        finally:
            connection.close()

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        context = ssl.create_default_context(cafile=server.ca_file)
        connection: smtplib.SMTP
        if server.security == "tls":
            connection = smtplib.SMTP_SSL(
                server.host, server.port, timeout=server.timeout_s, context=context
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=server.timeout_s)
        try:
            if server.security == "starttls":
                connection.starttls(context=context)
            if server.user:
                self._log_in(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _log_in(self, connection: smtplib.SMTP) -> None:
        try:
            connection.login(self._server.user, self._server.password)
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPServerDisconnected):
            raise MailError(f"{self._name} refused the login; check user and password") from None

    def _transmit(self, connection: smtplib.SMTP, message: EmailMessage) -> None:
        try:
            connection.send_message(message)
        except _REFUSALS as error:
            raise MailError(f"{self._name} did not take the message ({_reason(error)})") from None
        except (smtplib.SMTPException, OSError) as error:
            raise MailUnsureError(
                f"the connection to {self._name} broke while a message was handed over; it may or "
                f"may not arrive ({_reason(error)})"
            ) from None

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        """Translate SMTP errors, passing on their codes only: texts may repeat the login."""
        try:
            yield
        except (smtplib.SMTPException, OSError) as error:
            raise MailError(
                f"cannot send mail through {self._name} ({_reason(error)}); check host, port and "
                "security"
            ) from None

    @property
    def _name(self) -> str:
        return f"the mail server {self._server.host}:{self._server.port}"


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = sorted({code for code, _ in error.recipients.values()})
        return f"recipients refused: {', '.join(map(str, codes))}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"code {error.smtp_code}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
