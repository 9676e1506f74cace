from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ovd.domain.access import Identity, IdentityKind, Role
from ovd.errors import LoginFailedError, TooManyAttemptsError
from ovd.services.access.login import BegunSession, SessionLifetime
from ovd.services.access.passwords import HashCost
from ovd.services.access.secrets import is_csrf_token
from ovd.services.access.service import AccessService
from ovd.services.access.users import UserRequest
from ovd.store import SqlStore
from tests.fakes import FixedClock
from tests.store.databases import make_empty, make_url, open_store

PASSWORD = "correct horse battery"
ROOT = Identity(IdentityKind.COMMAND, "root", Role.ADMIN)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with open_store(make_url(make_empty(tmp_path / "ovd.db"))) as store:
        yield store


@pytest.fixture
def access(store: SqlStore, clock: FixedClock) -> AccessService:
    access = AccessService(store.access, clock, cost=HashCost(64, 1))
    access.users.add(ROOT, "Anna", PASSWORD, Role.ADMIN)
    return access


def sign_in(access: AccessService) -> BegunSession:
    return access.login.sign_in("anna", PASSWORD, "192.0.2.1")


def test_session_stands_for_its_user(access: AccessService):
    begun = sign_in(access)

    who = access.login.find_session(begun.secret, "192.0.2.9")

    assert who is not None
    assert (who.kind, who.name, who.role) == (IdentityKind.USER, "Anna", Role.ADMIN)
    assert who.address == "192.0.2.9"


def test_only_a_hash_of_the_secret_is_stored(access: AccessService, store: SqlStore):
    begun = sign_in(access)

    assert begun.secret not in begun.session.id
    assert store.access.sessions.find(begun.secret) is None


def test_every_sign_in_begins_another_session(access: AccessService):
    assert sign_in(access).secret != sign_in(access).secret


@pytest.mark.parametrize(("name", "password"), [("anna", "wrong"), ("nobody", PASSWORD), ("", "")])
def test_wrong_name_and_wrong_password_are_told_alike(
    access: AccessService, name: str, password: str
):
    with pytest.raises(LoginFailedError) as refused:
        access.login.sign_in(name, password, "192.0.2.1")

    assert str(refused.value) == "name and password do not fit"


def test_unknown_user_costs_a_hash_too(access: AccessService, monkeypatch: pytest.MonkeyPatch):
    verified: list[str] = []
    verify = access._hasher.verify

    def note(stored: str, typed: str) -> bool:
        verified.append(stored)
        return verify(stored, typed)

    monkeypatch.setattr(access._hasher, "verify", note)

    with pytest.raises(LoginFailedError):
        access.login.sign_in("nobody", PASSWORD, "192.0.2.1")

    assert verified == [""]


def test_too_many_failures_are_delayed_with_the_right_password_too(access: AccessService):
    for _ in range(5):
        with pytest.raises(LoginFailedError):
            access.login.sign_in("anna", "wrong", "192.0.2.1")

    with pytest.raises(TooManyAttemptsError):
        sign_in(access)


def test_session_ends_when_it_is_not_used(access: AccessService, clock: FixedClock):
    begun = sign_in(access)
    clock.advance(timedelta(hours=13).total_seconds())

    assert access.login.find_session(begun.secret, "") is None


def test_use_prolongs_a_session(access: AccessService, clock: FixedClock):
    begun = sign_in(access)
    for _ in range(4):
        clock.advance(timedelta(hours=6).total_seconds())
        assert access.login.find_session(begun.secret, "") is not None


def test_session_ends_in_any_case(store: SqlStore, access: AccessService, clock: FixedClock):
    lifetime = SessionLifetime(idle=timedelta(days=9), absolute=timedelta(days=2))
    access = AccessService(store.access, clock, lifetime, HashCost(64, 1))
    begun = sign_in(access)
    for _ in range(2):
        clock.advance(timedelta(days=1).total_seconds())
        assert access.login.find_session(begun.secret, "") is not None
    clock.advance(60)

    assert access.login.find_session(begun.secret, "") is None


def test_sign_out_holds_at_once(access: AccessService):
    begun = sign_in(access)
    who = access.login.find_session(begun.secret, "")
    assert who is not None

    access.login.end(who)

    assert access.login.find_session(begun.secret, "") is None


def test_user_signs_out_everywhere(access: AccessService):
    first, second = sign_in(access), sign_in(access)
    who = access.login.find_session(first.secret, "")
    assert who is not None

    assert access.login.end_all(who, access.users.find("anna")) == 2

    assert access.login.find_session(second.secret, "") is None


def test_new_password_ends_sessions_at_once(access: AccessService):
    begun = sign_in(access)
    access.login.find_session(begun.secret, "")

    access.users.change(ROOT, "anna", UserRequest(password="another long password"))

    assert access.login.find_session(begun.secret, "") is None


def test_change_by_another_process_holds_soon(
    access: AccessService, store: SqlStore, clock: FixedClock
):
    begun = sign_in(access)
    access.login.find_session(begun.secret, "")
    store.access.sessions.remove(begun.session.id)
    clock.advance(2.0)

    assert access.login.find_session(begun.secret, "") is None


def test_csrf_token_belongs_to_its_session(access: AccessService):
    first, second = sign_in(access), sign_in(access)

    assert is_csrf_token(first.secret, first.csrf_token)
    assert not is_csrf_token(first.secret, second.csrf_token)
    assert not is_csrf_token(first.secret, "")


def test_token_stands_for_its_role(access: AccessService):
    issued = access.tokens.issue(ROOT, "grafana", Role.VIEWER, cameras=("gate",))

    who = access.login.find_token(issued.secret, "")

    assert who is not None
    assert (who.kind, who.name, who.role) == (IdentityKind.TOKEN, "grafana", Role.VIEWER)
    assert who.may_see("gate")
    assert not who.may_see("yard")


def test_token_ends_with_its_days(access: AccessService, clock: FixedClock):
    issued = access.tokens.issue(ROOT, "grafana", Role.VIEWER, days=1)
    clock.advance(timedelta(days=1).total_seconds())

    assert access.login.find_token(issued.secret, "") is None


def test_revoked_token_ends_at_once(access: AccessService):
    issued = access.tokens.issue(ROOT, "grafana", Role.VIEWER)
    assert access.login.find_token(issued.secret, "") is not None

    access.tokens.revoke(ROOT, "grafana")

    assert access.login.find_token(issued.secret, "") is None


def test_use_of_a_token_is_noted(access: AccessService, clock: FixedClock):
    issued = access.tokens.issue(ROOT, "grafana", Role.VIEWER)

    access.login.find_token(issued.secret, "")

    assert [token.last_used_at for token in access.tokens.all()] == [clock.now()]


def test_secret_of_a_session_is_no_token(access: AccessService):
    begun = sign_in(access)

    assert access.login.find_token(begun.secret, "") is None


def test_first_user_is_noticed_at_once(store: SqlStore, clock: FixedClock):
    access = AccessService(store.access, clock, cost=HashCost(64, 1))
    assert not access.login.has_users()

    access.users.add(ROOT, "anna", PASSWORD, Role.ADMIN)

    assert access.login.has_users()


def test_sign_ins_are_in_the_audit_log(access: AccessService):
    sign_in(access)
    with pytest.raises(LoginFailedError):
        access.login.sign_in("anna\n2026 root users.add", "wrong", "192.0.2.7")

    refused, begun, *_ = access.audit.newest(9)

    assert (begun.action, begun.actor) == ("session.begin", "Anna")
    assert (refused.action, refused.address) == ("session.refused", "192.0.2.7")
    assert "\n" not in refused.actor
