from datetime import timedelta

import pytest

from ovd.domain.access import (
    AuditEntry,
    IdentityKind,
    NewUser,
    Role,
    Session,
    Token,
    UserChanges,
)
from ovd.domain.ports import AccessStore, CountStore
from ovd.errors import ConflictError, NotFoundError
from tests.builders import START


@pytest.fixture
def access(any_store: CountStore) -> AccessStore:
    return any_store.access


def add_user(access: AccessStore, name: str = "anna", role: Role = Role.ADMIN):
    return access.users.add(NewUser(name, role, "a hash"))


def add_session(access: AccessStore, session_id: str = "s1", name: str = "anna") -> Session:
    user = access.users.find(name) or add_user(access, name)
    session = Session(session_id, user, START, START, "192.0.2.1")
    access.sessions.add(session)
    return session


def test_user_is_found_in_any_case(access: AccessStore):
    added = add_user(access, "Anna")

    assert access.users.find("aNNa") == added
    assert access.users.password_hash("ANNA") == "a hash"


def test_second_user_of_a_name_is_refused(access: AccessStore):
    add_user(access, "anna")

    with pytest.raises(ConflictError, match="already"):
        add_user(access, "ANNA")


def test_viewer_keeps_the_cameras_that_are_permitted(access: AccessStore):
    access.users.add(NewUser("bo", Role.VIEWER, "h", frozenset({"gate", "정문"})))

    [user] = access.users.all()

    assert user.cameras == {"gate", "정문"}


def test_cameras_of_a_viewer_can_be_permitted_all_again(access: AccessStore):
    access.users.add(NewUser("bo", Role.VIEWER, "h", frozenset({"gate"})))

    assert access.users.update("bo", UserChanges(cameras=None, sets_cameras=True)).cameras is None


@pytest.mark.parametrize(
    "change", [UserChanges(role=Role.VIEWER), UserChanges(password_hash="new")]
)
def test_new_role_or_password_ends_sessions(access: AccessStore, change: UserChanges):
    add_user(access, "other")
    add_session(access)

    access.users.update("anna", change)

    assert access.sessions.find("s1") is None


def test_last_admin_stays(access: AccessStore):
    add_user(access, "anna")
    add_user(access, "bo", Role.VIEWER)

    with pytest.raises(ConflictError, match="only admin"):
        access.users.remove("anna")
    with pytest.raises(ConflictError, match="only admin"):
        access.users.update("anna", UserChanges(role=Role.OPERATOR))


def test_last_user_of_all_can_be_removed(access: AccessStore):
    add_session(access)

    access.users.remove("anna")

    assert access.users.count() == 0
    assert access.sessions.find("s1") is None


def test_user_that_is_unknown_cannot_be_changed(access: AccessStore):
    with pytest.raises(NotFoundError, match="nobody"):
        access.users.update("nobody", UserChanges(role=Role.VIEWER))


def test_changing_a_user_ends_their_sessions(access: AccessStore):
    add_session(access)

    access.users.update("anna", UserChanges(cameras=frozenset({"gate"}), sets_cameras=True))

    assert access.sessions.find("s1") is None


def test_session_has_its_user_as_of_now(access: AccessStore):
    add_user(access, "anna")
    access.users.update("anna", UserChanges(cameras=frozenset({"gate"}), sets_cameras=True))
    add_session(access)

    found = access.sessions.find("s1")

    assert found is not None
    assert found.user.cameras == {"gate"}
    assert (found.created_at, found.address) == (START, "192.0.2.1")


def test_old_sessions_are_removed(access: AccessStore):
    add_session(access, "old")
    add_session(access, "used")
    access.sessions.note_use("used", START + timedelta(days=1))

    removed = access.sessions.remove_old(START - timedelta(days=9), START + timedelta(hours=1))

    assert removed == 1
    assert access.sessions.find("used") is not None


def test_all_sessions_of_a_user_end_together(access: AccessStore):
    first = add_session(access, "a")
    add_session(access, "b")
    add_session(access, "c", "other")

    assert access.sessions.remove_of(first.user) == 2
    assert access.sessions.find("c") is not None


def make_token(name: str = "grafana") -> Token:
    return Token(0, name, Role.VIEWER, "ovd_abcdef", START, START + timedelta(days=1))


def test_token_is_found_by_the_hash_of_its_secret(access: AccessStore):
    added = access.tokens.add(make_token(), "hash")

    assert added.id > 0
    assert access.tokens.find("hash") == added
    assert access.tokens.find("other") is None


def test_use_of_a_token_is_stored(access: AccessStore):
    access.tokens.note_use(access.tokens.add(make_token(), "hash"), START)

    assert [token.last_used_at for token in access.tokens.all()] == [START]


def test_second_token_of_a_name_is_refused(access: AccessStore):
    access.tokens.add(make_token(), "hash")

    with pytest.raises(ConflictError, match="already"):
        access.tokens.add(make_token("Grafana"), "other")


def test_token_that_was_removed_is_not_found(access: AccessStore):
    access.tokens.add(make_token(), "hash")

    access.tokens.remove("grafana")

    assert access.tokens.find("hash") is None
    with pytest.raises(NotFoundError):
        access.tokens.remove("grafana")


def test_audit_log_is_read_from_the_newest_entry_on(access: AccessStore):
    for number in range(3):
        access.audit.add(
            AuditEntry(0, START, IdentityKind.USER, "anna", "::1", "cameras.add", f"cam {number}")
        )

    first, second = access.audit.newest(2)

    assert (first.target, second.target) == ("cam 2", "cam 1")
    assert [entry.target for entry in access.audit.newest(9, before_id=second.id)] == ["cam 0"]
    assert access.audit.newest(9, actor="bo") == ()
