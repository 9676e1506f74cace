"""MailNotifier: messages as e-mail, with their files."""

import re
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage

from ovd.domain.ports.notify import Notice
from ovd.errors import DeliveryError, MailError
from ovd.notify.addresses import TargetAddress, recipients_of
from ovd.notify.mail import Mailer


class MailNotifier:
    """Implements `ovd.domain.ports.notify.Notifier` by SMTP.

    A message whose connection broke may have arrived, and is sent again all the same: it has the
    same `Message-ID`, by which mail servers recognise it.
    """

    def __init__(self, mailer: Mailer, address: TargetAddress, now: Callable[[], datetime]) -> None:
        """Send nothing yet.

        Args:
            mailer: The mail server.
            address: The recipients.
            now: Wall clock, for the date of a message.
        """
        self._mailer = mailer
        self._recipients = recipients_of(address)
        self._now = now

    def send(self, notice: Notice) -> None:
        """Mail a message; see the port."""
        try:
            self._mailer.send(self._compose(notice), lambda: None)
        except MailError as error:
            raise DeliveryError(str(error)) from error

    def _compose(self, notice: Notice) -> EmailMessage:
        message = EmailMessage()
        sender = self._mailer.sender
        message["Subject"] = " ".join(notice.title.split())
        message["From"] = sender
        message["To"] = ", ".join(self._recipients)
        key = re.sub(r"[^A-Za-z0-9.-]", ".", notice.key)
        message["Message-ID"] = f"<{key}@ovd.{sender.rpartition('@')[2]}>"
        message["Date"] = self._now()
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(f"{notice.text}\n")
        for file in notice.attachments:
            kind, _, subtype = file.media_type.partition("/")
            message.add_attachment(file.content, maintype=kind, subtype=subtype, filename=file.name)
        return message
