"""Methods of Client about management and records, which it inherits."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from ovd.client import management_calls
from ovd.client.calls import Call, strip_underscores
from ovd.client.management_shapes import (
    AuditEntry,
    CameraTest,
    Detector,
    Display,
    Evidence,
    FoundCamera,
    Gap,
    IssuedToken,
    Occupancy,
    Session,
    Site,
    TaughtName,
    Token,
    User,
    ZoneEvent,
)
from ovd.client.shapes import Job, Zone

Answer = TypeVar("Answer")
PageOf = Callable[[dict[str, Any]], Call[dict[str, Any]]]


class Management:
    """Methods of the clients about records, sites, taught names, people and the server itself."""

    def send(self, call: Call[Answer]) -> Answer:
        """Send a call."""
        raise NotImplementedError

    def _pages(self, page_of: PageOf, filters: dict[str, Any]) -> Iterator[Any]:
        raise NotImplementedError

    def session(self) -> Session:
        """Return the identity that asks."""
        return self.send(management_calls.session())

    def gaps(self, **filters: str) -> Iterator[Gap]:
        """Yield intervals that were not observed; filters are those of `GET /gaps`."""
        yield from self._pages(management_calls.gaps, filters)

    def events(self, **filters: str) -> Iterator[ZoneEvent]:
        """Yield crossings, entries and exits; filters are those of `GET /events`."""
        yield from self._pages(management_calls.events, filters)

    def evidence(self, **filters: str) -> Iterator[Evidence]:
        """Yield kept images of what was counted; filters are those of `GET /evidence`."""
        yield from self._pages(management_calls.evidence, filters)

    def evidence_image(self, image_id: str) -> bytes:
        """Return a kept image as JPEG."""
        return self.send(management_calls.evidence_image(image_id))

    def preview(
        self, queries: list[str], camera: str = "", file: Path | None = None
    ) -> dict[str, Any]:
        """Return what queries would count, on the newest frame of a camera or on a file."""
        return self.send(management_calls.preview(queries, camera, file))

    def query_examples(self, language: str = "en") -> dict[str, Any]:
        """Return what can be typed, by topic and by place."""
        return self.send(management_calls.query_examples(language))

    def remove_upload(self, upload_id: str) -> None:
        """Remove an upload; what was counted of it stays."""
        self.send(management_calls.remove_upload(upload_id))

    def preview_report(self, **options: object) -> bytes:
        """Return page one of a report as PNG; the options are those of `POST /reports`."""
        return self.send(management_calls.preview_report(options))

    def test_camera(self, **values: str) -> CameraTest:
        """Open an address (`uri`, `user`, `password`), or a camera that is kept (`name`)."""
        return self.send(management_calls.test_camera(values))

    def discover_cameras(self) -> list[FoundCamera]:
        """Return ONVIF cameras that answer in the local network."""
        return self.send(management_calls.discover_cameras())

    def camera_templates(self) -> list[dict[str, str]]:
        """Return where the cameras of common makers send video."""
        return self.send(management_calls.camera_templates())

    def export_cameras(self) -> bytes:
        """Return all cameras as a file, without passwords."""
        return self.send(management_calls.export_cameras())

    def import_cameras(self, file: Path) -> dict[str, Any]:
        """Add or change the cameras of a file; return what was done."""
        return self.send(management_calls.import_cameras(file))

    def try_zones(self, camera: str, items: list[Zone], seconds: float = 120.0) -> dict[str, Any]:
        """Return what lines and polygons that are not kept would have counted lately."""
        return self.send(management_calls.try_zones(camera, items, seconds))

    def replay_alert(self, **rule: object) -> dict[str, Any]:
        """Return when a rule would have fired; its values are those of `POST /alerts/replay`."""
        return self.send(management_calls.replay_alert(rule))

    def take_reference(self, name: str) -> list[str]:
        """Let the cameras of a rule about moved cameras take a new reference view; return them."""
        return self.send(management_calls.take_reference(name))

    def alert_image(self, alert_id: str) -> bytes:
        """Return the image that was kept when an alert began."""
        return self.send(management_calls.alert_image(alert_id))

    def schedule_report(self, name: str) -> bytes:
        """Return the last report of a schedule that was due."""
        return self.send(management_calls.schedule_report(name))

    def taught(self) -> list[TaughtName]:
        """Return the names taught by example."""
        return self.send(management_calls.taught())

    def taught_name(self, name: str) -> TaughtName:
        """Return what a taught name was learned from."""
        return self.send(management_calls.taught_name(name))

    def teach(
        self, name: str, images: list[Path], boxes: list[dict[str, Any]], **options: bool
    ) -> TaughtName:
        """Teach a name by boxes on images; options are `more` and `anyway`."""
        return self.send(management_calls.teach(name, images, boxes, options))

    def look_alikes(self, name: str, images: list[Path]) -> list[dict[str, Any]]:
        """Return what looks like a taught name on images."""
        return self.send(management_calls.look_alikes(name, images))

    def remove_taught(self, name: str) -> None:
        """Stop using a taught name."""
        self.send(management_calls.remove_taught(name))

    def sites(self) -> list[Site]:
        """Return the sites."""
        return self.send(management_calls.sites())

    def site(self, name: str) -> Site:
        """Return what is set for a site."""
        return self.send(management_calls.site(name))

    def add_site(self, **values: object) -> Site:
        """Add a site; its values are those of `POST /sites`."""
        return self.send(management_calls.add_site(values))

    def replace_site(self, name: str, **values: object) -> Site:
        """Replace what is set for a site."""
        return self.send(management_calls.replace_site(name, values))

    def remove_site(self, name: str) -> None:
        """Remove a site; what its doors counted stays."""
        self.send(management_calls.remove_site(name))

    def occupancy(self, name: str) -> Occupancy:
        """Return how many people are inside now."""
        return self.send(management_calls.occupancy(name))

    def occupancy_history(self, name: str, **filters: str) -> list[dict[str, Any]]:
        """Return entered, left and inside by interval; filters are `from_`, `to`, `bucket`."""
        return self.send(management_calls.occupancy_history(name, strip_underscores(filters)))

    def reset_site(self, name: str, people: int = 0) -> dict[str, Any]:
        """Set how many people are inside."""
        return self.send(management_calls.reset_site(name, people))

    def displays(self, site: str) -> list[Display]:
        """Return the screens that show a site."""
        return self.send(management_calls.displays(site))

    def pair_display(self, site: str, name: str, code: str) -> Display:
        """Let the screen that shows a code show a site."""
        return self.send(management_calls.pair_display(site, name, code))

    def remove_display(self, site: str, name: str) -> None:
        """Let a screen show the site no longer."""
        self.send(management_calls.remove_display(site, name))

    def detectors(self) -> list[Detector]:
        """Return the detectors, and whether they can be used."""
        return self.send(management_calls.detectors())

    def pull_detector(self, name: str) -> Job:
        """Let a job download a model."""
        return self.send(management_calls.pull_detector(name))

    def system(self) -> dict[str, Any]:
        """Return version and languages; to operators also threads, storage, and what is kept."""
        return self.send(management_calls.system())

    def backup(self) -> Job:
        """Let a job make a backup; forget it once its file was fetched."""
        return self.send(management_calls.backup())

    def erase(self, **selection: object) -> dict[str, int]:
        """Erase what was counted by `cameras`, `queries`, `from_`, `to`; return the numbers."""
        return self.send(management_calls.erase(strip_underscores(selection)))

    def reload_settings(self) -> dict[str, list[str]]:
        """Let the server read its settings again; return what changed."""
        return self.send(management_calls.reload_settings())

    def users(self) -> list[User]:
        """Return the users by name."""
        return self.send(management_calls.users())

    def add_user(self, name: str, password: str, **values: object) -> User:
        """Add a user; other values are `role` and `cameras`."""
        return self.send(management_calls.add_user(name, password, values))

    def change_user(self, name: str, **changes: object) -> User:
        """Change `password`, `role` or `cameras` of a user, which ends the user's sessions."""
        return self.send(management_calls.change_user(name, changes))

    def remove_user(self, name: str) -> None:
        """Remove a user."""
        self.send(management_calls.remove_user(name))

    def tokens(self) -> list[Token]:
        """Return the API tokens by name, without their secrets."""
        return self.send(management_calls.tokens())

    def add_token(self, name: str, **values: object) -> IssuedToken:
        """Make an API token; its `token` is told once. Values are `role`, `days`, `cameras`."""
        return self.send(management_calls.add_token(name, values))

    def revoke_token(self, name: str) -> None:
        """End an API token."""
        self.send(management_calls.revoke_token(name))

    def audit(self, **filters: str) -> Iterator[AuditEntry]:
        """Yield changes and sign-ins, newest first; filters are those of `GET /audit`."""
        yield from self._pages(management_calls.audit, filters)

    def propose_zones(self, camera: str) -> list[Zone]:
        """Return lines across the flow of what was tracked lately; none is kept."""
        return self.send(management_calls.propose_zones(camera))

    def compare_sites(self, **filters: str) -> list[dict[str, Any]]:
        """Return a period of all sites, to compare them."""
        return self.send(management_calls.compare_sites(strip_underscores(filters)))

    def site_summary(self, name: str, **filters: str) -> dict[str, Any]:
        """Return a period of a site in short."""
        return self.send(management_calls.site_summary(name, strip_underscores(filters)))

    def weekly_report(self, name: str, **filters: str) -> bytes:
        """Return the report of a week of a site as PDF."""
        return self.send(management_calls.weekly_report(name, strip_underscores(filters)))

    def queues(self, name: str, **filters: str) -> dict[str, Any]:
        """Return the queues of a site, now and in a period."""
        return self.send(management_calls.queues(name, strip_underscores(filters)))

    def import_sales(self, name: str, **values: object) -> dict[str, Any]:
        """Keep the transactions of a CSV file; values are those of `POST /sites/NAME/sales`."""
        return self.send(management_calls.import_sales(name, values))

    def sales(self, name: str, **filters: str) -> dict[str, Any]:
        """Return the transactions of a period in short."""
        return self.send(management_calls.sales(name, strip_underscores(filters)))

    def remove_sales(self, name: str, **filters: str) -> dict[str, Any]:
        """Remove the transactions of a period, which has to be given."""
        return self.send(management_calls.remove_sales(name, strip_underscores(filters)))

    def import_counts(self, name: str, **values: object) -> dict[str, Any]:
        """Keep what another counter counted; values are those of `POST /sites/NAME/counts`."""
        return self.send(management_calls.import_counts(name, values))
