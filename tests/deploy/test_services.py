import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ovd.settings import Settings
from ovd.video.network.blocked import METADATA

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"


class CaseSensitive(configparser.RawConfigParser):
    optionxform = staticmethod(str)  # type: ignore[assignment]


@pytest.fixture
def unit() -> configparser.RawConfigParser:
    parser = CaseSensitive(strict=True)
    parser.read(DEPLOY / "systemd" / "ovd.service", encoding="utf-8")
    return parser


def test_unit_reloads_and_ends_in_order(unit: configparser.RawConfigParser):
    service = unit["Service"]

    assert service["ExecReload"].endswith("-HUP $MAINPID")
    assert service["KillSignal"] == "SIGTERM"
    assert int(service["TimeoutStopSec"]) >= 30


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("DynamicUser", "yes"),
        ("NoNewPrivileges", "yes"),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("PrivateTmp", "yes"),
        ("CapabilityBoundingSet", ""),
        ("SystemCallFilter", "@system-service"),
    ],
)
def test_unit_keeps_the_server_in_a_sandbox(
    unit: configparser.RawConfigParser, key: str, value: str
):
    assert unit["Service"][key] == value


def test_unit_reaches_no_service_that_gives_out_credentials(unit: configparser.RawConfigParser):
    denied = unit["Service"]["IPAddressDeny"].split()

    assert set(denied) == {str(address) for address in METADATA}


def test_unit_sets_known_settings_only(unit: configparser.RawConfigParser):
    names = re.findall(r"\bOVD_(\w+)=", unit["Service"]["Environment"])

    assert names
    assert {name.lower() for name in names} <= set(Settings.model_fields)


def test_unit_is_exposed_little():
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd is not installed")
    command = [program, "security", "--offline=true", "--threshold=20"]

    done = subprocess.run(  # noqa: S603
        [*command, str(DEPLOY / "systemd" / "ovd.service")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout


def test_nginx_takes_the_example(tmp_path: Path):
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    assert program, "install nginx-light: make monitoring"
    main = tmp_path / "nginx.conf"
    main.write_text(
        f"pid {tmp_path}/pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; client_body_temp_path {tmp_path}/body;\n"
        f"proxy_temp_path {tmp_path}/proxy; fastcgi_temp_path {tmp_path}/f;\n"
        f"uwsgi_temp_path {tmp_path}/u; scgi_temp_path {tmp_path}/s;\n"
        f"server {{ listen 127.0.0.1:8099; include {DEPLOY}/nginx/ovd.conf; }} }}\n"
    )

    done = subprocess.run(  # noqa: S603
        [program, "-t", "-p", str(tmp_path), "-c", str(main)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("file", ["nginx/ovd.conf", "caddy/Caddyfile"])
def test_proxies_do_not_hold_live_answers_back(file: str):
    text = (DEPLOY / file).read_text(encoding="utf-8")

    assert "proxy_buffering off" in text or "flush_interval -1" in text
    assert text.count("{") == text.count("}")
