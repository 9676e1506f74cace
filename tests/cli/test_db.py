from pathlib import Path

import pytest

from ovd.domain.records import Keep, RetentionPolicy
from ovd.store.schema.upgrade import HEAD
from tests.builders import START, make_frame, make_result
from tests.store.databases import open_store


@pytest.fixture
def counted(data_dir: Path) -> Path:
    """The data folder with a database of 20 frames at camera gate."""
    with open_store(f"sqlite:///{data_dir / 'ovd.db'}", now=lambda: START) as store:
        run = store.runs.start(store.cameras.record("gate", "gate.mp4"), "fake", "0" * 64, START)
        for index in range(20):
            store.counts.add_result(run, make_result(make_frame(index), {"person": index % 5}))
    return data_dir


def test_upgrade_makes_a_database(ovd, data_dir):
    outcome = ovd("db", "upgrade")

    assert (outcome.exit_code, outcome.stdout) == (0, f"up to date: schema {HEAD}\n")
    assert (data_dir / "ovd.db").exists()


def test_stats_tell_rows_and_bytes_by_table(ovd, counted):
    stats = ovd("db", "stats", "--json").json()

    assert stats["schema"] == HEAD
    assert stats["first_at"] == START.isoformat()
    assert stats["tables"]["frame_counts"]["rows"] == 20
    assert stats["tables"]["frame_counts"]["size_bytes"] > 0
    assert "frame_counts" in ovd("db", "stats").stdout


def test_stats_tell_whether_there_is_room(ovd, counted, monkeypatch):
    good = ovd("db", "stats", "--json").json()
    monkeypatch.setenv("OVD_MIN_FREE_BYTES", str(10**18))

    low = ovd("db", "stats", "--json").json()

    assert (good["state"], low["state"]) == ("good", "low_space")
    assert low["free_bytes"] > 0
    assert "1,000,000,000,000,000,000 wanted" in ovd("db", "stats").stdout


def test_stats_tell_what_was_removed(ovd, counted):
    with open_store(f"sqlite:///{counted / 'ovd.db'}") as store:
        store.trim(RetentionPolicy(frame_counts=Keep(days=1)))

    assert ovd("db", "stats", "--json").json()["kept_from"] is not None
    assert "were removed; their sums are there" in ovd("db", "stats").stdout


def test_a_backup_that_cannot_be_written_is_not_blamed_on_the_database(ovd, counted, tmp_path):
    outcome = ovd("db", "backup", tmp_path / "missing" / "copy.db")

    assert outcome.exit_code == 2
    assert outcome.stderr.startswith("error[bad_output]: cannot write")
    assert list(tmp_path.glob("**/*.part")) == []


def test_a_backup_is_restored_and_the_former_database_kept(ovd, counted, tmp_path):
    copy = tmp_path / "copy.db"
    assert ovd("db", "backup", copy).exit_code == 0

    outcome = ovd("db", "restore", copy)

    (kept,) = counted.glob("ovd.db.before-*")
    assert outcome.stdout == f"restored; the former database is {kept}\n"
    assert ovd("db", "backup", copy).exit_code == 2
    assert ovd("db", "backup", copy, "--force").exit_code == 0


def test_vacuum_and_rebuild_work_on_the_database_of_the_settings(ovd, counted):
    assert ovd("db", "vacuum").exit_code == 0
    assert ovd("db", "rebuild").stdout == "summed anew: 1 pairs of camera and query\n"


@pytest.mark.parametrize("command", ["stats", "vacuum", "rebuild"])
def test_a_missing_database_is_an_error_and_not_made(ovd, data_dir, command):
    outcome = ovd("db", command)

    assert outcome.exit_code == 4
    assert outcome.stderr.startswith("error[store_unavailable]: there is no database")
    assert not data_dir.exists()
