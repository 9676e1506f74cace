import csv
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import gradio as gr
import pytest

from ovd.errors import InputError
from ovd.services.reports.export import FORMATS
from ovd.texts.languages import Language
from ovd.texts.page import ENGLISH, KOREAN
from ovd.ui.report_panel import (
    bucket_choices,
    choose_bucket,
    choose_format,
    format_choices,
    show_evidence,
    write_download,
)
from ovd.ui.session import EvidenceSelection, Session
from tests.builders import START, make_frame
from tests.stages import Stage

AT_GATE = Session(camera="gate", bucket="1s")


def event_of(value: str) -> gr.EventData:
    return gr.EventData(None, {"value": value})


def test_number_of_the_table_selects_its_images(stage: Stage):
    end_at = START + timedelta(minutes=1)
    event = event_of(json.dumps(["person", START.isoformat(), end_at.isoformat()]))

    shown = show_evidence(stage.services, AT_GATE, event)

    assert shown.evidence == EvidenceSelection("person", START, end_at)


@pytest.mark.parametrize(
    "value",
    [
        '["person", "2026-03-01T12:00:00", "2026-03-01T12:01:00+00:00"]',
        '["person", "2026-03-01T12:00:00+00:00", "2026-03-01T12:01:00"]',
        '["person", "noon", "2026-03-01T12:01:00+00:00"]',
        '["person", 1, 2]',
        '["person"]',
        "person",
    ],
)
def test_images_of_a_time_without_time_zone_are_refused(stage: Stage, value: str):
    with pytest.raises(InputError, match="with a time zone"):
        show_evidence(stage.services, AT_GATE, event_of(value))


def test_bucket_is_chosen(stage: Stage):
    assert choose_bucket(stage.services, AT_GATE, "1h").bucket == "1h"


def test_every_bucket_has_a_name_in_every_language():
    assert bucket_choices(ENGLISH)[1] == ("Minute", "1m")
    assert bucket_choices(KOREAN)[1] == ("1분", "1m")


def test_download_holds_every_row_of_the_camera(stage: Stage):
    stage.count("gate", [make_frame(i, fps=1.0) for i in range(60)])
    stage.count("yard")

    path = write_download(stage.services, AT_GATE, gr.DownloadButton())

    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 60
    assert {row["camera"] for row in rows} == {"gate"}
    assert sum(int(row["samples"]) * float(row["mean_count"]) for row in rows) == 120


def test_download_is_named_after_camera_and_bucket(stage: Stage):
    stage.count("북문 / gate")
    session = Session(camera="북문 / gate", bucket="1m", language=Language.KO)

    path = write_download(stage.services, session, gr.DownloadButton())

    assert Path(path).name == "ovd-북문-gate-1m.csv"


@pytest.mark.parametrize("format_name", FORMATS)
def test_download_comes_in_the_chosen_format(stage: Stage, format_name: str):
    stage.count()
    session = choose_format(stage.services, AT_GATE, format_name)

    path = write_download(stage.services, session, gr.DownloadButton())

    assert Path(path).name == f"ovd-gate-1s.{format_name}"
    assert Path(path).stat().st_size > 0


@pytest.mark.parametrize("texts", [ENGLISH, KOREAN])
def test_every_format_is_offered_with_csv_first(texts):
    choices = format_choices(texts)

    assert choices[0] == ("CSV", "csv")
    assert {value for _, value in choices} == set(FORMATS)
    assert len({words for words, _ in choices}) == len(FORMATS)


def test_download_for_people_is_in_the_language_of_the_page(stage: Stage):
    stage.count()
    session = replace(AT_GATE, language=Language.KO, format_name="html")

    path = write_download(stage.services, session, gr.DownloadButton())

    assert "<h1>집계 보고서</h1>" in Path(path).read_text(encoding="utf-8")


def test_download_without_counts_is_refused(stage: Stage):
    stage.services.store.cameras.record("gate", "list")

    with pytest.raises(InputError, match="nothing was ever counted"):
        write_download(stage.services, AT_GATE, gr.DownloadButton())
