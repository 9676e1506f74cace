"""One clip, counted by the command line and by the app's fleet: the counts must agree."""

import csv
from pathlib import Path

import pytest

from ovd.bootstrap import build_services
from ovd.cli.main import main
from ovd.domain.ports import SourceOptions
from ovd.domain.records import RunStatus
from ovd.services.reports.export import export_report
from ovd.services.reports.report import ReportRequest
from ovd.settings import Settings
from ovd.video import open_source
from ovd.video.writer import VideoWriter
from tests.store.databases import query_database

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "pedestrians.mp4"
FRAMES = 6
WAIT_S = 30.0
pytestmark = pytest.mark.weights


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """The first frames of the sample clip."""
    path = tmp_path / "clip.mp4"
    source = open_source(str(SAMPLE), "sample")
    with VideoWriter(path) as writer:
        for frame, _ in zip(source, range(FRAMES), strict=False):
            writer.write(frame.image, frame.time_s)
    source.close()
    return path


def count_by_command(clip: Path, db: str) -> None:
    with pytest.raises(SystemExit) as exit_info:
        main(["count", str(clip), "-q", "person", "--camera", "cli", "--db", db])
    assert exit_info.value.code == 0


def count_by_fleet(clip: Path, settings: Settings) -> dict[str, list[dict[str, str]]]:
    """Count as the app does; the exported rows per camera, also those of earlier runs."""
    services = build_services(settings)
    queries = [services.reader.read("person")]
    services.fleet.start("app", str(clip), queries, SourceOptions())
    while services.fleet.status("app").state is RunStatus.RUNNING:
        services.fleet.wait_newer("app", services.fleet.status("app").frames_counted, WAIT_S)
    services.store.flush()
    out = settings.data_dir / "out.csv"
    export_report(services.reports.build(ReportRequest(bucket="1s")), out, "csv")
    services.close()
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: [row for row in rows if row["camera"] == name] for name in ("cli", "app")}


def test_command_line_and_app_count_the_same(clip, tmp_path, capsys):
    settings = Settings(data_dir=tmp_path, db=f"sqlite:///{tmp_path / 'ovd.db'}")

    count_by_command(clip, settings.db_url)
    rows = count_by_fleet(clip, settings)

    def key(name: str) -> list[tuple[str, ...]]:
        columns = ("query", "bucket_start", "samples", "mean_count", "max_count", "coverage")
        return [tuple(row[column] for column in columns) for row in rows[name]]

    assert key("app") == key("cli")
    assert sum(int(row["samples"]) for row in rows["app"]) == FRAMES
    assert {row["query"] for row in rows["app"]} == {"person"}
    assert max(float(row["mean_count"]) for row in rows["app"]) > 1
    counted = query_database(
        settings.db_url,
        "SELECT frame_index, count FROM frame_counts JOIN queries"
        " ON queries.id = query_id WHERE text = 'person' ORDER BY run_id, frame_index",
    )
    assert len(counted) == 2 * FRAMES
    assert counted[:FRAMES] == counted[FRAMES:]
