"""The mail server of the settings."""

from ovd.notify.mail import Mailer, MailServer
from ovd.settings import Settings


def build_mailer(settings: Settings) -> Mailer | None:
    """Return what sends mail; None where the settings name no mail server."""
    return Mailer(MailServer(**settings.mail.model_dump())) if settings.mail else None
