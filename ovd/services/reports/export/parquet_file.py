"""Reports as Parquet."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it ships no types

from ovd.services.reports.export.extras import ReportExtras
from ovd.services.reports.report import Report
from ovd.services.reports.rows import COLUMNS, UNJUDGED_COLUMNS

ROW_GROUP_ROWS = 20_000


def write_parquet(report: Report, path: Path, extras: ReportExtras) -> int:
    """Write rows as Parquet, one row group at a time; return their number.

    Times are timestamps of the report's time zone, counts integers, missing values null.
    """
    columns = report.columns()
    schema = _build_schema(columns, report.zone.key)
    count = 0
    rows = iter(report)
    with path.open("xb") as file, pq.ParquetWriter(file, schema, compression="zstd") as writer:
        while group := [row.chosen(columns) for row in islice(rows, ROW_GROUP_ROWS)]:
            arrays = [
                pa.array(values, kind.type)
                for values, kind in zip(zip(*group, strict=True), schema, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            count += len(group)
    return count


def _build_schema(columns: Sequence[str], tz: str) -> pa.Schema:
    text, time = pa.string(), pa.timestamp("us", tz=tz)
    number, whole = pa.float64(), pa.int64()
    counts = (number, whole, number, whole, whole, whole, whole, number, number, number)
    types = dict(zip((*COLUMNS, *UNJUDGED_COLUMNS), (text, text, time, time, *counts), strict=True))
    return pa.schema([(column, types.get(column, text)) for column in columns])
