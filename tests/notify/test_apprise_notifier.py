import json

import pytest

from ovd.domain.ports.notify import Notice
from ovd.errors import DeliveryError, TargetError
from ovd.notify.addresses import parse_target_url
from ovd.notify.apprise_notifier import AppriseNotifier
from tests.http_receiver import Answer, HttpReceiver

NOTICE = Notice("a1/new/1", "queue", "Title", "Text", {}, "critical")


def test_services_of_apprise_take_messages():
    with HttpReceiver() as receiver:
        url = f"json://127.0.0.1:{receiver.port}/hook"

        AppriseNotifier(parse_target_url(url)).send(NOTICE)

        body = json.loads(receiver.received[0].body)
    assert (body["title"], body["message"], body["type"]) == ("Title", "Text", "failure")


def test_refusal_is_an_error_without_the_address():
    with HttpReceiver() as receiver:
        receiver.answers.append(Answer(500))
        address = parse_target_url(f"json://user:s3cret@127.0.0.1:{receiver.port}/")

        with pytest.raises(DeliveryError, match="did not take the message") as caught:
            AppriseNotifier(address).send(NOTICE)

    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("url", ["nonsense://host", "dbus://", "tgram://"])
def test_address_that_apprise_cannot_read_is_refused(url):
    with pytest.raises(TargetError):
        AppriseNotifier(parse_target_url(f"{url}x" if url.endswith("//") else url))
