import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from ovd.domain.events import FrameResult, Gap, QueryCount
from ovd.domain.query import Query
from ovd.domain.records import CountExtent, CountSelection, CountTotal, Run, RunStatus
from ovd.errors import CameraError, StoreOpenError, StoreWriteError
from ovd.store import SqlStore
from tests.builders import START, make_frame, make_query, make_result, make_unsupported
from tests.fakes import FixedClock
from tests.store.databases import make_empty, make_url, open_store, query_database, query_file

WAIT_S = 10.0
NEVER_S = 3600.0
ALL = CountSelection()


class Bench:
    """A store that writes when asked, on a clock that stands still, and its database."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.clock = FixedClock()
        self.store = self.open()

    def open(self, flush_interval_s: float = NEVER_S) -> SqlStore:
        return open_store(self.url, flush_interval_s, now=self.clock.now)

    def start_run(self, camera: str = "gate") -> Run:
        saved = self.store.cameras.record(camera, f"{camera}.mp4")
        return self.store.runs.start(saved, "fake", "0" * 64, START)

    def add(self, run: Run, seconds: float, **counts: int) -> None:
        """Count one frame taken so many seconds after the start."""
        frame = make_frame(round(seconds * 10), time_s=seconds, camera=run.camera.name)
        self.store.counts.add_result(run, make_result(frame, counts))

    def add_query(self, run: Run, seconds: float, query: Query, count: int = 1) -> None:
        frame = make_frame(round(seconds * 10), time_s=seconds)
        result = make_result(frame, {query.text: count})
        self.store.counts.add_result(run, replace(result, counts=(QueryCount(query, count, 0.9),)))


@pytest.fixture
def bench(url: str) -> Iterator[Bench]:
    bench = Bench(url)
    yield bench
    bench.store.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return make_empty(tmp_path / "ovd.db")


@pytest.fixture
def file_bench(path: Path) -> Iterator[Bench]:
    bench = Bench(make_url(path))
    yield bench
    bench.store.close()


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def counts_in(url: str) -> int:
    return int(str(query_database(url, "SELECT count(*) FROM frame_counts")[0][0]))


def test_a_camera_is_made_once_and_its_uri_kept_up_to_date(bench: Bench):
    first = bench.store.cameras.record("정문", "rtsp://10.0.0.5/live")
    bench.clock.advance(5)
    second = bench.store.cameras.record("정문", "rtsp://10.0.0.6/live")

    assert second == replace(first, uri="rtsp://10.0.0.6/live", revision=2)
    assert bench.store.cameras.all() == (second,)


def test_cameras_come_by_name(bench: Bench):
    for name in ("gate", "Door", "정문", "a b"):
        bench.store.cameras.record(name, "x.mp4")

    assert [camera.name for camera in bench.store.cameras.all()] == [
        "Door",
        "a b",
        "gate",
        "정문",
    ]


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\0b", "x" * 201])
def test_a_camera_needs_a_name_for_people(bench: Bench, name: str):
    with pytest.raises(CameraError, match="printable name"):
        bench.store.cameras.record(name, "x.mp4")

    assert bench.store.cameras.all() == ()


def test_a_uri_with_a_password_is_never_kept(bench: Bench):
    with pytest.raises(ValueError, match="free of credentials") as caught:
        bench.store.cameras.record("gate", "rtsp://ann:hunter2@10.0.0.5/live")

    assert "hunter2" not in str(caught.value)
    assert bench.store.cameras.all() == ()


def test_a_run_is_kept_from_start_to_end(bench: Bench):
    run = bench.start_run()
    bench.store.runs.end(run.id, RunStatus.LOST, at(60), "camera is gone")

    ended = replace(run, ended_at=at(60), status=RunStatus.LOST, error="camera is gone")
    assert run.status is RunStatus.RUNNING
    assert bench.store.runs.all() == (ended,)


def test_runs_come_newest_first_and_by_camera(bench: Bench):
    gate, door, gate_again = (bench.start_run(name) for name in ("gate", "door", "gate"))

    assert [run.id for run in bench.store.runs.all()] == [gate_again.id, door.id, gate.id]
    assert [run.id for run in bench.store.runs.all("gate")] == [gate_again.id, gate.id]
    assert bench.store.runs.all("nowhere") == ()


def test_ending_a_run_writes_what_was_counted(bench: Bench):
    run = bench.start_run()
    bench.add(run, 0, person=2)

    bench.store.runs.end(run.id, RunStatus.DONE, at(1))

    assert counts_in(bench.url) == 1


def test_counts_are_written_as_they_were_given(bench: Bench):
    run = bench.start_run()
    result = make_result(make_frame(7, time_s=2.5), {"person": 2, "car": 0}, 0.25, score=0.75)

    bench.store.counts.add_result(run, result)
    bench.store.flush()

    assert bench.store.counts.extents(ALL)[0].first_at == at(2.5)
    columns = "frame_index, observed_s, count, max_score, run_id, camera_id"
    assert query_database(bench.url, f"SELECT {columns} FROM frame_counts ORDER BY id") == [  # noqa: S608
        (7, 0.25, 2, 0.75, run.id, run.camera.id),
        (7, 0.25, 0, 0.0, run.id, run.camera.id),
    ]


def test_closing_writes_what_is_queued(bench: Bench):
    with bench.open() as store:
        run = store.runs.start(store.cameras.record("gate", "x.mp4"), "fake", "", START)
        store.counts.add_result(run, make_result(make_frame(0), {"person": 1}))
        assert store.database.queued == 1

    assert counts_in(bench.url) == 1


def test_a_closed_store_takes_no_more(bench: Bench):
    run = bench.start_run()
    bench.store.close()
    bench.store.close()

    with pytest.raises(StoreOpenError, match="was closed"):
        bench.add(run, 0, person=1)


@pytest.mark.parametrize(
    "change",
    [
        {"read_as": "pedestrian"},
        {"prompts": ("person", "man")},
        {"excluded": ("cyclist",)},
        {"min_score": 0.5},
    ],
)
def test_another_reading_or_threshold_is_another_query_row(
    bench: Bench, change: dict[str, str | float | tuple[str, ...]]
):
    run = bench.start_run()
    query = make_query("person")

    bench.add_query(run, 0, query)
    bench.add_query(run, 1, replace(query, **change))  # type: ignore[arg-type]
    bench.add_query(run, 2, query)
    bench.store.flush()

    rows = query_database(bench.url, "SELECT query_id FROM frame_counts ORDER BY frame_index")
    assert rows == [(1,), (2,), (1,)]
    assert query_database(bench.url, "SELECT text FROM queries") == [("person",), ("person",)]


def test_the_same_query_is_found_again_after_a_restart(bench: Bench):
    bench.add_query(bench.start_run(), 0, make_query("사람"))
    bench.store.close()
    bench.store = bench.open()

    bench.add_query(bench.start_run(), 0, replace(make_query("사람"), note="read differently?"))
    bench.store.flush()

    assert query_database(bench.url, "SELECT text FROM queries") == [("사람",)]


def test_an_unsupported_query_cannot_have_been_counted(bench: Bench):
    run = bench.start_run()
    result = make_result(make_frame(0), {"person": 1})
    wrong = replace(result, counts=(QueryCount(make_unsupported("helmet"), 0, 0.0),))

    with pytest.raises(ValueError, match="helmet"):
        bench.store.counts.add_result(run, wrong)


def test_two_counts_of_one_text_in_a_frame_are_refused(bench: Bench):
    run = bench.start_run()
    counts = (QueryCount(make_query(), 1, 0.9), QueryCount(make_query(min_score=0.5), 1, 0.9))

    with pytest.raises(ValueError, match="differ in text"):
        bench.store.counts.add_result(run, replace(make_result(make_frame(0), {}), counts=counts))


def test_a_frame_counted_twice_is_reported_and_the_other_counts_are_kept(bench: Bench):
    run = bench.start_run()
    bench.add(run, 0, person=1)
    bench.add(run, 1, person=2)
    bench.add(run, 0, person=3)
    bench.add(run, 2, person=4)

    with pytest.raises(
        StoreWriteError, match=r"1 of 4 rows could not be written .* are lost: .*(?i:unique)"
    ):
        bench.store.flush()
    bench.store.flush()

    rows = query_database(bench.url, "SELECT count FROM frame_counts ORDER BY frame_index")
    assert rows == [(1,), (2,), (4,)]


def test_totals_sum_by_second_and_by_minute(bench: Bench):
    run = bench.start_run()
    for seconds, count in ((0, 1), (0.5, 3), (1, 0), (60, 5), (119.9, 2)):
        bench.add(run, seconds, person=count)
    bench.store.flush()

    assert list(bench.store.counts.totals(ALL, 60)) == [
        CountTotal("gate", "person", at(0), pytest.approx(0.3), 3, 4, 3),
        CountTotal("gate", "person", at(60), pytest.approx(0.2), 2, 7, 5),
    ]
    seconds = [(total.start_at, total.count_sum) for total in bench.store.counts.totals(ALL, 1)]
    assert seconds == [(at(0), 4), (at(1), 0), (at(60), 5), (at(119), 2)]


def test_totals_follow_the_clock_of_an_offset(bench: Bench):
    run = bench.start_run()
    for seconds, count in ((0, 1), (29 * 60, 2), (31 * 60, 4), (59 * 60, 8)):
        bench.add(run, seconds, person=count)
    bench.store.flush()

    by_hour = bench.store.counts.totals(ALL, 3600, offset_s=30 * 60)
    by_15 = bench.store.counts.totals(ALL, 900)

    assert [(total.start_at, total.count_sum) for total in by_hour] == [
        (at(-30 * 60), 3),
        (at(30 * 60), 12),
    ]
    assert [total.count_sum for total in by_15] == [1, 2, 4, 8]


@pytest.mark.parametrize("step_s", [0, 7, 2 * 86400])
def test_totals_take_steps_that_divide_a_day(bench: Bench, step_s: int):
    with pytest.raises(ValueError, match="must divide a day"):
        list(bench.store.counts.totals(ALL, step_s))


def test_totals_come_by_camera_query_and_time(bench: Bench):
    for camera in ("gate", "Door"):
        run = bench.start_run(camera)
        for seconds in (60, 0):
            bench.add(run, seconds, person=1, car=1)
    bench.store.flush()

    keys = [(t.camera, t.query, t.start_at) for t in bench.store.counts.totals(ALL, 60)]

    assert keys == sorted(keys)
    assert len(keys) == 8


def test_totals_keep_to_the_selection(bench: Bench):
    gate, door = bench.start_run("gate"), bench.start_run("door")
    for run in (gate, door):
        for seconds in (0, 60, 120):
            bench.add(run, seconds, person=1, car=2)
    bench.store.flush()

    def select(**fields: object) -> list[tuple[str, str, datetime]]:
        selection = CountSelection(**fields)  # type: ignore[arg-type]
        return [(t.camera, t.query, t.start_at) for t in bench.store.counts.totals(selection, 60)]

    assert {key[0] for key in select(cameras=("door",))} == {"door"}
    assert {key[1] for key in select(queries=("car",))} == {"car"}
    assert {key[2] for key in select(start_at=at(60), end_at=at(120))} == {at(60)}
    assert {key[0] for key in select(run_ids=(gate.id,))} == {"gate"}
    assert select(run_ids=(gate.id,), cameras=("door",)) == []
    assert select(cameras=("nowhere",)) == []
    seoul = at(60).astimezone(UTC).replace(tzinfo=UTC)
    assert select(cameras=("gate",), queries=("car",), start_at=seoul) == [
        ("gate", "car", at(60)),
        ("gate", "car", at(120)),
    ]


def test_totals_cut_a_stretch_at_the_selected_moment(bench: Bench):
    run = bench.start_run()
    for seconds in (10, 20, 30):
        bench.add(run, seconds, person=1)
    bench.store.flush()

    totals = list(bench.store.counts.totals(CountSelection(start_at=at(20), end_at=at(30)), 60))

    assert [(total.start_at, total.samples) for total in totals] == [(at(0), 1)]


def test_readings_of_one_text_are_summed_together(bench: Bench):
    run = bench.start_run()
    bench.add_query(run, 0, make_query("person", 0.3), 1)
    bench.add_query(run, 1, make_query("person", 0.6), 5)
    bench.store.flush()

    (total,) = bench.store.counts.totals(ALL, 60)

    assert (total.samples, total.count_sum, total.count_max) == (2, 6, 5)


def test_overlapping_runs_of_a_camera_add_their_samples(bench: Bench):
    first, second = bench.start_run(), bench.start_run()
    bench.add(first, 0, person=1)
    bench.add(second, 0, person=3)
    bench.store.flush()

    (total,) = bench.store.counts.totals(ALL, 60)
    (alone,) = bench.store.counts.totals(CountSelection(run_ids=(second.id,)), 60)

    assert (total.samples, total.count_sum, total.observed_s) == (2, 4, pytest.approx(0.2))
    assert (alone.samples, alone.count_sum) == (1, 3)


def test_a_reader_sees_one_state_while_counts_arrive(bench: Bench):
    run = bench.start_run()
    bench.add(run, 0, car=1, person=1)
    bench.store.flush()
    totals = bench.store.counts.totals(ALL, 60)
    first = next(totals)

    bench.add(run, 1, car=1, person=1)
    bench.store.flush()

    assert first.samples == next(totals).samples == 1
    assert [total.samples for total in bench.store.counts.totals(ALL, 60)] == [2, 2]


def test_extents_tell_what_was_counted_where_and_when(bench: Bench):
    gate, door = bench.start_run("gate"), bench.start_run("door")
    bench.add_query(gate, 5, make_query("person", 0.3))
    bench.add_query(gate, 90, make_query("person", 0.6))
    bench.add(door, 7, car=0)
    bench.store.flush()

    door_car = CountExtent("door", "car", at(7), at(7))
    assert bench.store.counts.extents(ALL) == (
        door_car,
        CountExtent("gate", "person", at(5), at(90)),
    )
    assert bench.store.counts.extents(CountSelection(run_ids=(door.id,))) == (door_car,)
    assert bench.store.counts.extents(CountSelection(queries=("person",), end_at=at(90))) == (
        CountExtent("gate", "person", at(5), at(5)),
    )


def test_gaps_that_touch_the_selection_come_oldest_first(bench: Bench):
    gate, door = bench.start_run("gate"), bench.start_run("door")
    late = Gap("gate", at(20), at(30), "stream stalled")
    early = Gap("gate", at(0), at(10), "stream stalled")
    other = Gap("door", at(5), at(6), "lost")
    for run, gap in ((gate, late), (gate, early), (door, other)):
        bench.store.counts.add_gap(run, gap)
    bench.store.flush()

    def select(**fields: object) -> list[Gap]:
        selection = CountSelection(**fields)  # type: ignore[arg-type]
        return [gap for _, gap in bench.store.counts.gaps(selection)]

    assert select() == [early, other, late]
    assert select(cameras=("gate",), start_at=at(10)) == [late]
    assert select(start_at=at(5), end_at=at(20)) == [early, other]
    assert select(run_ids=(door.id,)) == [other]
    assert bench.store.counts.gaps(CountSelection(cameras=("door",)))[0][0] == door.camera


def test_many_threads_count_into_one_store(bench: Bench):
    runs = [bench.start_run(f"camera {number}") for number in range(4)]

    def count(run: Run) -> None:
        for number in range(50):
            bench.add(run, number, person=1, car=2)

    threads = [threading.Thread(target=count, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    bench.store.flush()

    assert counts_in(bench.url) == 4 * 50 * 2
    assert len(query_database(bench.url, "SELECT id FROM queries")) == 2


@contextmanager
def full_disk(path: Path) -> Iterator[list[sqlite3.Connection]]:
    """Connections made inside hold the file at its present size, as a full disk would."""
    pages = query_file(path, "PRAGMA page_count")[0][0]
    connections: list[sqlite3.Connection] = []

    def limit(connection: sqlite3.Connection, _entry: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")
        connections.append(connection)

    event.listen(Engine, "connect", limit)
    try:
        yield connections
    finally:
        event.remove(Engine, "connect", limit)


def free_disk(connections: list[sqlite3.Connection]) -> None:
    for connection in connections:
        connection.execute("PRAGMA max_page_count = 1000000")


def make_big_result(number: int) -> FrameResult:
    return make_result(make_frame(number), {f"thing {i}": i % 2 for i in range(50)})


def test_a_full_disk_is_reported_and_loses_nothing_once_there_is_space(
    path: Path, file_bench: Bench
):
    run = file_bench.start_run()
    file_bench.store.counts.add_result(run, make_big_result(0))
    file_bench.store.flush()
    with full_disk(path) as connections, file_bench.open() as store:
        for number in range(1, 20):
            store.counts.add_result(run, make_big_result(number))
        with pytest.raises(StoreWriteError, match=r"disk is full.*950 rows wait to be written"):
            store.flush()
        store.counts.add_result(run, make_big_result(20))

        free_disk(connections)
        store.flush()

    assert counts_in(file_bench.url) == 21 * 50


def test_counts_that_never_found_space_are_named_at_the_end(path: Path, file_bench: Bench):
    run = file_bench.start_run()
    file_bench.store.counts.add_result(run, make_big_result(0))
    file_bench.store.flush()
    with full_disk(path):
        store = file_bench.open()
        for number in range(1, 20):
            store.counts.add_result(run, make_big_result(number))

        with pytest.raises(StoreWriteError, match=r"disk is full.*950 rows were lost"):
            store.close()

    assert counts_in(file_bench.url) == 50


def test_a_run_of_a_dead_process_is_closed_with_its_last_sign_of_life(bench: Bench):
    run = bench.start_run()
    bench.clock.advance(30)
    bench.add(run, 30, person=1)
    bench.store.flush()
    with bench.open() as other:
        assert other.runs.close_stale(at(60)) == ()

        assert other.runs.close_stale(at(91)) == (run.id,)

        (closed,) = other.runs.all()
    assert (closed.status, closed.ended_at) == (RunStatus.INTERRUPTED, at(30))
    assert "without closing" in closed.error


def test_a_store_never_closes_its_own_runs(bench: Bench):
    run = bench.start_run()

    assert bench.store.runs.close_stale(at(9999)) == ()

    assert bench.store.runs.all() == (run,)


def test_ended_runs_are_left_alone(bench: Bench):
    run = bench.start_run()
    bench.store.runs.end(run.id, RunStatus.DONE, at(10))
    bench.store.close()
    bench.store = bench.open()

    assert bench.store.runs.close_stale(at(9999)) == ()

    assert bench.store.runs.all()[0].status is RunStatus.DONE


def test_a_run_held_for_dead_shows_that_it_lives(bench: Bench):
    run = bench.start_run()
    with bench.open() as other:
        other.runs.close_stale(at(9999))

    bench.add(run, 1, person=1)
    bench.store.flush()

    assert bench.store.runs.all() == (run,)


def test_the_file_is_whole_and_small_after_closing(path: Path, file_bench: Bench):
    file_bench.add(file_bench.start_run(), 0, person=1)
    file_bench.store.close()

    assert [path.name for path in path.parent.iterdir()] == ["ovd.db"]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_objects_that_were_not_judged_are_kept_beside_the_count(
    file_bench: Bench, path: Path
) -> None:
    run = file_bench.start_run()
    result = make_result(make_frame(), {"person": 1})
    counted = QueryCount(make_query(), 1, 0.9, pending=2, unknown=3)
    file_bench.store.counts.add_result(run, replace(result, counts=(counted,)))
    file_bench.store.flush()

    rows = query_database(make_url(path), "SELECT count, pending, unknown FROM frame_counts")

    assert [tuple(row) for row in rows] == [(1, 2, 3)]
