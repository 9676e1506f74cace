"""Detectors, and the download of those that do not ship."""

import json
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Response

from ovd.api.context import Admin, Context, Viewer
from ovd.api.models.answers import Items
from ovd.api.models.records import DetectorAnswer, JobAnswer
from ovd.api.routes.jobs import describe_job
from ovd.model.hub.download import PullProgress
from ovd.services.jobs.service import JobControl, Lane

router = APIRouter(tags=["catalogue"])


@router.get("/detectors")
def list_detectors(context: Context, who: Viewer) -> Items[DetectorAnswer]:
    """List the detectors, and whether they can be used here."""
    from ovd.model.backends import BACKENDS
    from ovd.model.weights import read_network_sizes

    services = context.services
    sizes = read_network_sizes(services.settings.weights_dir)
    return Items[DetectorAnswer](
        items=[
            DetectorAnswer(
                name=spec.name,
                licence=spec.licence,
                parameters=spec.parameters,
                installed=spec.is_installed(
                    services.settings.weights_dir, services.settings.models_folder
                ),
                embedded=spec.embedded,
                independent_scores=spec.independent_scores,
                default_min_score=spec.default_min_score,
                accepted=spec.is_permissive or spec.licence in services.settings.licences,
                repository=spec.hub.repository if spec.hub is not None else "",
                bytes=sizes.get(spec.name),
                in_use=spec.name == services.settings.detector,
            )
            for spec in BACKENDS
        ]
    )


# A job writes its progress into the database; not with every piece of a file.
_STEP = 0.005


@router.post("/detectors/{name}/pull", status_code=202)
def pull_detector(
    name: Annotated[str, Path(max_length=100)], context: Context, who: Admin, response: Response
) -> JobAnswer:
    """Download a model as a job; its result names the files and their checksums."""
    models = context.services.models
    models.require_pullable(name)

    def work(control: JobControl) -> None:
        told = -_STEP

        def report(state: PullProgress) -> None:
            nonlocal told
            share = state.done / max(state.total, 1)
            if share - told >= _STEP:
                told = share
                control.report(share)

        models.pull(name, report)
        lock = models.find(name).lock
        document = None if lock is None else asdict(lock)
        control.path.write_text(json.dumps(document), encoding="utf-8")

    job = context.jobs.submit(who, "pull", f"{name}.json", work, Lane.DOWNLOADS)
    context.note(who, "pull model", name)
    response.headers["Location"] = f"/api/v1/jobs/{job.id}"
    return describe_job(job)
