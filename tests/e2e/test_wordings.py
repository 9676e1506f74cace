"""However a person is asked for, the same people are counted."""

import json
from pathlib import Path
from typing import Any

import pytest

from ovd.cli.main import main

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "pedestrians.mp4"
WORDINGS = ("person", "persn", "사람", "보행자", "people")
pytestmark = pytest.mark.weights


def count(capsys: pytest.CaptureFixture[str], db: str, *texts: str) -> list[dict[str, Any]]:
    """Count four frames of the sample clip; return the queries of the outcome."""
    asked = [part for text in texts for part in ("-q", text)]
    with pytest.raises(SystemExit) as exit_info:
        main(["count", str(SAMPLE), *asked, "--db", db, "--fps", "1", "--duration", "4", "--json"])
    assert exit_info.value.code == 0
    queries: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["queries"]
    return queries


def test_every_wording_of_person_gives_the_same_counts(tmp_path: Path, capsys):
    counted = []
    for number, text in enumerate(WORDINGS):
        [entry] = count(capsys, f"sqlite:///{tmp_path / f'{number}.db'}", text)
        assert (entry["query"], entry["read_as"]) == (text, "person")
        counted.append((entry["mean"], entry["max"], entry["frames"]))

    assert set(counted) == {counted[0]}
    assert counted[0][0] > 1


def test_wordings_that_are_asked_together_are_counted_once(tmp_path: Path, capsys):
    [entry] = count(capsys, f"sqlite:///{tmp_path / 'ovd.db'}", *WORDINGS)

    assert entry["query"] == WORDINGS[0]
