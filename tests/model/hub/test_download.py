from collections.abc import Iterator
from pathlib import Path

import pytest

from ovd.errors import (
    DownloadBrokenError,
    HubError,
    HubOfflineError,
    ModelMismatchError,
    NoSpaceError,
    RevisionGoneError,
    WeightsChecksumError,
)
from ovd.model.hub.client import HubClient, HubOptions
from ovd.model.hub.download import Pull, PullProgress, pull_snapshot
from ovd.model.hub.snapshot import LOCK_FILE, SnapshotLock, find_lock, verify_snapshot
from tests.model.hub.hub_server import REVISION, HubServer

REPOSITORY = "google/owlv2"
WEIGHTS = bytes(range(256)) * 4000
FILES = {
    "config.json": b'{"model_type": "owlv2"}',
    "model.safetensors": WEIGHTS,
    "pytorch_model.bin": b"pickled",
    "onnx/model.safetensors": b"other",
    "README.md": b"hello",
}


@pytest.fixture
def hub() -> Iterator[HubServer]:
    with HubServer(REPOSITORY, dict(FILES)) as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models" / "owlv2-base"


def pull(hub: HubServer, folder: Path, **options: object) -> SnapshotLock:
    client = HubClient(HubOptions(endpoint=hub.url))
    report = options.pop("report", lambda progress: None)
    return pull_snapshot(client, Pull("owlv2-base", REPOSITORY, folder), report, **options)  # type: ignore[arg-type]


def test_download_takes_what_is_needed_and_locks_it(hub, folder):
    lock = pull(hub, folder)

    assert (lock.revision, lock.repository) == (REVISION, REPOSITORY)
    assert {path.name for path in folder.iterdir()} == {
        "config.json",
        "model.safetensors",
        LOCK_FILE,
    }
    assert find_lock(folder) == lock
    verify_snapshot(folder, lock)
    assert [path.name for path in folder.parent.iterdir()] == ["owlv2-base"]


def test_download_reports_its_progress(hub, folder):
    seen: list[PullProgress] = []

    pull(hub, folder, report=seen.append)

    total = len(FILES["config.json"]) + len(WEIGHTS)
    assert (seen[-1].file, seen[-1].done, seen[-1].total) == ("model.safetensors", total, total)
    assert [item.done for item in seen] == sorted(item.done for item in seen)


def test_what_is_whole_is_not_downloaded_again(hub, folder):
    pull(hub, folder)
    asked = len(hub.ranges)

    pull(hub, folder)

    assert len(hub.ranges) == asked


def test_connection_that_breaks_off_is_resumed_where_it_was(hub, folder):
    hub.breaks_after["model.safetensors"] = [300_000, 200_000]

    pull(hub, folder)

    assert [asked for name, asked in hub.ranges if name == "model.safetensors"] == [
        "",
        "bytes=300000-",
        "bytes=500000-",
    ]
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS


def test_download_that_failed_goes_on_with_the_next_command(hub, folder):
    hub.breaks_after["model.safetensors"] = [300_000, 0, 0, 0]
    with pytest.raises(DownloadBrokenError, match="the same command goes on"):
        pull(hub, folder)
    assert not folder.exists()

    pull(hub, folder)

    assert hub.ranges[-1] == ("model.safetensors", "bytes=300000-")
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS


def test_hub_that_ignores_ranges_is_read_from_the_start(hub, folder):
    hub.breaks_after["model.safetensors"] = [300_000]
    hub.ignores_ranges = True

    pull(hub, folder)

    assert (folder / "model.safetensors").read_bytes() == WEIGHTS


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_wrong_checksum_is_refused_and_removed(hub, folder, name):
    hub.lies_about.add(name)

    with pytest.raises(WeightsChecksumError, match=name):
        pull(hub, folder)

    assert not folder.exists()
    assert not list(folder.parent.rglob(f"{name}*"))


def test_full_disk_is_told_before_anything_is_downloaded(hub, folder):
    with pytest.raises(NoSpaceError, match="100 MB are free"):
        pull(hub, folder, free_bytes=lambda path: 100_500_000)

    assert hub.ranges == []


def test_damaged_model_is_replaced_by_the_locked_revision(hub, folder):
    lock = pull(hub, folder)
    (folder / "model.safetensors").write_bytes(b"damaged")

    assert pull(hub, folder) == lock
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS


def test_other_files_for_the_locked_revision_are_refused(hub, folder):
    pull(hub, folder)
    (folder / "model.safetensors").unlink()
    hub.files["model.safetensors"] = WEIGHTS[::-1]

    with pytest.raises(WeightsChecksumError, match="locked by the first download"):
        pull(hub, folder)


def test_revision_that_is_gone_is_told(hub, folder):
    pull(hub, folder)
    (folder / "model.safetensors").unlink()
    hub.revision = "b" * 40

    with pytest.raises(RevisionGoneError, match=REVISION):
        pull(hub, folder)


def test_repository_without_safetensors_is_refused(hub, folder):
    del hub.files["model.safetensors"]

    with pytest.raises(ModelMismatchError, match="safetensors"):
        pull(hub, folder)


@pytest.mark.parametrize(("status", "words"), [(401, "HF_TOKEN"), (503, "answers 503")])
def test_refusal_of_the_hub_is_told(hub, folder, status, words):
    hub.status = status

    with pytest.raises(HubError, match=words):
        pull(hub, folder)


def test_hub_that_cannot_be_reached_is_told(folder):
    client = HubClient(HubOptions(endpoint="http://127.0.0.1:9"))

    with pytest.raises(HubError, match="cannot be reached"):
        pull_snapshot(client, Pull("owlv2-base", REPOSITORY, folder), lambda progress: None)


def test_offline_environment_downloads_nothing(folder):
    client = HubClient(HubOptions.of({"HF_HUB_OFFLINE": "1"}))

    with pytest.raises(HubOfflineError, match="HF_HUB_OFFLINE"):
        pull_snapshot(client, Pull("owlv2-base", REPOSITORY, folder), lambda progress: None)
