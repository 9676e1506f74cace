"""The server itself: how it stands, what it keeps, and a backup of it."""

import platform

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from ovd.api.context import Admin, Context, Viewer
from ovd.api.models.records import JobAnswer
from ovd.api.models.system import (
    EvidenceSettingsAnswer,
    KeepAnswer,
    RetentionAnswer,
    StorageAnswer,
    SubscriberAnswer,
    SystemAnswer,
    ThreadAnswer,
)
from ovd.api.routes.jobs import describe_job
from ovd.bootstrap.stores import read_storage, retention_policy, write_backup
from ovd.bundled import VERSION
from ovd.domain.access import Role
from ovd.domain.records import Keep
from ovd.errors import InputError
from ovd.services.jobs.service import JobControl
from ovd.settings import Settings
from ovd.texts.languages import LANGUAGE_NAMES
from ovd.video.clock import SystemClock

router = APIRouter(tags=["maintenance"])
BACKUP = "ovd-backup.tar"


@router.get("/system")
def show_system(context: Context, who: Viewer) -> SystemAnswer:
    """Tell version and languages; to operators also threads, storage, and what is kept."""
    languages = {code.value: name for code, name in LANGUAGE_NAMES.items()}
    if not who.role.includes(Role.OPERATOR):
        return SystemAnswer(
            version=VERSION,
            languages=languages,
            python=None,
            database=None,
            can_back_up=False,
            threads=[],
            subscribers=[],
            storage=None,
            retention=None,
            evidence=None,
        )
    settings, health = context.services.settings, context.services.health()
    return SystemAnswer(
        version=VERSION,
        languages=languages,
        python=platform.python_version(),
        database=_database(settings),
        can_back_up=who.role.includes(Role.ADMIN) and _database(settings) == "sqlite",
        threads=[
            ThreadAnswer(
                name=thread.name,
                state=thread.state.value,
                good=thread.good,
                failures=thread.failures,
                last_failure=thread.last_failure,
            )
            for thread in health.threads
        ],
        subscribers=[SubscriberAnswer(**vars(item)) for item in health.subscribers],
        storage=StorageAnswer(**vars(read_storage(settings))),
        retention=_retention(settings),
        evidence=EvidenceSettingsAnswer(
            keep=settings.keep,
            blur=settings.blur,
            days=settings.evidence_days,
            megabytes=settings.evidence_mb,
        ),
    )


@router.post(
    "/backup", status_code=202, response_class=JSONResponse, responses={202: {"model": JobAnswer}}
)
def make_backup(context: Context, who: Admin) -> Response:
    """Begin a backup of database, key and images: a job, whose result is the file.

    Forget the job with `DELETE` when the file was fetched: it can read cameras' passwords.
    """
    settings = context.services.settings
    if _database(settings) != "sqlite":
        raise InputError("this database is no file; back it up with the tools of its server")

    def work(control: JobControl) -> None:
        context.services.store.flush()
        write_backup(settings, control.path, SystemClock().now(), overwrite=True)

    job = context.jobs.submit(who, "backup", BACKUP, work)
    context.note(who, "backup.make")
    answer = describe_job(job).model_dump(mode="json")
    return JSONResponse(answer, 202, {"Location": f"/api/v1/jobs/{job.id}"})


def _database(settings: Settings) -> str:
    return settings.db_url.partition(":")[0].partition("+")[0]


def _retention(settings: Settings) -> RetentionAnswer:
    policy = retention_policy(settings)

    def describe(keep: Keep) -> KeepAnswer:
        return KeepAnswer(days=keep.days, bytes=keep.max_bytes)

    return RetentionAnswer(
        counts=describe(policy.frame_counts),
        tracks=describe(policy.tracks),
        zone_events=describe(policy.zone_events),
        min_free_bytes=policy.min_free_bytes,
    )
