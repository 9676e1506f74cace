"""Discovery messages against the rules of Home Assistant, which are stated here.

From the documentation of its MQTT integration and its schemas: a device message needs `device`
with an identifier, `origin` with a name, and `components`, each with a `platform`. An entity of a
device needs a `unique_id`; sensors need a state topic, switches a command topic. A class, unit or
template that is not known makes Home Assistant refuse the whole entity.
"""

import re
from typing import Any

import pytest

from ovd.domain.cameras import Camera
from ovd.services.mqtt.discovery import build_removal
from tests.builders import START, make_query
from tests.services.mqtt.stage import DOOR, GATE, MqttStage

DISCOVERY_TOPIC = re.compile(r"homeassistant/device/[a-zA-Z0-9_-]+/config")
DEVICE_KEYS = {
    "identifiers", "connections", "manufacturer", "model", "name", "hw_version", "sw_version",
    "serial_number", "via_device", "suggested_area", "configuration_url", "model_id",
}  # fmt: skip
TOP_KEYS = {
    "device", "origin", "components", "availability", "availability_mode", "availability_topic",
    "availability_template", "payload_available", "payload_not_available", "state_topic",
    "command_topic", "qos", "encoding",
}  # fmt: skip
ENTITY_KEYS = {
    "platform", "unique_id", "name", "icon", "entity_category", "device_class", "availability",
    "availability_mode", "json_attributes_topic", "value_template", "state_topic",
    "enabled_by_default", "qos", "default_entity_id",
}  # fmt: skip
KEYS = {
    "sensor": ENTITY_KEYS
    | {"expire_after", "state_class", "unit_of_measurement", "suggested_display_precision"},
    "binary_sensor": ENTITY_KEYS | {"expire_after", "payload_on", "payload_off", "off_delay"},
    "switch": ENTITY_KEYS
    | {"command_topic", "payload_on", "payload_off", "state_on", "state_off", "optimistic"},
}
REQUIRED = {
    "sensor": {"state_topic", "unique_id"},
    "binary_sensor": {"state_topic", "unique_id"},
    "switch": {"command_topic", "unique_id"},
}
DEVICE_CLASSES = {
    # None of ovd's sensors measures what a class of Home Assistant stands for: they are counts.
    "sensor": set[str](),
    "binary_sensor": {"occupancy", "problem", "presence", "motion", "connectivity", "safety"},
    "switch": {"switch", "outlet"},
}
STATE_CLASSES = {"measurement", "total", "total_increasing"}
CATEGORIES = {"config", "diagnostic"}


def check_topic(topic: str) -> None:
    assert topic
    assert not set(topic) & set("+#\0")
    assert not any(level == "" for level in topic.split("/"))


def check_availability(entries: list[dict[str, str]]) -> None:
    for entry in entries:
        assert set(entry) <= {
            "topic",
            "payload_available",
            "payload_not_available",
            "value_template",
        }
        check_topic(entry["topic"])


def check_component(component: dict[str, Any]) -> None:
    platform = component["platform"]
    assert platform in KEYS
    assert set(component) <= KEYS[platform]
    assert set(component) >= REQUIRED[platform]
    assert component.get("device_class") in {None, *DEVICE_CLASSES[platform]}
    assert component.get("state_class") in {None, *STATE_CLASSES}
    assert component.get("entity_category") in {None, *CATEGORIES}
    assert component.get("unit_of_measurement") is None
    if "expire_after" in component:
        assert isinstance(component["expire_after"], int)
        assert component["expire_after"] > 0
    for key, value in component.items():
        if key.endswith("topic"):
            check_topic(value)
    check_availability(component.get("availability", []))
    # A sensor of entity category "config" is refused; only what can be set may have it.
    if platform != "switch":
        assert component.get("entity_category") != "config"


def check_discovery(message: dict[str, Any]) -> None:
    assert set(message) <= TOP_KEYS
    assert message["origin"]["name"]
    assert set(message["origin"]) <= {"name", "sw_version", "support_url"}
    assert message["device"]["identifiers"]
    assert set(message["device"]) <= DEVICE_KEYS
    assert message["availability_mode"] in {"all", "any", "latest"}
    check_availability(message["availability"])
    components = message["components"]
    for component in components.values():
        check_component(component)
    ids = [component["unique_id"] for component in components.values()]
    assert len(set(ids)) == len(ids)


@pytest.fixture
def stage() -> MqttStage:
    stage = MqttStage(commands=True)
    stage.zones = (DOOR,)
    stage.add(GATE, make_query("person"), make_query("red car"))
    stage.add(Camera(2, "정문", "rtsp://192.0.2.8/s", START, enabled=True, added=True))
    stage.step()
    return stage


@pytest.mark.parametrize("camera_id", [1, 2])
def test_discovery_keeps_the_rules_of_home_assistant(stage, camera_id):
    check_discovery(stage.discovery(camera_id))


def test_discovery_topics_have_the_characters_that_home_assistant_reads(stage):
    topics = [topic for topic in stage.broker.values if topic.startswith("homeassistant/")]

    assert len(topics) == 2
    assert all(DISCOVERY_TOPIC.fullmatch(topic) for topic in topics)


def test_every_state_topic_is_one_that_is_published(stage):
    stage.cross(1, queries=("person", "red car"))
    stage.count(person=1, **{"red car": 0})

    wanted = {component["state_topic"] for component in stage.discovery()["components"].values()}

    assert wanted <= set(stage.broker.values)


def test_entities_are_those_of_the_camera(stage):
    components = stage.discovery()["components"]

    assert {key: item.get("device_class") for key, item in components.items()} == {
        "problem": "problem",
        "counting": None,
        "person_count": None,
        "person_present": "occupancy",
        "red-car_count": None,
        "red-car_present": "occupancy",
        "door_person_in": None,
        "door_person_out": None,
        "door_red-car_in": None,
        "door_red-car_out": None,
    }
    assert components["person_count"]["state_class"] == "measurement"
    assert components["person_count"]["expire_after"] == 180
    assert components["door_person_in"]["state_class"] == "total_increasing"


def test_counts_need_ovd_and_the_camera_and_the_problem_needs_ovd_only(stage):
    message = stage.discovery()

    assert [entry["topic"] for entry in message["availability"]] == [
        "ovd/available",
        "ovd/gate/status",
    ]
    assert message["availability_mode"] == "all"
    assert [entry["topic"] for entry in message["components"]["problem"]["availability"]] == [
        "ovd/available"
    ]


def test_camera_keeps_its_name_in_any_script(stage):
    assert stage.discovery(2)["device"]["name"] == "정문"


def test_removal_is_a_component_with_nothing_but_its_platform(stage):
    before = stage.discovery()
    now = before | {"components": {"problem": before["components"]["problem"]}}

    removal = build_removal(before, now)

    assert removal is not None
    assert removal["components"]["person_count"] == {"platform": "sensor"}
    assert build_removal(now, now) is None
