"""Health of the server."""

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from ovd.api.context import ApiContext, Context, Viewer
from ovd.api.models.records import (
    Alive,
    CameraHealth,
    DeliveryHealthAnswer,
    DetectorHealth,
    HealthAnswer,
    JudgeHealth,
    MqttHealthAnswer,
    StoreAnswer,
)
from ovd.bundled import VERSION
from ovd.domain.access import Identity, Role
from ovd.domain.ports.judging import JudgeStatus
from ovd.domain.records import StoreState
from ovd.services.streaming.signal import has_signal, name_state

router = APIRouter(tags=["health"])


@router.get("/health/live")
def live() -> Alive:
    """Tell that the process answers; needs no token."""
    return Alive(status="ok")


@router.get("/health/ready", response_model=Alive, responses={503: {"model": Alive}})
def ready(context: Context) -> Response:
    """Tell whether counts can be kept; needs no token."""
    failing = context.services.overview.now().health.state is StoreState.FAILING
    return JSONResponse({"status": "down" if failing else "ok"}, 503 if failing else 200)


@router.get("/health")
def health(context: Context, who: Viewer) -> HealthAnswer:
    """Tell how cameras, database and detector stand."""
    store = context.services.overview.now().health
    cameras = _cameras(context, who)
    computation = context.services.health().computation
    troubled = any(camera.state == "failed" or camera.in_gap for camera in cameras)
    status = "degraded" if troubled or store.state is not StoreState.GOOD else "ok"
    return HealthAnswer(
        status="down" if store.state is StoreState.FAILING else status,  # type: ignore[arg-type]
        version=VERSION,
        cameras=cameras,
        store=StoreAnswer(
            state=store.state.value,
            queued=store.queued,
            free_bytes=store.free_bytes,
            detail=store.detail,
        ),
        detector=DetectorHealth(
            runtime=computation.runtime,
            precision=computation.precision,
            notes=list(computation.notes),
        ),
        delivery=_delivery(context, who),
        mqtt=_mqtt(context),
    )


def _delivery(context: ApiContext, who: Identity) -> DeliveryHealthAnswer | None:
    delivery = context.services.delivery
    if delivery is None:
        return None
    answer = DeliveryHealthAnswer(**vars(delivery.health))
    # Viewers may not list the targets either.
    return (
        answer if who.role.includes(Role.OPERATOR) else answer.model_copy(update={"problems": {}})
    )


def _mqtt(context: ApiContext) -> MqttHealthAnswer | None:
    mqtt = context.services.mqtt
    if mqtt is None:
        return None
    health = mqtt.health
    return MqttHealthAnswer(
        connected=health.connected, problem=health.problem, waiting=health.waiting
    )


def _cameras(context: ApiContext, who: Identity) -> list[CameraHealth]:
    return [
        CameraHealth(
            name=status.camera,
            state=name_state(status, enabled=True),
            frame_age_s=status.frame_age_s,
            frames_per_s=status.counted_fps,
            in_gap=not has_signal(status),
            detail=status.error or status.health.detail,
            judge=_judge(status.judge),
        )
        for status in context.services.overview.now().statuses
        if who.may_see(status.camera)
    ]


def _judge(judge: JudgeStatus | None) -> JudgeHealth | None:
    if judge is None:
        return None
    return JudgeHealth(
        name=judge.name,
        min_score=judge.min_score,
        judged=judge.judged,
        pending=judge.pending,
        waited_s=judge.waited_s,
        judgement_s=judge.cost_s,
        wanted_per_s=judge.wanted_per_s,
        per_s=judge.per_s,
        slow=judge.is_slow,
        behind=judge.is_behind,
        note=judge.note,
    )
