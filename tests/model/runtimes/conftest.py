import pytest

from tests.model.runtimes.networks import make_source


@pytest.fixture(scope="session")
def source():
    return make_source()
