from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ovd.services.reports.newest import (
    BUCKETS_SHOWN,
    EMPTY_REFRESH_S,
    MOST_ROWS,
    REFRESH_S,
    NewestReports,
    NewestRows,
    NewestSelection,
)
from tests.builders import START, make_frame, make_query
from tests.fakes import FixedClock
from tests.stages import Stage

GATE = NewestSelection("gate", "1s", "UTC")
YARD = replace(GATE, camera="yard")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


def reports(stage: Stage, clock: FixedClock) -> NewestReports:
    return NewestReports(stage.services.store.counts, stage.services.reports, clock.monotonic)


def read(stage: Stage, selection: NewestSelection = GATE) -> NewestRows:
    newest = reports(stage, FixedClock())
    newest.peek(selection, 0)
    newest.refresh()
    shown = newest.peek(selection, 0)
    assert shown is not None
    return shown


def test_nothing_is_shown_before_the_first_reading(stage: Stage, clock: FixedClock):
    newest = reports(stage, clock)

    assert newest.peek(GATE, 0) is None
    assert newest.refresh()
    assert newest.peek(GATE, 0) == NewestRows(1, ())


def test_report_is_read_once_for_all_who_look(stage: Stage, clock: FixedClock):
    stage.count("gate", [make_frame(0, fps=1.0)])
    newest = reports(stage, clock)

    readings = 0
    for second in range(61):
        for _ in range(10):
            newest.peek(GATE, second)
        readings += newest.refresh()
        clock.advance(1.0)

    assert readings == 1 + 60 / REFRESH_S


def test_different_reports_take_turns(stage: Stage, clock: FixedClock):
    stage.count("gate", [make_frame(0, fps=1.0)])
    stage.count("yard", [make_frame(0, fps=1.0)])
    newest = reports(stage, clock)
    read_of: list[str] = []

    versions = {GATE: 0, YARD: 0}
    for second in range(60):
        for selection in versions:
            shown = newest.peek(selection, second)
            if shown is not None and shown.version != versions[selection]:
                versions[selection] = shown.version
                read_of.append(selection.camera)
        newest.refresh()
        clock.advance(1.0)

    assert read_of == ["gate", "yard", "gate", "yard"]


def test_report_without_new_data_is_read_once_a_minute(stage: Stage, clock: FixedClock):
    stage.count("gate", [make_frame(0, fps=1.0)])
    newest = reports(stage, clock)
    newest.peek(GATE, "ended")
    newest.refresh()

    clock.advance(2 * REFRESH_S)
    newest.peek(GATE, "ended")
    assert not newest.refresh()
    clock.advance(REFRESH_S)
    newest.peek(GATE, "ended")
    assert newest.refresh()


def test_empty_report_is_read_again_sooner(stage: Stage, clock: FixedClock):
    newest = reports(stage, clock)
    newest.peek(GATE, 0)
    newest.refresh()

    clock.advance(EMPTY_REFRESH_S)
    newest.peek(GATE, 1)

    assert newest.refresh()


def test_report_of_a_changed_camera_is_read_at_once(stage: Stage, clock: FixedClock):
    stage.count("gate", [make_frame(0, fps=1.0)])
    newest = reports(stage, clock)
    newest.peek(GATE, 0)
    newest.refresh()

    newest.expire("yard")
    assert not newest.refresh()
    newest.expire("gate")
    assert newest.refresh()


def test_newest_rows_come_first(stage: Stage):
    stage.count("gate", [make_frame(i, fps=1.0) for i in range(3)])

    rows = read(stage).rows

    assert [row.bucket_start for row in rows] == [START + timedelta(seconds=i) for i in (2, 1, 0)]
    assert [row.max_count for row in rows] == [2, 1, 0]


def test_rows_are_those_of_one_camera(stage: Stage):
    stage.count("gate")
    stage.count("yard", queries=[make_query("car")])

    assert {row.query for row in read(stage).rows} == {"person"}


def test_rows_are_few_however_long_was_counted(stage: Stage):
    stage.count("gate", [make_frame(i, fps=1.0) for i in range(60)])

    rows = read(stage).rows

    assert len(rows) == BUCKETS_SHOWN
    assert rows[0].bucket_start == START + timedelta(seconds=59)


def test_rows_are_few_however_many_queries_there_are(stage: Stage):
    queries = [make_query(f"person {i}") for i in range(20)]

    stage.count("gate", [make_frame(i, fps=1.0) for i in range(20)], queries)

    assert len(read(stage).rows) == MOST_ROWS


def test_query_that_was_removed_long_ago_has_no_row(stage: Stage):
    stage.count("gate", [make_frame(0, fps=1.0)], [make_query("car")])
    stage.count("gate", [make_frame(i, fps=1.0) for i in range(30, 60)])

    assert {row.query for row in read(stage).rows} == {"person"}


@pytest.mark.parametrize("bucket", ["1s", "1m", "15m", "1h", "1d"])
def test_rows_can_be_grouped_by_every_bucket(stage: Stage, bucket: str):
    stage.count()

    assert read(stage, replace(GATE, bucket=bucket)).rows != ()


def test_error_of_the_store_is_told(stage: Stage):
    stage.count()
    stage.services.close()
    (Path(stage.services.settings.data_dir) / "counts.db").write_bytes(b"no database at all" * 99)

    assert read(stage).error != ""
