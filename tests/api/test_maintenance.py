import pytest

from ovd.domain.access import Role
from tests.api.conftest import Client, code_of


def test_admin_reloads_the_settings(api: Client):
    api.settings_on_disk = api.settings_on_disk.model_copy(
        update={"session_idle_h": 1.0, "port": 1}
    )

    answer = api.post("/settings/reload")

    assert answer.json() == {"applied": ["session_idle_h"], "after_restart": ["port"]}
    newest = api.context.services.access.audit.newest(1)[0]
    assert (newest.action, newest.detail) == ("settings.reload", "session_idle_h")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_only_admins_reload(api: Client, role: Role):
    assert code_of(api.acting_as(role).post("/settings/reload")) == (403, "forbidden")


def test_admin_erases_what_was_counted(api: Client):
    api.stage.count()

    answer = api.post("/erase", json={"cameras": ["gate"], "queries": ["person"]})

    nothing = {"tracks": 0, "zone_events": 0, "alerts": 0, "images": 0}
    assert answer.json() == {"counts": 10} | nothing
    rows = api.get("/counts", params={"bucket": "1d"}).json()["items"]
    assert [row for row in rows if row["query"] == "person" and row["samples"]] == []


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_only_admins_erase(api: Client, role: Role):
    answer = api.acting_as(role).post("/erase", json={"cameras": ["gate"]})

    assert code_of(answer) == (403, "forbidden")


@pytest.mark.parametrize(
    "body", [{}, {"from": "2026-03-01T08:00:00Z", "to": "2026-03-01T07:00:00Z"}, {"from": "soon"}]
)
def test_nothing_is_erased_by_accident(api: Client, body: dict[str, str]):
    assert api.post("/erase", json=body).status_code == 400
