"""Who this installation is: its id, its generation, and how a restored database is noticed (A1)."""

import logging
import secrets as randomness
import uuid
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from mailsync.core.changes import FolderMark
from mailsync.errors import StoreError
from mailsync.store import tables as t
from mailsync.store.database import Database, Standing, Testimony, Witness
from mailsync.store.engine import reading
from mailsync.store.secrets import Secrets
from mailsync.store.writing import REPAIRING, write_state
from mailsync.telemetry import tell


def identify(database: Database, secrets: Secrets) -> FolderMark:
    """The installation's id and generation: made for a new database; with a new generation for a restored one.

    Raises StoreError for a wrong or missing key.
    """
    with reading(database.engine) as connection:
        found, place = _row(connection), database.witness.place(connection)
    if found is None:
        secrets.create()
        with database.alone() as connection:
            found = _row(connection) or _found(connection, secrets, place)
    if secrets.decrypt(found.key_check) != found.uuid:
        raise StoreError(
            f"the key file {secrets.path} does not belong to this store",
            "put the store's own key file back from its backup",
        )
    if database.witness.doubts(found.standing, place):
        with database.alone() as connection:
            found = _begin_generation(connection, database.witness, place)
        tell("store.restored", level=logging.WARNING)
    elif place != found.place:
        with database.alone() as connection:  # the first time since its upgrade
            connection.execute(update(t.installation).values(place=place))
    database.witness.begin(Testimony(found.uuid, found.changes))
    return FolderMark(found.uuid, found.generation)


def is_doubted(connection: Connection, database: Database) -> bool:
    """Whether the database is a restored or copied one that nobody has opened since."""
    found = _row(connection)
    return found is not None and database.witness.doubts(found.standing, database.witness.place(connection))


@dataclass(frozen=True, slots=True)
class _Installation:
    uuid: str
    generation: int
    changes: int
    place: str
    key_check: str

    @property
    def standing(self) -> Standing:
        return Standing(self.uuid, self.changes, self.place)


def _row(connection: Connection) -> _Installation | None:
    row = connection.execute(select(t.installation)).first()
    return _Installation(row.uuid, row.generation, row.changes, row.place, row.key_check) if row else None


def _found(connection: Connection, secrets: Secrets, place: str) -> _Installation:
    """Founds the installation."""
    name = str(uuid.uuid4())
    new = _Installation(name, _fresh_generation(), 0, place, secrets.encrypt(name))
    row = {"uuid": new.uuid, "generation": new.generation, "place": place, "key_check": new.key_check}
    connection.execute(insert(t.installation).values(id=1, changes=0, fence_floor=0, **row))
    return new


def _begin_generation(connection: Connection, witness: Witness, place: str) -> _Installation:
    """A1: a new generation, and every user's next session matches again and deletes nothing."""
    found = _row(connection)
    assert found is not None
    if not witness.doubts(found.standing, place):
        return found  # another process noticed it first
    changes = max(found.changes, witness.ahead(found.uuid)) + 1
    values = {"generation": _fresh_generation(), "changes": changes, "place": place}
    connection.execute(update(t.installation).values(**values))
    for owner in connection.execute(select(t.users.c.id)).scalars().all():
        write_state(connection, owner, {REPAIRING: True})
    again = _row(connection)
    assert again is not None
    return again


def _fresh_generation() -> int:
    return 1 + randomness.randbelow(2**31 - 1)
