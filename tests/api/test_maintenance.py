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
