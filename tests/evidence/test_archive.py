import errno
import logging
import os
import shutil
import threading
from collections import namedtuple
from datetime import timedelta
from pathlib import Path

import pytest

from ovd.domain.records import EvidenceImage
from ovd.evidence.archive import EvidenceLimits, EvidenceStore
from tests.builders import START

ROOMY = EvidenceLimits(min_free_bytes=0)
Usage = namedtuple("Usage", "total used free")


def make_image(
    seconds: float = 0.0, camera: str = "gate", query: str = "person", number: int = 0, run: int = 3
) -> EvidenceImage:
    captured_at = START + timedelta(seconds=seconds)
    index = abs(round(10 * seconds))
    return EvidenceImage(camera, query, captured_at, run, index, number, 0.91)


def fill(folder: Path, *images: EvidenceImage, limits: EvidenceLimits = ROOMY) -> EvidenceStore:
    """Write images of 100 bytes and close the store."""
    store = EvidenceStore(folder, limits, now=lambda: START)
    for image in images:
        store.put(image, bytes(100))
    store.close()
    return store


def age(folder: Path, image: EvidenceImage, by: timedelta) -> None:
    written_at = (START - by).timestamp()
    os.utime(EvidenceStore(folder).path_of(image), (written_at, written_at))


def test_images_of_an_interval_are_found_by_camera_query_and_time(tmp_path):
    inside = [make_image(1.25, number=1), make_image(1.25), make_image(0.0)]
    others = [make_image(1.0, camera="door"), make_image(1.0, query="car"), make_image(60.0)]

    store = fill(tmp_path, *inside, *others)

    found = store.find("gate", "person", START, START + timedelta(seconds=60))
    assert found == tuple(reversed(inside))
    assert store.path_of(found[0]).read_bytes() == bytes(100)


def test_stretch_over_midnight_finds_both_days(tmp_path):
    late, early = make_image(11.5 * 3600), make_image(12.5 * 3600)

    store = fill(tmp_path, late, early)

    assert store.find("gate", "person", START, START + timedelta(days=1)) == (late, early)


def test_a_count_leads_to_its_images(tmp_path):
    wanted = [make_image(2.0, number=0), make_image(2.0, number=1)]

    store = fill(tmp_path, *wanted, make_image(2.0, run=4), make_image(2.0, query="car"))

    assert store.of_count(3, 20, "person") == tuple(wanted)


def test_names_that_no_file_could_have_are_kept(tmp_path):
    image = make_image(camera="../gate/5", query="사람 " * 60)

    store = fill(tmp_path / "evidence", image)

    assert store.series() == (("../gate/5", "사람 " * 60),)
    assert store.find("../gate/5", "사람 " * 60, START, START + timedelta(1)) == (image,)
    assert list(tmp_path.iterdir()) == [tmp_path / "evidence"]


def test_nothing_kept_is_nothing_found(tmp_path):
    store = EvidenceStore(tmp_path / "none")

    assert (store.series(), store.find("gate", "person", START, START + timedelta(1))) == ((), ())
    assert not (tmp_path / "none").exists()


def test_old_images_are_removed_with_their_folders(tmp_path):
    old, new = make_image(), make_image(86400)
    fill(tmp_path, old)
    age(tmp_path, old, timedelta(days=31))

    store = fill(tmp_path, new)

    assert store.find("gate", "person", START, START + timedelta(days=2)) == (new,)
    assert len(list(tmp_path.iterdir())) == 1


def test_room_is_made_by_removing_the_oldest_images(tmp_path):
    images = [make_image(seconds) for seconds in (0, 1, 2)]
    store = fill(tmp_path, *images)
    age(tmp_path, images[1], timedelta(days=2))
    age(tmp_path, images[2], timedelta(days=1))

    freed = store.make_room(150)

    assert freed == 200
    assert store.find("gate", "person", START, START + timedelta(1)) == (images[0],)
    assert store.make_room(10**9) == 100
    assert store.make_room(10**9) == 0
    assert list(tmp_path.iterdir()) == []


def test_images_of_old_footage_are_kept_by_when_they_were_written(tmp_path):
    image = make_image(-400 * 86400)
    fill(tmp_path, image)
    age(tmp_path, image, timedelta(days=1))

    store = fill(tmp_path, make_image())

    assert len(store.find("gate", "person", START - timedelta(500), START + timedelta(1))) == 2


def test_oldest_are_removed_when_there_is_too_much(tmp_path):
    images = [make_image(float(second)) for second in range(10)]
    fill(tmp_path, *images)
    for place, image in enumerate(images):
        age(tmp_path, image, timedelta(hours=10 - place))

    store = fill(tmp_path, make_image(10.0), limits=EvidenceLimits(max_bytes=500, min_free_bytes=0))

    kept = store.find("gate", "person", START, START + timedelta(1))
    assert [image.captured_at.second for image in kept] == [6, 7, 8, 9, 10]


def test_limit_holds_while_images_come_in(tmp_path):
    images = [make_image(float(second)) for second in range(100)]

    fill(tmp_path, *images, limits=EvidenceLimits(max_bytes=1000, min_free_bytes=0))

    sizes = [file.stat().st_size for file in tmp_path.rglob("*.jpg")]
    assert 500 <= sum(sizes) <= 1200


def test_full_disk_drops_images_and_says_so_once(tmp_path, monkeypatch, caplog):
    def refuse(path: Path, content: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", refuse)
    with caplog.at_level(logging.WARNING):
        store = fill(tmp_path, make_image(), make_image(1.0))

    status = store.status()
    assert (status.written, status.dropped) == (0, 2)
    assert status.problem == "No space left on device"
    assert len(caplog.records) == 1
    assert list(tmp_path.rglob("*.jpg")) + list(tmp_path.rglob("*.part")) == []


def test_space_is_left_to_counts(tmp_path, monkeypatch):
    kept = make_image()
    fill(tmp_path, kept)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1000, 999, 1))

    store = fill(tmp_path, make_image(1.0), limits=EvidenceLimits(min_free_bytes=10**6))

    assert store.status().dropped == 1
    assert "1 MB" in store.status().problem
    assert store.find("gate", "person", START, START + timedelta(1)) == ()


def test_unfinished_and_foreign_files_are_no_images(tmp_path):
    store = fill(tmp_path, make_image())
    folder = store.path_of(make_image()).parent
    (folder / ".x.jpg.1.part").write_bytes(b"half")
    (folder / "notes.txt").write_text("mine")
    (tmp_path / "readme").write_text("mine")

    assert len(store.find("gate", "person", START, START + timedelta(1))) == 1


def test_closing_twice_is_harmless(tmp_path):
    fill(tmp_path, make_image()).close()
    EvidenceStore(tmp_path).close()


@pytest.mark.parametrize("naive", ["start", "end"])
def test_naive_moments_are_refused(tmp_path, naive):
    start_at = START.replace(tzinfo=None) if naive == "start" else START
    end_at = START.replace(tzinfo=None) if naive == "end" else START

    with pytest.raises(ValueError, match="aware"):
        EvidenceStore(tmp_path).find("gate", "person", start_at, end_at)


def test_image_that_fails_for_no_known_reason_is_dropped_and_the_next_is_written(tmp_path):
    store = EvidenceStore(tmp_path, ROOMY, now=lambda: START)
    broken, whole = make_image(1.0), make_image(2.0)

    store.put(broken, "no bytes")
    store.put(whole, bytes(100))
    while store.status().written == 0:
        threading.Event().wait(0.001)
    store.close()

    (thread,) = store.threads
    assert thread.failures == 1
    assert thread.last_failure.startswith("TypeError")
    assert (store.status().written, store.status().dropped) == (1, 1)


def test_image_that_comes_after_the_end_is_counted_as_dropped(tmp_path):
    store = fill(tmp_path)

    store.put(make_image(), bytes(100))

    assert (store.status().dropped, store.status().problem) == (1, "ovd is ending")


def test_images_follow_their_camera_to_another_name(tmp_path):
    moved, other = make_image(1.0), make_image(1.0, camera="door")
    store = fill(tmp_path, moved, other)

    store.rename_camera("gate", "north gate")

    assert store.series() == (("door", "person"), ("north gate", "person"))
    end_at = START + timedelta(seconds=60)
    [found] = store.find("north gate", "person", START, end_at)
    assert (found.captured_at, store.path_of(found).read_bytes()) == (moved.captured_at, bytes(100))
    assert store.find("gate", "person", START, end_at) == ()
