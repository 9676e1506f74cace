from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select

from ovd.domain.records import CountSelection, Run, TrackSummary
from ovd.errors import StoreWriteError
from ovd.store import SqlStore
from ovd.store.connection.engine import open_engine
from ovd.store.connection.transactions import read_transaction, write_transaction
from ovd.store.maintenance.whole_database import rebuild_rollups
from ovd.store.schema.tables import FrameCountRow, RetentionRow, RollupRow
from tests.builders import START, make_frame, make_query, make_result
from tests.store.databases import open_store

ALL = CountSelection()
STEPS_S = (1, 60, 3600, 86400)
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Seoul", "Asia/Kathmandu", "Australia/Lord_Howe")
# Seconds ahead of UTC: none, Seoul, St. John's, Kathmandu, Chatham.
OFFSETS_S = (0, 9 * 3600, -12600, 20700, 49500)
# Days on which clocks change in Europe and America, a leap day, and an ordinary one.
DAYS = ((2026, 3, 8), (2026, 3, 29), (2026, 10, 25), (2026, 11, 1), (2028, 2, 29), (2026, 7, 1))
QUERIES = ("person", "car")
NEVER_S = 3600.0

Rows = list[tuple[object, ...]]


def count(store: SqlStore, run: Run, index: int, moment: datetime, **counts: int) -> None:
    """Store counts, with numbers of objects that were not judged that differ by frame."""
    frame = replace(make_frame(index, camera=run.camera.name), captured_at=moment)
    result = make_result(frame, counts)
    unjudged = [replace(c, pending=index % 3, unknown=index % 2) for c in result.counts]
    store.counts.add_result(run, replace(result, counts=tuple(unjudged)))


def start_run(store: SqlStore, camera: str = "gate") -> Run:
    return store.runs.start(store.cameras.record(camera, "clip.mp4"), "fake", "", START)


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    with open_store(url, NEVER_S) as store:
        yield store


def read_rollups(url: str) -> Rows:
    engine = open_engine(url)
    keys = (RollupRow.camera_id, RollupRow.query_id, RollupRow.bucket, RollupRow.bucket_start)
    columns = (RollupRow.samples, RollupRow.observed_s, RollupRow.count_sum, RollupRow.count_max)
    sums = (RollupRow.pending_sum, RollupRow.unknown_sum, RollupRow.uniques)
    statement = select(*keys, *columns, *sums).order_by(*keys)
    with read_transaction(engine) as connection:
        rows = [tuple(row) for row in connection.execute(statement)]
    engine.dispose()
    return rows


def rebuild(url: str) -> int:
    engine = open_engine(url)
    try:
        return rebuild_rollups(engine)
    finally:
        engine.dispose()


def sum_counts(url: str, start_at: datetime, end_at: datetime) -> list[tuple[object, ...]]:
    """What the totals of a range must add up to, asked of the counts themselves."""
    engine = open_engine(url)
    observed_s, counted = func.sum(FrameCountRow.observed_s), func.sum(FrameCountRow.count)
    statement = (
        select(FrameCountRow.query_id, func.count(), observed_s, counted)
        .add_columns(func.max(FrameCountRow.count))
        .add_columns(func.sum(FrameCountRow.pending), func.sum(FrameCountRow.unknown))
        .where(FrameCountRow.captured_at >= start_at, FrameCountRow.captured_at < end_at)
        .group_by(FrameCountRow.query_id)
    )
    with read_transaction(engine) as connection:
        rows = sorted(tuple(row)[1:] for row in connection.execute(statement))
    engine.dispose()
    return rows


def add_up(store: SqlStore, selection: CountSelection, step_s: int, offset_s: int = 0) -> Rows:
    """The totals of a range as samples, seconds, sum and highest count per query."""
    inside = defaultdict(list)
    for total in store.counts.totals(selection, step_s, offset_s):
        assert (total.start_at.timestamp() + offset_s) % step_s == 0
        assert total.start_at not in [earlier.start_at for earlier in inside[total.query][-1:]]
        inside[total.query].append(total)
    return sorted(
        (
            sum(total.samples for total in totals),
            sum(total.observed_s for total in totals),
            sum(total.count_sum for total in totals),
            max(total.count_max for total in totals),
            sum(total.pending_sum for total in totals),
            sum(total.unknown_sum for total in totals),
        )
        for totals in inside.values()
    )


@pytest.fixture
def history(store: SqlStore, url: str) -> tuple[SqlStore, str]:
    """Counts on the days of `DAYS`, out of order, in several batches."""
    chance = Random(5)  # noqa: S311 - no secret
    run = start_run(store)
    for index in range(600):
        day = datetime(*chance.choice(DAYS), tzinfo=UTC)
        moment = day + timedelta(microseconds=chance.randrange(-4 * 3600, 28 * 3600) * 10**6 + 7)
        count(store, run, index, moment, **{name: chance.randrange(9) for name in QUERIES})
        if index % 97 == 0:
            store.flush()
    store.flush()
    return store, url


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    zone=st.sampled_from(ZONES),
    day=st.sampled_from(DAYS),
    first_s=st.integers(-5 * 3600, 20 * 3600),
    length_s=st.one_of(st.integers(1, 200), st.integers(1, 40 * 3600)),
    step_s=st.sampled_from((*STEPS_S, 900)),
    offset_s=st.sampled_from(OFFSETS_S),
    whole=st.sampled_from((1, 60, 3600)),
)
def test_totals_of_any_range_in_any_zone_are_those_of_the_counts(  # noqa: PLR0913
    history: tuple[SqlStore, str],
    zone: str,
    day: tuple[int, int, int],
    first_s: int,
    length_s: int,
    step_s: int,
    offset_s: int,
    whole: int,
):
    store, url = history
    midnight = datetime(*day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    start_at = midnight + timedelta(seconds=first_s // whole * whole)
    end_at = start_at + timedelta(seconds=max(length_s // whole * whole, whole))

    selection = CountSelection(start_at=start_at, end_at=end_at)

    expected = sum_counts(url, start_at, end_at)
    assert add_up(store, selection, step_s, offset_s) == expected


@pytest.mark.parametrize("step_s", STEPS_S)
def test_totals_without_bounds_are_those_of_all_counts(history: tuple[SqlStore, str], step_s: int):
    store, url = history
    everything = sum_counts(url, datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))

    assert add_up(store, ALL, step_s) == everything
    run_ids = tuple(run.id for run in store.runs.all())
    assert add_up(store, CountSelection(run_ids=run_ids), step_s) == everything


def test_local_days_of_23_and_25_hours_hold_their_own_counts(store: SqlStore):
    run = start_run(store)
    berlin = ZoneInfo("Europe/Berlin")
    days = [(datetime(2026, 3, 29, tzinfo=berlin), 23), (datetime(2026, 10, 25, tzinfo=berlin), 25)]
    for day, (midnight, hours) in enumerate(days):
        start_at = midnight.astimezone(UTC)
        for hour in range(-1, hours + 1):
            index = 100 * day + hour + 1
            count(store, run, index, start_at + timedelta(hours=hour), person=1)
    store.flush()

    for midnight, hours in days:
        following = (midnight + timedelta(days=1)).astimezone(UTC)
        selection = CountSelection(start_at=midnight.astimezone(UTC), end_at=following)
        assert [total.samples for total in store.counts.totals(selection, 3600)] == [1] * hours


def test_late_counts_are_added_to_their_stretch(store: SqlStore, url: str):
    run = start_run(store)
    count(store, run, 0, START + timedelta(days=1), person=1)
    store.flush()
    count(store, run, 1, START, person=5)
    store.flush()
    count(store, run, 2, START + timedelta(days=1, seconds=1), person=4)
    store.flush()

    days = [
        (total.samples, total.count_sum, total.count_max)
        for total in store.counts.totals(ALL, 86400)
    ]

    assert days == [(1, 5, 5), (2, 5, 4)]
    assert len(read_rollups(url)) == 6


def test_a_refused_count_is_in_no_rollup(store: SqlStore):
    run = start_run(store)
    for index, moment in ((0, START), (0, START), (1, START + timedelta(seconds=1))):
        count(store, run, index, moment, person=2)

    with pytest.raises(StoreWriteError, match="1 of 3 rows could not be written"):
        store.flush()

    (total,) = store.counts.totals(ALL, 86400)
    assert (total.samples, total.count_sum) == (2, 4)


def test_rebuilt_rollups_equal_those_that_were_kept_up(history: tuple[SqlStore, str]):
    store, url = history
    run = store.runs.all()[0]
    store.counts.add_track(run, make_query("car"), make_track(1, 0, 4000))
    store.counts.add_track(run, make_query("car"), make_track(2, 100, 200))
    store.flush()
    kept_up = read_rollups(url)
    spoil(url, {RollupRow.count_sum: RollupRow.count_sum + 1})

    assert read_rollups(url) != kept_up
    assert rebuild(url) == 2
    assert read_rollups(url) == kept_up


def spoil(url: str, values: dict[object, object]) -> None:
    engine = open_engine(url)
    with write_transaction(engine) as connection:
        connection.execute(RollupRow.__table__.update().values(values))
    engine.dispose()


def make_track(track_id: int, first_s: float, last_s: float, score: float = 0.5) -> TrackSummary:
    seen = (START + timedelta(seconds=first_s), START + timedelta(seconds=last_s))
    return TrackSummary(track_id, *seen, score, (1.0, 2.0, 3.0, 4.0))


def uniques(url: str, bucket: str) -> list[int]:
    return [int(str(row[-1])) for row in read_rollups(url) if row[2] == bucket]


def test_uniques_are_distinct_tracks_of_each_stretch(store: SqlStore, url: str):
    run = start_run(store)
    for track in (make_track(1, 0, 70), make_track(2, 65, 66), make_track(3, 61, 125)):
        store.counts.add_track(run, make_query(), track)
    store.flush()

    assert uniques(url, "minute") == [1, 3, 1]
    assert uniques(url, "hour") == uniques(url, "day") == [3]


def test_a_track_that_goes_on_is_counted_once_where_it_was(store: SqlStore, url: str):
    run = start_run(store)
    store.counts.add_track(run, make_query(), make_track(1, 10, 20, 0.6))
    store.flush()
    store.counts.add_track(run, make_query(), make_track(1, 15, 130, 0.9))
    store.counts.add_track(run, make_query(), make_track(1, 130, 140, 0.3))
    store.flush()

    assert uniques(url, "minute") == [1, 1, 1]
    assert uniques(url, "day") == [1]
    (record,) = store.counts.tracks(ALL)
    assert record.track == make_track(1, 10, 140, 0.9)


def test_tracks_that_were_seen_in_a_range_are_read_in_order(store: SqlStore):
    gate, door = start_run(store, "gate"), start_run(store, "door")
    store.counts.add_track(gate, make_query(), make_track(1, 100, 300))
    store.counts.add_track(gate, make_query(), make_track(2, 50, 60))
    store.counts.add_track(door, make_query("car"), make_track(1, 400, 500))
    store.flush()

    def select_ids(**fields: object) -> list[tuple[str, str, int, int]]:
        records = store.counts.tracks(CountSelection(**fields))  # type: ignore[arg-type]
        return [(r.camera, r.query, r.run_id, r.track.track_id) for r in records]

    car, second, first = (
        ("door", "car", door.id, 1),
        ("gate", "person", gate.id, 2),
        ("gate", "person", gate.id, 1),
    )
    assert select_ids() == [car, second, first]
    assert select_ids(start_at=START + timedelta(seconds=60)) == [car, second, first]
    assert select_ids(start_at=START + timedelta(seconds=61)) == [car, first]
    assert select_ids(end_at=START + timedelta(seconds=100)) == [second]
    assert select_ids(cameras=("gate",), queries=("person",)) == [second, first]
    assert select_ids(run_ids=(door.id,)) == [car]


def test_a_stretch_with_a_track_and_no_count_gives_no_total(store: SqlStore):
    store.counts.add_track(start_run(store), make_query(), make_track(1, 0, 10))
    store.flush()

    assert [list(store.counts.totals(ALL, step_s)) for step_s in STEPS_S] == [[], [], [], []]


def remove_counts(url: str, before: datetime) -> None:
    """What retention leaves behind."""
    engine = open_engine(url)
    with write_transaction(engine) as connection:
        table = FrameCountRow.__table__
        connection.execute(table.delete().where(FrameCountRow.captured_at < before))
        mark = {"table_name": "frame_counts", "kept_from": before}
        connection.execute(insert(RetentionRow), mark)
    engine.dispose()


@pytest.fixture
def trimmed(store: SqlStore, url: str) -> Callable[[], SqlStore]:
    """A count every half minute for three hours, those of the first 90 minutes removed."""
    run = start_run(store)
    for index in range(360):
        count(store, run, index, START + timedelta(seconds=30 * index), person=index % 3)
    store.flush()
    remove_counts(url, START + timedelta(minutes=90))
    return lambda: store


def test_totals_and_extents_outlive_the_counts(trimmed: Callable[[], SqlStore]):
    store = trimmed()

    assert [total.samples for total in store.counts.totals(ALL, 3600)] == [120, 120, 120]
    assert [total.samples for total in store.counts.totals(ALL, 60)] == [2] * 180
    (extent,) = store.counts.extents(ALL)
    last_at = START + timedelta(seconds=30 * 359)
    assert (extent.first_at, extent.last_at) == (START, last_at)
    early = CountSelection(end_at=START + timedelta(minutes=5))
    assert store.counts.extents(early)[0].last_at == START + timedelta(minutes=4)
    assert store.counts.extents(CountSelection(end_at=START)) == ()


def test_a_rebuild_keeps_what_can_no_longer_be_summed(trimmed: Callable[[], SqlStore], url: str):
    before = read_rollups(url)

    rebuild(url)

    assert read_rollups(url) == before
