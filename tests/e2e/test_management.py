"""Reports and the system in Chromium, by people of each role."""

import io
import os
import re
import sys
import tarfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from ovd.bootstrap import build_access
from ovd.bootstrap.stores import open_catalogue
from ovd.cli.identity import command_identity
from ovd.domain.access import Role
from ovd.domain.events import CountEvent, ZoneEventKind
from ovd.domain.records import Run
from ovd.domain.zones import LineZone
from ovd.settings import Settings
from ovd.store import SqlStore
from tests.builders import make_frame, make_query, make_result
from tests.e2e.test_ui import WAIT_MS, browser, has_no_horizontal_scroll
from tests.http_receiver import HttpReceiver
from tests.processes import ROOT, end_program, run_program

__all__ = ["browser"]
pytestmark = [pytest.mark.weights, pytest.mark.timeout(300)]
PASSWORD = "correct horse battery staple"
PARTS = {
    Role.VIEWER: ["health", "models", "about"],
    Role.OPERATOR: ["health", "models", "disk", "retention", "evidence", "about"],
    Role.ADMIN: [
        *("health", "models", "disk", "retention", "evidence"),
        *("users", "tokens", "backup", "about", "audit"),
    ],
}


@dataclass
class Person:
    """A browser window of somebody who has signed in."""

    page: Page
    url: str
    problems: list[str] = field(default_factory=list)

    def open(self, view: str, language: str = "en") -> None:
        """Go to a view as people do, without loading the page anew."""
        self.page.click(f'[data-event="choose_language"][data-value="{language}"]')
        self.page.click(f'[data-event="choose_view"][data-value="{view}"]')
        pressed = f'[data-event="choose_view"][data-value="{view}"][aria-pressed="true"]'
        expect(self.page.locator(pressed)).to_be_visible()
        expect(self.page.locator("html")).to_have_attribute("lang", language)
        expect(self.page.locator(f"#ovd-{view} h2").first).to_be_visible()

    def part(self, name: str) -> Locator:
        return self.page.locator(f'.ovd-system-part[data-part="{name}"]')

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)


def count_an_hour(settings: Settings) -> None:
    """Keep counts of a camera from an hour of the day before."""
    day = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)
    with closing(open_catalogue(settings)) as store:
        run = store.runs.start(store.cameras.record("gate", "list"), "fake", "0", day)
        for index in range(60):
            result = make_result(make_frame(index), {"person": index % 5})
            store.counts.add_result(run, result)
        cross_a_line(store, run, datetime.now(UTC))
        store.flush()


def cross_a_line(store: SqlStore, run: Run, now: datetime) -> None:
    """Let twelve people cross the line of the camera inwards, a second from each other."""
    line = LineZone("door", ((0.1, 0.5), (0.9, 0.5)))
    store.zones.replace(run.camera, (line,))
    query, since = make_query("person"), now - timedelta(days=3)
    store.zones.add_tracked_interval(run, query, (line,), since, now + timedelta(hours=1))
    for index in range(12):
        at = now - timedelta(seconds=20 - index)
        box = (0.0, 0.0, 1.0, 1.0)
        event = CountEvent(line, "person", index, ZoneEventKind.IN, 0, at, 0.5, box)
        store.zones.add_event(run, query, event)


def add_people(settings: Settings) -> None:
    with closing(open_catalogue(settings)) as store:
        users = build_access(store).users
        for role in (Role.ADMIN, Role.OPERATOR, Role.VIEWER):
            users.add(command_identity(), role.value, PASSWORD, role, None)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("managed")
    settings = Settings(data_dir=folder)
    count_an_hour(settings)
    add_people(settings)
    own = {"OVD_DATA_DIR": str(folder), "OVD_THREADS": "1", "GRADIO_TEMP_DIR": str(folder / "g")}
    command = [sys.executable, "-m", "ovd", "serve", "--port", "0"]
    with (
        (folder / "log").open("w") as log,
        run_program(command, ROOT, os.environ | own, log) as process,
    ):
        assert process.stdout is not None
        ready = re.search(r"http://\S+", process.stdout.readline())
        assert ready, (folder / "log").read_text()
        yield ready[0]
        assert end_program(process) == 0, (folder / "log").read_text()


@pytest.fixture(scope="module")
def people(url: str, browser: Browser) -> Iterator[dict[Role, Person]]:
    expect.set_options(timeout=WAIT_MS)
    signed_in = {}
    for role in PARTS:
        context = browser.new_context(
            locale="en-GB", timezone_id="UTC", viewport={"width": 1280, "height": 900}
        )
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        person = Person(page, url)
        page.on("pageerror", lambda error, of=person: of.problems.append(str(error)))
        page.goto(url)
        page.fill("#name", role.value)
        page.fill("#password", PASSWORD)
        page.click("button")
        page.wait_for_selector(".ovd-header h1")
        signed_in[role] = person
    yield signed_in
    assert [problem for person in signed_in.values() for problem in person.problems] == []


@pytest.mark.parametrize("role", PARTS)
def test_everyone_sees_the_parts_of_the_system_of_their_role(
    people: dict[Role, Person], role: Role
):
    person = people[role]
    person.open("system")

    expect(person.part(PARTS[role][-1])).to_be_visible()
    shown = person.page.locator(".ovd-system-part:visible")
    expect(shown).to_have_count(len(PARTS[role]))
    assert shown.evaluate_all("parts => parts.map((part) => part.dataset.part)") == PARTS[role]
    expect(person.part("models")).to_contain_text("ovdense")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_who_is_no_admin_makes_reports_and_changes_no_schedule(
    people: dict[Role, Person], role: Role
):
    person = people[role]
    person.open("reports")

    expect(person.button("Download")).to_be_visible()
    expect(person.page.locator(".ovd-reports-schedules h3")).to_be_visible()
    expect(person.button("New scheduled report")).to_have_count(0)
    expect(person.button("Make it regularly")).to_have_count(0)


@pytest.mark.parametrize(
    ("view", "words", "roles"),
    [
        ("alerts", "New rule", {Role.OPERATOR, Role.ADMIN}),
        ("cameras", "Export", {Role.ADMIN}),
    ],
)
def test_buttons_of_other_views_are_by_role(
    people: dict[Role, Person], view: str, words: str, roles: set[Role]
):
    for role, person in people.items():
        person.open(view)
        shown = person.page.get_by_role("button", name=words)
        expect(shown).to_have_count(1 if role in roles else 0)


def test_report_is_previewed_and_downloaded(people: dict[Role, Person]):
    person = people[Role.VIEWER]
    person.open("reports")
    page = person.page
    page.select_option("#ovd-report-period", "all")
    expect(page.locator(".ovd-reports-preview:not(.waiting) img")).to_be_visible()
    before = page.locator(".ovd-reports-preview img").get_attribute("src")

    page.fill("#ovd-report-title", "Doors")
    logo = io.BytesIO()
    Image.new("RGB", (90, 30), "#ff0000").save(logo, "PNG")
    file = {"name": "logo.png", "mimeType": "image/png", "buffer": logo.getvalue()}
    page.set_input_files("#ovd-report-logo", file)  # type: ignore[arg-type]
    expect(page.locator(f'.ovd-reports-preview img:not([src="{before}"])')).to_be_visible()
    with page.expect_download() as download:
        person.button("Download").first.click()

    assert download.value.path().read_bytes().startswith(b"%PDF")
    assert download.value.suggested_filename == "ovd-report.pdf"


def test_scheduled_report_is_made_sent_changed_and_removed(people: dict[Role, Person]):
    person, page = people[Role.ADMIN], people[Role.ADMIN].page
    with HttpReceiver() as receiver:
        body = {"name": "ops", "url": receiver.url}
        headers = {"Origin": person.url}
        assert page.request.post(f"{person.url}/api/v1/targets", data=body, headers=headers).ok
        person.open("reports")
        person.button("New scheduled report").click()
        page.fill("#ovd-schedule-name", "gates")
        page.locator(".ovd-schedule-window").get_by_label("ops").check()
        page.locator(".ovd-schedule-window").get_by_role("button", name="Save").click()
        card = page.locator('[data-schedule="gates"]')
        expect(card).to_contain_text("Every Monday at 07:00")
        expect(card).to_contain_text("not yet")

        page.get_by_role("button", name="Send report gates now").click()

        expect(page.locator("#ovd-reports .ovd-told")).to_contain_text("gates")
        expect(card).not_to_contain_text("not yet")
        assert b'"type": "report"' in receiver.received[0].body
    page.get_by_role("button", name="Edit report gates").click()
    page.select_option("#ovd-schedule-every", "daily")
    page.locator(".ovd-schedule-window").get_by_role("button", name="Save").click()
    expect(card).to_contain_text("Every day at 07:00")
    page.get_by_role("button", name="Edit report gates").click()
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator(".ovd-schedule-window").get_by_role("button", name="Remove").click()
    expect(card).to_have_count(0)


def test_new_token_is_shown_once(people: dict[Role, Person]):
    person, page = people[Role.ADMIN], people[Role.ADMIN].page
    person.open("system")
    person.button("Make a token").click()
    page.fill("#ovd-token-name", "till")
    page.locator("dialog").get_by_role("button", name="Add").click()
    token = page.locator(".ovd-once").inner_text()
    answer = page.request.get(
        f"{person.url}/api/v1/health", headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.ok

    person.button("Done").click()

    expect(person.part("tokens")).to_contain_text("till")
    assert token not in page.content()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Revoke token till").click()
    expect(person.part("tokens")).not_to_contain_text("till")
    expect(person.part("audit")).to_contain_text("tokens.revoke")


def test_user_is_added_changed_and_removed(people: dict[Role, Person]):
    person, page = people[Role.ADMIN], people[Role.ADMIN].page
    person.open("system")
    person.button("Add user").click()
    page.fill("#ovd-user-name", "bo")
    page.fill("#ovd-user-password", PASSWORD)
    page.locator("dialog").get_by_role("button", name="Add").click()
    expect(person.part("users")).to_contain_text("bo")

    page.get_by_role("button", name="Change user bo").click()
    page.select_option("#ovd-user-role", "operator")
    page.locator("dialog").get_by_role("button", name="Save").click()
    expect(person.part("users").get_by_role("row", name="bo operator")).to_be_visible()
    page.get_by_role("button", name="Change user bo").click()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Remove user bo").click()

    expect(page.get_by_role("button", name="Change user bo")).to_have_count(0)


def test_backup_is_downloaded_and_not_kept(people: dict[Role, Person]):
    person, page = people[Role.ADMIN], people[Role.ADMIN].page
    person.open("system")
    with page.expect_download() as download:
        person.button("Make a backup").click()

    with tarfile.open(download.value.path()) as archive:
        assert {"ovd.db", "manifest.json"} <= set(archive.getnames())
    expect(person.button("Make a backup")).to_be_enabled()
    jobs = page.request.get(f"{person.url}/api/v1/jobs").json()["items"]
    assert [job for job in jobs if job["kind"] == "backup" and job["state"] == "done"] == []


def test_site_is_made_of_a_line_and_tells_the_people_inside(people: dict[Role, Person]):
    person = people[Role.OPERATOR]
    page = person.page
    person.open("sites")
    person.button("Add site").click()
    page.get_by_label("Name", exact=True).fill("Market Street")
    page.get_by_label("Most people allowed inside").fill("20")
    expect(page.get_by_label("Line", exact=True)).to_have_value('["gate","door"]')
    person.button("Save").click()

    card = page.locator('.ovd-site-card[data-site="Market Street"]')
    expect(card).to_contain_text("12")
    expect(card).to_contain_text("of 20")
    expect(page.locator(".ovd-site-chart svg .people").first).to_be_attached()
    page.click('[data-period="week"]')
    expect(page.locator(".ovd-sites-detail[aria-busy]")).to_have_count(0)
    expect(page.locator('[data-period="week"]')).to_have_attribute("aria-pressed", "true")
    person.button("Correct the number").click()
    page.get_by_label("People inside", exact=True).fill("3")
    person.button("Save").click()
    expect(page.locator(".ovd-told")).to_have_text("Set to 3.")
    expect(card.locator("b")).to_have_text("3")
    viewer = people[Role.VIEWER]
    viewer.open("sites")
    expect(viewer.page.locator(".ovd-site-card")).to_be_visible()
    expect(viewer.page.get_by_role("button", name="Correct the number")).to_have_count(0)


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("view", ["reports", "sites", "system"])
def test_views_and_their_bar_fit_a_phone(people: dict[Role, Person], view: str, language: str):
    person = people[Role.ADMIN]
    person.page.set_viewport_size({"width": 390, "height": 844})
    person.open(view, language)

    assert has_no_horizontal_scroll(person.page)
    bar = person.page.locator(".ovd-views")
    cut = "bar => bar.scrollWidth > bar.clientWidth || [...bar.children].some("
    cut += "(each) => each.scrollWidth > each.clientWidth || each.clientHeight > 60)"
    assert not bar.evaluate(cut)
    person.page.set_viewport_size({"width": 1280, "height": 900})
