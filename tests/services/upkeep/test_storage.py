from pathlib import Path

from ovd.services.upkeep.storage import StoragePlaces, measure_storage


def test_what_lies_on_the_disk_is_told_apart(tmp_path: Path):
    (tmp_path / "evidence" / "day").mkdir(parents=True)
    (tmp_path / "evidence" / "day" / "a.jpg").write_bytes(b"0" * 300)
    (tmp_path / "ovd.db").write_bytes(b"0" * 20)
    (tmp_path / "ovd.db-wal").write_bytes(b"0" * 3)
    places = StoragePlaces(
        tmp_path, tmp_path / "ovd.db", tmp_path / "evidence", tmp_path / "none", tmp_path / "jobs"
    )

    storage = measure_storage(places)

    assert (storage.database_bytes, storage.evidence_bytes, storage.uploads_bytes) == (23, 300, 0)
    assert 0 < storage.free_bytes <= storage.total_bytes


def test_database_server_has_no_file(tmp_path: Path):
    places = StoragePlaces(tmp_path, None, tmp_path / "a", tmp_path / "b", tmp_path / "c")

    assert measure_storage(places).database_bytes is None
