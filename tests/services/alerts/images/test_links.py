import hashlib
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from ovd.errors import CredentialsError
from ovd.services.alerts.images.links import OPEN_FOR, AlertLinks
from tests.builders import START, make_alert_message

PAGE = "https://ovd.example.com/sub"


def sign(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def refuse(text: str) -> str:
    raise CredentialsError("the key cannot be read")


LINKS = AlertLinks(f"{PAGE}/", sign, lambda: START)


def image_of(alert: str = "a1") -> tuple[str, str]:
    """Path and query of the address of an alert's image."""
    message = make_alert_message(id=alert, image_query="person")
    parts = urlsplit(LINKS.complete(message).image_url)
    return parts.path.removeprefix("/sub"), parts.query


def test_link_opens_the_history_of_the_camera_at_the_time_of_the_message():
    message = LINKS.complete(make_alert_message(camera="gate", image_query="사람"))

    parts = urlsplit(message.link)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{PAGE}/"
    assert parse_qs(parts.query) == {
        "view": ["history"],
        "camera": ["gate"],
        "at": [message.at.isoformat()],
        "query": ["사람"],
    }


def test_link_of_an_alert_without_a_camera_opens_the_alerts():
    message = LINKS.complete(make_alert_message(camera=""))

    assert message.link == f"{PAGE}/?view=alerts&alert=a1"


def test_messages_have_no_addresses_while_nothing_says_where_the_page_is():
    message = AlertLinks("", sign).complete(make_alert_message(image_query="person"))

    assert (message.link, message.image_url) == ("", "")


def test_message_without_a_kept_image_names_none():
    assert LINKS.complete(make_alert_message()).image_url == ""


def test_alert_is_told_without_an_image_while_the_key_cannot_be_used():
    message = AlertLinks(PAGE, refuse).complete(make_alert_message(image_query="person"))

    assert (bool(message.link), message.image_url) == (True, "")


def test_signed_address_opens_until_it_ends():
    path, query = image_of()
    late = AlertLinks(PAGE, sign, lambda: START + OPEN_FOR + timedelta(seconds=1))

    assert LINKS.opens(path, query)
    assert not late.opens(path, query)


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("/api/v1/alerts/images/a2.jpg", {}),
        ("/api/v1/alerts/images/a1.jpg/", {}),
        ("/api/v1/alerts/log", {}),
        ("/api/v1/alerts/images/.jpg", {}),
        ("", {"until": "99999999999"}),
        ("", {"until": "-1"}),
        ("", {"until": "9" * 400}),
        ("", {"signature": "ü"}),
        ("", {"signature": ""}),
    ],
)
def test_address_that_was_not_signed_here_stays_closed(path: str, change: dict[str, str]):
    own, query = image_of()
    values = {name: texts[0] for name, texts in parse_qs(query).items()} | change
    text = "&".join(f"{name}={value}" for name, value in values.items())

    assert not LINKS.opens(path or own, text)
