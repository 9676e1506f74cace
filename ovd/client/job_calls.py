"""Calls about long work: reports and recounts that are made by jobs."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from ovd.client.calls import Call
from ovd.client.shapes import Job


def _json(response: httpx.Response) -> Any:
    return response.json()


def _items(response: httpx.Response) -> Any:
    return response.json()["items"]


def _content(response: httpx.Response) -> bytes:
    return response.content


def _job(job_id: str) -> str:
    return f"/jobs/{quote(job_id, safe='')}"


def submit_report(options: Mapping[str, object]) -> Call[Job]:
    """A report that a job makes."""
    headers = {"Prefer": "respond-async"}
    return Call("POST", "/reports", _json, body=options, headers=headers)


def recount(camera: str, options: Mapping[str, object]) -> Call[Job]:
    """A recount of an upload, by a job."""
    return Call("POST", f"/cameras/{quote(camera, safe='')}/recount", _json, body=options)


def jobs() -> Call[list[Job]]:
    """The jobs that may be seen."""
    return Call("GET", "/jobs", _items, params={"limit": 1000})


def job(job_id: str) -> Call[Job]:
    """One job."""
    return Call("GET", _job(job_id), _json)


def cancel_job(job_id: str) -> Call[Job]:
    """The end of a job, or of its file."""
    return Call("DELETE", _job(job_id), _json)


def job_result(job_id: str) -> Call[bytes]:
    """The file that a job made."""
    return Call("GET", f"{_job(job_id)}/result", _content)
