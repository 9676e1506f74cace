"""Count new queries in a recording that a camera was counted from before, as a job."""

import json
from contextlib import closing
from typing import Annotated

from fastapi import APIRouter
from pydantic import ConfigDict, Field
from starlette.responses import JSONResponse, Response

from ovd.api.context import ApiContext, CameraName, Context, Operator, find_camera
from ovd.api.models.answers import RequestBody
from ovd.api.models.cameras import Fps, QueryGiven
from ovd.api.models.records import JobAnswer
from ovd.api.moments import parse_moment
from ovd.api.routes.cameras import UPLOAD, read_queries
from ovd.api.routes.jobs import describe_job
from ovd.bootstrap import build_opener, build_recounter, record_evidence
from ovd.domain.ports import SourceOptions
from ovd.domain.query import Query
from ovd.errors import InputError
from ovd.services.counting.recount import Footage
from ovd.services.counting.run import CountRun
from ovd.services.counting.summary import describe_run
from ovd.services.events import EventHub
from ovd.services.jobs.service import JobControl, Lane
from ovd.services.queries import merge_aliases

router = APIRouter(prefix="/cameras", tags=["cameras"])
_REPORTED_EVERY = 25


class RecountBody(RequestBody):
    """A recording that a camera was counted from, and what to count in it now."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "uri": "upload:0123456789abcdef01234567.mp4",
                    "queries": ["bicycle", {"text": "dog", "min_score": 0.5}],
                }
            ]
        }
    )

    uri: Annotated[
        str,
        Field(
            max_length=100,
            description="`upload:ID` of `POST /uploads`.",
            examples=["upload:0123456789abcdef01234567.mp4"],
        ),
    ]
    queries: Annotated[list[QueryGiven], Field(min_length=1, max_length=100)]
    fps: Fps | None = None
    start_at: Annotated[str, Field(max_length=64)] | None = Field(
        default=None,
        description="When its first frame was taken, ISO 8601; by default as counted before.",
    )
    go_on: bool = Field(default=False, description="Go on where a recount that stopped ended.")


@router.post(
    "/{name:path}/recount",
    status_code=202,
    response_class=JSONResponse,
    responses={202: {"model": JobAnswer, "description": "A job counts it; see its Location."}},
)
def recount(name: CameraName, body: RecountBody, context: Context, who: Operator) -> Response:
    """Count new queries in an upload that the camera was counted from, into its history.

    The result of the job is what was counted, as of `ovd count --json`. A query that was counted at
    that time is refused, never doubled.
    """
    if not body.uri.startswith(UPLOAD):
        raise InputError("a recount needs an upload, such as upload:ID of POST /uploads")
    path = str(context.uploads.path_of(body.uri.removeprefix(UPLOAD)))
    camera = find_camera(context, who, name)
    queries = merge_aliases(read_queries(context, body.queries)).queries
    if not any(query.supported for query in queries):
        raise InputError("none of these queries can be counted; see POST /queries/read")
    start_at = None if body.start_at is None else parse_moment(body.start_at)
    services = context.services
    finder = build_recounter(services.detector, services.store)
    footage = finder.find(path, camera.name, start_at)

    def work(control: JobControl) -> None:
        _recount(context, path, footage, (queries, body), control)

    job = context.jobs.submit(who, "recount", "recount.json", work, Lane.COUNTING)
    context.note(who, "cameras.recount", camera.name, ", ".join(query.text for query in queries))
    answer = describe_job(job).model_dump(mode="json")
    return JSONResponse(answer, 202, {"Location": f"/api/v1/jobs/{job.id}"})


def _recount(
    context: ApiContext,
    path: str,
    footage: Footage,
    asked: tuple[tuple[Query, ...], RecountBody],
    control: JobControl,
) -> None:
    services, (queries, body) = context.services, asked
    # Events of its own: footage of former days is no news for alerts, windows and the broker.
    with closing(EventHub()) as events:
        record_evidence(services.settings, services.detector, services.evidence, events)
        recounter = build_recounter(
            services.detector,
            services.store,
            events,
            services.settings.tiles,
            services.verification,
        )
        options = SourceOptions(body.fps, start_at=footage.start_at)
        opened = build_opener(services.settings)(path, footage.camera.name, options)
        with (
            closing(opened) as source,
            recounter.open_run(source, footage, queries, body.go_on) as run,
        ):
            length = source.info.frame_count or 0
            _drive(run, max(1.0, length / source.info.fps / source.info.sample_interval_s), control)
        control.report(1.0)
        counted = describe_run(run.run, run.summary())
        control.path.write_text(json.dumps(counted, ensure_ascii=False), encoding="utf-8")


def _drive(run: CountRun, frames: float, control: JobControl) -> None:
    """Count to the end, or end the run in order where the job is cancelled."""
    for number, _ in enumerate(run):
        if control.is_cancelled():
            run.stop()
        elif number % _REPORTED_EVERY == 0:
            control.report(number / frames)
