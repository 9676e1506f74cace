import re
from pathlib import Path
from typing import Any

import pytest
import yaml

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
KEYS = {
    *(
        "build",
        "cap_drop",
        "command",
        "depends_on",
        "env_file",
        "environment",
        "healthcheck",
        "image",
    ),
    *("networks", "ports", "profiles", "read_only", "restart", "secrets", "security_opt"),
    *("stop_grace_period", "tmpfs", "volumes"),
}


def test_compose_has_the_services_of_an_installation():
    assert set(SERVICES) == {"ovd", "postgres", "prometheus", "grafana", "mosquitto"}


@pytest.mark.parametrize("name", SERVICES)
def test_service_has_known_keys_and_what_it_names(name: str):
    service = SERVICES[name]
    volumes = [volume.split(":")[0] for volume in service.get("volumes", [])]

    assert set(service) <= KEYS
    assert set(service.get("networks", [])) <= set(COMPOSE["networks"])
    assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
    assert set(service.get("depends_on", {})) <= set(SERVICES)
    assert [
        volume
        for volume in volumes
        if not (DEPLOY / volume).exists() and volume not in COMPOSE["volumes"]
    ] == []


@pytest.mark.parametrize("name", SERVICES)
def test_images_have_a_version(name: str):
    image = SERVICES[name]["image"]

    assert re.fullmatch(r"[a-z0-9/-]+:[\w.-]+", image)
    assert not image.endswith(":latest")


def test_only_server_dashboard_and_broker_can_be_reached():
    published = {name for name, service in SERVICES.items() if "ports" in service}

    assert published == {"ovd", "grafana", "mosquitto"}
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["grafana"]["ports"])
    assert COMPOSE["networks"]["back"]["internal"] is True


def test_no_password_is_written_down():
    texts = [
        (DEPLOY / name).read_text(encoding="utf-8") for name in ("compose.yaml", "env.example")
    ]

    for text in texts:
        for value in re.findall(r"PASSWORD(?:__FILE)?(?:: |=)(.*)", text):
            assert value == "" or value.startswith(("${POSTGRES_PASSWORD:?", "/run/secrets/"))


def test_variables_are_in_the_example():
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    example = (DEPLOY / "env.example").read_text(encoding="utf-8")

    for name in set(re.findall(r"\$\{(\w+)", text)):
        assert f"\n{name}=" in example


def test_server_is_locked_down():
    server = SERVICES["ovd"]

    assert server["cap_drop"] == ["ALL"]
    assert server["read_only"] is True
    assert "no-new-privileges:true" in server["security_opt"]
