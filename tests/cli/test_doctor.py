import pytest

pytestmark = pytest.mark.weights


def test_doctor_finds_everything_in_order(ovd):
    outcome = ovd("doctor", "--json")

    assert outcome.exit_code == 0
    assert [check["check"] for check in outcome.json() if not check["ok"]] == []


def test_doctor_fails_when_the_database_cannot_be_used(ovd, tmp_path):
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"no database " * 1000)

    outcome = ovd("doctor", "--db", f"sqlite:///{broken}")

    assert outcome.exit_code == 1
    assert "FAIL  database  [store_corrupt]" in outcome.stdout
