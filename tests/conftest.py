"""What holds for every test: hypothesis judges results, never how long an example took."""

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("ovd", deadline=None)
settings.load_profile("ovd")


@pytest.fixture(scope="session")
def weights_dir() -> Path:
    """The weights that ship."""
    return Path(__file__).parents[1] / "weights"
