"""Where an installation keeps its store, for tests that set it back: to a moment, to nothing, to a backup.

On SQLite that is a file and what lies beside it; on PostgreSQL a schema. Nobody may be writing meanwhile.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString, Protocol

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from tests.services.postgres import present_server

Kept = Mapping[str, bytes]
"""What a store held, by file or by table; nothing: there was no store."""

_COUNTER = "counter of "


class Shelf(Protocol):
    """A place for one store. `place`: the setting `store`, "" for the usual file; `kind`: one of postgres.STORES."""

    @property
    def kind(self) -> str: ...
    @property
    def place(self) -> str: ...

    def keep(self) -> Kept:
        """What the store holds."""
        ...

    def set_back(self, kept: Kept) -> None:
        """The store as it was, unnoticed: for the program nothing has happened."""
        ...

    def put_backup_back(self, kept: Kept) -> None:
        """The store as an administrator puts it back from a backup, which the program notices (A1)."""
        ...

    def clear(self) -> None:
        """No store."""
        ...

    def tables(self) -> Sequence[str]:
        """The names of its tables."""
        ...

    def rows(self, table: str) -> Sequence[Mapping[str, Any]]:
        """A table's rows; none where there is no store."""
        ...

    def contents(self) -> Iterator[tuple[str, bytes]]:
        """Every byte of it, part by part."""
        ...


@dataclass(frozen=True)
class FileShelf:
    """A SQLite file."""

    path: Path
    kind: str = "sqlite"
    place: str = ""

    def keep(self) -> Kept:
        return {path.name: path.read_bytes() for path in self._files()}

    def set_back(self, kept: Kept) -> None:
        self.clear()
        self._write(kept)

    def put_backup_back(self, kept: Kept) -> None:
        """The file alone: the witness beside it stays where it is (docs/operations.md)."""
        for suffix in ("-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
        self._write({self.path.name: kept[self.path.name]})

    def clear(self) -> None:
        for path in self._files():
            path.unlink()

    def tables(self) -> Sequence[str]:
        return [row["name"] for row in self.rows("sqlite_master") if row["type"] == "table"]

    def rows(self, table: str) -> Sequence[Mapping[str, Any]]:
        if not self.path.exists():
            return []
        connection = sqlite3.connect(self.path)
        try:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(f'SELECT * FROM "{table}"')]  # noqa: S608
        finally:
            connection.close()

    def contents(self) -> Iterator[tuple[str, bytes]]:
        return iter(self.keep().items())

    def _files(self) -> Sequence[Path]:
        return sorted(self.path.parent.glob(f"{self.path.name}*"))

    def _write(self, kept: Kept) -> None:
        for name, content in kept.items():
            path = self.path.with_name(name)
            path.write_bytes(content)
            path.chmod(0o600)


@dataclass(frozen=True)
class SchemaShelf:
    """A schema of a PostgreSQL server, by its URL. Each method has a connection of its own: processes are forked."""

    place: str
    kind: str = "postgresql"

    def keep(self) -> Kept:
        with self._connected() as connection:
            kept = {name: _copy_out(connection, name) for name in _tables(connection)}
            return {**kept, **{_COUNTER + name: str(n).encode() for name, n in _counters(connection)}}

    def set_back(self, kept: Kept) -> None:
        """Rows only, so that the tables stay where they are: it is by these that a restored one is noticed (0009)."""
        if not kept:
            self.clear()
            return
        tables = [name for name in kept if not name.startswith(_COUNTER)]
        with self._connected() as connection, connection.transaction():
            assert sorted(tables) == sorted(_tables(connection)), "tables were made since"
            _empty(connection, tables)
            for name in tables:
                _copy_in(connection, name, kept[name])
            for name in kept.keys() - tables:
                counter = name.removeprefix(_COUNTER)
                connection.execute("SELECT setval(%s::regclass, %s, false)", (f'"{counter}"', int(kept[name])))

    def put_backup_back(self, kept: Kept) -> None:
        """As after a dump was put back, in which the table that names the installation is another one."""
        with self._connected() as connection:
            connection.execute("CREATE TABLE again (LIKE installation INCLUDING ALL)")
            connection.execute("ALTER SEQUENCE installation_id_seq OWNED BY again.id")
            connection.execute("DROP TABLE installation")
            connection.execute("ALTER TABLE again RENAME TO installation")
        self.set_back(kept)

    def clear(self) -> None:
        with self._connected() as connection:
            name = _one(connection, "SELECT current_schema()")
            for words in ("DROP SCHEMA {} CASCADE", "CREATE SCHEMA {}"):
                connection.execute(sql.SQL(words).format(sql.Identifier(name)))

    def tables(self) -> Sequence[str]:
        with self._connected() as connection:
            return _tables(connection)

    def rows(self, table: str) -> Sequence[Mapping[str, Any]]:
        query = sql.SQL("SELECT * FROM {}").format(sql.Identifier(table))
        with self._connected() as connection:
            return connection.cursor(row_factory=dict_row).execute(query).fetchall() if _tables(connection) else []

    def contents(self) -> Iterator[tuple[str, bytes]]:
        with self._connected() as connection:
            return iter([(name, _copy_out(connection, name)) for name in _tables(connection)])

    def _connected(self) -> "psycopg.Connection":
        return psycopg.connect(self.place, autocommit=True)


def _one(connection: "psycopg.Connection", query: LiteralString | sql.Composed) -> str:
    row = connection.execute(query).fetchone()
    assert row is not None
    return str(row[0])


def _tables(connection: "psycopg.Connection") -> list[str]:
    """The present tables, those first to whose rows others refer."""
    query = (
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace "
        "ORDER BY EXISTS (SELECT FROM pg_constraint WHERE contype = 'f' AND conrelid = pg_class.oid), relname"
    )
    return [str(row[0]) for row in connection.execute(query)]


def _counters(connection: "psycopg.Connection") -> list[tuple[str, int]]:
    """What each sequence gives next. pg_sequences does not tell it of one that was set but not used yet."""
    query = "SELECT relname FROM pg_class WHERE relkind = 'S' AND relnamespace = current_schema()::regnamespace"
    names = [str(row[0]) for row in connection.execute(query)]
    following = sql.SQL("SELECT last_value + is_called::int FROM {}")
    return [(n, int(_one(connection, following.format(sql.Identifier(n))))) for n in names]


def _empty(connection: "psycopg.Connection", tables: Sequence[str]) -> None:
    """Row by row: taking the tables' files away would cost far more than the few rows that there are."""
    for name in reversed(tables):
        connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))


def _copy_out(connection: "psycopg.Connection", table: str) -> bytes:
    query = sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))
    with connection.cursor().copy(query) as copy:
        return b"".join(bytes(part) for part in copy)


def _copy_in(connection: "psycopg.Connection", table: str, rows: bytes) -> None:
    if rows:
        with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))) as copy:
            copy.write(rows)


def open_shelf(file: Path) -> Shelf:
    """An empty place where stores are kept now (postgres.stores_on): a new schema, or the file."""
    server = present_server()
    return FileShelf(file) if server is None else SchemaShelf(server.fresh())


def line_of(shelf: Shelf) -> str:
    """The line of a settings file that names it, before its tables; "" for the usual file."""
    return f'store = "{shelf.place}"\n' if shelf.place else ""


_are_shelves: tuple[type[Shelf], ...] = (FileShelf, SchemaShelf)  # proven by the type check
