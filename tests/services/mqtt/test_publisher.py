import json
from dataclasses import replace

from ovd.domain.records import RunStatus
from ovd.services.mqtt.discovery import REFRESH_S
from ovd.services.mqtt.publisher import MqttCommand
from tests.builders import make_frame, make_query, make_result
from tests.fakes import MemoryTopicNames
from tests.services.mqtt.stage import DOOR, GATE, MqttStage

COUNT, STATE, STATUS = "ovd/gate/person/count", "ovd/gate/person/state", "ovd/gate/status"


def make_stage(**options: object) -> MqttStage:
    stage = MqttStage(**options)  # type: ignore[arg-type]
    stage.add()
    stage.step()
    return stage


def test_count_is_published_with_its_time_and_reading():
    stage = make_stage()

    stage.count(person=2)

    assert stage.broker.values[COUNT] == "2"
    assert stage.broker.json(STATE) == {
        "count": 2,
        "observed": True,
        "captured_at": "2026-03-01T12:00:00.100000+00:00",
        "query": "person",
        "read_as": "person",
        "pending": 0,
        "unknown": 0,
    }
    assert stage.broker.values[STATUS] == "online"


def test_counts_before_the_first_frame_are_unknown():
    stage = MqttStage()
    stage.add()
    stage.statuses["gate"] = replace(stage.statuses["gate"], frame_age_s=None)

    stage.step()

    assert stage.broker.values[COUNT] == ""
    assert stage.broker.json(STATE)["count"] is None
    assert stage.broker.values[STATUS] == "offline"


def test_count_that_did_not_change_is_not_published():
    stage = make_stage()
    stage.count(person=2)
    stage.broker.sent.clear()

    stage.count(person=2)

    assert stage.broker.sent == []


def test_count_that_changes_is_published_once():
    stage = make_stage()
    stage.count(person=2)
    stage.broker.sent.clear()

    stage.count(person=3)

    assert [topic for topic, _ in stage.broker.sent] == [COUNT, STATE]


def test_count_that_holds_is_refreshed_before_it_expires():
    stage = make_stage()
    stage.count(person=2)
    stage.broker.sent.clear()

    stage.clock.advance(REFRESH_S)
    stage.count(person=2)

    assert (COUNT, "2") in stage.broker.sent


def test_lost_camera_has_no_count_neither_zero_nor_the_last_one():
    stage = make_stage()
    stage.count(person=2)

    stage.lose()

    assert stage.broker.values[COUNT] == ""
    state = stage.broker.json(STATE)
    assert (state["count"], state["observed"], state["captured_at"]) == (None, False, None)
    assert stage.broker.values[STATUS] == "offline"


def test_late_frame_of_a_lost_camera_is_not_published():
    stage = make_stage()
    stage.lose()

    stage.count(person=2)

    assert stage.broker.values[COUNT] == ""


def test_same_count_after_a_gap_is_published_again():
    stage = make_stage()
    stage.count(person=2)
    stage.lose()
    stage.find_again()

    stage.count(person=2)

    assert stage.broker.values[COUNT] == "2"
    assert stage.broker.values[STATUS] == "online"


def test_stopped_camera_is_told_from_a_lost_one():
    stage = make_stage()
    stage.count(person=2)
    stage.statuses["gate"] = replace(stage.statuses["gate"], state=RunStatus.STOPPED)

    stage.step()

    assert stage.broker.values[STATUS] == "stopped"
    assert stage.broker.values[COUNT] == ""


def test_closing_says_that_nothing_is_observed():
    stage = make_stage()
    stage.count(person=2)

    stage.publisher.close()

    assert (stage.broker.values[COUNT], stage.broker.values[STATUS]) == ("", "stopped")


def test_objects_that_are_not_judged_are_told_beside_the_count():
    stage = make_stage()
    stage.count(person=1)
    result = make_result(make_frame(5, camera="gate"), {"person": 1})

    judging = replace(result, counts=(replace(result.counts[0], pending=2),))
    stage.publish(judging, "gate", 1)

    assert stage.broker.json(STATE)["pending"] == 2


def test_crossings_go_on_over_runs_and_never_fall():
    stage = MqttStage()
    stage.zones = (DOOR,)
    stage.add()
    stage.step()

    stage.cross(2, 1)
    stage.cross(3, 1)
    stage.cross(0, 0, run_id=2)
    stage.cross(1, 0, run_id=2)

    assert stage.broker.values["ovd/gate/door/person/in"] == "4"
    assert stage.broker.values["ovd/gate/door/person/out"] == "1"


def test_crossings_stay_in_a_gap():
    stage = MqttStage()
    stage.zones = (DOOR,)
    stage.add()
    stage.step()
    stage.cross(2)

    stage.lose()

    assert stage.broker.values["ovd/gate/door/person/in"] == "2"


def test_removed_camera_takes_everything_along():
    stage = make_stage()
    stage.count(person=2)

    del stage.cameras["gate"], stage.statuses["gate"]
    stage.step()

    assert set(stage.broker.values.values()) == {""}


def test_camera_removed_while_ovd_did_not_run_is_taken_away_at_the_start():
    names = MemoryTopicNames()
    make_stage(names=names)

    after = MqttStage(names)
    after.step()

    assert after.broker.values == {
        COUNT: "",
        STATE: "",
        STATUS: "",
        "homeassistant/device/ovd_1/config": "",
    }


def test_query_removed_while_ovd_did_not_run_is_taken_away_at_the_start():
    names = MemoryTopicNames()
    before = MqttStage(names)
    before.add(GATE, make_query("person"), make_query("car"))
    before.step()

    after = make_stage(names=names)

    assert after.broker.values["ovd/gate/car/count"] == ""
    passing = json.loads(
        next(text for topic, text in after.broker.sent if topic.endswith("/config"))
    )
    assert passing["components"]["car_count"] == {"platform": "sensor"}
    assert set(after.discovery()["components"]) == {"problem", "person_count", "person_present"}


def test_query_that_is_counted_no_more_is_emptied_and_removed():
    stage = MqttStage()
    stage.add(GATE, make_query("person"), make_query("car"))
    stage.step()
    stage.count(person=1, car=1)

    stage.add(GATE, make_query("person"))
    stage.step()

    assert stage.broker.values["ovd/gate/car/count"] == ""
    assert stage.broker.values[COUNT] == "1"
    assert "car_count" not in stage.discovery()["components"]


def test_queries_that_read_alike_have_one_topic():
    stage = MqttStage()
    typo = replace(make_query("person"), text="persom")
    stage.add(GATE, make_query("person"), typo)
    stage.step()

    assert [key for key in stage.discovery()["components"] if key.endswith("_count")] == [
        "person_count"
    ]


def test_discovery_is_sent_again_for_home_assistant():
    stage = make_stage()
    stage.broker.sent.clear()

    stage.publisher.announce()

    assert [topic for topic, _ in stage.broker.sent] == ["homeassistant/device/ovd_1/config"]


def test_command_switches_a_camera():
    stage = make_stage(commands=True)

    stage.publisher.command(MqttCommand("gate", "off"))
    stage.step()

    assert stage.switched == [("gate", False)]


def test_command_that_means_nothing_is_ignored(caplog):
    stage = make_stage(commands=True)

    stage.publisher.command(MqttCommand("gate", "toggle"))
    stage.publisher.command(MqttCommand("door", "ON"))
    stage.step()

    assert stage.switched == []
    assert "ON or OFF for a camera is wanted" in caplog.text
