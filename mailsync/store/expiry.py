"""What is forgotten by age (D9): history and reports of sessions, and tombstones."""

from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Column, Engine, Select, Table, bindparam, delete, exists, or_, select

from mailsync.store import tables as t
from mailsync.store.engine import reading, writing

HISTORY, STONES = timedelta(days=90), timedelta(days=30)
"""How long history and reports, and tombstones, are kept where no setting says otherwise (D9)."""
_AGEING: tuple[tuple[Table, Column[datetime], str], ...] = (
    (t.history, t.history.c.time, "history"),
    (t.sessions, t.sessions.c.begun, "history"),
    (t.tombstones, t.tombstones.c.ended, "tombstones"),
)


def purge(engine: Engine, now: datetime, history: timedelta, tombstones: timedelta, user: str) -> None:
    """Forgets what is over these ages; of one user, or of all (""). Every session ends with this and nearly none finds
    anything, so it looks before it takes the writer's turn."""
    everybody = not user
    since = {"history": now - history, "tombstones": now - tombstones, **({} if everybody else {"user": user})}
    with reading(engine) as connection:
        if not connection.execute(_find_old(everybody=everybody), since).scalar():
            return
    with writing(engine) as connection:
        for table, column, age in _AGEING:
            older = delete(table).where(table.c.user_id.in_(_owners(everybody=everybody)), column < bindparam(age))
            connection.execute(older, {k: v for k, v in since.items() if k in (age, "user")})


@cache
def _find_old(*, everybody: bool) -> Select[bool]:
    owners = _owners(everybody=everybody)
    older = (
        select(table.c.user_id).where(table.c.user_id.in_(owners), column < bindparam(age, type_=column.type))
        for table, column, age in _AGEING
    )
    return select(or_(*(exists(found) for found in older)))


@cache
def _owners(*, everybody: bool) -> Select[int]:
    return select(t.users.c.id) if everybody else select(t.users.c.id).where(t.users.c.name == bindparam("user"))
