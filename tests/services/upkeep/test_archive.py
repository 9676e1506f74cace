import io
import stat
import tarfile
from pathlib import Path

import pytest

from ovd.errors import InputError, OutputError, OvdError, StoreCorruptError
from ovd.services.upkeep.archive import (
    ArchiveParts,
    is_archive,
    put_in_place,
    unpack_archive,
    write_archive,
)
from tests.builders import START

IMAGE = Path("2026-03-01", "0123456789abcdef", "120000000000_r1_f0_n0_s090.jpg")


def copy_database(target: Path) -> int:
    return target.write_bytes(b"database")


def make_parts(folder: Path) -> ArchiveParts:
    (folder / "evidence" / IMAGE).parent.mkdir(parents=True)
    (folder / "evidence" / IMAGE).write_bytes(b"jpeg")
    (folder / "secret.key").write_text("key")
    return ArchiveParts(copy_database, folder / "secret.key", folder / "evidence")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    file = tmp_path / "all.tar"
    write_archive(file, make_parts(tmp_path / "data"), START, overwrite=False)
    return file


def unpack(file: Path, folder: Path) -> None:
    with unpack_archive(file, folder):
        raise AssertionError("it was taken for whole")


def write_tar(file: Path, **contents: bytes) -> None:
    with tarfile.open(file, "w") as tar:
        for name, content in contents.items():
            info = tarfile.TarInfo(name.replace("__", "/").replace("DOTS", ".."))
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


def test_archive_brings_back_database_key_and_images(archive: Path, tmp_path: Path):
    with unpack_archive(archive, tmp_path / "new") as unpacked:
        assert unpacked.key is not None
        assert unpacked.evidence is not None
        assert unpacked.database.read_bytes() == b"database"
        assert unpacked.key.read_text() == "key"
        assert (unpacked.evidence / IMAGE).read_bytes() == b"jpeg"

    assert list((tmp_path / "new").iterdir()) == []


def test_only_the_owner_may_read_the_archive(archive: Path):
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert [path.name for path in archive.parent.iterdir() if path.name.startswith(".")] == []


def test_archive_without_key_and_images_is_whole(tmp_path: Path):
    file = tmp_path / "all.tar"
    parts = ArchiveParts(copy_database, tmp_path / "none.key", tmp_path / "nowhere")
    write_archive(file, parts, START, overwrite=False)

    with unpack_archive(file, tmp_path / "new") as unpacked:
        assert (unpacked.key, unpacked.evidence) == (None, None)


def test_archive_replaces_only_what_it_may(archive: Path, tmp_path: Path):
    parts = ArchiveParts(copy_database, tmp_path / "none.key", tmp_path / "nowhere")

    with pytest.raises(OutputError, match="--force"):
        write_archive(archive, parts, START, overwrite=False)
    write_archive(archive, parts, START, overwrite=True)


def test_damaged_archive_is_refused(archive: Path, tmp_path: Path):
    content = bytearray(archive.read_bytes())
    content[content.index(b"jpeg")] ^= 1
    archive.write_bytes(content)

    with pytest.raises(StoreCorruptError, match="not as listed"):
        unpack(archive, tmp_path / "new")


@pytest.mark.parametrize("size", [0, 100, 700, 1600, 2100, 3300])
def test_truncated_archive_is_refused(archive: Path, tmp_path: Path, size: int):
    archive.write_bytes(archive.read_bytes()[:size])

    with pytest.raises(OvdError):
        unpack(archive, tmp_path / "new")


@pytest.mark.parametrize("name", ["DOTS__ovd.db", "__etc__passwd", "evidence__DOTS__x.jpg", "a"])
def test_archive_with_other_files_is_refused(tmp_path: Path, name: str):
    file = tmp_path / "bad.tar"
    write_tar(file, **{name: b"x"})

    with pytest.raises(StoreCorruptError, match="does not belong"):
        unpack(file, tmp_path / "new")


def test_archive_with_a_link_is_refused(tmp_path: Path):
    file = tmp_path / "bad.tar"
    with tarfile.open(file, "w") as tar:
        info = tarfile.TarInfo("ovd.db")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(info)

    with pytest.raises(StoreCorruptError):
        unpack(file, tmp_path / "new")


def test_other_tar_files_are_refused(tmp_path: Path):
    file = tmp_path / "other.tar"
    write_tar(file, **{"ovd.db": b"x"})

    assert is_archive(file)
    with pytest.raises(InputError):
        unpack(file, tmp_path / "new")


def test_what_is_replaced_is_kept(tmp_path: Path):
    new, place = tmp_path / "new", tmp_path / "secret.key"
    new.write_text("new")
    place.write_text("old")

    kept = put_in_place(new, place, START)

    assert kept is not None
    assert (place.read_text(), kept.read_text()) == ("new", "old")


def test_the_same_key_is_left_in_place(tmp_path: Path):
    new, place = tmp_path / "new", tmp_path / "secret.key"
    new.write_text("key")
    place.write_text("key")

    assert put_in_place(new, place, START) is None
    assert new.exists()
