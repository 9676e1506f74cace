from collections.abc import Iterator
from pathlib import Path

import pytest

from ovd.domain.access import Identity, IdentityKind, Role
from ovd.errors import ForbiddenError, InputError, PasswordError
from ovd.services.access.passwords import HashCost
from ovd.services.access.service import AccessService
from tests.fakes import FixedClock
from tests.store.databases import make_empty, make_url, open_store

ROOT = Identity(IdentityKind.COMMAND, "root", Role.ADMIN)
OPERATOR = Identity(IdentityKind.USER, "bo", Role.OPERATOR)
PASSWORD = "correct horse battery"


@pytest.fixture
def access(tmp_path: Path) -> Iterator[AccessService]:
    with open_store(make_url(make_empty(tmp_path / "ovd.db"))) as store:
        yield AccessService(store.access, FixedClock(), cost=HashCost(64, 1))


@pytest.mark.parametrize(
    "name", ["", " ", "a b", "a/b", "../x", "<b>", "=1+1", "x" * 65, "a\nb", "-"]
)
def test_name_that_could_harm_is_refused(access: AccessService, name: str):
    with pytest.raises(InputError, match="letters"):
        access.users.add(ROOT, name, PASSWORD, Role.ADMIN)


@pytest.mark.parametrize("name", ["anna", "Anna.Lee", "김철수", "a@b.example", "x+y_z-1"])
def test_names_of_people_are_accepted(access: AccessService, name: str):
    assert access.users.add(ROOT, name, PASSWORD, Role.ADMIN).name == name


@pytest.mark.parametrize("password", ["short", "x" * 1025, "aaaaaaaaaaaaaa", "anna.anna.anna"])
def test_weak_password_is_refused(access: AccessService, password: str):
    with pytest.raises(PasswordError):
        access.users.add(ROOT, "anna.anna.anna", password, Role.ADMIN)


def test_nobody_makes_a_token_of_a_higher_role(access: AccessService):
    with pytest.raises(ForbiddenError, match="admin"):
        access.tokens.issue(OPERATOR, "mine", Role.ADMIN)


@pytest.mark.parametrize("days", [0, -1, 10**9])
def test_token_of_impossible_days_is_refused(access: AccessService, days: int):
    with pytest.raises(InputError, match="days"):
        access.tokens.issue(ROOT, "mine", Role.ADMIN, days)


def test_changes_of_users_and_tokens_are_in_the_audit_log(access: AccessService):
    access.users.add(ROOT, "anna", PASSWORD, Role.ADMIN)
    access.tokens.issue(ROOT, "grafana", Role.VIEWER)
    access.tokens.revoke(ROOT, "grafana")
    access.users.remove(ROOT, "anna")

    entries = [(entry.action, entry.target, entry.actor) for entry in access.audit.newest(9)]

    assert entries == [
        ("users.remove", "anna", "root"),
        ("tokens.revoke", "grafana", "root"),
        ("tokens.add", "grafana", "root"),
        ("users.add", "anna", "root"),
    ]
    assert PASSWORD not in repr(access.audit.newest(9))
