import ast
import json
import subprocess
import sys

import pytest

from ovd import __version__
from ovd.cli.verbs import VERBS


@pytest.mark.parametrize("arguments", [[], ["--help"]])
def test_help_lists_the_verbs(ovd, arguments):
    outcome = ovd(*arguments)

    assert outcome.exit_code == 0
    assert outcome.stderr == ""
    assert [verb.name for verb in VERBS if f"\n  {verb.name} " not in outcome.stdout] == []


@pytest.mark.parametrize("verb", ["cameras", "db"])
def test_a_verb_with_verbs_of_its_own_shows_its_help(ovd, verb):
    outcome = ovd(verb)

    assert (outcome.exit_code, outcome.stderr) == (0, "")
    assert outcome.stdout.startswith(f"Usage: ovd {verb} ")
    assert "completion" not in outcome.stdout


def test_version_is_shown(ovd):
    outcome = ovd("--version")

    assert (outcome.exit_code, outcome.stdout) == (0, f"ovd {__version__}\n")


def test_help_imports_no_verb_and_nothing_large():
    code = (
        "import sys\n"
        "from ovd.cli.main import main\n"
        "try:\n    main(['--help'])\n"
        "except SystemExit:\n    pass\n"
        "print(sorted(sys.modules), file=sys.stderr)"
    )

    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    loaded = {name.split(".")[0] for name in ast.literal_eval(done.stderr)}
    assert (
        loaded & {"torch", "scipy", "gradio", "pandas", "sqlalchemy", "pydantic", "rich"} == set()
    )
    assert "ovd.bootstrap" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["cuont"], "cuont"),
        (["count"], "Missing argument"),
        (["detect", "image.jpg"], "--query"),
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
