from datetime import timedelta
from pathlib import Path

import pytest

from ovd.domain.access import Identity, IdentityKind, Role
from ovd.domain.records import EvidenceImage
from ovd.errors import ForbiddenError, InputError
from ovd.services.upkeep.erasing import EraseRequest, ErasingService
from ovd.video.clock import SystemClock
from tests.builders import START
from tests.stages import Stage, stage

__all__ = ["stage"]
ADMIN = Identity(IdentityKind.USER, "anna", Role.ADMIN, address="192.0.2.1")
HOUR = timedelta(hours=1)


def make_service(stage: Stage) -> ErasingService:
    services = stage.services
    return ErasingService(services.store, services.evidence, services.access.audit, SystemClock())


def test_counts_and_their_images_go_and_the_audit_log_tells(stage: Stage):
    services = stage.services
    stage.count()
    for query in ("person", "car"):
        services.evidence.put(EvidenceImage("gate", query, START, 1, 0, 0, 0.9), b"jpeg")
    services.evidence.close()

    outcome = make_service(stage).erase(ADMIN, EraseRequest(queries=("person",)))

    assert (outcome.rows.counts, outcome.images) == (10, 1)
    assert services.evidence.series() == (("gate", "car"),)
    [entry] = services.access.audit.newest(1)
    assert (entry.action, entry.actor, entry.target) == ("counts.erase", "anna", "all cameras")
    assert "person; from the beginning" in entry.detail


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_only_admins_erase(stage: Stage, role: Role):
    who = Identity(IdentityKind.USER, "bo", role)

    with pytest.raises(ForbiddenError):
        make_service(stage).erase(who, EraseRequest(cameras=("gate",)))


@pytest.mark.parametrize(
    "request_", [EraseRequest(), EraseRequest(start_at=START, end_at=START - HOUR)]
)
def test_everything_is_not_erased_by_accident(stage: Stage, request_: EraseRequest):
    stage.count()

    with pytest.raises(InputError):
        make_service(stage).erase(ADMIN, request_)

    assert stage.services.access.audit.newest(5) == ()


def test_images_outside_the_period_stay(stage: Stage, tmp_path: Path):
    evidence = stage.services.evidence
    for hours in (0, 2):
        moment = START + hours * HOUR
        evidence.put(EvidenceImage("gate", "person", moment, 1, hours, 0, 0.9), b"jpeg")
    evidence.close()

    outcome = make_service(stage).erase(ADMIN, EraseRequest(("gate",), end_at=START + HOUR))

    assert outcome.images == 1
    assert len(evidence.find("gate", "person", START, START + 3 * HOUR)) == 1
