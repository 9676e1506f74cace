"""The report of the shown camera: how its rows are cut, and the download of all of them."""

import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import available_timezones

import gradio as gr

from ovd.bootstrap import Services
from ovd.errors import InputError
from ovd.services.reports.buckets import BUCKETS
from ovd.services.reports.export import ReportExtras, export_report
from ovd.services.reports.report import ReportRequest
from ovd.texts.page import PageTexts
from ovd.ui.session import EvidenceSelection, Session
from ovd.ui.theme import live_html

TIME_ZONES = tuple(sorted(available_timezones()))


def bucket_choices(texts: PageTexts) -> list[tuple[str, str]]:
    """Return words and value of each length of rows."""
    words = (
        texts.bucket_1s,
        texts.bucket_1m,
        texts.bucket_15m,
        texts.bucket_1h,
        texts.bucket_1d,
    )
    return list(zip(words, BUCKETS, strict=True))


def format_choices(texts: PageTexts) -> list[tuple[str, str]]:
    """Return words and value of each format of the download."""
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
    """Components of the report."""

    bucket: gr.Dropdown
    time_zone: gr.Dropdown
    format_name: gr.Dropdown
    download: gr.Button
    file: gr.DownloadButton
    table: gr.HTML
    gallery: gr.HTML

    @property
    def labelled(self) -> list[Any]:
        """Return the components that `label` has values for."""
        return [self.bucket, self.time_zone, self.format_name, self.download]

    def label(self, session: Session) -> list[Any]:
        """Return words and chosen values for `labelled`."""
        texts = session.texts
        return [
            gr.Dropdown(choices=bucket_choices(texts), value=session.bucket, label=texts.bucket),
            gr.Dropdown(value=session.time_zone, label=texts.time_zone),
            gr.Dropdown(
                choices=format_choices(texts), value=session.format_name, label=texts.format_name
            ),
            gr.Button(value=texts.download),
        ]


def build_report_panel(texts: PageTexts) -> ReportPanel:
    """Lay out the report."""
    with gr.Column(elem_classes="ovd-card ovd-of-camera ovd-report", elem_id="ovd-report"):
        live_html("report_title")
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
        table = live_html("table", "report.js")
        gallery = live_html("gallery", "report.js")
    return ReportPanel(bucket, time_zone, format_name, download, file, table, gallery)


def choose_bucket(services: Services, session: Session, bucket: str) -> Session:
    """Show rows of another length."""
    return replace(session, bucket=bucket, evidence=None)


def choose_time_zone(services: Services, session: Session, time_zone: str) -> Session:
    """Show times of another zone."""
    return replace(session, time_zone=time_zone)


def choose_format(services: Services, session: Session, format_name: str) -> Session:
    """Download another kind of file."""
    return replace(session, format_name=format_name)


def show_evidence(services: Services, session: Session, event: gr.EventData) -> Session:
    """Show the images behind a number of the table.

    Raises:
        InputError: If the page sent no query with two times, each with a time zone.
    """
    return replace(session, evidence=_parse_evidence(event.value))


def _parse_evidence(value: str) -> EvidenceSelection:
    refusal = (
        "a query, a start and an end in ISO 8601 with a time zone, such as "
        f"2026-03-01T12:00:00+00:00, are wanted, not {value!r}; load the page anew"
    )
    try:
        query, start, end, *typed = json.loads(value)
        start_at, end_at = datetime.fromisoformat(start), datetime.fromisoformat(end)
    except (TypeError, ValueError) as error:
        raise InputError(refusal) from error
    if start_at.tzinfo is None or end_at.tzinfo is None:
        raise InputError(refusal)
    return EvidenceSelection(str(query), start_at, end_at, tuple(map(str, typed)))


def hide_evidence(services: Services, session: Session, event: gr.EventData) -> Session:
    """Show no images."""
    return replace(session, evidence=None)


def write_download(services: Services, session: Session, file: gr.DownloadButton) -> str:
    """Write the whole report of the camera in the chosen format and in the words of the page.

    Returns:
        Path of Gradio's copy.

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
