"""Who this installation is: its id, its generation, and how a restored database is noticed (A1)."""

import secrets as randomness
import uuid
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, insert, select, update

from mailsync.core.changes import FolderMark
from mailsync.errors import StoreError
from mailsync.store import tables as t
from mailsync.store.engine import reading, writing
from mailsync.store.secrets import Secrets
from mailsync.store.witness import Testimony, beside, is_restored, read_witness, write_witness
from mailsync.store.writing import REPAIRING, write_state


@dataclass(frozen=True, slots=True)
class Identity:
    """The installation, and where its witness is."""

    mark: FolderMark
    witness: Path


def identify(engine: Engine, database: Path, before: Testimony | None, secrets: Secrets) -> Identity:
    """The installation's identity: made for a new database; with a new generation for a restored one.

    `before` is what the witness said before the database was read. Raises StoreError for a wrong or missing key.
    """
    with reading(engine) as connection:
        found = _row(connection)
    if found is None:
        secrets.create()
        with writing(engine) as connection:
            found = _row(connection) or _found(connection, secrets)
    if secrets.decrypt(found.key_check) != found.uuid:
        raise StoreError(
            f"the key file {secrets.path} does not belong to this store",
            "put the store's own key file back from its backup",
        )
    if is_restored(before, Testimony(found.uuid, found.changes)):
        with writing(engine) as connection:
            found = _begin_generation(connection, before)
    witness = beside(database)
    write_witness(witness, Testimony(found.uuid, found.changes))
    return Identity(FolderMark(found.uuid, found.generation), witness)


def testify(connection: Connection) -> Testimony:
    """Counts a transaction of a session; what the witness is to say once it is committed."""
    table = t.installation
    connection.execute(update(table).values(changes=table.c.changes + 1))
    row = connection.execute(select(table.c.uuid, table.c.changes)).one()
    return Testimony(row.uuid, row.changes)


def speak(identity: Identity, said: Testimony) -> None:
    """Writes the witness, after the commit."""
    current = read_witness(identity.witness)
    if current is None or current.installation == said.installation:
        write_witness(identity.witness, said)


@dataclass(frozen=True, slots=True)
class _Installation:
    uuid: str
    generation: int
    changes: int
    key_check: str


def _row(connection: Connection) -> _Installation | None:
    row = connection.execute(select(t.installation)).first()
    return _Installation(row.uuid, row.generation, row.changes, row.key_check) if row else None


def _found(connection: Connection, secrets: Secrets) -> _Installation:
    """Founds the installation."""
    name = str(uuid.uuid4())
    new = _Installation(name, _fresh_generation(), 0, secrets.encrypt(name))
    values = {"uuid": new.uuid, "generation": new.generation, "changes": 0, "key_check": new.key_check}
    connection.execute(insert(t.installation).values(id=1, fence_floor=0, **values))
    return new


def _begin_generation(connection: Connection, before: Testimony | None) -> _Installation:
    """A1: a new generation, and every user's next session matches again and deletes nothing."""
    found = _row(connection)
    assert found is not None
    if not is_restored(before, Testimony(found.uuid, found.changes)):
        return found  # another process noticed it first
    ahead = before.changes if before and before.installation == found.uuid else 0
    changes = max(found.changes, ahead) + 1
    connection.execute(update(t.installation).values(generation=_fresh_generation(), changes=changes))
    for owner in connection.execute(select(t.users.c.id)).scalars().all():
        write_state(connection, owner, {REPAIRING: True})
    again = _row(connection)
    assert again is not None
    return again


def _fresh_generation() -> int:
    return 1 + randomness.randbelow(2**31 - 1)
