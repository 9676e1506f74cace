"""Jobs: reports that take long."""

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import FileResponse
from starlette.responses import Response

from ovd.api.context import Context, Viewer
from ovd.api.models.answers import Items
from ovd.api.models.records import JobAnswer
from ovd.api.paging import Page, cut_page
from ovd.domain.ports import Job

router = APIRouter(prefix="/jobs", tags=["jobs"])
JobId = Annotated[str, Path(max_length=64)]
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FILE = {"content": {"application/octet-stream": _BINARY}}


@router.get("")
def list_jobs(context: Context, who: Viewer, page: Page) -> Items[JobAnswer]:
    """List your jobs, newest first; an admin sees all."""
    jobs = list(enumerate(context.jobs.all(who)))
    shown, following = cut_page(jobs, page.cursor, page.limit, lambda item: item[0])
    return Items[JobAnswer](items=[describe_job(job) for _, job in shown], next=following)


@router.get("/{job_id}")
def show_job(job_id: JobId, context: Context, who: Viewer) -> JobAnswer:
    """Tell how far a job is."""
    return describe_job(context.jobs.find(who, job_id))


@router.delete("/{job_id}")
def cancel_job(job_id: JobId, context: Context, who: Viewer) -> JobAnswer:
    """Cancel a job, or forget one that has ended, with its file."""
    return describe_job(context.jobs.cancel(who, job_id))


@router.get("/{job_id}/result", response_class=FileResponse, responses={200: _FILE})
def show_result(job_id: JobId, context: Context, who: Viewer) -> Response:
    """Return the file that a job made."""
    job, path = context.jobs.result(who, job_id)
    return FileResponse(path, media_type="application/octet-stream", filename=job.file_name)


def describe_job(job: Job) -> JobAnswer:
    """Return a job as an answer."""
    return JobAnswer(
        id=job.id,
        kind=job.kind,
        state=job.state.value,
        progress=job.progress,
        created_at=job.created_at,
        ended_at=job.ended_at,
        error=job.error,
    )
