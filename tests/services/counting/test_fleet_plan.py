import json
import logging
from pathlib import Path

import pytest

from ovd.domain.live import Transport
from ovd.services.counting.fleet_plan import KeptCamera, PlanFile

GATE = KeptCamera("gate", "rtsp://{U}:{P}@h/1", True, (("person", 0.35),), 2.0, Transport.UDP)
YARD = KeptCamera("앞마당", "webcam:0", True, (), None, None)


def test_what_was_saved_is_loaded(tmp_path: Path):
    plans = PlanFile(tmp_path / "data" / "fleet.json")

    plans.save([GATE, YARD])

    assert plans.load() == (GATE, YARD)
    assert plans.load()[0].options.transport is Transport.UDP
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["fleet.json"]


def test_missing_file_means_nothing_was_running(tmp_path: Path):
    assert PlanFile(tmp_path / "fleet.json").load() == ()


@pytest.mark.parametrize("text", ["{", "[]", '{"version": 99, "cameras": []}', '{"version": 1}'])
def test_file_that_cannot_be_read_is_reported_and_ignored(tmp_path: Path, text, caplog):
    (tmp_path / "fleet.json").write_text(text)

    assert PlanFile(tmp_path / "fleet.json").load() == ()
    assert "cannot read the running cameras" in caplog.text


def test_file_that_cannot_be_written_stops_nothing(tmp_path: Path, caplog):
    (tmp_path / "data").write_text("a file where a folder should be")

    with caplog.at_level(logging.WARNING):
        PlanFile(tmp_path / "data" / "fleet.json").save([GATE])

    assert "cannot remember the running cameras" in caplog.text


def test_file_is_readable_json(tmp_path: Path):
    PlanFile(tmp_path / "fleet.json").save([YARD])

    data = json.loads((tmp_path / "fleet.json").read_text(encoding="utf-8"))

    assert data["cameras"][0]["camera"] == "앞마당"
