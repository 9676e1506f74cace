from ovd.domain.access import Role
from ovd.domain.alerts import OutboxStatus
from tests.api.conftest import Client
from tests.builders import make_alert_message
from tests.http_receiver import Answer, HttpReceiver

URL = "https://example.org/hooks/s3cret"


def test_target_is_added_listed_and_removed(api: Client):
    added = api.request("POST", "/targets", json={"name": "ops", "url": URL, "secret": "k3y"})

    assert added.status_code == 201
    assert added.json()["url"] == "https://example.org/..."
    assert added.json()["has_secret"] is True
    [listed] = api.request("GET", "/targets").json()["items"]
    assert listed["name"] == "ops"
    assert "s3cret" not in added.text
    assert "k3y" not in added.text
    assert api.request("DELETE", "/targets/ops").status_code == 204
    assert api.request("DELETE", "/targets/ops").status_code == 404


def test_address_that_cannot_be_used_is_refused(api: Client):
    answer = api.request("POST", "/targets", json={"name": "ops", "url": "nonsense"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_target")


def test_test_message_is_delivered_or_the_reason_is_told(api: Client):
    with HttpReceiver() as receiver:
        api.request("POST", "/targets", json={"name": "ops", "url": receiver.url})

        assert api.request("POST", "/targets/ops/test").json() == {
            "name": "ops",
            "delivered": True,
        }
        receiver.answers.append(Answer(500))
        refused = api.request("POST", "/targets/ops/test")

    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "delivery_failed")


def test_changes_of_targets_take_an_admin(api: Client):
    api.acting_as(Role.OPERATOR)

    assert api.request("GET", "/targets").status_code == 200
    assert api.request("POST", "/targets", json={"name": "a", "url": URL}).status_code == 403
    assert api.request("POST", "/targets/a/test").status_code == 403
    api.acting_as(Role.VIEWER)
    assert api.request("GET", "/targets").status_code == 403


def test_undelivered_messages_are_listed_and_sent_again(api: Client):
    outbox = api.stage.services.store.outbox
    outbox.put([make_alert_message()], ["gone"])
    services = api.stage.services
    assert services.delivery is not None
    services.delivery.step()

    [dead] = api.request("GET", "/deliveries?status=dead").json()["items"]
    assert dead["message"]["rule"] == "crowd"
    assert "no target" in dead["error"]
    answer = api.request("POST", "/deliveries/resend", json={"ids": [dead["id"]]})

    assert answer.json() == {"messages": 1}
    assert len(outbox.entries(OutboxStatus.WAITING)) == 1


def test_messages_are_listed_page_by_page(api: Client):
    outbox = api.stage.services.store.outbox
    outbox.put([make_alert_message(id=f"a{number}") for number in range(5)], ["gone"])

    seen, cursor = [], ""
    while cursor is not None:
        page = api.get("/deliveries", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))
        seen += [item["message"]["id"] for item in page.json()["items"]]
        cursor = page.json()["next"]

    assert seen == ["a4", "a3", "a2", "a1", "a0"]


def test_undelivered_messages_are_dropped_as_far_as_they_may_be_seen(api: Client):
    outbox = api.stage.services.store.outbox
    outbox.put([make_alert_message(camera="gate")], ["gone"])
    outbox.put([make_alert_message(id="a2", camera="yard")], ["gone"])
    assert api.stage.services.delivery is not None
    api.stage.services.delivery.step()
    api.acting_as(Role.OPERATOR, frozenset({"gate"}))

    listed = api.request("GET", "/deliveries?status=dead").json()["items"]
    assert [item["message"]["camera"] for item in listed] == ["gate"]
    assert api.request("POST", "/deliveries/drop", json={}).json() == {"messages": 1}
    assert api.request("POST", "/deliveries/resend", json={}).json() == {"messages": 0}

    assert [entry.message.camera for entry in outbox.entries()] == ["yard"]
    api.acting_as(Role.VIEWER)
    assert api.request("POST", "/deliveries/drop", json={}).status_code == 403


def test_health_tells_of_delivery(api: Client):
    api.stage.services.store.outbox.put([make_alert_message()], ["gone"])
    delivery = api.stage.services.delivery
    assert delivery is not None
    delivery.step()

    health = api.request("GET", "/health").json()

    assert (health["delivery"]["waiting"], health["delivery"]["dead"]) == (0, 1)
    assert health["mqtt"] is None


def test_viewer_is_not_told_which_targets_fail(api: Client):
    api.post("/targets", json={"name": "ops", "url": "http://127.0.0.1:9/hook"})
    api.stage.services.store.outbox.put([make_alert_message()], ["ops"])
    delivery = api.stage.services.delivery
    assert delivery is not None
    delivery.step()

    shown = [
        api.acting_as(role).get("/health").json()["delivery"]["problems"]
        for role in (Role.VIEWER, Role.OPERATOR)
    ]

    assert (shown[0], list(shown[1])) == ({}, ["ops"])
