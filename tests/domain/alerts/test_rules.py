from typing import Any

import pytest

from ovd.domain.alerts import Clearing, Condition, Direction
from ovd.errors import AlertRuleError, OvdError
from tests.builders import START, make_alert_message, make_alert_rule


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"name": " "}, "printable name"),
        ({"count": None}, "needs a count"),
        ({"count": -1}, "0 or more"),
        ({"query": ""}, "needs a query"),
        ({"for_s": -1.0}, "for_s is 0 to"),
        ({"cooldown_s": 1e9}, "cooldown_s is 0 to"),
        ({"within_s": 5.0}, "only crossed and stale"),
        ({"direction": Direction.IN}, "only crossed has a direction"),
        ({"clear": Clearing(count=6)}, "at most 5, got 6"),
        ({"when": Condition.LOST, "query": "person"}, "has no query"),
        ({"when": Condition.LOST, "zone": "door"}, "has no zone"),
        ({"when": Condition.LOST, "count": 1}, "has no count"),
        ({"when": Condition.DISK_LOW, "cameras": ("gate",)}, "has no cameras"),
        ({"when": Condition.OCCUPANCY_ABOVE, "count": 5}, "needs a site"),
        ({"when": Condition.CROSSED, "query": "person", "count": 1}, "needs a zone"),
        (
            {"when": Condition.CROSSED, "query": "person", "count": 1, "zone": "door"},
            "needs within_s",
        ),
        ({"schedule": ("someday 10:00-11:00",)}, "has the day 'someday'"),
        ({"schedule": ("mon 10:00-10:00",)}, "covers no time"),
        ({"schedule": ("mon 10:00-25:00",)}, "beyond 00:00-24:00"),
        ({"schedule": ("",)}, "cannot be read"),
        ({"tz": "Asia/Seol"}, "Asia/Seoul"),
    ],
)
def test_rule_that_cannot_be_is_refused(values: dict[str, Any], why: str):
    with pytest.raises(OvdError, match=why) as caught:
        make_alert_rule(**{"name": "crowd"} | values)

    assert caught.value.code in (AlertRuleError.code, "bad_time")


def test_rule_about_no_camera_in_particular_covers_all():
    assert make_alert_rule().covers("yard")
    assert not make_alert_rule(cameras=("gate",)).covers("yard")


def test_present_needs_one_object_unless_more_are_asked_for():
    assert make_alert_rule(when=Condition.PRESENT, query="person").threshold == 1
    assert make_alert_rule(when=Condition.PRESENT, query="person", count=3).threshold == 3


def test_body_of_a_message_holds_the_keys_of_the_contract():
    body = make_alert_message(camera="", count=None, observed=False).body()

    assert body == {
        "id": "a1",
        "type": "new",
        "rule": "crowd",
        "severity": "warning",
        "camera": None,
        "zone": None,
        "query": "person",
        "count": None,
        "threshold": 5,
        "started_at": START.isoformat(),
        "ended_at": None,
        "observed": False,
        "image_url": None,
        "link": None,
    }


def test_idempotency_key_names_alert_type_and_number():
    assert make_alert_message(3).idempotency_key == "a1/update/3"
