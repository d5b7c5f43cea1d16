"""The witness: a small file beside the database that tells how far the database once was (A1).

It holds the installation's id and the number of transactions that sessions have committed. A database that is behind
it was restored from a backup. The file is written after each commit, never before, so that a killed process leaves it
behind at most; and it is no part of a backup of the database – restored together, the two would agree.
A database that has seen sessions but comes without its witness may be a copy, and is taken for a restored one.
"""

import logging
import os
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, update

from mailsync.store import tables as t
from mailsync.store.database import Standing, Testimony
from mailsync.telemetry import tell_error

SUFFIX = ".seq"
_COUNT = (
    update(t.installation)
    .values(changes=t.installation.c.changes + 1)
    .returning(t.installation.c.uuid, t.installation.c.changes)
)


@dataclass(slots=True)
class FileWitness:
    """Implements database.Witness beside a file; what it said is read when it is made, before the database is."""

    path: Path
    before: Testimony | None = field(init=False)

    def __post_init__(self) -> None:
        self.before = read_witness(self.path)

    def place(self, connection: Connection) -> str:
        """A file does not know where it is."""
        return ""

    def doubts(self, standing: Standing, place: str) -> bool:
        """Whether the database is behind its witness, or has seen sessions and comes without one."""
        return is_restored(self.before, Testimony(standing.installation, standing.changes))

    def count(self, connection: Connection) -> Testimony | None:
        """Counts in the installation's row."""
        row = connection.execute(_COUNT).one()
        return Testimony(row.uuid, row.changes)

    def remember(self, said: Testimony | None) -> None:
        """Writes the file, unless it is another installation's by now."""
        current = read_witness(self.path)
        if said is not None and (current is None or current.installation == said.installation):
            write_witness(self.path, said)

    def begin(self, said: Testimony) -> None:
        """Writes the file for the database as it was opened."""
        write_witness(self.path, said)

    def ahead(self, installation: str) -> int:
        """How far the installation's database once was."""
        return self.before.changes if self.before and self.before.installation == installation else 0


def beside(database: Path) -> Path:
    """The witness of a database."""
    return database.with_name(database.name + SUFFIX)


def read_witness(path: Path) -> Testimony | None:
    """What the witness says; None where there is none or it can't be read."""
    try:
        installation, changes = path.read_text(encoding="ascii").split()
        return Testimony(installation, int(changes))
    except (OSError, ValueError):
        return None


def write_witness(path: Path, said: Testimony) -> None:
    """Writes the witness unless it is further already. A failure is logged: it costs the detection, not the sync."""
    known = read_witness(path)
    if known and known.installation == said.installation and known.changes >= said.changes:
        return
    line = f"{said.installation} {said.changes:020d}\n".encode("ascii")
    try:
        handle = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        try:
            os.pwrite(handle, line, 0)  # always the same length: nothing of an older line is left
            os.ftruncate(handle, len(line))
        finally:
            os.close(handle)
    except OSError as error:
        tell_error("witness.unwritable", error, level=logging.WARNING)


def is_restored(before: Testimony | None, now: Testimony) -> bool:
    """Whether a database (now) is a restored or copied one, by what its witness said before it was read."""
    if now.changes == 0:
        return before is not None and before.installation == now.installation and before.changes > 0
    return before is None or before.installation != now.installation or before.changes > now.changes
