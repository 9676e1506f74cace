from pathlib import Path

import pytest

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "pedestrians.mp4"
START_AT = "2026-03-01T12:00:00+00:00"
QUEUE = """
name = "queue"
cameras = ["gate"]
query = "사람"
when = "above"
count = 4
for_s = 10
schedule = ["mon-fri 09:00-18:00"]
tz = "Asia/Seoul"
"""
pytestmark = pytest.mark.weights


@pytest.fixture
def gate(ovd):
    ovd("cameras", "add", "gate", "rtsp://192.0.2.7/1", "-q", "person", "--disabled")
    return ovd


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_rule_of_a_file_is_added_listed_and_removed(gate, tmp_path):
    added = gate("alerts", "add", write(tmp_path / "queue.toml", QUEUE))

    assert (added.exit_code, added.stdout) == (0, "added 'queue'\n")
    [listed] = gate("alerts", "list", "--json").json()
    assert (listed["name"], listed["query"], listed["count"]) == ("queue", "person", 4)
    assert gate("alerts", "list").stdout == "queue  person above 4\n"
    assert gate("alerts", "remove", "Queue").exit_code == 0
    assert gate("alerts", "list", "--json").json() == []


def test_many_rules_are_added_all_or_none(gate, tmp_path):
    two = '[[alerts]]\nname = "lost"\nwhen = "lost"\n[[alerts]]\nname = "LOST"\nwhen = "stale"\n'

    refused = gate("alerts", "add", write(tmp_path / "two.toml", two))

    assert refused.exit_code == 2
    assert refused.stderr.startswith("error[alert_rule_listed]:")
    assert gate("alerts", "list", "--json").json() == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "has no 'name'"),
        ('nam = "x"', "unknown key 'nam'; did you mean 'name'?"),
        ('name = "x"\nwhen = "over"', "when is one of above, below"),
        ('name = "x"\nwhen = "above"\ncount = "4"', "count is a whole number, got '4'"),
        ("alerts = 3", "or [[alerts]] with a rule each"),
        ("name = ", "cannot be read as TOML"),
    ],
)
def test_file_that_holds_no_rule_is_refused(gate, tmp_path, text: str, why: str):
    refused = gate("alerts", "add", write(tmp_path / "rule.toml", text))

    assert refused.exit_code == 2
    assert refused.stderr.startswith("error[bad_alert_rule]:")
    assert why in refused.stderr


def test_query_that_the_camera_does_not_count_is_refused(gate, tmp_path):
    rule = QUEUE.replace("사람", "car")

    refused = gate("alerts", "add", write(tmp_path / "car.toml", rule))

    assert "'car' is not counted at gate; add the query to the camera first" in refused.stderr


def test_rule_without_targets_cannot_be_tested(gate, tmp_path):
    gate("alerts", "add", write(tmp_path / "queue.toml", QUEUE))

    assert "tells no target" in gate("alerts", "test", "queue").stderr
    assert gate("alerts", "test", "other").stderr.startswith("error[unknown_alert_rule]:")


def test_rule_is_replayed_over_stored_counts(ovd, tmp_path):
    ovd(
        *("count", SAMPLE, "-q", "person", "--camera", "campus", "--duration", "2"),
        *("--start-at", START_AT),
    )
    rule = 'name = "any"\nwhen = "present"\nquery = "person"\ncameras = ["campus"]\n'
    file = write(tmp_path / "any.toml", rule)
    period = ("--from", "2026-03-01T11:00:00+00:00", "--to", "2026-03-01T13:00:00+00:00")

    replayed = ovd("alerts", "replay", "any", "--file", file, *period, "--json").json()

    assert replayed["alerts"] == 1
    assert replayed["messages"][0]["started_at"].startswith("2026-03-01T12:00:00")
    assert replayed["thresholds"][0]["count"] == 1
    printed = ovd("alerts", "replay", "any", "--file", file, *period).stdout
    assert "1 alerts; 0.0 hours were observed" in printed
