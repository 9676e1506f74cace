"""Data folders and database addresses with characters that mean something in a URL."""

from pathlib import Path

import pytest

from ovd.errors import StoreOpenError
from ovd.settings import Settings
from ovd.store.connection.engine import open_engine, parse_url
from ovd.store.maintenance.backup import backup_file
from tests.store.databases import make_url

SQLITE = "sqlite:////data/ovd.db"
SERVER = "postgresql://ovd:s3cret@127.0.0.1:1/ovd"


@pytest.mark.parametrize("name", ["a%20b", "a b", "what?", "a#b", "100%", "%3F", "정문"])
def test_data_folder_is_used_as_it_is_named(tmp_path: Path, name: str):
    url = Settings(data_dir=tmp_path / name).db_url

    open_engine(url).dispose()
    backup_file(url, tmp_path / "copy.db")

    assert (tmp_path / name / "ovd.db").is_file()
    assert (tmp_path / "copy.db").is_file()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, "copy.db"])


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        (f"{SQLITE}?timeout=abc", "must be a number of seconds, got 'abc'"),
        (f"{SQLITE}?timeout=-1", "must be a number of seconds"),
        (f"{SQLITE}?timeout=1&timeout=2", "must be a number of seconds"),
        (f"{SQLITE}?mode=ro", "unknown option 'mode'"),
        ("sqlite:////data/what?/ovd.db=1", "is written as %3F"),
    ],
)
def test_options_of_a_file_that_make_no_sense_are_refused(url: str, problem: str):
    with pytest.raises(StoreOpenError, match=problem):
        open_engine(url)


@pytest.mark.parametrize("options", ["connect_timeout=abc", "nonsense=1", "plugin=none", "port=x"])
def test_options_of_a_server_that_make_no_sense_are_refused(options: str):
    with pytest.raises(StoreOpenError) as caught:
        open_engine(f"{SERVER}?{options}")

    assert "s3cret" not in str(caught.value)


def test_timeout_of_a_file_may_be_set(tmp_path: Path):
    open_engine(f"{make_url(tmp_path / 'ovd.db')}?timeout=5").dispose()

    assert parse_url(f"{SQLITE}?timeout=5").query == {"timeout": "5"}
