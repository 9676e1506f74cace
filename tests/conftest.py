"""What holds for every test: hypothesis judges results, never how long an example took."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings

from tests.postgres_server import PostgresServer
from tests.store.databases import make_empty, make_url, open_and_close

settings.register_profile("ovd", deadline=None)
settings.load_profile("ovd")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the tests marked long, and no others")


def pytest_configure() -> None:
    """Let PyTorch compute in one thread, in subprocesses too.

    Its threads spin while they wait for each other, so that several workers, each with a thread
    per core, can stand still for hours.
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes many minutes, unless it was asked for."""
    wanted = config.getoption("--long")
    left_out = [item for item in items if ("long" in item.keywords) is not wanted]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if ("long" in item.keywords) is wanted]


@pytest.fixture(scope="session")
def weights_dir() -> Path:
    """The weights that ship."""
    return Path(__file__).parents[1] / "weights"


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_url(postgres: PostgresServer) -> str:
    """An up-to-date database that tests share; `empty_postgres_url` empties it."""
    url = postgres.create("shared")
    open_and_close(url)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An up-to-date database without rows: a file, or on a server."""
    if request.param == "sqlite":
        return make_url(make_empty(tmp_path / "ovd.db"))
    url: str = request.getfixturevalue("empty_postgres_url")
    return url


@pytest.fixture
def empty_postgres_url(postgres_url: str) -> str:
    """An up-to-date database without rows on a server."""
    with psycopg.connect(postgres_url) as connection:
        tables = connection.execute(
            "SELECT string_agg(tablename, ', ') FROM pg_tables "
            "WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        ).fetchone()
        assert tables is not None
        connection.execute(f"TRUNCATE {tables[0]} RESTART IDENTITY")  # type: ignore[arg-type]
    return postgres_url
