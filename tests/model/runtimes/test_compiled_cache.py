import os
import time

import pytest

from ovd.model.runtimes.compiled_cache import CompiledCache


def test_kept_bytes_come_back_under_their_key_only(tmp_path):
    cache = CompiledCache(tmp_path / "made" / "here")

    cache.write("key", b"compiled")

    assert cache.read("key") == b"compiled"
    assert cache.read("other") is None


@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b"", lambda b: b[:-1] + b"?"])
def test_damaged_file_is_not_used_and_replaced(tmp_path, caplog, damage):
    cache = CompiledCache(tmp_path)
    cache.write("key", b"compiled")
    (path,) = tmp_path.iterdir()
    path.write_bytes(damage(path.read_bytes()))

    assert cache.read("key") is None
    assert "damaged, so the network is compiled again" in caplog.text
    cache.write("key", b"compiled")
    assert cache.read("key") == b"compiled"


def test_file_of_another_key_is_not_used(tmp_path):
    cache = CompiledCache(tmp_path)
    cache.write("key", b"compiled")
    (path,) = tmp_path.iterdir()
    cache.write("other", b"different")
    (other,) = set(tmp_path.iterdir()) - {path}
    path.replace(other)

    assert cache.read("other") is None


def test_folder_holds_a_bounded_number_of_files(tmp_path):
    cache = CompiledCache(tmp_path, max_files=2)

    for number in range(4):
        cache.write(str(number), b"compiled")

    assert len(list(tmp_path.iterdir())) == 2


def test_unfinished_files_of_killed_processes_are_removed(tmp_path):
    for name, written_at in (("old.part", 0.0), ("new.part", time.time())):
        (tmp_path / name).write_bytes(b"")
        os.utime(tmp_path / name, (written_at, written_at))

    CompiledCache(tmp_path).write("key", b"compiled")

    assert {path.suffix for path in tmp_path.iterdir()} == {".part", ".compiled"}
    assert not (tmp_path / "old.part").exists()


def test_folder_that_cannot_be_written_keeps_nothing(tmp_path, caplog):
    (tmp_path / "file").write_bytes(b"")
    cache = CompiledCache(tmp_path / "file" / "folder")

    cache.write("key", b"compiled")

    assert cache.read("key") is None
    assert "cannot keep the compiled network" in caplog.text


def test_no_folder_keeps_nothing():
    cache = CompiledCache(None)

    cache.write("key", b"compiled")

    assert cache.read("key") is None
