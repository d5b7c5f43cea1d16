"""The activity log: what people did to the installation, for a year."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, delete, insert, select, update

from mailsync.ports.activity import Act
from mailsync.store import tables as t
from mailsync.store.codec import from_json, to_json
from mailsync.store.database import Database
from mailsync.store.engine import reading

KEPT = timedelta(days=365)
"""How long an act is kept."""


@dataclass(frozen=True, slots=True)
class SqlActivity:
    """Acts are written with what they did (hand.py); those of an erased user go with the user (D9)."""

    database: Database

    def latest(self, limit: int, *, user: str = "", action: str = "") -> list[Act]:
        """The latest acts, the last one first; of one user, of one kind."""
        query = select(t.activity).order_by(t.activity.c.id.desc()).limit(limit)
        if user:
            query = query.where(t.activity.c.user_name == user)
        if action:
            query = query.where(t.activity.c.action == action)
        with reading(self.database.engine) as c:
            return [Act(r.time, r.actor, r.action, r.user_name, from_json(r.details)) for r in c.execute(query)]


def write_acts(connection: Connection, acts: Sequence[Act]) -> None:
    """Adds acts, and forgets what is over a year old."""
    if acts:
        connection.execute(insert(t.activity), [_row(act) for act in acts])
        connection.execute(delete(t.activity).where(t.activity.c.time < acts[-1].time - KEPT))


def seal_act(connection: Connection, act: Act) -> None:
    """Gives an act that was written before these details. One that is known no more (an erased user's) stays so."""
    c = t.activity.c
    mine = (c.user_name == act.user, c.action == act.action, c.time == act.time, c.actor == act.actor)
    connection.execute(update(t.activity).where(*mine).values(details=to_json(dict(act.details))))


def _row(act: Act) -> dict[str, object]:
    return {
        "time": act.time,
        "actor": act.actor,
        "action": act.action,
        "user_name": act.user,
        "details": to_json(dict(act.details)),
    }
