from collections.abc import Iterator
from pathlib import Path

import pytest

from ovd.domain.ports import CountStore
from tests.builders import START
from tests.fakes import MemoryStore
from tests.store.databases import make_empty, make_url, open_store


@pytest.fixture(params=["sqlite", "postgresql", "fake"])
def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CountStore]:
    """Everything that implements the port, without rows: one contract holds for all."""
    if request.param == "fake":
        yield MemoryStore()
        return
    if request.param == "postgresql":
        url = request.getfixturevalue("empty_postgres_url")
    else:
        url = make_url(make_empty(tmp_path / "ovd.db"))
    with open_store(url, now=lambda: START) as store:
        yield store
