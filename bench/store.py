"""What the store costs in bulk, on SQLite and on PostgreSQL: pairs written, written again and read, and their size.

Run: .venv/bin/python -m bench.store [PAIRS] (20,000). It starts a PostgreSQL of its own (fsync off: the disk is not
what is measured; SQLite writes with synchronous=FULL, as ever). `pairs a CPU-second` counts this process alone, `a
second` the clock, with the database's work in it. Pairs hold both sides of a contact with ten filled fields of twenty.

- `floor`: rows of the same width written by the driver alone (sqlite3's executemany; psycopg's COPY), nothing made
  from or to values, no keys looked up before.
- `written`: one commit of all; `in 100s`: a commit for each 100, as a session stores what one request created.
"""

import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from bench.planner import person
from mailsync.cli.garbage import collect_less
from mailsync.core.pair import Base, Pair
from mailsync.core.refs import AccountId, ItemId, RecordId, Version
from mailsync.ports.ledger import Batch
from mailsync.store import Secrets, SqlStore, open_store
from tests.services.postgres import running_postgres

PAIRS = 20_000
ROUNDS = 3
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
USER = "ann"


@dataclass(frozen=True, slots=True)
class Rate:
    """How many pairs a second of the clock, and of this process's processor time."""

    wall: float
    cpu: float


def pair(n: int) -> Pair:
    """A pair as Exchange and Salesforce give it."""
    item = ItemId(f"AAMkADIzZGEwNTI5LWE0N2MtNDRhNy05MTdmLTQ0NTIzNDgyNTA1YwBGAAAAAAAj2gUppHxEp5F{n:081}")
    account, name = AccountId(f"001Ib{n % 40:010}IAA"), f"Globex {n % 40}"
    crm = Base(person(n), Version("2026-11-23T12:00:00.000+0000"))
    mailbox = Base(person(n), Version(f"EQAAABYAAAAj2gUppHxEp5F/RFI0glBc{n:012}"))
    return Pair(RecordId(f"003Ib{n:010}IAA"), item, crm, mailbox, account=account, account_name=name)


def rate(count: int, work: Callable[[], object]) -> Rate:
    """The rate of one piece of work over so many pairs."""
    begun, spent = time.perf_counter(), time.process_time()
    work()
    return Rate(count / (time.perf_counter() - begun), count / (time.process_time() - spent))


def commit(store: SqlStore, fence: int, pairs: Sequence[Pair], at_once: int) -> None:
    """Commits pairs, so many at a time."""
    for start in range(0, len(pairs), at_once):
        store.commit(USER, fence, Batch(pairs=tuple(pairs[start : start + at_once])), NOW)


def measure(store: SqlStore, count: int = PAIRS) -> dict[str, Rate]:
    """A round on an empty store."""
    pairs = [pair(n) for n in range(count)]
    moved = [replace(p, mailbox=Base(p.mailbox.values, Version("new")), edited=True) for p in pairs]
    fence = store.begin(USER, NOW)
    found = {"written": rate(count, lambda: commit(store, fence, pairs, count))}
    found["written again"] = rate(count, lambda: commit(store, fence, moved, count))
    found["written again in 100s"] = rate(count, lambda: commit(store, fence, moved, 100))
    read: list[Pair] = []
    found["read, all"] = rate(count, lambda: read.extend(store.pairs(USER)))
    assert read == moved
    records = [p.record for p in moved]
    found["read by reference"] = rate(count, lambda: store.pairs_of(USER, records, []))
    store.finish(USER, fence, {}, NOW)
    return found


@contextmanager
def opened(kind: str) -> Iterator[tuple[SqlStore, Callable[[], int], Callable[[Sequence[tuple[object, ...]]], None]]]:
    """An empty store of a kind; how many bytes its pairs take; and the driver's own way to write rows."""
    with tempfile.TemporaryDirectory() as folder:
        if kind == "sqlite":
            path = Path(folder, "mailsync.db")
            store = open_store(path, Secrets(Path(folder, "key")))
            yield store, lambda: _size_of_sqlite(path), lambda rows: _write_to_sqlite(Path(folder, "floor.db"), rows)
            store.close()
            return
        with running_postgres() as server:
            url = server.fresh()
            store = open_store(url, Secrets(Path(folder, "key")))
            yield store, lambda: _size_of_postgres(url), lambda rows: _write_to_postgres(url, rows)
            store.close()


def _size_of_sqlite(path: Path) -> int:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("VACUUM")
        return int(connection.execute("SELECT sum(pgsize) FROM dbstat WHERE name LIKE '%pairs%'").fetchone()[0])


def _size_of_postgres(url: str) -> int:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM FULL pairs")
        found = connection.execute("SELECT pg_total_relation_size('pairs')").fetchone()
        assert found is not None
        return int(found[0])


WIDTH = 19


def rows_of(pairs: Sequence[Pair]) -> list[tuple[object, ...]]:
    """Rows as wide as the table's, made before the clock runs."""
    text = "x" * 420
    return [(1, p.record, p.item, n.to_bytes(16), text, text, *("y",) * 13) for n, p in enumerate(pairs)]


_MADE = ", ".join(["user_id INTEGER", "record TEXT", *(f"c{n} TEXT" for n in range(2, WIDTH))])
_KEY = "CREATE UNIQUE INDEX k_floor ON floor (user_id, record)"


def _write_to_sqlite(path: Path, rows: Sequence[tuple[object, ...]]) -> None:
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"CREATE TABLE floor ({_MADE})")
        connection.execute(_KEY)
        connection.executemany(f"INSERT INTO floor VALUES ({', '.join('?' * WIDTH)})", rows)  # noqa: S608 - constant text
    connection.close()


def _write_to_postgres(url: str, rows: Sequence[tuple[object, ...]]) -> None:
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS floor")
        cursor.execute(f"CREATE TABLE floor ({_MADE})".replace("c3 TEXT", "c3 BYTEA"))
        cursor.execute(_KEY)
        with cursor.copy("COPY floor FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def measure_kind(kind: str, count: int = PAIRS, rounds: int = ROUNDS) -> tuple[dict[str, Rate], float]:
    """Medians of some rounds, each on a store of its own, and bytes a pair."""
    found: dict[str, list[Rate]] = {}
    size = 0
    for _ in range(rounds):
        with opened(kind) as (store, size_of, write):
            rows = rows_of([pair(n) for n in range(count)])
            found.setdefault("floor", []).append(rate(count, lambda write=write, rows=rows: write(rows)))
            for case, seen in measure(store, count).items():
                found.setdefault(case, []).append(seen)
            size = size_of()
    medians = {
        case: Rate(statistics.median(r.wall for r in seen), statistics.median(r.cpu for r in seen))
        for case, seen in found.items()
    }
    return medians, size / count


def main() -> None:
    """Prints a line for each case on each database."""
    collect_less()  # as the program does
    count = int(sys.argv[1].replace(",", "")) if len(sys.argv) > 1 else PAIRS
    for kind in ("sqlite", "postgresql"):
        found, size = measure_kind(kind, count)
        for case, seen in found.items():
            sys.stdout.write(f"{kind:11} {case:22} {seen.cpu:9.0f} pairs a CPU-second, {seen.wall:9.0f} a second\n")
        sys.stdout.write(f"{kind:11} {'stored':22} {size:9.0f} bytes a pair\n")


if __name__ == "__main__":
    main()
