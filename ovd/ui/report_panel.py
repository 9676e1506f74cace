"""The report of the chosen camera: its newest rows and the download of all of them."""

import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import available_timezones

import gradio as gr

from ovd.bootstrap import Services
from ovd.domain.records import CountSelection
from ovd.errors import OvdError
from ovd.services.reports.buckets import BUCKETS, floor_edge, load_zone
from ovd.services.reports.export import ReportExtras, export_report
from ovd.services.reports.report import ReportRequest
from ovd.services.reports.rows import ReportRow
from ovd.texts.page import Texts
from ovd.ui import view
from ovd.ui.gallery import draw_gallery
from ovd.ui.scene import Scene
from ovd.ui.session import Session, ShownStretch
from ovd.ui.theme import own_html

TIME_ZONES = tuple(sorted(available_timezones()))
BUCKETS_SHOWN = 8
MOST_ROWS_SHOWN = 40


def bucket_choices(texts: Texts) -> list[tuple[str, str]]:
    """Words and value of each length of rows."""
    words = (
        texts.bucket_1s,
        texts.bucket_1m,
        texts.bucket_15m,
        texts.bucket_1h,
        texts.bucket_1d,
    )
    return list(zip(words, BUCKETS, strict=True))


def format_choices(texts: Texts) -> list[tuple[str, str]]:
    """Words and value of each format of the download."""
    words = {
        "csv": "CSV",
        "xlsx": texts.format_xlsx,
        "pdf": texts.format_pdf,
        "html": texts.format_html,
        "json": "JSON",
        "parquet": "Parquet",
    }
    return [(word, name) for name, word in words.items()]


@dataclass(frozen=True, eq=False)
class ReportPanel:
    """Components of the report; hidden while a camera is being set up."""

    group: gr.Column
    title: gr.HTML
    bucket: gr.Dropdown
    time_zone: gr.Dropdown
    format_name: gr.Dropdown
    download: gr.Button
    file: gr.DownloadButton
    table: gr.HTML
    gallery: gr.HTML

    @property
    def outputs(self) -> list[Any]:
        """Components that `draw` has values for."""
        return [
            self.group,
            self.title,
            self.bucket,
            self.time_zone,
            self.format_name,
            self.download,
            self.table,
            self.gallery,
        ]

    def draw(self, services: Services, scene: Scene) -> list[Any]:
        """Values for `outputs`."""
        texts, session = scene.texts, scene.session
        shown = scene.row is not None and not scene.setting_up
        return [
            gr.Column(visible=shown),
            view.card_title(texts.report_title),
            gr.Dropdown(choices=bucket_choices(texts), value=session.bucket, label=texts.bucket),
            gr.Dropdown(value=session.time_zone, label=texts.time_zone),
            gr.Dropdown(
                choices=format_choices(texts), value=session.format_name, label=texts.format_name
            ),
            gr.Button(value=texts.download),
            draw_table(services, session) if shown else "",
            draw_gallery(services, session) if shown else "",
        ]


def build_report_panel(texts: Texts) -> ReportPanel:
    """Lay out the report."""
    with gr.Column(elem_classes="ovd-card", visible=False) as group:
        title = own_html()
        with gr.Row(elem_classes="ovd-report-controls"):
            bucket = gr.Dropdown(
                choices=bucket_choices(texts), value="1m", min_width=140, elem_id="ovd-bucket"
            )
            time_zone = gr.Dropdown(
                choices=list(TIME_ZONES), value="UTC", min_width=180, elem_id="ovd-time-zone"
            )
            format_name = gr.Dropdown(
                choices=format_choices(texts), value="csv", min_width=140, elem_id="ovd-format"
            )
            download = gr.Button(elem_id="ovd-download", scale=0, min_width=190)
            file = gr.DownloadButton(visible="hidden", elem_id="ovd-file")
        table = own_html("report.js")
        gallery = own_html("report.js")
    return ReportPanel(group, title, bucket, time_zone, format_name, download, file, table, gallery)


def choose_bucket(services: Services, session: Session, bucket: str) -> Session:
    """Show rows of another length."""
    return replace(session, bucket=bucket, stretch=None)


def choose_time_zone(services: Services, session: Session, time_zone: str) -> Session:
    """Show times of another zone."""
    return replace(session, time_zone=time_zone)


def choose_format(services: Services, session: Session, format_name: str) -> Session:
    """Download another kind of file."""
    return replace(session, format_name=format_name)


def show_pictures(services: Services, session: Session, event: gr.EventData) -> Session:
    """Show the pictures behind a number of the table."""
    query, start_at, end_at = json.loads(event.value)
    moments = datetime.fromisoformat(start_at), datetime.fromisoformat(end_at)
    return replace(session, stretch=ShownStretch(query, *moments))


def hide_pictures(services: Services, session: Session, event: gr.EventData) -> Session:
    """Show no pictures."""
    return replace(session, stretch=None)


def draw_table(services: Services, session: Session) -> str:
    """The newest rows of the camera looked at, or why there are none."""
    texts = session.texts
    try:
        rows = newest_rows(services, session)
    except OvdError as error:
        return view.empty(str(error), "bad")
    if not rows:
        return view.empty(texts.report_empty)
    may_have = services.evidence.may_have
    pictured = {
        row
        for row in rows
        if row.max_count and may_have(row.camera, row.query, row.bucket_start, row.bucket_end)
    }
    return view.report_table(rows, session.bucket, texts, pictured)


def newest_rows(services: Services, session: Session) -> list[ReportRow]:
    """Rows of the last `BUCKETS_SHOWN` stretches with counts, newest first.

    Raises:
        StoreError: If the database cannot be read.
    """
    extents = services.store.counts.extents(CountSelection(cameras=(session.camera,)))
    if not extents:
        return []
    last_at = max(extent.last_at for extent in extents)
    span = timedelta(seconds=BUCKETS[session.bucket] * (BUCKETS_SHOWN - 1))
    start_at = floor_edge(last_at - span, session.bucket, load_zone(session.time_zone))
    queries = tuple(extent.query for extent in extents if extent.last_at >= start_at)
    first_at = min(extent.first_at for extent in extents if extent.query in queries)
    request = ReportRequest(
        cameras=(session.camera,),
        queries=queries,
        start_at=start_at if start_at > first_at else None,
        bucket=session.bucket,
        tz=session.time_zone,
    )
    rows = sorted(services.reports.build(request), key=lambda row: row.query)
    return sorted(rows, key=lambda row: row.bucket_start, reverse=True)[:MOST_ROWS_SHOWN]


def write_download(services: Services, session: Session, file: gr.DownloadButton) -> str:
    """Write the whole report of the camera in the chosen format and in the words of the page.

    Returns the path of Gradio's copy.

    Raises:
        InputError: If nothing was counted, or the report would be too long.
        StoreError: If the database cannot be read.
    """
    services.store.flush()
    report = services.reports.build(
        ReportRequest(cameras=(session.camera,), bucket=session.bucket, tz=session.time_zone)
    )
    name = re.sub(r"[^\w-]+", "-", session.camera).strip("-") or "camera"
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"ovd-{name}-{session.bucket}.{session.format_name}"
        extras = ReportExtras(language=session.language.value, created_at=datetime.now(UTC))
        export_report(report, path, session.format_name, extras=extras)
        return str(file.move_resource_to_block_cache(path))
