import threading
from contextlib import closing
from pathlib import Path

import pytest

from ovd.bootstrap import build_services, open_catalogue
from ovd.errors import ServerRunningError, UnknownDetectorError
from ovd.settings import Settings
from tests.store.databases import make_empty, query_file


def test_services_that_fail_half_way_leave_nothing_open(tmp_path: Path):
    make_empty(tmp_path / "ovd.db")
    before = set(threading.enumerate())

    with pytest.raises(UnknownDetectorError):
        build_services(Settings(data_dir=tmp_path, detector="none"))

    assert set(threading.enumerate()) == before
    assert query_file(tmp_path / "ovd.db", "SELECT count(*) FROM servers") == [(0,)]


def test_second_server_on_one_database_is_refused_before_anything_is_loaded(tmp_path: Path):
    settings = Settings(data_dir=tmp_path, detector="none")
    make_empty(tmp_path / "ovd.db")

    with closing(open_catalogue(settings)) as running:
        running.claim()

        with pytest.raises(ServerRunningError, match="another ovd serve"):
            build_services(settings)
