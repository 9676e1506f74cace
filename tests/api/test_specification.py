"""Random requests over the whole specification: nothing is undocumented, nothing breaks."""

from collections.abc import Callable
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from ovd.api.app import PREFIX
from ovd.domain.access import Identity, Role
from ovd.web.access.check import AccessCheck
from ovd.web.access.policy import AccessPolicy
from tests.api.conftest import Client
from tests.stages import Stage
from tests.web.identities import As, make_identity

load_all_checks()
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    response_schema_conformance,
    content_type_conformance,
]
# They send for ever.
ENDLESS = r"(/live|stream\.mjpg)$"
BLIND = make_identity(Role.VIEWER, frozenset())


def fill(stage: Stage) -> None:
    """A camera with counts, a user and a token, which random requests may meet."""
    stage.count("gate")
    who = make_identity()
    stage.services.access.users.add(who, "anna", "correct horse battery", Role.ADMIN)
    stage.services.store.saved_queries.add("person")


def check_all(stage: Stage, folder: Path, identity: Identity, examples: int) -> int:
    """Send random requests to every operation as someone; returns to how many operations."""
    client = Client(stage, folder, identity)
    fill(stage)
    return send_all(client, As(client.api, identity), "/", examples)


def check_all_as_nobody(stage: Stage, folder: Path, examples: int) -> int:
    """Send them without credentials, past the check that stands before the API."""
    client = Client(stage, folder, make_identity())
    fill(stage)
    behind = Starlette(routes=[Mount(PREFIX, client.api)])
    web = AccessCheck(behind, lambda: stage.services.access.login, AccessPolicy())
    return send_all(client, web, PREFIX, examples)


def send_all(client: Client, app: ASGIApp, base: str, examples: int) -> int:
    specification = client.api.openapi() | {"servers": [{"url": base}]}
    schema = schemathesis.openapi.from_dict(specification)
    schema.app = app
    operations = 0
    for result in schema.exclude(path_regex=ENDLESS).get_all_operations():
        operation = result.ok()
        run = settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        send = _send_checked(operation.as_strategy(), run)
        send()
        operations += 1
    return operations


def _send_checked(cases: object, run: settings) -> Callable[[], None]:
    from hypothesis import given

    @run
    @given(case=cases)  # type: ignore[arg-type]
    def send(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=CHECKS)

    return send


PEOPLE = {"admin": make_identity(), "viewer": make_identity(Role.VIEWER), "blind": BLIND}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", PEOPLE)
def test_random_requests_meet_documented_answers_only(stage: Stage, tmp_path: Path, name: str):
    assert check_all(stage, tmp_path, PEOPLE[name], examples=6) > 30


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("name", PEOPLE)
def test_many_random_requests_meet_documented_answers_only(stage: Stage, tmp_path: Path, name: str):
    assert check_all(stage, tmp_path, PEOPLE[name], examples=300) > 30


@pytest.mark.timeout(600)
def test_random_requests_of_nobody_meet_documented_answers_only(stage: Stage, tmp_path: Path):
    assert check_all_as_nobody(stage, tmp_path, examples=3) > 30


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_many_random_requests_of_nobody_meet_documented_answers_only(stage: Stage, tmp_path: Path):
    assert check_all_as_nobody(stage, tmp_path, examples=100) > 30


def test_every_operation_is_explained_and_names_its_errors(stage: Stage, tmp_path: Path):
    paths = Client(stage, tmp_path, make_identity()).api.openapi()["paths"]
    operations = [operation for methods in paths.values() for operation in methods.values()]

    assert all(operation["description"] for operation in operations)
    assert all({"400", "401", "403", "404", "422"} <= set(op["responses"]) for op in operations)
    assert PREFIX == "/api/v1"
