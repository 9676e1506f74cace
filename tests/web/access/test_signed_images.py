"""Images of alerts: opened by a signed address, or by a login that may see the camera."""

from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import pytest

from ovd.bootstrap.alerts import build_links
from ovd.domain.access import Role
from ovd.domain.alerts import AlertChange, AlertStatus
from ovd.domain.records import EvidenceImage
from tests.builders import START, make_alert_message, make_alert_rule
from tests.stages import Stage
from tests.web.site import add_user, issue_token, visit

ELSEWHERE = {"client_address": "192.0.2.7", "base_url": "http://ovd.example"}
PAGE = "https://ovd.example"
JPEG = b"\xff\xd8 an image"


@pytest.fixture
def address(stage: Stage) -> str:
    """The address of the image of an alert at the gate, as its message tells it."""
    message = make_alert_message(camera="gate", image_query="person", at=START)
    [rule] = stage.services.store.alerts.add([make_alert_rule()])
    change = AlertChange(rule.id, AlertStatus("gate"), (message,))
    stage.services.store.alerts.record([change])
    image = EvidenceImage("gate", "person", START, 1, 0, 0, 0.9)
    path = stage.services.evidence.path_of(image)
    path.parent.mkdir(parents=True)
    path.write_bytes(JPEG)
    (path.parent / "series.json").write_text('{"camera": "gate", "query": "person"}')
    settings = stage.services.settings.model_copy(update={"public_url": PAGE})
    parts = urlsplit(build_links(settings).complete(message).image_url)
    return f"{parts.path}?{parts.query}"


def fetch(stage: Stage, path: str, token: str = "") -> tuple[int, bytes]:
    async def act(client: httpx.AsyncClient) -> tuple[int, bytes]:
        answer = await client.get(path)
        return answer.status_code, answer.content

    return visit(stage, act, token=token, **ELSEWHERE)


def test_signed_address_shows_the_image_without_a_login(stage: Stage, address: str):
    add_user(stage)

    assert fetch(stage, address) == (200, JPEG)


def test_address_without_its_signature_needs_a_login(stage: Stage, address: str):
    add_user(stage)
    path = address.partition("?")[0]

    assert fetch(stage, path)[0] == 401
    assert fetch(stage, f"{path}?until=9999999999&signature={'0' * 64}")[0] == 401
    assert fetch(stage, path, issue_token(stage, Role.VIEWER)) == (200, JPEG)


def test_address_without_its_signature_shows_only_cameras_that_may_be_seen(
    stage: Stage, address: str
):
    token = issue_token(stage, Role.VIEWER, ("yard",))

    assert fetch(stage, address.partition("?")[0], token)[0] == 404


def test_signature_of_one_alert_opens_nothing_else(stage: Stage, address: str):
    add_user(stage)
    query = address.partition("?")[2]

    for path in ("/api/v1/alerts/images/a2.jpg", "/api/v1/alerts/log", "/api/v1/cameras", "/"):
        assert fetch(stage, f"{path}?{query}")[0] in (303, 401)


def test_image_that_was_removed_is_not_found(stage: Stage, address: str):
    stage.services.evidence.erase("gate", "person", START, START + timedelta(seconds=1))

    assert fetch(stage, address)[0] == 404
