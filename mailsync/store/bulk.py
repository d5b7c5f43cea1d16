"""Many rows at once: what each driver does best, in the caller's transaction. A row is never a statement of its own.

sqlite3 runs one prepared statement over all rows; PostgreSQL takes them as one COPY. What SQLAlchemy does to values on
their way in (times, texts) is done here by the columns' own types. Deletions name several hundred keys each.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, cast

from psycopg import Connection as PostgresConnection
from psycopg import sql
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Table,
    TypeDecorator,
    any_,
    delete,
    insert,
    literal,
    select,
    tuple_,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError

CHUNK = 500
"""References asked for, or deleted, at once. SQLite built before 3.32 takes 999 variables in a statement."""
FEW = 8
"""Rows for which a COPY, with its answer to wait for, is not worth while."""

Values = Sequence[Any]


def chunks(wanted: Sequence[Any], width: int = 1) -> Iterator[Sequence[Any]]:
    """Parts of references of so many columns, none with more variables than a statement takes."""
    size = max(1, CHUNK // width)
    for start in range(0, len(wanted), size):
        yield wanted[start : start + size]


def insert_rows(connection: Connection, table: Table, names: Sequence[str], rows: Sequence[Values]) -> None:
    """Inserts rows with values in the order of these columns. Raises what SQLAlchemy raises."""
    if not rows:
        return
    if connection.dialect.name == "postgresql" and len(rows) <= FEW:
        connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])
        return
    bound = _bind(connection, table, names, rows)
    if connection.dialect.name == "postgresql":
        _copy(connection, table, names, bound)
    else:
        columns, marks = ", ".join(f'"{name}"' for name in names), ", ".join("?" * len(names))
        text = f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})'  # noqa: S608 - names of our own tables
        connection.exec_driver_sql(text, list(bound))


def _bind(connection: Connection, table: Table, names: Sequence[str], rows: Sequence[Values]) -> Iterable[Values]:
    """The rows as the driver takes them."""
    kinds = [table.c[name].type for name in names]
    own = [
        (n, each.dialect_impl(connection.dialect)) for n, each in enumerate(kinds) if isinstance(each, TypeDecorator)
    ]
    binders = [(n, binder) for n, each in own if (binder := each.bind_processor(connection.dialect)) is not None]
    if not binders:
        return rows
    return (_bind_row(row, binders) for row in rows)


def _bind_row(row: Values, binders: Sequence[tuple[int, Callable[[Any], Any]]]) -> Values:
    """The row itself, but for a value that the driver takes otherwise: most texts are as they may be."""
    for n, binder in binders:
        bound = binder(row[n])
        if bound is not row[n]:
            row = (*row[:n], bound, *row[n + 1 :])
    return row


def _copy(connection: Connection, table: Table, names: Sequence[str], rows: Iterable[Values]) -> None:
    driver = cast("PostgresConnection[tuple[Any, ...]]", connection.connection.driver_connection)
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), columns)
    errors = connection.dialect.loaded_dbapi.Error
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except errors as error:
        raise DBAPIError.instance(
            "COPY", None, error, errors, hide_parameters=True, dialect=connection.dialect
        ) from None


def delete_rows(connection: Connection, table: Table, owner: int, key: Sequence[str], gone: Iterable[Values]) -> None:
    """Deletes a user's rows by these columns of their key."""
    wanted = list(gone)
    if not wanted:
        return
    if connection.dialect.name != "postgresql":
        names = ("user_id", *key)
        mine = " AND ".join(f'"{name}" = ?' for name in names)
        text = f'DELETE FROM "{table.name}" WHERE {mine}'  # noqa: S608 - names of our own tables
        connection.exec_driver_sql(text, list(_bind(connection, table, names, [(owner, *row) for row in wanted])))
        return
    columns = [table.c[name] for name in key]
    for part in chunks(wanted, len(key)):
        if len(key) == 1:
            these = is_among(connection, columns[0], [value for (value,) in part])
        else:
            these = tuple_(*columns).in_([tuple(values) for values in part])
        connection.execute(delete(table).where(table.c.user_id == owner, these))


def is_among(connection: Connection, column: Column[Any], wanted: Sequence[Any]) -> ColumnElement[bool]:
    """A condition: the column has one of these values. PostgreSQL takes them as one array, SQLite one by one."""
    if connection.dialect.name != "postgresql":
        return column.in_(wanted)
    return column == any_(literal(list(wanted), postgresql.ARRAY(column.type)))


def delete_rare(connection: Connection, table: Table, owner: int, key: Sequence[str], gone: Iterable[Values]) -> None:
    """The same where many are named and few are there, as of the notices of all that a full reading looked at."""
    wanted = list(gone)
    if len(wanted) > CHUNK:
        there = select(*(table.c[name] for name in key)).where(table.c.user_id == owner).distinct()
        known = {tuple(row) for row in connection.execute(there)}
        wanted = [values for values in wanted if tuple(values) in known]
    delete_rows(connection, table, owner, key, wanted)
