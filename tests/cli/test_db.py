from pathlib import Path

import pytest

from ovd.domain.records import Keep, RetentionPolicy
from ovd.store.schema.upgrade import HEAD
from tests.builders import START, make_frame, make_result
from tests.store.databases import open_store

IMAGE = Path("2026-03-01", "0123456789abcdef", "120000000000_r1_f0_n0_s090.jpg")


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


def test_backup_of_all_brings_back_database_key_and_images(ovd, counted, tmp_path):
    copy, image = tmp_path / "all.tar", counted / "evidence" / IMAGE
    image.parent.mkdir(parents=True)
    image.write_bytes(b"jpeg")
    (counted / "secret.key").write_text("first")
    assert ovd("db", "backup", "--all", copy).exit_code == 0
    (counted / "secret.key").write_text("second")
    (counted / "ovd.db").unlink()
    image.unlink()

    outcome = ovd("db", "restore", copy)

    assert outcome.exit_code == 0, outcome.stderr
    assert ovd("db", "stats", "--json").json()["tables"]["frame_counts"]["rows"] == 20
    assert image.read_bytes() == b"jpeg"
    assert (counted / "secret.key").read_text() == "first"
    [kept] = counted.glob("secret.key.before-*")
    assert kept.read_text() == "second"


def test_damaged_backup_of_all_changes_nothing(ovd, counted, tmp_path):
    copy = tmp_path / "all.tar"
    ovd("db", "backup", "--all", copy)
    content = bytearray(copy.read_bytes())
    content[content.index(b"SQLite format 3") + 5000] ^= 1
    copy.write_bytes(content)

    outcome = ovd("db", "restore", copy)

    assert outcome.exit_code == 4
    assert "error[store_corrupt]" in outcome.stderr
    assert sorted(path.name for path in counted.glob("*.before-*")) == []


def test_erased_counts_are_erased_from_an_older_backup_too(ovd, counted, tmp_path):
    copy = tmp_path / "all.tar"
    ovd("db", "backup", "--all", copy)

    erased = ovd("db", "erase", "--camera", "gate", "--yes")
    restored = ovd("db", "restore", copy)

    assert erased.stdout == (
        "erased 20 counts, 0 tracks, 0 zone events, 0 messages about alerts, 0 images\n"
    )
    assert "erased again what was erased since then: 1 periods" in restored.stdout
    assert ovd("db", "stats", "--json").json()["tables"]["frame_counts"]["rows"] == 0


def test_erasing_says_what_is_wanted(ovd, counted):
    outcome = ovd("db", "erase", "--yes")

    assert outcome.exit_code == 2
    assert "name a camera, a query, or a period" in outcome.stderr


def test_erasing_is_in_the_audit_log(ovd, counted):
    ovd("db", "erase", "-q", "person", "--from", "2026-01-01", "--yes")

    [entry] = ovd("audit", "--json").json()
    assert (entry["action"], entry["kind"]) == ("counts.erase", "command")
