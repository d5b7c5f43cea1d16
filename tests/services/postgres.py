"""A PostgreSQL server of the tests' own: on a socket only, in a folder of its own, gone with the tests.

MAILSYNC_TEST_DSN names another one (a postgresql:// URL whose user may make schemas); it wins.
"""

import ctypes
import getpass
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg

from mailsync.errors import MailsyncError

SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=", "max_connections=200")
_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
STORE_DSN = "MAILSYNC_TEST_STORE_DSN"
"""The environment's name for the server on which scenes keep their stores; unset: SQLite files."""
HINT = "PostgreSQL is not installed: apt-get install postgresql (make test does), or set MAILSYNC_TEST_DSN"


@dataclass(frozen=True)
class Server:
    """A running server. `dsn` is a URL without a database's options."""

    dsn: str
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def fresh(self) -> str:
        """The URL of an empty schema, as a `store` setting."""
        name = f"t{os.getpid()}_{time.monotonic_ns()}_{next(self._numbers)}"
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(f'DROP SCHEMA IF EXISTS "{name}" CASCADE')
            connection.execute(f'CREATE SCHEMA "{name}"')
        separator = "&" if "?" in self.dsn else "?"
        return f"{self.dsn}{separator}options={quote(f'-c search_path={name}')}"


@contextmanager
def running_postgres() -> Generator[Server]:
    """A server while the context lasts. Raises MailsyncError, loudly, where there is none to start."""
    given = os.environ.get("MAILSYNC_TEST_DSN")
    if given:
        yield Server(given)
        return
    programs = find_programs()
    folder = Path(tempfile.mkdtemp(prefix="mailsync-pg-"))
    owner = "nobody" if os.geteuid() == 0 else getpass.getuser()
    try:
        yield from _serve(programs, folder, owner)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


STORES = ("sqlite", "postgresql")


@contextmanager
def stores_on(kind: str, server: Server | None = None) -> Generator[None]:
    """Scenes and histories keep their stores there, one of STORES, while the context lasts: on the one that is used
    already, else on `server`, else on a server of their own."""
    before = os.environ.pop(STORE_DSN, None)
    with ExitStack() as ending:
        if kind != "sqlite":
            os.environ[STORE_DSN] = before or (server or ending.enter_context(running_postgres())).dsn
        try:
            yield
        finally:
            os.environ.pop(STORE_DSN, None)
            if before is not None:
                os.environ[STORE_DSN] = before


def present_server() -> Server | None:
    """The server on which stores are kept now; None: they are files."""
    dsn = os.environ.get(STORE_DSN)
    return Server(dsn) if dsn else None


def find_programs() -> Path:
    """The folder of the newest server's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if not found:
        raise MailsyncError(HINT)
    return found[-1].parent


def _serve(programs: Path, folder: Path, owner: str) -> Generator[Server]:
    account = pwd.getpwnam(owner)
    as_owner = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    data = folder / "data"
    os.chown(folder, account.pw_uid, account.pw_gid)
    initdb = [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
    subprocess.run(initdb, check=True, capture_output=True, cwd=folder, **as_owner)
    options = [part for setting in SETTINGS for part in ("-c", setting)]
    words = [programs / "postgres", "-D", data, "-k", folder, *options]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            words, stdout=log, stderr=log, cwd=folder, start_new_session=True, preexec_fn=_end_with_parent, **as_owner
        )
    try:
        dsn = f"postgresql://postgres@/postgres?host={quote(str(folder), safe='')}"
        _await(dsn, server, folder / "log")
        yield Server(dsn)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)


def _end_with_parent() -> None:
    """In the server's process before it is one: a run that is killed leaves none behind (prctl(2), Linux alone)."""
    if sys.platform == "linux":
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def _await(dsn: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(dsn).close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > until:
                raise MailsyncError(f"PostgreSQL did not start: {log.read_text(errors='replace')[-2000:]}") from None
            time.sleep(0.05)
        else:
            return
