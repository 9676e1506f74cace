from pathlib import Path

from tests.cli.conftest import Ovd

WEEKLY = """
name = "gates"
every = "weekly"
at = 06:30:00
tz = "Europe/Berlin"
format = "pdf"
targets = ["ops"]
"""


def write(folder: Path, text: str = WEEKLY) -> str:
    file = folder / "weekly.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def add_camera(ovd: Ovd) -> None:
    ovd("cameras", "add", "gate", "rtsp://127.0.0.1:9/a")


def test_schedule_is_added_listed_and_removed(ovd: Ovd, tmp_path: Path):
    add_camera(ovd)

    added = ovd("schedules", "add", write(tmp_path))

    assert added.stdout.startswith("gates  weekly  06:30 Europe/Berlin  pdf  next ")
    [listed] = ovd("schedules", "list", "--json").json()
    assert (listed["name"], listed["targets"], listed["last"]) == ("gates", ["ops"], None)
    assert ovd("schedules", "remove", "GATES").stdout == "removed GATES\n"
    assert ovd("schedules", "list").stdout == ""


def test_folders_and_files_of_the_machine_stand_in_the_settings_only(ovd: Ovd, tmp_path: Path):
    add_camera(ovd)

    refused = ovd("schedules", "add", write(tmp_path, WEEKLY + 'folder = "/srv"\n'))

    assert "error[bad_schedule]" in refused.stderr
    assert "ovd.toml" in refused.stderr


def test_report_that_cannot_be_sent_is_an_error(ovd: Ovd, tmp_path: Path):
    add_camera(ovd)
    ovd("schedules", "add", write(tmp_path))

    assert ovd("schedules", "send", "gates").exit_code != 0
    assert "error[bad_schedule]" in ovd("schedules", "send", "nothing").stderr
