"""Discovery messages of Home Assistant: one per camera, with all its entities.

Written after https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery.
"""

from dataclasses import dataclass

from ovd.bundled import VERSION
from ovd.services.mqtt.shapes import CameraShape, QueryTopics, ZoneTopics, presence_topic

# Values that hold are sent again this often; Home Assistant drops those of three intervals ago.
REFRESH_S = 60.0
EXPIRE_S = 180

Component = dict[str, object]
Discovery = dict[str, object]


@dataclass(frozen=True)
class DiscoveryConfig:
    """Parameters of discovery messages.

    Attributes:
        prefix: Topic that Home Assistant looks below.
        commands: Whether cameras can be switched.
        page_url: Address of the page of ovd; empty where it is not known.
    """

    prefix: str = "homeassistant"
    commands: bool = False
    page_url: str = ""


def device_id(shape: CameraShape) -> str:
    """Return the id of a camera's device, which never changes."""
    return f"{shape.prefix.replace('/', '_')}_{shape.camera_id}"


def discovery_topic(config: DiscoveryConfig, shape: CameraShape) -> str:
    """Return the topic of the discovery message of a camera."""
    return f"{config.prefix}/device/{device_id(shape)}/config"


def build_discovery(config: DiscoveryConfig, shape: CameraShape) -> Discovery:
    """Return the discovery message of a camera: its device and all its entities."""
    device: Component = {
        "identifiers": [device_id(shape)],
        "name": shape.name,
        "manufacturer": "ovd",
        "model": "camera",
        "sw_version": VERSION,
    }
    if config.page_url:
        device["configuration_url"] = config.page_url
    components = {"problem": _problem(shape)}
    if config.commands:
        components["counting"] = _switch(shape)
    for query in shape.queries:
        components[f"{query.slug}_count"] = _count(shape, query)
        components[f"{query.slug}_present"] = _presence(shape, query)
    for zone in shape.zones:
        for direction, topic in (("in", zone.crossed_in), ("out", zone.crossed_out)):
            key = f"{zone.slug}_{zone.query.slug}_{direction}"
            components[key] = _crossings(shape, zone, direction, topic)
    return {
        "device": device,
        "origin": {"name": "ovd", "sw_version": VERSION},
        "components": {
            key: component | {"unique_id": f"{device_id(shape)}_{key}"}
            for key, component in components.items()
        },
        "availability": [_availability_of_ovd(shape), _availability_of_camera(shape)],
        "availability_mode": "all",
    }


def build_removal(before: Discovery, now: Discovery) -> Discovery | None:
    """Return the message that takes away the entities which are no longer there.

    Home Assistant keeps an entity that a message merely leaves out; one that has nothing but its
    platform is removed.

    Returns:
        The message to send before `now`; None where nothing is to be removed.
    """
    former, present = _components(before), _components(now)
    gone = {
        key: {"platform": component["platform"]}
        for key, component in former.items()
        if key not in present
    }
    return now | {"components": present | gone} if gone else None


def _components(message: Discovery) -> dict[str, Component]:
    components = message["components"]
    assert isinstance(components, dict)
    return components


def _problem(shape: CameraShape) -> Component:
    return {
        "platform": "binary_sensor",
        "name": "Problem",
        "device_class": "problem",
        "entity_category": "diagnostic",
        "state_topic": shape.status,
        "value_template": "{{ 'ON' if value == 'offline' else 'OFF' }}",
        # Available while the camera is not: that is what it shows.
        "availability": [_availability_of_ovd(shape)],
        "availability_mode": "all",
    }


def _switch(shape: CameraShape) -> Component:
    return {
        "platform": "switch",
        "name": "Counting",
        "icon": "mdi:cctv",
        "command_topic": shape.command,
        "state_topic": shape.status,
        "value_template": "{{ 'OFF' if value == 'stopped' else 'ON' }}",
        "availability": [_availability_of_ovd(shape)],
        "availability_mode": "all",
    }


def _count(shape: CameraShape, query: QueryTopics) -> Component:
    return {
        "platform": "sensor",
        "name": query.read_as,
        "icon": "mdi:counter",
        "state_class": "measurement",
        "state_topic": query.state,
        # Null is written None, by which Home Assistant means unknown.
        "value_template": "{{ value_json.count }}",
        "json_attributes_topic": query.state,
        "expire_after": EXPIRE_S,
    }


def _presence(shape: CameraShape, query: QueryTopics) -> Component:
    return {
        "platform": "binary_sensor",
        "name": f"{query.read_as} present",
        "device_class": "occupancy",
        "state_topic": query.state,
        "value_template": "{{ 'None' if value_json.count is none else "
        "('ON' if value_json.count > 0 else 'OFF') }}",
        "expire_after": EXPIRE_S,
    }


def _crossings(shape: CameraShape, zone: ZoneTopics, direction: str, topic: str) -> Component:
    return {
        "platform": "sensor",
        "name": f"{zone.name} {zone.query.read_as} {direction}",
        "icon": "mdi:location-enter" if direction == "in" else "mdi:location-exit",
        "state_class": "total_increasing",
        "state_topic": topic,
    }


def _availability_of_ovd(shape: CameraShape) -> Component:
    return _available_when_online(presence_topic(shape.prefix))


def _availability_of_camera(shape: CameraShape) -> Component:
    return _available_when_online(shape.status)


def _available_when_online(topic: str) -> Component:
    """Return an availability of Home Assistant, which would ignore any third payload."""
    return {
        "topic": topic,
        "value_template": "{{ 'online' if value == 'online' else 'offline' }}",
    }
