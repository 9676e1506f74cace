import json

import pytest


def test_no_command_shows_help(ovd):
    outcome = ovd("--help")

    assert outcome.exit_code == 0
    assert "count" in outcome.stdout


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["cuont"], "cuont"),
        (["count"], "Missing argument"),
        (["detect", "picture.jpg"], "--query"),
        (["count", "clip.mp4", "-q", "person", "--fps", "fast"], "--fps"),
        (["report"], "--out"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_2(ovd, arguments, part):
    outcome = ovd(*arguments)

    assert outcome.exit_code == 2
    assert outcome.stdout == ""
    assert outcome.stderr.startswith("error[usage]: ")
    assert outcome.stderr.count("\n") == 1
    assert part in outcome.stderr


def test_error_is_json_when_json_was_asked_for(ovd):
    outcome = ovd("detect", "nowhere.jpg", "-q", "person", "--json")

    assert outcome.exit_code == 2
    assert outcome.stdout == ""
    assert json.loads(outcome.stderr)["error"]["code"] == "bad_image"


def test_unknown_setting_is_refused(ovd, monkeypatch):
    monkeypatch.setenv("OVD_DETECTER", "embedded")

    outcome = ovd("weights", "list")

    assert (outcome.exit_code, outcome.stderr.split(":")[0]) == (2, "error[bad_settings]")
