"""Databases of earlier releases, with data in them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, text
from sqlalchemy import make_url as parse_url

from ovd.domain.records import CountSelection
from ovd.store.connection.engine import open_engine
from ovd.store.maintenance.whole_database import rebuild_rollups
from ovd.store.schema.tables import Base
from ovd.store.schema.upgrade import MIGRATIONS
from tests.postgres_server import PostgresServer
from tests.store.databases import make_url, open_store, query_database

NOON = "2026-03-01 12:00:00.000000"
COUNTED_AT = ("12:00:00.000000", "12:00:59.999999", "13:01:00.000000")


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without tables."""
    if request.param == "sqlite":
        return make_url(tmp_path / "ovd.db")
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.create("revisions")


@contextmanager
def open_revision(url: str, revision: str) -> Iterator[Connection]:
    """Make a database of a revision, and write into it."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    driver = {"postgresql": "postgresql+psycopg"}.get(url.split(":")[0], "sqlite")
    engine = create_engine(parse_url(url).set(drivername=driver))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        yield connection
    engine.dispose()


def noon(connection: Connection) -> str:
    return NOON + ("" if connection.dialect.name == "sqlite" else "+00")


def make_first_revision(url: str) -> None:
    """A database of the first release with counts of two queries."""
    with open_revision(url, "0001") as connection:
        values = {"noon": noon(connection)}
        for statement in (
            "INSERT INTO cameras VALUES (1, '정문', 'clip.mp4', :noon, true)",
            "INSERT INTO queries VALUES (1, 'query 1', 'r', '[]', '[]', 0.5, :noon)",
            "INSERT INTO queries VALUES (2, 'query 2', 'r', '[]', '[]', 0.5, :noon)",
            "INSERT INTO runs VALUES (1, 1, 'fake', '', :noon, NULL, 'done', '', 'here', 1, :noon)",
        ):
            connection.execute(text(statement), values)
        for index, time in enumerate(COUNTED_AT):
            moment = values["noon"].replace("12:00:00.000000", time)
            for query_id in (1, 2):
                row = {"id": 10 * query_id + index, "query": query_id, "frame": index}
                count = {"count": index * query_id, "moment": moment}
                statement = (
                    "INSERT INTO frame_counts VALUES "
                    "(:id, 1, 1, :query, :frame, :moment, 0.5, :count, 0.9)"
                )
                connection.execute(text(statement), row | count)


def test_counts_of_the_first_release_are_kept_and_rolled_up(new_url: str):
    make_first_revision(new_url)

    with open_store(new_url) as store:
        by_hour, by_minute, by_second = (
            [
                (t.query, t.start_at.hour, t.samples, t.observed_s, t.count_sum, t.count_max)
                for t in store.counts.totals(CountSelection(), step_s)
            ]
            for step_s in (3600, 60, 1)
        )

    assert by_hour == by_minute
    assert by_hour == [
        ("query 1", 12, 2, 1.0, 1, 1),
        ("query 1", 13, 1, 0.5, 2, 2),
        ("query 2", 12, 2, 1.0, 2, 2),
        ("query 2", 13, 1, 0.5, 4, 4),
    ]
    assert [total[2:] for total in by_second[:2]] == [(1, 0.5, 0, 0), (1, 0.5, 1, 1)]
    ordered = "SELECT * FROM rollups ORDER BY camera_id, query_id, bucket, bucket_start"
    migrated = query_database(new_url, ordered)
    assert len(migrated) == 2 * (2 + 2 + 1)
    engine = open_engine(new_url)
    rebuild_rollups(engine)
    engine.dispose()
    assert query_database(new_url, ordered) == migrated


def make_fifth_revision(url: str) -> None:
    """A database of 0.2.0 with cameras as users and runs left them, tracks and gaps."""
    with open_revision(url, "0005") as connection:
        values = {"noon": noon(connection)}
        for key, name, enabled, queries, credentials in (
            (1, "on", True, "[]", None),
            (2, "asked", False, '[{"text": "car", "min_score": null}]', None),
            (3, "secret", False, "[]", "gAAA"),
            (4, "counted", False, "[]", None),
        ):
            camera = {"key": key, "name": name, "enabled": enabled, "queries": queries}
            statement = (
                "INSERT INTO cameras (id, name, uri, created_at, enabled, queries, credentials) "
                "VALUES (:key, :name, 'webcam:0', :noon, :enabled, :queries, :credentials)"
            )
            row = values | camera | {"credentials": credentials}
            connection.execute(text(statement), row)
        for statement in (
            "INSERT INTO queries VALUES (1, 'car', 'r', '[]', '[]', 0.5, :noon)",
            "INSERT INTO runs VALUES (1, 1, 'fake', '', :noon, NULL, 'done', '', 'here', 1, :noon)",
            "INSERT INTO watches VALUES (7, 1, 1, 1, NULL, :noon, :noon)",
            "INSERT INTO gaps VALUES (1, 1, 1, :noon, :noon, 'frozen picture')",
            "INSERT INTO gaps VALUES (2, 1, 1, :noon, :noon, 'camera moved')",
        ):
            connection.execute(text(statement), values)


def test_cameras_that_users_added_before_are_told_from_counted_ones(new_url: str):
    make_fifth_revision(new_url)

    open_engine(new_url).dispose()

    added = query_database(new_url, "SELECT name FROM cameras WHERE added ORDER BY id")
    assert [name for (name,) in added] == ["on", "asked", "secret"]


def test_tracked_intervals_and_gaps_of_before_are_kept_by_their_new_names(new_url: str):
    make_fifth_revision(new_url)

    open_engine(new_url).dispose()

    tracked = "SELECT run_id, camera_id, query_id, zone_id FROM tracked_intervals"
    assert query_database(new_url, tracked) == [(1, 1, 1, None)]
    reasons = query_database(new_url, "SELECT reason FROM gaps ORDER BY id")
    assert [reason for (reason,) in reasons] == ["frozen image", "camera moved"]


def test_the_migrated_schema_of_a_server_is_that_of_the_tables(postgres_url: str):
    engine = open_engine(postgres_url)

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": False})
        differences = compare_metadata(context, Base.metadata)

    engine.dispose()
    assert differences == []
