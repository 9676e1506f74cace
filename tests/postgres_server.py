"""A PostgreSQL server in a folder of its own, on a free port of 127.0.0.1."""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import psycopg

USER, PASSWORD = "ovd", "s3cret-pass"
NOBODY = 65534
START_S = 60


def find_program(name: str) -> str:
    """Newest of Debian's versions, which are not on the path, else what the path has.

    Raises:
        FileNotFoundError: If PostgreSQL is not installed.
    """
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = str(debian[-1]) if debian else shutil.which(name)
    if found is None:
        raise FileNotFoundError(f"no {name}: these tests need PostgreSQL; run `make postgres`")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class PostgresServer:
    """Runs from construction to `stop`; as nobody where root started the tests."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="ovd-postgres-"))
        self._data = self._folder / "data"
        self.port = free_port()
        password = self._folder / "password"
        password.write_text(PASSWORD)
        self._user = NOBODY if os.geteuid() == 0 else None
        if self._user is not None:
            for path in (self._folder, password):
                os.chown(path, NOBODY, NOBODY)
        accounts = ["-U", USER, "-A", "scram-sha-256", f"--pwfile={password}"]
        self._run("initdb", *accounts, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        options = f"-h 127.0.0.1 -p {self.port} -k '' -c fsync=off"
        log = str(self._folder / "log")
        self._run("pg_ctl", "start", "-w", "-t", str(START_S), "-l", log, "-o", options)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(  # noqa: S603 - programs of the system, arguments of our own
            [find_program(program), "-D", str(self._data), *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self._folder,
            user=self._user,
            group=self._user,
            extra_groups=[] if self._user is not None else None,
        )

    def url(self, database: str, password: str = PASSWORD) -> str:
        return f"postgresql://{USER}:{password}@127.0.0.1:{self.port}/{database}"

    def create(self, database: str) -> str:
        """Make an empty database in place of one of that name; returns its URL."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {database}")
        return self.url(database)

    def restart(self) -> None:
        self._run("pg_ctl", "restart", "-m", "fast", "-w", "-t", str(START_S))

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "-m", "immediate", "-w")
        shutil.rmtree(self._folder)
