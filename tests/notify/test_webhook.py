import hmac
import json
from collections.abc import Iterator

import httpx
import pytest

from ovd.domain.ports.notify import Attachment, Notice
from ovd.errors import DeliveryError
from ovd.notify.addresses import parse_target_url
from ovd.notify.webhook import WebhookNotifier, sign
from tests.http_receiver import Answer, HttpReceiver

IMAGE = Attachment("gate.jpg", "image/jpeg", b"\xff\xd8image")
NOTICE = Notice(
    key="a1/new/1",
    topic="queue",
    title="[Warning] person at gate: 6, above 5",
    text="one\ntwo",
    body={"id": "a1", "query": "사람", "count": 6},
    severity="warning",
    link="https://ovd.example.org/?camera=gate",
    attachments=(IMAGE,),
)


@pytest.fixture
def receiver() -> Iterator[HttpReceiver]:
    with HttpReceiver() as receiver:
        yield receiver


def send(url: str, secret: str = "") -> None:
    WebhookNotifier(parse_target_url(url), secret, lambda: 1_700_000_000.9).send(NOTICE)


def test_body_is_that_of_the_contract_and_signed(receiver):
    send(receiver.url, "s3cret")

    [came] = receiver.received
    assert json.loads(came.body) == {"id": "a1", "query": "사람", "count": 6}
    assert came.headers["content-type"] == "application/json"
    assert came.headers["idempotency-key"] == "a1/new/1"
    assert came.headers["x-ovd-timestamp"] == "1700000000"
    assert came.headers["x-ovd-signature"] == sign("s3cret", "1700000000", came.body)


def test_signature_is_the_one_that_receivers_compute():
    assert sign("key", "1700000000", b'{"id":"a1"}') == (
        "sha256=" + hmac.new(b"key", b'1700000000.{"id":"a1"}', "sha256").hexdigest()
    )


def test_without_secret_nothing_is_signed(receiver):
    send(receiver.url)

    assert "x-ovd-signature" not in receiver.received[0].headers


def test_slack_gets_its_own_form(receiver):
    send(f"slack+{receiver.url}")

    body = json.loads(receiver.received[0].body)
    assert body["text"] == NOTICE.title
    assert body["attachments"][0]["title_link"] == NOTICE.link


def test_discord_gets_the_image_and_calls_nobody(receiver):
    send(f"discord+{receiver.url}")

    came = receiver.received[0]
    assert came.headers["content-type"].startswith("multipart/form-data")
    assert b"\xff\xd8image" in came.body
    assert b'"allowed_mentions": {"parse": []}' in came.body
    assert b"attachment://gate.jpg" in came.body


def test_teams_gets_an_adaptive_card(receiver):
    send(f"teams+{receiver.url}")

    [card] = json.loads(receiver.received[0].body)["attachments"]
    assert card["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert card["content"]["actions"][0]["url"] == NOTICE.link


@pytest.mark.parametrize(("status", "lasting"), [(500, False), (429, False), (404, True)])
def test_refusal_is_told_by_its_status(receiver, status, lasting):
    receiver.answers.append(Answer(status, {"Retry-After": "7"}))

    with pytest.raises(DeliveryError, match=f"status {status}") as caught:
        send(receiver.url + "/s3cret-path")

    assert caught.value.lasting is lasting
    assert caught.value.wait_s == 7.0
    assert "s3cret-path" not in str(caught.value)


def test_redirect_within_the_host_is_followed(receiver):
    receiver.answers.append(Answer(308, {"Location": "/elsewhere"}))

    send(receiver.url)

    assert [came.path for came in receiver.received] == ["/hook", "/elsewhere"]
    assert receiver.received[1].body == receiver.received[0].body


def test_redirect_to_another_host_is_refused(receiver):
    receiver.answers.append(Answer(307, {"Location": "http://localhost:1/"}))

    with pytest.raises(DeliveryError, match="redirects to another host") as caught:
        send(receiver.url)

    assert caught.value.lasting


def test_redirects_without_end_are_ended(receiver):
    receiver.answers += [Answer(307, {"Location": "/hook"})] * 9

    with pytest.raises(DeliveryError, match="without end"):
        send(receiver.url)


def test_server_that_is_away_may_come_back():
    with pytest.raises(DeliveryError, match=r"cannot be reached .*Connection refused") as caught:
        send("http://127.0.0.1:9/s3cret")

    assert not caught.value.lasting
    assert "s3cret" not in str(caught.value)


def test_silence_is_no_answer():
    def fall_silent(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("timed out", request=request)

    notifier = WebhookNotifier(
        parse_target_url("https://example.org/"), transport=httpx.MockTransport(fall_silent)
    )

    with pytest.raises(DeliveryError, match="no answer in time"):
        notifier.send(NOTICE)


def test_endless_answer_is_not_read_to_its_end(receiver):
    receiver.answers.append(Answer(body=b"x" * 1_000_000))

    send(receiver.url)

    assert len(receiver.received) == 1
