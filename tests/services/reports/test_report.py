import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ovd.domain.cameras import Camera
from ovd.domain.records import CountExtent, CountSelection, CountTotal, Run
from ovd.errors import CameraError, InputError, TimeRangeError
from ovd.services.reports.buckets import BUCKETS
from ovd.services.reports.export import export_report
from ovd.services.reports.report import MAX_ROWS, Report, ReportRequest, ReportService
from ovd.services.reports.rows import COLUMNS, UNJUDGED_COLUMNS
from tests.builders import START, make_frame, make_result
from tests.fakes import MemoryCounts, MemoryStore
from tests.store.databases import make_empty, make_url, open_store

ZONES = (
    "UTC",
    "Asia/Seoul",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
)
# Clocks change in the last five of ZONES around these.
CHANGES = (
    datetime(2026, 3, 8, 7, tzinfo=UTC),
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 4, 4, 15, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
)


def read_columns(path: Path) -> list[str]:
    """The names of the columns of an exported report."""
    readers = {
        ".csv": pd.read_csv,
        ".json": pd.read_json,
        ".parquet": pd.read_parquet,
        ".xlsx": lambda file: pd.read_excel(file, sheet_name="Counts"),
    }
    return list(readers[path.suffix](path).columns)


class Counted:
    """A store with counts, a report service on it, and its file."""

    def __init__(self, path: Path) -> None:
        self.path = make_empty(path)
        self.store = open_store(make_url(path))
        self.service = ReportService(self.store)
        self._runs: dict[str, Run] = {}
        self._frames = 0

    def add(
        self,
        moment: datetime,
        observed_s: float = 1.0,
        camera: str = "gate",
        unjudged: tuple[int, int] = (0, 0),
        **counts: int,
    ) -> None:
        """Count one frame."""
        if camera not in self._runs:
            saved: Camera = self.store.cameras.record(camera, f"{camera}.mp4")
            self._runs[camera] = self.store.runs.start(saved, "fake", "", START)
        frame = replace(make_frame(self._frames, camera=camera), captured_at=moment)
        self._frames += 1
        result = make_result(frame, counts, observed_s)
        pending, unknown = unjudged
        entries = [replace(entry, pending=pending, unknown=unknown) for entry in result.counts]
        result = replace(result, counts=tuple(entries))
        self.store.counts.add_result(self._runs[camera], result)

    def report(self, **fields: object) -> Report:
        self.store.flush()
        return self.service.build(ReportRequest(**fields))  # type: ignore[arg-type]


@pytest.fixture
def counted(tmp_path: Path) -> Iterator[Counted]:
    counted = Counted(tmp_path / "ovd.db")
    yield counted
    counted.store.close()


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counted]:
    """Counts at odd moments in the days around changes of clocks."""
    year = Counted(tmp_path_factory.mktemp("year") / "ovd.db")
    chance = random.Random(5)  # noqa: S311 - no secret
    for change in CHANGES:
        for _ in range(300):
            moment = change + timedelta(seconds=chance.uniform(-90_000, 90_000))
            year.add(moment, 0.5, person=chance.randrange(9), car=chance.randrange(3))
    year.store.flush()
    yield year
    year.store.close()


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def sql_time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def test_a_report_sums_per_bucket(counted: Counted):
    for seconds, count in ((0, 1), (20, 3), (59.9, 0), (60, 6)):
        counted.add(at(seconds), 10.0, person=count)

    first, second = counted.report(bucket="1m")

    assert (first.camera, first.query) == ("gate", "person")
    assert (first.bucket_start, first.bucket_end) == (at(0), at(60))
    assert (first.observed_s, first.samples) == (30.0, 3)
    assert (first.mean_count, first.max_count) == (pytest.approx(4 / 3), 3)
    assert first.coverage == 0.5
    assert (second.samples, second.mean_count, second.max_count) == (1, 6.0, 6)


def test_a_bucket_without_observation_has_no_counts_and_no_coverage(counted: Counted):
    counted.add(at(0), person=0)
    counted.add(at(120), person=1)

    seen, unseen, _ = counted.report(bucket="1m")

    assert (seen.mean_count, seen.max_count) == (0.0, 0)
    assert (unseen.mean_count, unseen.max_count) == (None, None)
    assert (unseen.observed_s, unseen.samples, unseen.coverage) == (0.0, 0, 0.0)


def test_what_was_not_judged_stands_beside_the_counts(counted: Counted):
    counted.add(at(0), person=1, unjudged=(2, 3))
    counted.add(at(1), person=1)
    counted.add(at(120), person=1)

    first, unseen, last = counted.report(bucket="1m")

    assert (first.mean_count, first.mean_pending, first.mean_unknown) == (1.0, 1.0, 1.5)
    assert (unseen.mean_pending, unseen.mean_unknown) == (None, None)
    assert (last.mean_pending, last.mean_unknown) == (0.0, 0.0)


@pytest.mark.parametrize("format_name", ["csv", "json", "parquet", "xlsx"])
def test_files_have_columns_of_what_was_not_judged_only_where_there_is_some(
    counted: Counted, tmp_path: Path, format_name: str
):
    counted.add(at(0), person=1)
    columns = counted.report(bucket="1m").columns()
    counted.add(at(60), person=1, unjudged=(0, 3))
    report = counted.report(bucket="1m")

    export_report(report, tmp_path / f"report.{format_name}", format_name)

    assert columns == COLUMNS
    names = read_columns(tmp_path / f"report.{format_name}")
    assert names[: len(COLUMNS) + 2] == [*COLUMNS, *UNJUDGED_COLUMNS]


def test_what_nothing_tracks_yet_is_empty(counted: Counted):
    counted.add(at(0), person=1)

    (row,) = counted.report()

    assert (row.unique, row.crossed_in, row.crossed_out) == (None, None, None)
    assert dict(zip(COLUMNS, row.cells(), strict=False))["unique"] is None


def test_coverage_counts_only_the_requested_part_of_a_bucket(counted: Counted):
    counted.add(at(40), 15.0, person=1)

    first, second = counted.report(start_at=at(30), end_at=at(90), bucket="1m")

    assert (first.bucket_start, first.bucket_end, first.coverage) == (at(30), at(60), 0.5)
    assert (second.bucket_end, second.coverage) == (at(90), 0.0)


def test_coverage_is_never_more_than_all(counted: Counted):
    counted.add(at(0), 50.0, person=1)
    counted.add(at(1), 50.0, person=1)

    (row,) = counted.report()

    assert (row.observed_s, row.coverage) == (100.0, 1.0)


def test_counts_outside_the_range_are_left_out_to_the_microsecond(counted: Counted):
    for seconds in (29.999999, 30, 89.999999, 90):
        counted.add(at(seconds), person=1)

    rows = list(counted.report(start_at=at(30), end_at=at(90)))

    assert [row.samples for row in rows] == [1, 1]


def test_the_range_defaults_to_whole_buckets_around_the_counts(counted: Counted):
    counted.add(at(60 * 61), person=1)
    counted.add(at(60 * 130), person=1)

    report = counted.report(bucket="1h", tz="Asia/Seoul")

    assert report.start_at.isoformat() == "2026-03-01T22:00:00+09:00"
    assert report.end_at.isoformat() == "2026-03-02T00:00:00+09:00"


def test_times_carry_the_offset_of_their_zone_also_when_it_changes(counted: Counted):
    counted.add(datetime(2026, 10, 24, 23, 30, tzinfo=UTC), person=1)
    counted.add(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), person=2)
    counted.add(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), person=3)

    rows = list(counted.report(bucket="1h", tz="Europe/Berlin"))

    assert [(row.bucket_start.isoformat(), row.max_count) for row in rows] == [
        ("2026-10-25T01:00:00+02:00", 1),
        ("2026-10-25T02:00:00+02:00", 2),
        ("2026-10-25T02:00:00+01:00", 3),
    ]


def test_a_range_within_a_repeated_hour_is_no_range_backwards(counted: Counted):
    berlin = ZoneInfo("Europe/Berlin")
    counted.add(datetime(2026, 10, 25, 1, 5, tzinfo=UTC), person=1)

    rows = list(
        counted.report(
            start_at=datetime(2026, 10, 25, 2, 30, tzinfo=berlin),
            end_at=datetime(2026, 10, 25, 2, 10, tzinfo=berlin, fold=1),
            bucket="1h",
            tz="Europe/Berlin",
        )
    )

    assert [row.samples for row in rows] == [0, 1]


def test_coverage_of_a_day_knows_its_length(counted: Counted):
    counted.add(datetime(2026, 10, 25, 10, tzinfo=UTC), 25 * 3600 / 2, person=1)

    (row,) = counted.report(bucket="1d", tz="Europe/Berlin")

    assert row.coverage == 0.5


def test_every_pair_that_was_counted_together_has_rows_in_order(counted: Counted):
    counted.add(at(0), camera="gate", person=1, car=2)
    counted.add(at(60), camera="door", bicycle=3)

    rows = list(counted.report())

    assert [(row.camera, row.query, row.max_count) for row in rows] == [
        ("door", "bicycle", None),
        ("door", "bicycle", 3),
        ("gate", "car", 2),
        ("gate", "car", None),
        ("gate", "person", 1),
        ("gate", "person", None),
    ]


def test_a_report_keeps_to_its_cameras_and_queries(counted: Counted):
    for camera in ("gate", "door"):
        counted.add(at(0), camera=camera, person=1, car=2)

    report = counted.report(cameras=("door",), queries=("car",))

    assert [(row.camera, row.query) for row in report] == [("door", "car")]


def test_counts_of_a_new_query_do_not_disturb_a_report_being_read(counted: Counted):
    counted.add(at(0), person=1)
    counted.add(at(0), camera="yard", person=4)
    report = counted.report()
    counted.add(at(1), aeroplane=7, zebra=7)
    counted.store.flush()

    assert [(row.camera, row.max_count) for row in report] == [("gate", 1), ("yard", 4)]


def test_a_report_can_be_read_again(counted: Counted):
    counted.add(at(0), person=1)
    report = counted.report()

    assert list(report) == list(report) != []


def test_a_range_before_all_counts_is_empty_not_zero(counted: Counted):
    counted.add(at(0), person=1)

    rows = list(counted.report(start_at=at(-120), end_at=at(-60)))

    assert [(row.samples, row.mean_count, row.coverage) for row in rows] == [(0, None, 0.0)]


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ({"tz": "Asia/Seol"}, TimeRangeError, "unknown time zone"),
        ({"bucket": "5m"}, TimeRangeError, "unknown bucket '5m'; known: 1s, 1m, 15m, 1h, 1d"),
        ({"start_at": at(9), "end_at": at(9)}, TimeRangeError, "is not before the end"),
        ({"start_at": at(9), "end_at": at(8)}, TimeRangeError, "is not before the end"),
        ({"start_at": at(9999)}, TimeRangeError, "is not before the end"),
        ({"start_at": datetime(2026, 3, 1)}, TimeRangeError, "needs a time zone"),
        ({"end_at": datetime(2026, 3, 1)}, TimeRangeError, "needs a time zone"),
        ({"end_at": datetime(9999, 12, 31, 23, tzinfo=UTC)}, TimeRangeError, "outside the years"),
        ({"start_at": datetime(1, 1, 1, tzinfo=UTC)}, TimeRangeError, "outside the years"),
        ({"start_at": datetime(1990, 1, 1, tzinfo=UTC)}, TimeRangeError, "coarser bucket"),
        ({"cameras": ("gate", "dor")}, CameraError, "unknown camera 'dor'; known: door, gate"),
        ({"queries": ("cat",)}, InputError, "'cat' was never counted; known: car, person"),
        ({"cameras": ("door",), "queries": ("car",)}, InputError, "'person' at 'door'"),
    ],
)
def test_what_cannot_be_reported_is_refused(
    counted: Counted, fields: dict[str, object], error: type[InputError], message: str
):
    counted.add(at(0), person=1, car=1)
    counted.add(at(0), camera="door", person=1)

    with pytest.raises(error, match=message):
        counted.report(**fields)


def test_a_report_of_nothing_says_that_nothing_was_counted(counted: Counted):
    counted.store.cameras.record("gate", "x.mp4")

    with pytest.raises(InputError, match="count first"):
        counted.report(cameras=("gate",))


def test_the_largest_report_allowed_is_not_refused(counted: Counted):
    counted.add(at(0), person=1)

    report = counted.report(start_at=at(0), end_at=at(MAX_ROWS), bucket="1s")

    assert next(iter(report)).samples == 1
    with pytest.raises(TimeRangeError):
        counted.report(start_at=at(0), end_at=at(MAX_ROWS + 1), bucket="1s")


class AskedCounts(MemoryCounts):
    """Counts that remember the intervals they were asked to sum."""

    def __init__(self, counted_at: datetime) -> None:
        super().__init__()
        self.asked: list[tuple[int, int]] = []
        self._counted_at = counted_at

    def extents(self, selection: CountSelection) -> tuple[CountExtent, ...]:
        return (CountExtent("gate", "person", self._counted_at, self._counted_at),)

    def totals(
        self, selection: CountSelection, step_s: int, offset_s: int = 0
    ) -> Iterator[CountTotal]:
        self.asked.append((step_s, offset_s))
        return iter(())


class AskedStore(MemoryStore):
    def __init__(self, counted_at: datetime) -> None:
        super().__init__()
        self.counts: AskedCounts = AskedCounts(counted_at)


def test_zones_off_by_odd_seconds_are_summed_by_the_second():
    store = AskedStore(datetime(1905, 1, 1, tzinfo=UTC))

    (row,) = ReportService(store).build(ReportRequest(bucket="1h", tz="Asia/Seoul"))

    assert store.counts.asked == [(1, 0)]
    assert row.bucket_start.strftime("%H:%M:%S%z") == "08:00:00+082752"


@pytest.mark.parametrize(
    ("bucket", "zone", "asked"),
    [
        ("1m", "Asia/Seoul", [(60, 9 * 3600)]),
        ("1h", "Asia/Kathmandu", [(3600, 20700)]),
        ("1d", "Asia/Seoul", [(86400, 9 * 3600)]),
        ("1d", "Europe/Berlin", [(86400, 3600), (86400, 7200)]),
    ],
)
def test_the_store_sums_all_that_a_row_tells(bucket: str, zone: str, asked: list[tuple[int, int]]):
    store = AskedStore(datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC))
    request = ReportRequest(end_at=datetime(2026, 3, 29, 1, 30, tzinfo=UTC), bucket=bucket, tz=zone)

    list(ReportService(store).build(request))

    assert store.counts.asked == asked


SUMS = (
    "SELECT count(*), total(count), max(count), total(observed_s) FROM frame_counts "
    "WHERE camera_id = 1 AND query_id = (SELECT id FROM queries WHERE text = 'person') "
    "AND captured_at >= ? AND captured_at < ?"
)


@settings(max_examples=100, deadline=None)
@given(
    bucket=st.sampled_from(sorted(BUCKETS)),
    zone=st.sampled_from(ZONES),
    change=st.sampled_from(CHANGES),
    start_s=st.floats(-100_000, 90_000),
    length=st.floats(0, 1),
)
def test_buckets_sum_to_what_sql_sums(
    year: Counted, bucket: str, zone: str, change: datetime, start_s: float, length: float
):
    start_at = change + timedelta(seconds=start_s)
    end_at = start_at + timedelta(seconds=1 + length * min(BUCKETS[bucket] * 50, 250_000))
    request = ReportRequest(("gate",), ("person",), start_at, end_at, bucket, zone)

    rows = list(year.service.build(request))

    edges = [row.bucket_start.astimezone(UTC) for row in rows]
    edges.append(rows[-1].bucket_end.astimezone(UTC))
    assert (edges[0], edges[-1]) == (start_at, end_at)
    with closing(sqlite3.connect(year.path)) as connection:
        ((samples, count_sum, _, observed_s),) = connection.execute(
            SUMS, (sql_time(start_at), sql_time(end_at))
        )
        by_row = [
            connection.execute(SUMS, (sql_time(start), sql_time(end))).fetchone()
            for start, end in pairwise(edges)
        ]
    assert sum(row.samples for row in rows) == samples
    assert sum(round((row.mean_count or 0) * row.samples) for row in rows) == count_sum
    assert sum(row.observed_s for row in rows) == pytest.approx(observed_s)
    assert [(row.samples, row.mean_count, row.max_count) for row in rows] == [
        (n, total / n if n else None, most) for n, total, most, _ in by_row
    ]
