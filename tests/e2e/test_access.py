"""A new user's path: make a user, serve to others, sign in, script a count, compare reports."""

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from ovd.client import ApiError, Client
from tests.e2e.test_ui import WAIT_MS, browser
from tests.processes import ROOT, end_program, run_program
from tests.web.oidc.providers import CLIENT_ID, CLIENT_SECRET, Provider, run_provider

__all__ = ["browser"]
pytestmark = [pytest.mark.weights, pytest.mark.timeout(300)]
PASSWORD = "correct horse battery staple"
CLIP = ROOT / "samples" / "pedestrians.mp4"
START = "2026-03-01T08:00:00+00:00"
LONGEST_COUNT_S = 200


@dataclass(frozen=True)
class Site:
    """A server that other machines could reach, and its data folder."""

    url: str
    folder: Path
    provider: Provider


def environment(folder: Path) -> dict[str, str]:
    own = {"OVD_DATA_DIR": str(folder), "OVD_THREADS": "1", "GRADIO_TEMP_DIR": str(folder / "g")}
    return os.environ | own


def ovd(folder: Path, *arguments: str, stdin: str = "") -> str:
    command = [sys.executable, "-m", "ovd", *arguments]
    done = subprocess.run(  # noqa: S603
        command, cwd=ROOT, env=environment(folder), input=stdin, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    ovd(folder, "users", "add", "anna", "--role", "admin", "--password-stdin", stdin=PASSWORD)
    command = [sys.executable, "-m", "ovd", "serve", "--host", "0.0.0.0", "--port", "0"]
    with run_provider() as provider, (folder / "log").open("w") as log:
        oidc = {"issuer": provider.issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        oidc |= {"label": "Example", "viewer": ["cameras"]}
        variables = environment(folder) | {"OVD_OIDC": json.dumps(oidc)}
        with run_program(command, ROOT, variables, log) as process:
            yield from _serve(process, folder, provider)


def _serve(process: subprocess.Popen[str], folder: Path, provider: Provider) -> Iterator[Site]:
    assert process.stdout is not None
    ready = re.fullmatch(r"ovd is ready at http://\S+:(\d+)\n", process.stdout.readline())
    assert ready, (folder / "log").read_text()
    yield Site(f"http://127.0.0.1:{ready[1]}", folder, provider)
    assert end_program(process) == 0, (folder / "log").read_text()


def test_server_for_others_does_not_start_without_a_user(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-m", "ovd", "serve", "--host", "0.0.0.0", "--port", "0"],
        cwd=ROOT,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "error[no_users]" in done.stderr
    assert "ovd users add" in done.stderr


def test_user_signs_in_and_out_in_a_browser(site: Site, browser: Browser):
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    refused: list[str] = []
    page.on("response", lambda r: refused.append(r.url) if r.status >= 400 else None)

    page.goto(site.url)
    assert "/login" in page.url
    page.fill("#name", "anna")
    page.fill("#password", PASSWORD)
    page.click("button")
    page.wait_for_selector("#ovd-add:has-text('Add')")
    assert (problems, refused) == ([], [])

    page.click('form[action="logout"] button')
    expect(page.locator("#password")).to_be_visible()
    page.goto(site.url)
    assert "/login" in page.url
    context.close()


@pytest.mark.parametrize(
    ("language", "width", "refusal"),
    [("en-GB", 1440, "gives no access here"), ("ko-KR", 390, "접근 권한이 없습니다")],
)
def test_person_of_a_provider_signs_in_in_a_browser(
    site: Site, browser: Browser, language: str, width: int, refusal: str
):
    context = browser.new_context(locale=language, viewport={"width": width, "height": 844})
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    page.goto(site.url)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    site.provider.name, site.provider.groups = "olga", ["others"]
    page.click("a.provider")
    expect(page.locator("[role=alert]")).to_contain_text(refusal)
    site.provider.groups = ["cameras"]
    page.click("a.provider")
    expect(page.locator('form[action="logout"] button')).to_be_visible(timeout=WAIT_MS)
    who = page.evaluate("fetch('api/v1/session').then(answer => answer.json())")

    assert (who["name"], who["role"]) == ("olga", "viewer")
    page.click('form[action="logout"] button')
    expect(page.locator("#password")).to_be_visible()
    context.close()


def test_documentation_works_without_other_hosts(site: Site, browser: Browser):
    token = ovd(site.folder, "tokens", "add", "docs").strip()
    context = browser.new_context(extra_http_headers={"Authorization": f"Bearer {token}"})
    page = context.new_page()
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url))

    page.goto(f"{site.url}/docs")
    expect(page.get_by_text("/cameras/{name}/frame.jpg").first).to_be_visible(timeout=WAIT_MS)

    assert all(url.startswith((site.url, "data:")) for url in hosts)
    context.close()


def test_script_counts_a_clip_and_its_report_is_that_of_the_command(site: Site):
    token = ovd(site.folder, "tokens", "add", "script", "--role", "operator").strip()
    pause = threading.Event()
    with Client(site.url, token) as client:
        assert list(client.counts(bucket="1m")) == []
        upload = client.upload(CLIP)
        client.add_camera("campus", upload["uri"], ["person"], fps=1, start_at=START)
        deadline = time.monotonic() + LONGEST_COUNT_S
        while (state := client.camera("campus")["state"]) not in ("done", "failed"):
            assert time.monotonic() < deadline, state
            list(client.counts(bucket="1m", camera="campus"))
            pause.wait(0.5)
        report = client.report(bucket="1m", format="csv")
        rows = list(client.counts(bucket="1m"))
        with pytest.raises(ApiError) as refused:
            client.remove_camera("campus")

    file = site.folder / "report.csv"
    ovd(site.folder, "report", "--bucket", "1m", "--out", str(file))
    assert file.read_bytes() == report
    assert state == "done"
    assert sum(row["samples"] for row in rows) > 50
    assert refused.value.code == "forbidden"
    assert '"tokens.add"' in ovd(site.folder, "audit", "--json")
