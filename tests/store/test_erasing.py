from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ovd.domain.records import CountSelection, Erased, Erasure, TrackSummary
from ovd.store import SqlStore
from ovd.store.maintenance.backup import backup_file, restore_file
from tests.builders import START, make_frame, make_query, make_result
from tests.store.databases import make_url, open_store, query_file

LATER = START + timedelta(days=1)
ROLLUPS = "SELECT bucket, bucket_start, samples, count_sum, uniques FROM rollups ORDER BY 1, 2"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ovd.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqlStore]:
    with open_store(make_url(path), now=lambda: START) as store:
        yield store


def fill(store: SqlStore, minutes: Iterable[int], camera: str = "gate") -> None:
    """One frame a minute with a person in it, and one track in every tenth minute."""
    run = store.runs.start(store.cameras.record(camera, "clip.mp4"), "fake", "", START)
    person = make_query("person")
    for minute in minutes:
        frame = make_frame(minute, 60.0 * minute + 30, camera=camera)
        store.counts.add_result(run, make_result(frame, {"person": 1, "car": 2}, 60.0))
        if minute % 10 == 0:
            seen = frame.captured_at, frame.captured_at + timedelta(seconds=5)
            store.counts.add_track(
                run, person, TrackSummary(minute, *seen, 0.9, (0.0, 0.0, 9.0, 9.0))
            )
    store.flush()


def erase(
    store: SqlStore,
    start: float | None,
    end: float,
    cameras: tuple[str, ...] = (),
    queries: tuple[str, ...] = (),
) -> Erased:
    start_at = None if start is None else START + timedelta(minutes=start)
    end_at = START + timedelta(minutes=end)
    return store.erase(Erasure(cameras, queries, start_at, end_at, START))


def counted_minutes(store: SqlStore, query: str = "person", camera: str = "gate") -> list[int]:
    selection = CountSelection(cameras=(camera,), queries=(query,))
    return [
        round((total.start_at - START).total_seconds() / 60)
        for total in store.counts.totals(selection, 60)
    ]


def test_period_is_gone_as_if_it_was_not_observed(store: SqlStore):
    fill(store, range(180))

    erased = erase(store, 10, 20, queries=("person",))

    assert (erased.counts, erased.tracks) == (10, 1)
    assert counted_minutes(store) == [*range(10), *range(20, 180)]
    assert counted_minutes(store, "car") == list(range(180))


@pytest.mark.parametrize(("start", "end"), [(10, 20), (0, 60), (30, 150), (59, 61), (None, 90)])
def test_sums_of_hours_and_days_are_those_of_what_is_left(
    store: SqlStore, path: Path, start: float | None, end: float
):
    fill(store, range(180))
    erase(store, start, end)
    left = query_file(path, ROLLUPS)

    with open_store(make_url(path.with_name("fresh.db")), now=lambda: START) as fresh:
        fill(fresh, [minute for minute in range(180) if not (start or 0) <= minute < end])

    assert left == query_file(path.with_name("fresh.db"), ROLLUPS)


def test_a_period_is_widened_to_whole_minutes(store: SqlStore):
    fill(store, range(5))

    erase(store, 1.2, 1.4)

    assert counted_minutes(store) == [0, 2, 3, 4]


def test_other_cameras_keep_theirs(store: SqlStore):
    fill(store, range(3))
    fill(store, range(3), "yard")

    erase(store, None, 3, cameras=("gate",))

    assert counted_minutes(store) == []
    assert counted_minutes(store, camera="yard") == [0, 1, 2]


def test_erasing_again_finds_nothing(store: SqlStore):
    fill(store, range(5))
    erase(store, None, 5)

    erased = erase(store, None, 5)

    assert (erased.counts, erased.tracks, erased.pairs) == (0, 0, ())


def test_a_backup_that_still_has_it_loses_it_when_it_is_restored(path: Path, tmp_path: Path):
    copy = tmp_path / "copy.db"
    with open_store(make_url(path), now=lambda: START) as store:
        fill(store, range(5))
        store.flush()
        backup_file(make_url(path), copy)
        erase(store, 1, 3)

    restored = restore_file(copy, make_url(path), LATER)

    assert len(restored.erased) == 1
    with open_store(make_url(path), now=lambda: LATER) as store:
        assert counted_minutes(store) == [0, 3, 4]
    assert query_file(path, "SELECT count(*) FROM erasures") == [(1,)]
