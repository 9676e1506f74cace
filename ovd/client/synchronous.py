"""Client: the API for programs of one thread."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx

from ovd.client import calls, delivery_calls, job_calls
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
from ovd.client.synchronous_management import Management

Answer = TypeVar("Answer")


class Client(Management):
    """Client of the API; use it in a `with` block.

    Every method raises `ApiError` when the server refuses, and httpx's errors when it is away.
    """

    def __init__(
        self,
        url: str,
        token: str = "",
        http: httpx.Client | None = None,
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
        self._http = http or httpx.Client(timeout=timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def send(self, call: Call[Answer]) -> Answer:
        """Send a call of `ovd.client.calls`."""
        with ExitStack() as files:
            options = call.options(files)
            url = f"{self._base}{call.path}"
            response = self._http.request(
                call.method, url, headers={**self._headers, **call.headers}, **options
            )
        raise_for_error(response)
        return call.read(response)

    def health(self) -> Health:
        """Return the health of cameras and database."""
        return self.send(calls.health())

    def cameras(self) -> list[Camera]:
        """Return the cameras by name."""
        return self.send(calls.cameras())

    def camera(self, name: str) -> Camera:
        """Return one camera."""
        return self.send(calls.camera(name))

    def add_camera(self, name: str, uri: str, queries: list[str], **options: object) -> Camera:
        """Add a camera; options are `fps`, `enabled` and, of an upload, `start_at`."""
        return self.send(calls.add_camera(name, uri, queries, **options))

    def change_camera(self, name: str, **changes: object) -> Camera:
        """Change `uri`, `queries`, `fps` or `enabled` of a camera."""
        return self.send(calls.change_camera(name, **changes))

    def remove_camera(self, name: str) -> None:
        """Take a camera off; its counts stay."""
        self.send(calls.remove_camera(name))

    def start(self, name: str) -> Camera:
        """Count a camera."""
        return self.send(calls.switch_camera(name, on=True))

    def stop(self, name: str) -> Camera:
        """Stop counting a camera."""
        return self.send(calls.switch_camera(name, on=False))

    def zones(self, name: str) -> list[Zone]:
        """Return the zones of a camera."""
        return self.send(calls.zones(name))

    def replace_zones(self, name: str, zones: list[Zone]) -> list[Zone]:
        """Replace the zones of a camera."""
        return self.send(calls.replace_zones(name, zones))

    def masks(self, name: str) -> list[Mask]:
        """Return the masks of a camera."""
        return self.send(calls.masks(name))

    def replace_masks(self, name: str, masks: list[Mask]) -> list[Mask]:
        """Replace the masks of a camera."""
        return self.send(calls.replace_masks(name, masks))

    def frame(self, name: str) -> bytes:
        """Return the newest counted frame of a camera as JPEG."""
        return self.send(calls.frame(name))

    def queries(self) -> list[SavedQuery]:
        """Return the saved queries."""
        return self.send(calls.queries())

    def add_query(self, text: str) -> SavedQuery:
        """Save a query."""
        return self.send(calls.add_query(text))

    def remove_query(self, query_id: str) -> None:
        """Take a query off the saved list."""
        self.send(calls.remove_query(query_id))

    def read_query(self, text: str) -> list[Reading]:
        """Return how a text is understood."""
        return self.send(calls.read_query(text))

    def detect(self, image: Path, queries: list[str], min_score: float | None = None) -> Detected:
        """Find what the queries name in an image."""
        return self.send(calls.detect(image, queries, min_score))

    def upload(self, clip: Path) -> Upload:
        """Send a clip; its `uri` is then that of a new camera."""
        return self.send(calls.upload(clip))

    def report(self, **options: object) -> bytes:
        """Return a report as a file; the options are those of `POST /reports`."""
        return self.send(calls.report(options))

    def counts(self, **filters: str | list[str]) -> Iterator[CountRow]:
        """Yield counts in buckets; filters are those of `GET /counts`."""
        yield from self._pages(calls.counts, filters)

    def runs(self, **filters: str | list[str]) -> Iterator[Run]:
        """Yield the runs, newest first; filters are those of `GET /runs`."""
        yield from self._pages(calls.runs, filters)

    def submit_report(self, **options: object) -> Job:
        """Let a job make a report; the options are those of `POST /reports`."""
        return self.send(job_calls.submit_report(options))

    def recount(self, camera: str, uri: str, queries: list[str], **options: object) -> Job:
        """Let a job count new queries in an upload that a camera was counted from before."""
        asked = {"uri": uri, "queries": queries} | options
        return self.send(job_calls.recount(camera, asked))

    def jobs(self) -> list[Job]:
        """Return your jobs, newest first."""
        return self.send(job_calls.jobs())

    def job(self, job_id: str) -> Job:
        """Return how far a job is."""
        return self.send(job_calls.job(job_id))

    def cancel_job(self, job_id: str) -> Job:
        """Cancel a job, or forget one that has ended, with its file."""
        return self.send(job_calls.cancel_job(job_id))

    def job_result(self, job_id: str) -> bytes:
        """Return the file that a job made."""
        return self.send(job_calls.job_result(job_id))

    def targets(self) -> list[Target]:
        """Return the targets of alerts, without their secrets."""
        return self.send(delivery_calls.targets())

    def add_target(self, name: str, url: str, **values: object) -> Target:
        """Add a target; other values are those of `POST /targets`, such as `secret`."""
        return self.send(delivery_calls.add_target({"name": name, "url": url} | values))

    def remove_target(self, name: str) -> None:
        """Remove a target; messages that wait for it are given up."""
        self.send(delivery_calls.remove_target(name))

    def test_target(self, name: str) -> None:
        """Send a test message, and wait until the target has taken it."""
        self.send(delivery_calls.test_target(name))

    def deliveries(self, **filters: str) -> list[Delivery]:
        """Return messages on their way; filters are those of `GET /deliveries`."""
        return self.send(delivery_calls.deliveries(filters))

    def resend(self, ids: list[int] | None = None, target: str = "") -> int:
        """Let messages that were given up be sent again; return their number."""
        return self.send(delivery_calls.resend(ids, target))

    def drop(self, ids: list[int] | None = None, target: str = "") -> int:
        """Remove messages that were given up; return their number."""
        return self.send(delivery_calls.drop(ids, target))

    def schedules(self) -> list[Schedule]:
        """Return the scheduled reports."""
        return self.send(delivery_calls.schedules())

    def add_schedule(self, **values: object) -> Schedule:
        """Add a scheduled report; its values are those of `POST /schedules`."""
        return self.send(delivery_calls.add_schedule(values))

    def change_schedule(self, name: str, **changes: object) -> Schedule:
        """Change some values of a scheduled report."""
        return self.send(delivery_calls.change_schedule(name, changes))

    def remove_schedule(self, name: str) -> None:
        """Remove a scheduled report."""
        self.send(delivery_calls.remove_schedule(name))

    def send_schedule(self, name: str) -> str:
        """Deliver the last report that was due now; return its period."""
        return self.send(delivery_calls.send_schedule(name))

    def alerts(self) -> list[AlertRule]:
        """Return the alert rules, and how they stand."""
        return self.send(calls.alerts())

    def add_alert(self, **rule: object) -> AlertRule:
        """Add an alert rule; its values are those of `POST /alerts`."""
        return self.send(calls.add_alert(rule))

    def change_alert(self, name: str, **changes: object) -> AlertRule:
        """Change some values of an alert rule."""
        return self.send(calls.change_alert(name, changes))

    def remove_alert(self, name: str) -> None:
        """Remove an alert rule; its open alerts end."""
        self.send(calls.remove_alert(name))

    def test_alert(self, name: str) -> str:
        """Send a message to the targets of an alert rule; return its id."""
        return str((self.send(calls.test_alert(name)))["id"])

    def snooze_alert(self, name: str, for_s: float = 3600.0) -> AlertRule:
        """Let no alert of a rule begin for some seconds; 0 ends the snooze."""
        return self.send(calls.snooze_alert(name, for_s))

    def alert_log(self, **filters: str | list[str]) -> Iterator[AlertMessage]:
        """Yield the messages about alerts, newest first; filters are those of `GET /alerts/log`."""
        yield from self._pages(calls.alert_log, filters)

    def live(self, last_event_id: str = "") -> Iterator[LiveEvent]:
        """Yield counts, gaps, states and alerts as they happen, until the server closes.

        Args:
            last_event_id: Id of an event after which to go on.
        """
        headers = self._headers | ({"Last-Event-ID": last_event_id} if last_event_id else {})
        url = f"{self._base}/live"
        with self._http.stream("GET", url, headers=headers) as response:
            if response.status_code >= 400:
                response.read()
                raise_for_error(response)
            lines: list[str] = []
            for line in response.iter_lines():
                if line:
                    lines.append(line)
                    continue
                event, lines = calls.parse_event(lines), []
                if event is not None:
                    yield event

    def _pages(
        self, page_of: Callable[[dict[str, Any]], Call[dict[str, Any]]], filters: dict[str, Any]
    ) -> Iterator[Any]:
        cursor: str | None = ""
        while cursor is not None:
            given = strip_underscores(filters)
            page = self.send(page_of(given | ({"cursor": cursor} if cursor else {})))
            yield from page["items"]
            cursor = page["next"]
