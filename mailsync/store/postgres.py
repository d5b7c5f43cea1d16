"""The store on PostgreSQL, through psycopg 3: many workers on many machines."""

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from hashlib import blake2b

from sqlalchemy import URL, Connection, Engine, create_engine, text

from mailsync.store.database import Database, Standing, Testimony
from mailsync.store.engine import translated, writing

_LONGEST = "120s"
_TABLES = 0x6D61696C73796E63  # the advisory lock under which tables are made: "mailsync"
_OPTIONS = (
    "-c lock_timeout=30s -c idle_in_transaction_session_timeout=10min -c timezone=UTC "
    # A plan that is kept was made for tables as they were then: one from an empty table reads all of it for each key.
    "-c plan_cache_mode=force_custom_plan"
)

_PLACE = text(
    "SELECT (SELECT system_identifier FROM pg_control_system()) || '/' || "
    "(SELECT timeline_id FROM pg_control_checkpoint()) || '/' || coalesce(to_regclass('installation')::oid::text, '')"
)


@dataclass(frozen=True, slots=True)
class PlaceWitness:
    """Implements database.Witness by the place alone: cluster, timeline and the table itself.

    A restored cluster begins a timeline (as does a failover, which may have lost the last transactions), a copied one
    that was started as a primary too; a dump put back makes the table anew. Nothing is counted: one counter of all
    sessions would be a lock on all of them.
    """

    def place(self, connection: Connection) -> str:
        """Cluster, timeline and table of this connection."""
        return str(connection.execute(_PLACE).scalar_one())

    def doubts(self, standing: Standing, place: str) -> bool:
        """Whether the row was written elsewhere. One that was never opened since its upgrade knows no place yet."""
        return standing.place not in ("", place)

    def count(self, connection: Connection) -> Testimony | None:
        """Counts nothing."""
        return None

    def begin(self, said: Testimony) -> None:
        """Keeps nothing."""

    def remember(self, said: Testimony | None) -> None:
        """Keeps nothing."""

    def ahead(self, installation: str) -> int:
        """Knows nothing."""
        return 0


@dataclass(frozen=True, slots=True)
class PostgresDatabase:
    """Implements database.Database."""

    engine: Engine
    witness: PlaceWitness = PlaceWitness()

    @contextmanager
    def alone(self) -> Generator[Connection]:
        """A writing transaction under an advisory lock that every maker of tables takes."""
        with writing(self.engine) as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _TABLES})
            yield connection

    def take_turns(self, what: str) -> AbstractContextManager[None]:
        """An advisory lock of a connection of its own, which ends with the connection."""
        return _take_turns(self.engine, what)

    def scrub(self) -> None:
        """Nothing: when erased rows leave the files of the server is its vacuum's and its backups' affair."""


@contextmanager
def _take_turns(engine: Engine, what: str) -> Generator[None]:
    key = int.from_bytes(blake2b(what.encode(), digest_size=8).digest(), "big", signed=True)
    with translated(), engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"SET lock_timeout = '{_LONGEST}'"))
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": key})
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": key})
            connection.execute(text("RESET lock_timeout"))


def open_postgres(url: URL) -> PostgresDatabase:
    """The database behind a URL; connects when it is first asked something."""
    options = f"{url.query.get('options', '')} {_OPTIONS}".strip()
    engine = create_engine(
        url.set(drivername="postgresql+psycopg").update_query_dict(
            {"options": options, "application_name": "mailsync"}
        ),
        hide_parameters=True,
        pool_pre_ping=True,  # a server that was restarted is no failure
        pool_size=12,  # kept once they were needed: those over the size are opened and closed again for each use, and
        max_overflow=0,  # the server starts a process for each (with 4 and 8, half of what eight sessions cost it)
    )
    return PostgresDatabase(engine)


_is_a_database: type[Database] = PostgresDatabase  # proven by the type check
