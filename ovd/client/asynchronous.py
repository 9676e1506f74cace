"""AsyncClient: the API for programs that use asyncio."""

from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx

from ovd.client import calls, delivery_calls, job_calls
from ovd.client.asynchronous_management import AsyncManagement
from ovd.client.calls import PREFIX, Call, raise_for_error, strip_underscores
from ovd.client.shapes import (
    AlertMessage,
    AlertRule,
    Camera,
    CountRow,
    Delivery,
    Detected,
    Health,
    Job,
    LiveEvent,
    Mask,
    Reading,
    Run,
    SavedQuery,
    Schedule,
    Target,
    Upload,
    Zone,
)

Answer = TypeVar("Answer")


class AsyncClient(AsyncManagement):
    """Client of the API; use it in an `async with` block.

    Every method raises `ApiError` when the server refuses, and httpx's errors when it is away.
    """

    def __init__(
        self,
        url: str,
        token: str = "",
        http: httpx.AsyncClient | None = None,
        timeout_s: float = 60.0,
    ) -> None:
        """Send nothing yet.

        Args:
            url: Address of the server, such as `http://127.0.0.1:7860`.
            token: API token; empty for a server that is open on this machine.
            http: Client of httpx to use, as with certificates of one's own; made when None.
            timeout_s: Seconds to wait for an answer.
        """
        self._base = url.rstrip("/") + PREFIX
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = http or httpx.AsyncClient(timeout=timeout_s)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def send(self, call: Call[Answer]) -> Answer:
        """Send a call of `ovd.client.calls`."""
        with ExitStack() as files:
            options = call.options(files)
            url = f"{self._base}{call.path}"
            response = await self._http.request(
                call.method, url, headers={**self._headers, **call.headers}, **options
            )
        raise_for_error(response)
        return call.read(response)

    async def health(self) -> Health:
        """Return the health of cameras and database."""
        return await self.send(calls.health())

    async def cameras(self) -> list[Camera]:
        """Return the cameras by name."""
        return await self.send(calls.cameras())

    async def camera(self, name: str) -> Camera:
        """Return one camera."""
        return await self.send(calls.camera(name))

    async def add_camera(
        self, name: str, uri: str, queries: list[str], **options: object
    ) -> Camera:
        """Add a camera; options are `fps`, `enabled` and, of an upload, `start_at`."""
        return await self.send(calls.add_camera(name, uri, queries, **options))

    async def change_camera(self, name: str, **changes: object) -> Camera:
        """Change `uri`, `queries`, `fps` or `enabled` of a camera."""
        return await self.send(calls.change_camera(name, **changes))

    async def remove_camera(self, name: str) -> None:
        """Take a camera off; its counts stay."""
        await self.send(calls.remove_camera(name))

    async def start(self, name: str) -> Camera:
        """Count a camera."""
        return await self.send(calls.switch_camera(name, on=True))

    async def stop(self, name: str) -> Camera:
        """Stop counting a camera."""
        return await self.send(calls.switch_camera(name, on=False))

    async def zones(self, name: str) -> list[Zone]:
        """Return the zones of a camera."""
        return await self.send(calls.zones(name))

    async def replace_zones(self, name: str, zones: list[Zone]) -> list[Zone]:
        """Replace the zones of a camera."""
        return await self.send(calls.replace_zones(name, zones))

    async def masks(self, name: str) -> list[Mask]:
        """Return the masks of a camera."""
        return await self.send(calls.masks(name))

    async def replace_masks(self, name: str, masks: list[Mask]) -> list[Mask]:
        """Replace the masks of a camera."""
        return await self.send(calls.replace_masks(name, masks))

    async def frame(self, name: str) -> bytes:
        """Return the newest counted frame of a camera as JPEG."""
        return await self.send(calls.frame(name))

    async def queries(self) -> list[SavedQuery]:
        """Return the saved queries."""
        return await self.send(calls.queries())

    async def add_query(self, text: str) -> SavedQuery:
        """Save a query."""
        return await self.send(calls.add_query(text))

    async def remove_query(self, query_id: str) -> None:
        """Take a query off the saved list."""
        await self.send(calls.remove_query(query_id))

    async def read_query(self, text: str) -> list[Reading]:
        """Return how a text is understood."""
        return await self.send(calls.read_query(text))

    async def detect(
        self, image: Path, queries: list[str], min_score: float | None = None
    ) -> Detected:
        """Find what the queries name in an image."""
        return await self.send(calls.detect(image, queries, min_score))

    async def upload(self, clip: Path) -> Upload:
        """Send a clip; its `uri` is then that of a new camera."""
        return await self.send(calls.upload(clip))

    async def report(self, **options: object) -> bytes:
        """Return a report as a file; the options are those of `POST /reports`."""
        return await self.send(calls.report(options))

    async def counts(self, **filters: str | list[str]) -> AsyncIterator[CountRow]:
        """Yield counts in buckets; filters are those of `GET /counts`."""
        async for row in self._pages(calls.counts, filters):
            yield row

    async def runs(self, **filters: str | list[str]) -> AsyncIterator[Run]:
        """Yield the runs, newest first; filters are those of `GET /runs`."""
        async for run in self._pages(calls.runs, filters):
            yield run

    async def submit_report(self, **options: object) -> Job:
        """Let a job make a report; the options are those of `POST /reports`."""
        return await self.send(job_calls.submit_report(options))

    async def recount(self, camera: str, uri: str, queries: list[str], **options: object) -> Job:
        """Let a job count new queries in an upload that a camera was counted from before."""
        asked = {"uri": uri, "queries": queries} | options
        return await self.send(job_calls.recount(camera, asked))

    async def jobs(self) -> list[Job]:
        """Return your jobs, newest first."""
        return await self.send(job_calls.jobs())

    async def job(self, job_id: str) -> Job:
        """Return how far a job is."""
        return await self.send(job_calls.job(job_id))

    async def cancel_job(self, job_id: str) -> Job:
        """Cancel a job, or forget one that has ended, with its file."""
        return await self.send(job_calls.cancel_job(job_id))

    async def job_result(self, job_id: str) -> bytes:
        """Return the file that a job made."""
        return await self.send(job_calls.job_result(job_id))

    async def targets(self) -> list[Target]:
        """Return the targets of alerts, without their secrets."""
        return await self.send(delivery_calls.targets())

    async def add_target(self, name: str, url: str, **values: object) -> Target:
        """Add a target; other values are those of `POST /targets`, such as `secret`."""
        return await self.send(delivery_calls.add_target({"name": name, "url": url} | values))

    async def remove_target(self, name: str) -> None:
        """Remove a target; messages that wait for it are given up."""
        await self.send(delivery_calls.remove_target(name))

    async def test_target(self, name: str) -> None:
        """Send a test message, and wait until the target has taken it."""
        await self.send(delivery_calls.test_target(name))

    async def deliveries(self, **filters: str) -> list[Delivery]:
        """Return messages on their way; filters are those of `GET /deliveries`."""
        return await self.send(delivery_calls.deliveries(filters))

    async def resend(self, ids: list[int] | None = None, target: str = "") -> int:
        """Let messages that were given up be sent again; return their number."""
        return await self.send(delivery_calls.resend(ids, target))

    async def drop(self, ids: list[int] | None = None, target: str = "") -> int:
        """Remove messages that were given up; return their number."""
        return await self.send(delivery_calls.drop(ids, target))

    async def schedules(self) -> list[Schedule]:
        """Return the scheduled reports."""
        return await self.send(delivery_calls.schedules())

    async def add_schedule(self, **values: object) -> Schedule:
        """Add a scheduled report; its values are those of `POST /schedules`."""
        return await self.send(delivery_calls.add_schedule(values))

    async def change_schedule(self, name: str, **changes: object) -> Schedule:
        """Change some values of a scheduled report."""
        return await self.send(delivery_calls.change_schedule(name, changes))

    async def remove_schedule(self, name: str) -> None:
        """Remove a scheduled report."""
        await self.send(delivery_calls.remove_schedule(name))

    async def send_schedule(self, name: str) -> str:
        """Deliver the last report that was due now; return its period."""
        return await self.send(delivery_calls.send_schedule(name))

    async def alerts(self) -> list[AlertRule]:
        """Return the alert rules, and how they stand."""
        return await self.send(calls.alerts())

    async def add_alert(self, **rule: object) -> AlertRule:
        """Add an alert rule; its values are those of `POST /alerts`."""
        return await self.send(calls.add_alert(rule))

    async def change_alert(self, name: str, **changes: object) -> AlertRule:
        """Change some values of an alert rule."""
        return await self.send(calls.change_alert(name, changes))

    async def remove_alert(self, name: str) -> None:
        """Remove an alert rule; its open alerts end."""
        await self.send(calls.remove_alert(name))

    async def test_alert(self, name: str) -> str:
        """Send a message to the targets of an alert rule; return its id."""
        return str((await self.send(calls.test_alert(name)))["id"])

    async def snooze_alert(self, name: str, for_s: float = 3600.0) -> AlertRule:
        """Let no alert of a rule begin for some seconds; 0 ends the snooze."""
        return await self.send(calls.snooze_alert(name, for_s))

    async def alert_log(self, **filters: str | list[str]) -> AsyncIterator[AlertMessage]:
        """Yield the messages about alerts, newest first; filters are those of `GET /alerts/log`."""
        async for message in self._pages(calls.alert_log, filters):
            yield message

    async def live(self, last_event_id: str = "") -> AsyncIterator[LiveEvent]:
        """Yield counts, gaps, states and alerts as they happen, until the server closes.

        Args:
            last_event_id: Id of an event after which to go on.
        """
        headers = self._headers | ({"Last-Event-ID": last_event_id} if last_event_id else {})
        url = f"{self._base}/live"
        async with self._http.stream("GET", url, headers=headers) as response:
            if response.status_code >= 400:
                await response.aread()
                raise_for_error(response)
            lines: list[str] = []
            async for line in response.aiter_lines():
                if line:
                    lines.append(line)
                    continue
                event, lines = calls.parse_event(lines), []
                if event is not None:
                    yield event

    async def _pages(
        self, page_of: Callable[[dict[str, Any]], Call[dict[str, Any]]], filters: dict[str, Any]
    ) -> AsyncIterator[Any]:
        cursor: str | None = ""
        while cursor is not None:
            given = strip_underscores(filters)
            page = await self.send(page_of(given | ({"cursor": cursor} if cursor else {})))
            for item in page["items"]:
                yield item
            cursor = page["next"]
