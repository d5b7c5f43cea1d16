"""The activity log: what people did to the installation, for a year."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, insert, select

from mailsync.ports.activity import Act
from mailsync.store import tables as t
from mailsync.store.codec import from_json, to_json
from mailsync.store.database import Database
from mailsync.store.engine import reading, writing

KEPT = timedelta(days=365)
"""How long an act is kept."""


@dataclass(frozen=True, slots=True)
class SqlActivity:
    """Acts are only ever added; those of an erased user go with the user (D9)."""

    database: Database

    def add(self, acts: Sequence[Act]) -> None:
        """Adds acts, and forgets what is over a year old."""
        if not acts:
            return
        with writing(self.database.engine) as c:
            c.execute(insert(t.activity), [_row(act) for act in acts])
            c.execute(delete(t.activity).where(t.activity.c.time < acts[-1].time - KEPT))

    def latest(self, limit: int, *, user: str = "", action: str = "") -> list[Act]:
        """The latest acts, the last one first; of one user, of one kind."""
        query = select(t.activity).order_by(t.activity.c.id.desc()).limit(limit)
        if user:
            query = query.where(t.activity.c.user_name == user)
        if action:
            query = query.where(t.activity.c.action == action)
        with reading(self.database.engine) as c:
            return [Act(r.time, r.actor, r.action, r.user_name, from_json(r.details)) for r in c.execute(query)]


def _row(act: Act) -> dict[str, object]:
    return {
        "time": act.time,
        "actor": act.actor,
        "action": act.action,
        "user_name": act.user,
        "details": to_json(dict(act.details)),
    }
