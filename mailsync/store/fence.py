"""The lock of a user and its fence: taken, renewed, checked, let go."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from mailsync.errors import FenceLost, LockHeld
from mailsync.store import tables as t
from mailsync.store.codec import to_json
from mailsync.store.holder import is_dead, present
from mailsync.store.writing import add_user

FALLS = timedelta(seconds=60)
"""A lock that has not been renewed for so long falls (contract.md)."""


_OWNED = t.users.c.id == bindparam("owner")
_LOCK = (
    select(t.users.c.id, t.users.c.fence, t.users.c.holder, t.users.c.renewed, t.users.c.removed)
    .where(t.users.c.name == bindparam("user"))
    .with_for_update()
)
_HOLDER = (
    select(t.users.c.id, t.users.c.fence, t.users.c.holder).where(t.users.c.name == bindparam("user")).with_for_update()
)
_TAKE = (
    update(t.users)
    .where(_OWNED)
    .values({n: bindparam(n, type_=t.users.c[n].type) for n in ("fence", "holder", "renewed")} | {"priority": 0})
)
_BEGIN = insert(t.sessions)
_END = (
    update(t.sessions)
    .where(t.sessions.c.user_id == bindparam("owner"), t.sessions.c.number == bindparam("fence"))
    .values(ended=bindparam("now", type_=t.sessions.c.ended.type), report=bindparam("told"))
)
_FREE = update(t.users).where(_OWNED).values(holder="", renewed=None)
"""Built once: every session asks these."""


def take(connection: Connection, user: str, now: datetime) -> tuple[int, int]:
    """Takes the lock of a user, who is added if need be; returns the user's own number and the new fence. Raises
    LockHeld while a live session holds it."""
    row = connection.execute(_LOCK, {"user": user}).first()
    if row is None or row.removed:
        add_user(connection, user)
        row = connection.execute(_LOCK, {"user": user}).one()
    _check_rest(user, row.fence, row.holder, row.renewed, now)
    owner, fence = int(row.id), int(row.fence) + 1
    connection.execute(_TAKE, {"owner": owner, "fence": fence, "holder": present(), "renewed": now})
    connection.execute(_BEGIN, {"user_id": owner, "number": fence, "begun": now})
    return owner, fence


def check_rest(connection: Connection, user: str, now: datetime) -> None:
    """Raises LockHeld while a live session holds the lock of a user; none begins before the transaction ends."""
    row = connection.execute(_LOCK, {"user": user}).first()
    if row is not None:
        _check_rest(user, row.fence, row.holder, row.renewed, now)


def _check_rest(user: str, fence: int, holder: str, renewed: datetime | None, now: datetime) -> None:
    if holder and not has_fallen(holder, renewed, now):
        raise LockHeld(
            f"session {fence} of {user} is running",
            "wait until it has ended; the lock of a killed one falls within 60 s",
        )


def has_fallen(holder: str, renewed: datetime | None, now: datetime) -> bool:
    """Whether the lock that somebody holds counts no more."""
    # A stamp from the future means that the clock was set back; it must not keep the user locked for hours.
    return renewed is None or abs(now - renewed) > FALLS or is_dead(holder)


def check(connection: Connection, user: str, fence: int) -> int:
    """The user's number in the database, if the fence still holds: nobody took the lock, and it was not let go.

    Raises FenceLost. A lock that has fallen but that nobody took is still its holder's.
    """
    row = connection.execute(_HOLDER, {"user": user}).first()
    if row is None or row.fence != fence or not row.holder:
        raise FenceLost(
            f"session {fence} of {user} is over or was overtaken; nothing more of it was stored",
            "nothing needs to be done: the next session goes on from what was stored",
        )
    return int(row.id)


def renew(connection: Connection, user: str, fence: int, now: datetime) -> None:
    """Says that the session lives. Raises FenceLost."""
    owner = check(connection, user, fence)
    connection.execute(update(t.users).where(t.users.c.id == owner).values(renewed=now))


def let_go(connection: Connection, owner: int, fence: int, report: Mapping[str, Any], now: datetime) -> None:
    """Ends the session, whose fence was checked: its report is kept and the lock is free."""
    told = to_json(dict(report))
    connection.execute(_END, {"owner": owner, "fence": fence, "now": now, "told": told})
    connection.execute(_FREE, {"owner": owner})
