from pathlib import Path

import pytest

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "pedestrians.mp4"
SUGGEST = ("queries", "suggest", "--detector", "embedded")
pytestmark = pytest.mark.weights


def test_a_saved_query_is_listed_until_it_is_removed(ovd):
    added = ovd("queries", "add", "vehicel except bus", "--json").json()
    listed = ovd("queries", "list", "--json").json()
    removed = ovd("queries", "remove", "vehicel except bus")

    assert (added["read_as"], added["supported"]) == ("vehicle except bus", True)
    assert listed == ["vehicel except bus"]
    assert removed.exit_code == 0
    assert ovd("queries", "list", "--json").json() == []


def test_saved_query_tells_once_how_it_is_read(ovd):
    assert ovd("queries", "add", "사람").stdout.strip() == "saved '사람'; read as \"person\""
    assert ovd("queries", "add", "car").stdout.strip() == "saved 'car'; read as 'car'"


def test_what_was_counted_stays_when_the_query_is_removed(ovd, tmp_path):
    report = ("report", "--format", "json", "--out")
    ovd("queries", "add", "person")
    ovd("count", SAMPLE, "-q", "person", "--duration", "0.2")
    ovd(*report, tmp_path / "before.json")

    ovd("queries", "remove", "person")
    ovd(*report, tmp_path / "after.json")

    assert (tmp_path / "after.json").read_bytes() == (tmp_path / "before.json").read_bytes()


def test_a_query_that_is_listed_or_unknown_is_refused(ovd):
    ovd("queries", "add", "person")

    again, unknown = ovd("queries", "add", "PERSON"), ovd("queries", "remove", "car")

    assert (again.exit_code, unknown.exit_code) == (2, 2)
    assert "on the list already" in again.stderr
    assert "it has 'person'" in unknown.stderr


def test_query_that_counts_the_same_as_a_saved_one_is_refused(ovd):
    ovd("queries", "add", "person")

    outcome = ovd("queries", "add", "보행자")

    assert outcome.exit_code == 2
    assert "'보행자' is already counted as 'person'" in outcome.stderr


def test_suggestions_see_through_a_slip(ovd):
    assert "traffic light" in ovd("queries", "suggest", "trafic", "--json").json()
    assert ovd(*SUGGEST, "tkfk").stdout.splitlines()[0] == "사람"
