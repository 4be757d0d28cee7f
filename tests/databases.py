"""A real PostgreSQL for the tests: own cluster in a temporary folder, loopback only, gone afterwards.

Rule: the server never runs as root (it refuses), so root starts it as `postgres`; a machine without PostgreSQL is a
skip with its reason. Each xdist worker has its own session, hence its own cluster and database.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

FAST = ["fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=50", "timezone=UTC"]
SMALL = ["max_wal_size=256MB"]
START_SECONDS = 30
# Where files are kept in memory, and the bytes that must be free there: the disk takes half of all time of a copy.
IN_MEMORY, ROOM = Path("/dev/shm"), 4 << 30


@dataclass(frozen=True)
class PostgresServer:
    """A running cluster; `url(name)` is what SQLAlchemy takes."""

    port: int
    user: str
    password: str = field(repr=False)

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{self.user}:{self.password}@127.0.0.1:{self.port}/{database}"

    def connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=self.user,
            password=self.password,
            dbname="postgres",
            autocommit=True,
            connect_timeout=2,
        )

    @cached_property
    def desk(self) -> psycopg.Connection[tuple[object, ...]]:
        """The one connection that makes and drops databases: a new one costs as much as half of a copy."""
        return self.connect()

    def create(self, database: str) -> str:
        """Make an empty database and return its URL."""
        self.desk.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        return self.url(database)

    def copy(self, template: str, database: str) -> str:
        """Make a database like `template`, which nobody may be connected to, and return its URL."""
        command = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        self.desk.execute(command.format(sql.Identifier(database), sql.Identifier(template)))
        return self.url(database)

    def drop(self, database: str) -> None:
        self.desk.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))


def binaries() -> Path | None:
    """The folder that holds initdb and postgres, newest version first."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))
    on_path = shutil.which("initdb")
    folders = [*reversed(packaged), *([Path(on_path).resolve().parent] if on_path else [])]
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


def quick_folder() -> Path | None:
    """Where to keep what is written and thrown away again and again; None for the usual place of temporary files."""
    if not os.access(IN_MEMORY, os.W_OK) or shutil.disk_usage(IN_MEMORY).free < ROOM:
        return None
    return IN_MEMORY


def unprivileged() -> tuple[str, list[str]]:
    """The account that runs the server and the words that start a command as it."""
    if os.geteuid() != 0:
        return getpass.getuser(), []
    account = pwd.getpwnam("postgres")
    return account.pw_name, ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def make_cluster(folder: Path, *, tools: Path, account: str, prefix: list[str]) -> str:
    """Initialise a cluster in `folder` and return the password of its owner."""
    password = secrets.token_urlsafe(16)
    password_file = folder / "password"
    password_file.write_text(password)
    if prefix:
        shutil.chown(folder, account)
        shutil.chown(password_file, account)
    # The password keeps others on this machine out; what scram adds on loopback would be half of each connection.
    options = ["--auth=md5", "--username=tests", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    command = [*prefix, str(tools / "initdb"), f"--pgdata={folder / 'data'}", f"--pwfile={password_file}", *options]
    subprocess.run(command, check=True, capture_output=True, cwd=folder)
    return password


@contextlib.contextmanager
def running_cluster(tools: Path) -> Iterator[PostgresServer]:
    account, prefix = unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="stepwell-postgres-", dir=quick_folder()))
    password = make_cluster(folder, tools=tools, account=account, prefix=prefix)
    server = PostgresServer(port=free_port(), user="tests", password=password)
    options = [*FAST, *SMALL, "listen_addresses=127.0.0.1", f"port={server.port}", f"unix_socket_directories={folder}"]
    settings = [word for option in options for word in ("-c", option)]
    with (folder / "log").open("wb") as log:
        command = [*prefix, str(tools / "postgres"), "-D", str(folder / "data"), *settings]
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        wait_until_answering(server, process=process, log=folder / "log")
        yield server
    finally:
        server.desk.close()
        process.send_signal(signal.SIGINT)  # fast shutdown: open connections are closed
        process.wait(timeout=START_SECONDS)
        shutil.rmtree(folder, ignore_errors=True)


def wait_until_answering(server: PostgresServer, *, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(psycopg.OperationalError):
            server.connect().close()
            return
        time.sleep(0.05)
    raise RuntimeError("PostgreSQL did not start: " + log.read_text(errors="replace")[-2000:])


@pytest.fixture(scope="module")
def quick_path() -> Iterator[Path]:
    """A folder for a database that is put back after each change, in memory where there is room."""
    with tempfile.TemporaryDirectory(prefix="stepwell-", dir=quick_folder()) as name:
        yield Path(name)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A running server for this worker; skips where PostgreSQL is not installed."""
    tools = binaries()
    if tools is None:
        pytest.skip("PostgreSQL is not installed (no initdb under /usr/lib/postgresql or on the path)")
    with running_cluster(tools) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url(postgres_server: PostgresServer) -> str:
    """The URL of this worker's own database, empty when the session starts."""
    return postgres_server.create(f"stepwell_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}")


@pytest.fixture
def new_postgres_database(postgres_server: PostgresServer) -> Iterator[Callable[[], str]]:
    """Call it for the URL of a fresh, empty database; all of them are dropped after the test."""
    made: list[str] = []

    def create() -> str:
        made.append(f"fresh_{secrets.token_hex(4)}")
        return postgres_server.create(made[-1])

    yield create
    for name in made:
        postgres_server.drop(name)
