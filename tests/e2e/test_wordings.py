"""However a person is asked for, the same people are counted."""

import json
from pathlib import Path

import pytest

from ovd.cli.main import main

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "pedestrians.mp4"
WORDINGS = ("person", "persn", "사람", "보행자", "people")
pytestmark = pytest.mark.weights


def test_every_wording_of_person_gives_the_same_counts(tmp_path, capsys):
    asked = [part for text in WORDINGS for part in ("-q", text)]
    db = f"sqlite:///{tmp_path / 'ovd.db'}"

    with pytest.raises(SystemExit) as exit_info:
        main(["count", str(SAMPLE), *asked, "--db", db, "--fps", "1", "--duration", "4", "--json"])

    outcome = json.loads(capsys.readouterr().out)
    counted = [(entry["mean"], entry["max"], entry["frames"]) for entry in outcome["queries"]]
    assert exit_info.value.code == 0
    assert [entry["query"] for entry in outcome["queries"]] == list(WORDINGS)
    assert {entry["read_as"] for entry in outcome["queries"]} == {"person"}
    assert set(counted) == {counted[0]}
    assert counted[0][0] > 1
