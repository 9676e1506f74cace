from dataclasses import replace

import pytest

from ovd.domain.access import Identity, IdentityKind, Role
from ovd.texts.languages import Language
from ovd.ui.reports.panel import describe_reports
from ovd.ui.session import Session
from ovd.ui.system.panel import describe_system

SESSION = Session(language=Language.KO, time_zone="Asia/Seoul")


def as_role(role: Role) -> Session:
    return replace(SESSION, identity=Identity(IdentityKind.USER, "anna", role))


def test_words_are_in_the_language_and_times_in_the_zone_of_the_tab():
    told = describe_reports(SESSION)

    assert told["words"]["title"] == "보고서"
    assert (told["language"], told["tz"]) == ("ko", "Asia/Seoul")


@pytest.mark.parametrize(("role", "may"), [(Role.OPERATOR, False), (Role.ADMIN, True)])
def test_schedules_are_changed_by_admins(role: Role, may: bool):
    assert describe_reports(as_role(role))["admin"] is may


@pytest.mark.parametrize(
    ("role", "operator", "admin"),
    [(Role.VIEWER, False, False), (Role.OPERATOR, True, False), (Role.ADMIN, True, True)],
)
def test_parts_of_the_system_view_are_by_role(role: Role, operator: bool, admin: bool):
    told = describe_system(as_role(role))

    assert (told["operator"], told["admin"]) == (operator, admin)
