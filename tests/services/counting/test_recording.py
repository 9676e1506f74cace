from pathlib import Path

import pytest

from ovd.domain.ports import SourceOptions
from ovd.services.counting.service import CountService
from ovd.services.reports.report import ReportRequest, ReportService
from ovd.store import SqlStore
from ovd.video.file import FileSource
from ovd.video.uri import SourceUri
from tests.builders import START, make_query
from tests.clips import make_steady_clip
from tests.fakes import FakeDetector, FixedClock
from tests.store.databases import open_store

PERSON = make_query("person")
DERIVED = SourceOptions()


@pytest.fixture
def store(url: str):
    with open_store(url) as store:
        yield store


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_steady_clip(tmp_path / "clip.mp4")


def count(store: SqlStore, clip: Path, options: SourceOptions = DERIVED) -> None:
    source = FileSource(SourceUri.parse(str(clip)), "gate", options)
    with CountService(FakeDetector(), store, FixedClock()).open_run(
        source, "gate", [PERSON]
    ) as run:
        list(run)


def read_days(store: SqlStore) -> list[tuple[object, int]]:
    report = ReportService(store).build(ReportRequest(bucket="1d"))
    return [(row.bucket_start, row.samples) for row in report if row.samples]


def test_a_file_that_is_counted_again_counts_once(store, clip):
    count(store, clip)
    once = read_days(store)
    count(store, clip)

    assert read_days(store) == once


def test_a_copy_takes_the_time_that_the_file_had(store, clip, tmp_path):
    count(store, clip, SourceOptions(start_at=START))
    once = read_days(store)
    copy = tmp_path / "upload.mp4"
    copy.write_bytes(clip.read_bytes())
    count(store, copy)

    assert read_days(store) == once


def test_a_file_that_is_repeated_counts_every_time(store, clip):
    for _ in range(2):
        source = FileSource(SourceUri.parse(str(clip)), "gate", SourceOptions(loop=True))
        counter = CountService(FakeDetector(), store, FixedClock())
        with counter.open_run(source, "gate", [PERSON]) as run:
            counted = [next(results) for results in [iter(run)] * 30]
        assert len(counted) == 30
    store.flush()

    assert sum(samples for _, samples in read_days(store)) == 60
