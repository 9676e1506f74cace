"""The dashboard and the rules against what the server tells, as Prometheus reads it."""

import asyncio
import json
import re
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from ovd.domain.events import Gap
from ovd.web.app import build_web_app
from ovd.web.listener import open_listener
from ovd.web.server import build_server
from tests.builders import START, make_frame
from tests.stages import Stage, stage

__all__ = ["stage"]
DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
DASHBOARD = json.loads((DEPLOY / "grafana/dashboards/ovd.json").read_text(encoding="utf-8"))
RULES = yaml.safe_load((DEPLOY / "prometheus/rules.yml").read_text(encoding="utf-8"))
LONGEST_WAIT_S = 90
# Grafana fills these in before it asks.
VARIABLES = {"$camera": ".*", "$__rate_interval": "5s", "[1h]": "[5s]", "[10m]": "[5s]"}


def expressions() -> list[str]:
    panels = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    rules = [rule["expr"] for group in RULES["groups"] for rule in group["rules"]]
    return sorted({*panels, *rules})


def fill_in(expression: str) -> str:
    for name, value in VARIABLES.items():
        expression = expression.replace(name, value)
    return expression


def names_in(expression: str) -> set[str]:
    return set(re.findall(r"\b(?:ovd|process)_[a-z_]+", expression))


@asynccontextmanager
async def serving(stage: Stage) -> AsyncIterator[int]:
    with open_listener("127.0.0.1", 0) as listener:
        server = build_server(lambda closing: build_web_app(stage.services, closing))
        running = asyncio.create_task(server.serve(sockets=[listener]))
        yield listener.getsockname()[1]
        server.should_exit = True
        await running


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@asynccontextmanager
async def watching(target: int, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A Prometheus that scrapes a port every second."""
    config = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text(encoding="utf-8"))
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    [job] = config["scrape_configs"]
    del job["authorization"]
    job["static_configs"] = [{"targets": [f"127.0.0.1:{target}"]}]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    shutil.copy(DEPLOY / "prometheus/rules.yml", folder)
    program, port = shutil.which("prometheus"), free_port()
    assert program, "install prometheus: make monitoring"
    command = [
        program,
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=error",
    ]
    process = await asyncio.create_subprocess_exec(*command)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            yield client
    finally:
        process.terminate()
        await process.wait()


async def ask(client: httpx.AsyncClient, expression: str) -> list[Any]:
    answer = (await client.get("/api/v1/query", params={"query": expression})).json()
    assert answer["status"] == "success", (expression, answer)
    result: list[Any] = answer["data"]["result"]
    return result


async def wait_for(client: httpx.AsyncClient, expression: str) -> None:
    async with asyncio.timeout(LONGEST_WAIT_S):
        while True:
            try:
                if await ask(client, expression):
                    return
            except httpx.TransportError:
                pass  # it has not begun to listen yet
            await asyncio.sleep(0.5)


def test_prometheus_answers_every_query_of_dashboard_and_rules(stage: Stage, tmp_path: Path):
    frames = [make_frame(index) for index in range(5)]
    gap = Gap("gate", START, START, "away")
    stage.count(frames=[*frames, gap])

    async def run() -> tuple[set[str], list[Any]]:
        async with serving(stage) as port, watching(port, tmp_path) as client:
            await wait_for(client, "rate(ovd_frames_total[5s])")
            for expression in expressions():
                await ask(client, fill_in(expression))
            names = await client.get("/api/v1/label/__name__/values")
            rules = (await client.get("/api/v1/rules")).json()["data"]["groups"]
            return set(names.json()["data"]), rules

    known, groups = asyncio.run(run())

    asked = set().union(*map(names_in, expressions()))
    # Nothing is observed once the camera has ended, so these two have no series here.
    assert asked - known <= {"ovd_observed_objects", "ovd_query_info", "ovd_frame_age_seconds"}
    assert [rule["health"] for group in groups for rule in group["rules"]] == ["ok"] * 5


def test_rules_pass_the_check_of_prometheus():
    program = shutil.which("promtool")
    assert program, "install prometheus: make monitoring"
    command = [program, "check", "rules", str(DEPLOY / "prometheus" / "rules.yml")]

    subprocess.run(command, check=True, capture_output=True)  # noqa: S603


def test_every_panel_has_queries_and_a_place_of_its_own():
    places = [
        (place["x"] + column, place["y"] + row)
        for panel in DASHBOARD["panels"]
        for place in [panel["gridPos"]]
        for column in range(place["w"])
        for row in range(place["h"])
    ]

    assert len(set(places)) == len(places)
    assert all(panel["targets"] for panel in DASHBOARD["panels"])
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


@pytest.mark.parametrize("panel", DASHBOARD["panels"], ids=lambda panel: panel["title"])
def test_panels_take_their_data_from_the_source_that_is_set_up(panel: dict[str, Any]):
    sources = yaml.safe_load(
        (DEPLOY / "grafana/provisioning/datasources/ovd.yaml").read_text(encoding="utf-8")
    )

    assert panel["datasource"]["uid"] == sources["datasources"][0]["uid"]
