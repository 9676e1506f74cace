from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from ovd.domain.records import CountSelection, Keep, RetentionPolicy, Run, StoreState, TrackSummary
from ovd.errors import StoreWriteError
from ovd.store import SqlStore
from ovd.store.maintenance import pruning
from tests.builders import START, make_frame, make_query, make_result
from tests.fakes import FixedClock
from tests.store.databases import open_store, query_database

ALL = CountSelection()
HOURS = 48


@dataclass(frozen=True)
class Filled:
    """Two days of a camera, a count every 10 minutes and a track every hour, just ended."""

    url: str
    store: SqlStore
    run: Run

    def rows(self, table: str) -> int:
        return int(str(query_database(self.url, f"SELECT count(*) FROM {table}")[0][0]))  # noqa: S608


@pytest.fixture
def filled(url: str) -> Iterator[Filled]:
    clock = FixedClock(START + timedelta(hours=HOURS))
    with open_store(url, flush_interval_s=3600, now=clock.now) as store:
        run = store.runs.start(store.cameras.record("gate", "clip.mp4"), "fake", "", START)
        for index in range(6 * HOURS):
            moment = START + timedelta(minutes=10 * index)
            frame = replace(make_frame(index), captured_at=moment)
            store.counts.add_result(run, make_result(frame, {"person": 1}))
        for hour in range(HOURS):
            seen = (START + timedelta(hours=hour), START + timedelta(hours=hour, minutes=5))
            store.counts.add_track(
                run, make_query(), TrackSummary(hour, *seen, 0.5, (0.0, 0.0, 1.0, 1.0))
            )
        store.flush()
        yield Filled(url, store, run)


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "BATCH_ROWS", 7)


def full_disk(monkeypatch: pytest.MonkeyPatch, free: Callable[[], int]) -> None:
    monkeypatch.setattr(pruning.shutil, "disk_usage", lambda _: SimpleNamespace(free=free()))


@pytest.mark.usefixtures("small_batches")
def test_old_counts_go_and_their_sums_stay(filled: Filled):
    before = list(filled.store.counts.totals(ALL, 3600))

    removed = filled.store.trim(RetentionPolicy(frame_counts=Keep(days=1)))

    assert removed == filled.rows("frame_counts") == 6 * 24
    assert list(filled.store.counts.totals(ALL, 3600)) == before
    assert filled.store.counts.extents(ALL)[0].first_at == START
    assert filled.rows("tracks") == HOURS
    assert filled.store.trim(RetentionPolicy(frame_counts=Keep(days=1))) == 0


def test_tracks_have_a_limit_of_their_own(filled: Filled):
    assert filled.store.trim(RetentionPolicy(tracks=Keep(days=0.5))) == 36

    assert (filled.rows("tracks"), filled.rows("frame_counts")) == (12, 6 * HOURS)


def test_the_oldest_counts_go_until_the_table_is_small_enough(filled: Filled):
    limit = 100 * pruning.COUNTS.row_bytes

    filled.store.trim(RetentionPolicy(frame_counts=Keep(max_bytes=limit)))

    assert filled.rows("frame_counts") == 96  # whole hours
    (total, *_) = filled.store.counts.totals(CountSelection(run_ids=(filled.run.id,)), 3600)
    assert total.start_at == START + timedelta(hours=HOURS - 16)


def test_a_policy_without_limits_removes_nothing(filled: Filled):
    assert filled.store.trim(RetentionPolicy()) == 0

    assert filled.rows("retention") == 0


def test_a_late_count_is_summed_and_removed_again(filled: Filled):
    policy = RetentionPolicy(frame_counts=Keep(days=1))
    filled.store.trim(policy)
    late = replace(make_frame(9999), captured_at=START + timedelta(minutes=1))
    filled.store.counts.add_result(filled.run, make_result(late, {"person": 5}))
    filled.store.flush()

    assert filled.store.trim(policy) == 1

    assert next(filled.store.counts.totals(ALL, 3600)).count_max == 5


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_nearly_full_disk_costs_images_first_and_then_the_oldest_counts(
    filled: Filled, monkeypatch: pytest.MonkeyPatch
):
    full_disk(monkeypatch, lambda: 1000)
    wanted = RetentionPolicy(min_free_bytes=1000 + 50 * pruning.COUNTS.row_bytes)
    asked: list[int] = []

    assert filled.store.trim(wanted, lambda size: asked.append(size) or size) == 0
    assert asked == [50 * pruning.COUNTS.row_bytes]
    assert filled.rows("frame_counts") == 6 * HOURS

    assert filled.store.trim(wanted) == 54
    assert len(list(filled.store.counts.totals(ALL, 3600))) == HOURS


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_health_says_that_the_disk_is_nearly_full_until_it_is_not(
    filled: Filled, monkeypatch: pytest.MonkeyPatch
):
    free = [1_000_000]
    full_disk(monkeypatch, lambda: free[0])
    filled.store.trim(RetentionPolicy(min_free_bytes=50_000_000))

    health = filled.store.health()
    free[0] = 60_000_000

    assert health.state is StoreState.LOW_SPACE
    assert "1 MB free, 50 MB wanted" in health.detail
    assert filled.store.health().state is StoreState.GOOD


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_images_make_room_also_while_nothing_can_be_written(
    filled: Filled, monkeypatch: pytest.MonkeyPatch
):
    full_disk(monkeypatch, lambda: 0)
    monkeypatch.setattr("ovd.store.statements.writing.insert_entries", refuse)
    filled.store.counts.add_result(filled.run, make_result(make_frame(9999), {"person": 1}))
    with pytest.raises(StoreWriteError):
        filled.store.flush()
    asked: list[int] = []

    filled.store.trim(RetentionPolicy(min_free_bytes=10), lambda size: asked.append(size) or size)

    assert asked == [10]
    assert filled.store.health().state is StoreState.FAILING
    monkeypatch.undo()
    filled.store.flush()
    assert filled.store.health().state is StoreState.GOOD


def refuse(*_: object) -> None:
    raise StoreWriteError("the disk is full")


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_room_inside_the_file_counts_as_free(filled: Filled, monkeypatch: pytest.MonkeyPatch):
    full_disk(monkeypatch, lambda: 0)
    filled.store.trim(RetentionPolicy(frame_counts=Keep(days=0)))

    health = filled.store.health()

    assert health.free_bytes is not None
    assert health.free_bytes > 0


def test_a_store_in_order_says_so(filled: Filled):
    health = filled.store.health()

    assert (health.state, health.queued, health.detail) == (StoreState.GOOD, 0, "")
