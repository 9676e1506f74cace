import io
import tarfile
import threading

import pytest

from ovd.domain.access import Role
from ovd.store.maintenance.backup import backup_file
from tests.api.conftest import Client, code_of

WAIT_S = 60.0


def test_viewer_is_told_version_and_languages_only(api: Client):
    answer = api.acting_as(Role.VIEWER).get("/system").json()

    assert answer["version"]
    assert answer["languages"] == {"en": "English", "ko": "한국어"}
    assert (answer["storage"], answer["threads"], answer["can_back_up"]) == (None, [], False)


def test_operator_is_told_threads_storage_and_what_is_kept(api: Client):
    answer = api.acting_as(Role.OPERATOR).get("/system").json()

    assert {"name": "store", "good": True}.items() <= answer["threads"][0].items()
    assert answer["storage"]["evidence_bytes"] == 0
    assert answer["storage"]["free_bytes"] <= answer["storage"]["total_bytes"]
    assert answer["retention"]["counts"] == {"days": None, "bytes": None}
    assert answer["evidence"]["keep"] == "none"
    assert answer["can_back_up"] is False


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_only_admins_back_up(api: Client, role: Role):
    assert code_of(api.acting_as(role).post("/backup")) == (403, "forbidden")


def test_admin_makes_a_backup_fetches_and_forgets_it(api: Client):
    api.stage.count()
    api.stage.services.store.flush()
    folder = api.stage.services.settings.data_dir
    backup_file(f"sqlite:///{folder / 'counts.db'}", folder / "ovd.db")
    accepted = api.post("/backup")
    done = threading.Event()
    api.context.jobs.submit(api.identity, "last", "", lambda _: done.set())
    assert done.wait(WAIT_S)

    result = api.get(f"/jobs/{accepted.json()['id']}/result")

    assert accepted.status_code == 202
    with tarfile.open(fileobj=io.BytesIO(result.content)) as archive:
        assert {"ovd.db", "manifest.json"} <= set(archive.getnames())
    assert api.get("/audit").json()["items"][0]["action"] == "backup.make"
    assert api.delete(f"/jobs/{accepted.json()['id']}").status_code == 200
    assert api.get(f"/jobs/{accepted.json()['id']}/result").status_code == 404


def test_size_of_detectors_is_told(api: Client):
    sizes = {item["name"]: item["bytes"] for item in api.get("/detectors").json()["items"]}

    assert sizes["ovdense"] is None or sizes["ovdense"] > 0
