import pytest

from ovd.domain.access import Identity, IdentityKind, Role
from ovd.ui.alerts.targets import describe_delivery, describe_target_words
from ovd.ui.session import Session
from tests.builders import make_alert_message
from tests.stages import Stage


def session_of(role: Role) -> Session:
    return Session(identity=Identity(IdentityKind.USER, "anna", role))


@pytest.mark.parametrize(
    ("role", "operator", "admin"),
    [(Role.VIEWER, False, False), (Role.OPERATOR, True, False), (Role.ADMIN, True, True)],
)
def test_script_is_told_what_the_role_may(role: Role, operator: bool, admin: bool):
    told = describe_target_words(session_of(role))

    assert (told["operator"], told["admin"]) == (operator, admin)


def test_counts_of_messages_are_told_to_operators_only(stage: Stage):
    stage.services.store.outbox.put([make_alert_message()], ["gone"])
    assert stage.services.delivery is not None
    stage.services.delivery.step()

    assert describe_delivery(stage.services, session_of(Role.OPERATOR)) == {"waiting": 0, "dead": 1}
    assert describe_delivery(stage.services, session_of(Role.VIEWER)) == {}
