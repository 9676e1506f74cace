from pathlib import Path

import pytest

from tests.store.databases import make_empty, make_url


@pytest.fixture
def url(tmp_path: Path) -> str:
    """An up-to-date database without rows."""
    return make_url(make_empty(tmp_path / "ovd.db"))
