import multiprocessing
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event

from ovd.errors import StoreOpenError, StoreVersionError
from ovd.store.connection.engine import open_engine
from ovd.store.connection.transactions import begin_explicitly, write_transaction
from ovd.store.schema.tables import Base
from ovd.store.schema.upgrade import HEAD, MIGRATIONS, REVISIONS, migrate
from tests.store.databases import make_url, open_and_close, open_together, query_file

SCHEMA = (
    "SELECT type, name, sql FROM sqlite_master "
    "WHERE tbl_name != 'alembic_version' ORDER BY type, name"
)


def migrate_new(path: Path) -> Path:
    """Make a database by every migration, as the first release and every later one did."""
    engine = create_engine(make_url(path))
    begin_explicitly(engine)
    with write_transaction(engine) as connection:
        migrate(connection)
    engine.dispose()
    return path


def open_without_alembic(path: Path) -> None:
    """Open a database in a process that imports nothing else."""
    subprocess.run(  # noqa: S603 - our own interpreter
        [
            sys.executable,
            "-c",
            "import sys; from ovd.store.connection.engine import open_engine; "
            "open_engine(sys.argv[1]).dispose(); sys.exit('alembic' in sys.modules)",
            make_url(path),
        ],
        check=True,
    )


def test_the_migrated_schema_is_that_of_the_tables(tmp_path: Path):
    engine = create_engine(make_url(migrate_new(tmp_path / "ovd.db")))

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        differences = compare_metadata(context, Base.metadata)

    engine.dispose()
    assert differences == []


def test_a_new_database_has_every_table_check_and_name_that_the_migrations_make(tmp_path: Path):
    migrate_new(tmp_path / "migrated.db")
    open_without_alembic(tmp_path / "created.db")

    migrated, created = (
        [(kind, name, clauses(sql)) for kind, name, sql in query_file(tmp_path / file, SCHEMA)]
        for file in ("migrated.db", "created.db")
    )
    version = "SELECT * FROM alembic_version"
    assert migrated == created
    assert query_file(tmp_path / "migrated.db", version) == [(HEAD,)]
    assert query_file(tmp_path / "created.db", version) == [(HEAD,)]


def clauses(sql: str | None) -> list[str]:
    """The parts of a statement; SQLite writes a column that was added at another place."""
    head, _, body = (sql or "").partition("(")
    return [head, *sorted(" ".join(part.split()) for part in body.removesuffix(")").split(","))]


def test_the_list_of_revisions_is_that_of_the_scripts():
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config).walk_revisions()

    assert tuple(reversed([script.revision for script in scripts])) == REVISIONS


def test_an_up_to_date_database_opens_without_alembic_and_without_a_change(tmp_path: Path):
    path = tmp_path / "ovd.db"
    open_and_close(make_url(path))
    before = path.read_bytes()

    open_without_alembic(path)

    assert path.read_bytes() == before


def test_a_database_of_a_newer_ovd_is_refused_unchanged(tmp_path: Path):
    path = tmp_path / "ovd.db"
    open_and_close(make_url(path))
    query_file(path, "UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(StoreVersionError, match=f"9999; this one knows up to {HEAD}"):
        open_engine(make_url(path))

    assert query_file(path, "SELECT version_num FROM alembic_version") == [("9999",)]


def test_a_database_of_another_program_is_refused_unchanged(tmp_path: Path):
    path = tmp_path / "notes.db"
    query_file(path, "CREATE TABLE notes (body TEXT)")

    with pytest.raises(StoreOpenError, match=r"another program \(it has the tables notes\)"):
        open_engine(make_url(path))

    assert query_file(path, "SELECT name FROM sqlite_master") == [("notes",)]


def test_an_upgrade_that_fails_leaves_nothing_behind(tmp_path: Path):
    def fail_at_gaps(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if "CREATE TABLE gaps" in statement:
            raise KeyboardInterrupt

    path = tmp_path / "ovd.db"
    event.listen(Engine, "before_cursor_execute", fail_at_gaps)
    try:
        with pytest.raises(KeyboardInterrupt):
            open_engine(make_url(path))
    finally:
        event.remove(Engine, "before_cursor_execute", fail_at_gaps)

    assert query_file(path, "SELECT name FROM sqlite_master") == []
    open_and_close(make_url(path))


def test_processes_that_open_a_new_database_at_once_agree(tmp_path: Path):
    path = tmp_path / "ovd.db"
    spawn = multiprocessing.get_context("spawn")
    barrier = spawn.Barrier(2)
    processes = [
        spawn.Process(target=open_together, args=(make_url(path), barrier)) for _ in range(2)
    ]

    for process in processes:
        process.start()
    for process in processes:
        process.join(60)

    assert [process.exitcode for process in processes] == [0, 0]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert query_file(path, "SELECT version_num FROM alembic_version") == [(HEAD,)]
