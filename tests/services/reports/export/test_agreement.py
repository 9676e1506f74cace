"""Every format of a report holds what the database holds, row by row."""

import csv
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from pypdf import PdfReader

from ovd.domain.events import Gap
from ovd.services.reports.export import FORMATS, export_report
from ovd.services.reports.report import ReportRequest, ReportService
from ovd.store import open_store
from ovd.store.credentials import CredentialCipher
from tests.builders import START, make_frame, make_result

# Camera, query and start of a minute to samples, mean and maximum of its counts.
Numbers = dict[tuple[str, str, str], tuple[int, float | None, int | None]]
FRAMES = 100


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a database of two cameras; one did not see a minute."""
    store = open_store(f"sqlite:///{tmp_path / 'ovd.db'}", CredentialCipher(tmp_path / "key"))
    for name, queries in (("정문", ("person", "car")), ("=gate", ("person",))):
        run = store.runs.start(store.cameras.record(name, "list"), "fake", "0", START)
        for index in range(FRAMES):
            counts = {query: (index * (1 + place)) % 7 for place, query in enumerate(queries)}
            store.counts.add_result(run, make_result(make_frame(index), counts))
        end_at = START + timedelta(minutes=3)
        store.counts.add_gap(run, Gap(name, START + timedelta(minutes=2), end_at, "lost"))
    store.flush()
    request = ReportRequest(start_at=START, end_at=START + timedelta(minutes=3), bucket="1m")
    report = ReportService(store).build(request)
    for format_name in FORMATS:
        export_report(report, tmp_path / f"report.{format_name}", format_name)
    store.close()
    return tmp_path


def read_database(folder: Path) -> Numbers:
    statement = """
        SELECT cameras.name, queries.text, substr(captured_at, 1, 16), COUNT(*), AVG(count),
            MAX(count)
        FROM frame_counts JOIN cameras ON cameras.id = camera_id
        JOIN queries ON queries.id = query_id GROUP BY 1, 2, 3
    """
    with closing(sqlite3.connect(folder / "ovd.db")) as database:
        return {
            (camera, query, minute.replace(" ", "T")): (samples, mean, highest)
            for camera, query, minute, samples, mean, highest in database.execute(statement)
        }


def read_csv(folder: Path) -> Iterator[dict[str, object]]:
    with (folder / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            yield {key: value or None for key, value in row.items()}


def read_json(folder: Path) -> Iterator[dict[str, object]]:
    yield from json.loads((folder / "report.json").read_text(encoding="utf-8"))


def read_parquet(folder: Path) -> Iterator[dict[str, object]]:
    yield from pl.read_parquet(folder / "report.parquet").iter_rows(named=True)


def read_xlsx(folder: Path) -> Iterator[dict[str, object]]:
    with closing(openpyxl.load_workbook(folder / "report.xlsx")) as book:
        head, *rows = book["Counts"].iter_rows(values_only=True)
    for row in rows:
        yield dict(zip(map(str, head), row, strict=True))


READERS: dict[str, Callable[[Path], Iterator[dict[str, object]]]] = {
    "csv": read_csv,
    "json": read_json,
    "parquet": read_parquet,
    "xlsx": read_xlsx,
}


@pytest.mark.parametrize("format_name", READERS)
def test_rows_equal_the_database(folder: Path, format_name: str):
    rows = list(READERS[format_name](folder))

    read = {}
    for row in rows:
        camera = str(row["camera"]).removeprefix("'")
        key = (camera, str(row["query"]), str(row["bucket_start"]).replace(" ", "T")[:16])
        mean, highest = row["mean_count"], row["max_count"]
        read[key] = (
            int(str(row["samples"])),
            None if mean is None else pytest.approx(float(str(mean))),
            None if highest is None else int(str(highest)),
        )
    expected = read_database(folder)
    assert {key: value for key, value in read.items() if value[0]} == expected
    unseen = [value for key, value in read.items() if key not in expected]
    assert unseen
    assert set(unseen) == {(0, None, None)}, "what was not observed is empty, not zero"


@pytest.mark.parametrize("format_name", ["html", "pdf"])
def test_totals_equal_the_database(folder: Path, format_name: str):
    statement = """
        SELECT AVG(count), MAX(count) FROM frame_counts GROUP BY camera_id, query_id
    """
    with closing(sqlite3.connect(folder / "ovd.db")) as database:
        totals = database.execute(statement).fetchall()

    if format_name == "pdf":
        pages = PdfReader(folder / "report.pdf").pages
        text = " ".join(page.extract_text() for page in pages)
    else:
        text = re.sub("<[^>]*>", " ", (folder / "report.html").read_text(encoding="utf-8"))
    for mean, highest in totals:
        assert re.search(rf"\b{mean:.2f}\s+{highest}\b", text), (mean, highest)
