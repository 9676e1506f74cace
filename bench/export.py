"""Time and memory of a report per format, each in a process of its own.

The rows are made up, so that what is measured is the writing; needs about a gigabyte of disk.
"""

import argparse
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ovd.domain.ports import CountStore
from ovd.domain.records import CountExtent
from ovd.services.reports.buckets import split_range
from ovd.services.reports.export import FORMATS, export_report
from ovd.services.reports.report import Report
from ovd.services.reports.rows import ReportRow
from ovd.services.reports.series.counted import CountedSeries
from ovd.services.reports.series.key import SeriesKey
from ovd.store import open_store
from ovd.store.credentials import CredentialCipher

ZONE = ZoneInfo("Asia/Seoul")
START = datetime(2026, 3, 1, tzinfo=UTC)
SERIES = tuple(SeriesKey(f"camera {i}", text) for i in range(2) for text in ("bicycle", "person"))
MIB = 1024


@dataclass(frozen=True, eq=False)
class SyntheticReport(Report):
    """A report by the second that generates its rows instead of reading them."""

    def __iter__(self) -> Iterator[ReportRow]:
        for camera, query in self.series:
            buckets = split_range(self.start_at, self.end_at, self.bucket, self.zone)
            for number, (start_at, end_at) in enumerate(buckets):
                seen = number % 10 > 0
                yield ReportRow(
                    camera,
                    query,
                    start_at.astimezone(self.zone),
                    end_at.astimezone(self.zone),
                    observed_s=float(seen),
                    samples=10 * seen,
                    mean_count=number % 7 / 3 if seen else None,
                    max_count=number % 7 if seen else None,
                    unique=None,
                    crossed_in=None,
                    crossed_out=None,
                    coverage=float(seen),
                )


def build_report(rows: int, store: CountStore) -> SyntheticReport:
    """Build a report with this number of rows over four series."""
    end_at = START + timedelta(seconds=rows // len(SERIES))
    start_at, end_at = START.astimezone(ZONE), end_at.astimezone(ZONE)
    counted = tuple(CountedSeries(key, (CountExtent(*key, START, end_at),)) for key in SERIES)
    return SyntheticReport(counted, start_at, end_at, "1s", ZONE, store)


def measure(format_name: str, rows: int, folder: str) -> tuple[float, float, int, int]:
    """Return wall and processor seconds, peak memory in KiB and size in bytes of one export."""
    path = Path(folder) / f"report.{format_name}"
    cipher = CredentialCipher(Path(folder) / "secret.key")
    with open_store(f"sqlite:///{folder}/{format_name}.db", cipher) as store:
        report = build_report(rows, store)
        started, started_cpu = time.perf_counter(), time.process_time()
        export_report(report, path, format_name)
        wall_s, cpu_s = time.perf_counter() - started, time.process_time() - started_cpu
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    size = path.stat().st_size
    path.unlink()
    return wall_s, cpu_s, peak_kib, size


def main() -> None:
    """Print a line per format."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=list(FORMATS))
    arguments = parser.parse_args()
    print("| format | rows | wall s | CPU s | peak MiB | file MiB |\n|---|---|---|---|---|---|")
    context = multiprocessing.get_context("spawn")
    for format_name in arguments.formats:
        for rows in arguments.rows:
            with (
                tempfile.TemporaryDirectory() as folder,
                context.Pool(1) as pool,
            ):
                wall_s, cpu_s, peak, size = pool.apply(measure, (format_name, rows, folder))
            print(
                f"| {format_name} | {rows:,} | {wall_s:.1f} | {cpu_s:.1f} | {peak / MIB:.0f} | "
                f"{size / MIB**2:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
