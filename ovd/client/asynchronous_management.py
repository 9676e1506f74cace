"""Methods of AsyncClient about management and records, which it inherits."""

from collections.abc import AsyncIterator, Callable
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


class AsyncManagement:
    """Methods of the clients about records, sites, taught names, people and the server itself."""

    async def send(self, call: Call[Answer]) -> Answer:
        """Send a call."""
        raise NotImplementedError

    def _pages(self, page_of: PageOf, filters: dict[str, Any]) -> AsyncIterator[Any]:
        raise NotImplementedError

    async def session(self) -> Session:
        """Return the identity that asks."""
        return await self.send(management_calls.session())

    async def gaps(self, **filters: str) -> AsyncIterator[Gap]:
        """Yield intervals that were not observed; filters are those of `GET /gaps`."""
        async for item in self._pages(management_calls.gaps, filters):
            yield item

    async def events(self, **filters: str) -> AsyncIterator[ZoneEvent]:
        """Yield crossings, entries and exits; filters are those of `GET /events`."""
        async for item in self._pages(management_calls.events, filters):
            yield item

    async def evidence(self, **filters: str) -> AsyncIterator[Evidence]:
        """Yield kept images of what was counted; filters are those of `GET /evidence`."""
        async for item in self._pages(management_calls.evidence, filters):
            yield item

    async def evidence_image(self, image_id: str) -> bytes:
        """Return a kept image as JPEG."""
        return await self.send(management_calls.evidence_image(image_id))

    async def preview(
        self, queries: list[str], camera: str = "", file: Path | None = None
    ) -> dict[str, Any]:
        """Return what queries would count, on the newest frame of a camera or on a file."""
        return await self.send(management_calls.preview(queries, camera, file))

    async def query_examples(self, language: str = "en") -> dict[str, Any]:
        """Return what can be typed, by topic and by place."""
        return await self.send(management_calls.query_examples(language))

    async def remove_upload(self, upload_id: str) -> None:
        """Remove an upload; what was counted of it stays."""
        await self.send(management_calls.remove_upload(upload_id))

    async def preview_report(self, **options: object) -> bytes:
        """Return page one of a report as PNG; the options are those of `POST /reports`."""
        return await self.send(management_calls.preview_report(options))

    async def test_camera(self, **values: str) -> CameraTest:
        """Open an address (`uri`, `user`, `password`), or a camera that is kept (`name`)."""
        return await self.send(management_calls.test_camera(values))

    async def discover_cameras(self) -> list[FoundCamera]:
        """Return ONVIF cameras that answer in the local network."""
        return await self.send(management_calls.discover_cameras())

    async def camera_templates(self) -> list[dict[str, str]]:
        """Return where the cameras of common makers send video."""
        return await self.send(management_calls.camera_templates())

    async def export_cameras(self) -> bytes:
        """Return all cameras as a file, without passwords."""
        return await self.send(management_calls.export_cameras())

    async def import_cameras(self, file: Path) -> dict[str, Any]:
        """Add or change the cameras of a file; return what was done."""
        return await self.send(management_calls.import_cameras(file))

    async def try_zones(
        self, camera: str, items: list[Zone], seconds: float = 120.0
    ) -> dict[str, Any]:
        """Return what lines and polygons that are not kept would have counted lately."""
        return await self.send(management_calls.try_zones(camera, items, seconds))

    async def replay_alert(self, **rule: object) -> dict[str, Any]:
        """Return when a rule would have fired; its values are those of `POST /alerts/replay`."""
        return await self.send(management_calls.replay_alert(rule))

    async def take_reference(self, name: str) -> list[str]:
        """Let the cameras of a rule about moved cameras take a new reference view; return them."""
        return await self.send(management_calls.take_reference(name))

    async def alert_image(self, alert_id: str) -> bytes:
        """Return the image that was kept when an alert began."""
        return await self.send(management_calls.alert_image(alert_id))

    async def schedule_report(self, name: str) -> bytes:
        """Return the last report of a schedule that was due."""
        return await self.send(management_calls.schedule_report(name))

    async def taught(self) -> list[TaughtName]:
        """Return the names taught by example."""
        return await self.send(management_calls.taught())

    async def taught_name(self, name: str) -> TaughtName:
        """Return what a taught name was learned from."""
        return await self.send(management_calls.taught_name(name))

    async def teach(
        self, name: str, images: list[Path], boxes: list[dict[str, Any]], **options: bool
    ) -> TaughtName:
        """Teach a name by boxes on images; options are `more` and `anyway`."""
        return await self.send(management_calls.teach(name, images, boxes, options))

    async def look_alikes(self, name: str, images: list[Path]) -> list[dict[str, Any]]:
        """Return what looks like a taught name on images."""
        return await self.send(management_calls.look_alikes(name, images))

    async def remove_taught(self, name: str) -> None:
        """Stop using a taught name."""
        await self.send(management_calls.remove_taught(name))

    async def sites(self) -> list[Site]:
        """Return the sites."""
        return await self.send(management_calls.sites())

    async def site(self, name: str) -> Site:
        """Return what is set for a site."""
        return await self.send(management_calls.site(name))

    async def add_site(self, **values: object) -> Site:
        """Add a site; its values are those of `POST /sites`."""
        return await self.send(management_calls.add_site(values))

    async def replace_site(self, name: str, **values: object) -> Site:
        """Replace what is set for a site."""
        return await self.send(management_calls.replace_site(name, values))

    async def remove_site(self, name: str) -> None:
        """Remove a site; what its doors counted stays."""
        await self.send(management_calls.remove_site(name))

    async def occupancy(self, name: str) -> Occupancy:
        """Return how many people are inside now."""
        return await self.send(management_calls.occupancy(name))

    async def occupancy_history(self, name: str, **filters: str) -> list[dict[str, Any]]:
        """Return entered, left and inside by interval; filters are `from_`, `to`, `bucket`."""
        return await self.send(management_calls.occupancy_history(name, strip_underscores(filters)))

    async def reset_site(self, name: str, people: int = 0) -> dict[str, Any]:
        """Set how many people are inside."""
        return await self.send(management_calls.reset_site(name, people))

    async def displays(self, site: str) -> list[Display]:
        """Return the screens that show a site."""
        return await self.send(management_calls.displays(site))

    async def pair_display(self, site: str, name: str, code: str) -> Display:
        """Let the screen that shows a code show a site."""
        return await self.send(management_calls.pair_display(site, name, code))

    async def remove_display(self, site: str, name: str) -> None:
        """Let a screen show the site no longer."""
        await self.send(management_calls.remove_display(site, name))

    async def detectors(self) -> list[Detector]:
        """Return the detectors, and whether they can be used."""
        return await self.send(management_calls.detectors())

    async def pull_detector(self, name: str) -> Job:
        """Let a job download a model."""
        return await self.send(management_calls.pull_detector(name))

    async def system(self) -> dict[str, Any]:
        """Return version and languages; to operators also threads, storage, and what is kept."""
        return await self.send(management_calls.system())

    async def backup(self) -> Job:
        """Let a job make a backup; forget it once its file was fetched."""
        return await self.send(management_calls.backup())

    async def erase(self, **selection: object) -> dict[str, int]:
        """Erase what was counted by `cameras`, `queries`, `from_`, `to`; return the numbers."""
        return await self.send(management_calls.erase(strip_underscores(selection)))

    async def reload_settings(self) -> dict[str, list[str]]:
        """Let the server read its settings again; return what changed."""
        return await self.send(management_calls.reload_settings())

    async def users(self) -> list[User]:
        """Return the users by name."""
        return await self.send(management_calls.users())

    async def add_user(self, name: str, password: str, **values: object) -> User:
        """Add a user; other values are `role` and `cameras`."""
        return await self.send(management_calls.add_user(name, password, values))

    async def change_user(self, name: str, **changes: object) -> User:
        """Change `password`, `role` or `cameras` of a user, which ends the user's sessions."""
        return await self.send(management_calls.change_user(name, changes))

    async def remove_user(self, name: str) -> None:
        """Remove a user."""
        await self.send(management_calls.remove_user(name))

    async def tokens(self) -> list[Token]:
        """Return the API tokens by name, without their secrets."""
        return await self.send(management_calls.tokens())

    async def add_token(self, name: str, **values: object) -> IssuedToken:
        """Make an API token; its `token` is told once. Values are `role`, `days`, `cameras`."""
        return await self.send(management_calls.add_token(name, values))

    async def revoke_token(self, name: str) -> None:
        """End an API token."""
        await self.send(management_calls.revoke_token(name))

    async def audit(self, **filters: str) -> AsyncIterator[AuditEntry]:
        """Yield changes and sign-ins, newest first; filters are those of `GET /audit`."""
        async for item in self._pages(management_calls.audit, filters):
            yield item

    async def propose_zones(self, camera: str) -> list[Zone]:
        """Return lines across the flow of what was tracked lately; none is kept."""
        return await self.send(management_calls.propose_zones(camera))

    async def compare_sites(self, **filters: str) -> list[dict[str, Any]]:
        """Return a period of all sites, to compare them."""
        return await self.send(management_calls.compare_sites(strip_underscores(filters)))

    async def site_summary(self, name: str, **filters: str) -> dict[str, Any]:
        """Return a period of a site in short."""
        return await self.send(management_calls.site_summary(name, strip_underscores(filters)))

    async def weekly_report(self, name: str, **filters: str) -> bytes:
        """Return the report of a week of a site as PDF."""
        return await self.send(management_calls.weekly_report(name, strip_underscores(filters)))

    async def queues(self, name: str, **filters: str) -> dict[str, Any]:
        """Return the queues of a site, now and in a period."""
        return await self.send(management_calls.queues(name, strip_underscores(filters)))

    async def import_sales(self, name: str, **values: object) -> dict[str, Any]:
        """Keep the transactions of a CSV file; values are those of `POST /sites/NAME/sales`."""
        return await self.send(management_calls.import_sales(name, values))

    async def sales(self, name: str, **filters: str) -> dict[str, Any]:
        """Return the transactions of a period in short."""
        return await self.send(management_calls.sales(name, strip_underscores(filters)))

    async def remove_sales(self, name: str, **filters: str) -> dict[str, Any]:
        """Remove the transactions of a period, which has to be given."""
        return await self.send(management_calls.remove_sales(name, strip_underscores(filters)))

    async def import_counts(self, name: str, **values: object) -> dict[str, Any]:
        """Keep what another counter counted; values are those of `POST /sites/NAME/counts`."""
        return await self.send(management_calls.import_counts(name, values))
