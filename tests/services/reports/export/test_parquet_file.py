from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from ovd.services.reports.export import export_report, parquet_file
from ovd.services.reports.rows import COLUMNS
from tests.services.report_builders import NIGHT, UNSEEN, make_row, report_of


def test_parquet_reads_back_in_polars_with_types_and_nulls(tmp_path: Path):
    path = tmp_path / "report.parquet"

    export_report(report_of(make_row(query="=사람"), UNSEEN), path, "parquet")

    frame = pl.read_parquet(path)
    time = pl.Datetime("us", "Asia/Seoul")
    assert tuple(frame.columns) == COLUMNS
    assert frame.dtypes == [
        *(pl.String, pl.String, time, time, pl.Float64, pl.Int64, pl.Float64),
        *(pl.Int64, pl.Int64, pl.Int64, pl.Int64, pl.Float64),
    ]
    seen, unseen = frame.rows(named=True)
    assert (seen["query"], seen["bucket_start"], seen["max_count"]) == ("=사람", NIGHT, 3)
    assert (unseen["mean_count"], unseen["max_count"], unseen["unique"]) == (None, None, None)
    assert (unseen["samples"], unseen["coverage"]) == (0, 0.0)


def test_parquet_is_written_in_row_groups_without_losing_rows(tmp_path: Path, monkeypatch):
    path = tmp_path / "report.parquet"
    monkeypatch.setattr(parquet_file, "ROW_GROUP_ROWS", 3)

    written = export_report(report_of(*map(make_row, range(8))), path, "parquet")

    file = pq.ParquetFile(path)
    assert (written, file.num_row_groups) == (8, 3)
    starts = file.read().column("bucket_start").to_pylist()
    assert starts == [make_row(minute).bucket_start for minute in range(8)]


def test_parquet_without_rows_keeps_its_types(tmp_path: Path):
    path = tmp_path / "report.parquet"

    assert export_report(report_of(), path, "parquet") == 0

    schema = pq.read_schema(path)
    assert schema.field("bucket_start").type == pa.timestamp("us", tz="Asia/Seoul")
