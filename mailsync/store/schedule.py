"""The schedule: columns of the users' rows, so that a session's end and its next time are one transaction.

A claim (`queued`) says that the engine has the user. It ends with the session (writing.py), so a job that an engine
hands out twice finds nothing left to do; and where no session comes of it, it is released after a while.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, insert, literal_column, select, update

from mailsync.core.schedule import may_ask, take_turns
from mailsync.ports.schedule import LOST, NOWHERE, Backlog, Due, Home, Schedule, Slot
from mailsync.store import tables as t
from mailsync.store.database import Database
from mailsync.store.engine import reading, writing
from mailsync.store.fence import has_fallen
from mailsync.store.gates import closed_keys, pass_gates, watched_gates, write_gate
from mailsync.store.writing import AT_ONCE, OFF, insert_new

AT_A_TIME = 50
"""Organisations looked at in one claim, those first that were served longest ago."""

_u = t.users.c
_AWAKE = (_u.queued.is_(None), _u.asleep == literal_column("''"))  # as the index says it, or it would not be used


@dataclass(frozen=True, slots=True)
class SqlSchedule:
    """Implements mailsync.ports.schedule.Schedule."""

    database: Database
    rates: Mapping[str, float] = field(default_factory=dict[str, float])  # sessions a minute, by organisation; 0: any

    def enrol(self, users: Mapping[str, Home], first: Callable[[], datetime]) -> int:
        """Makes exactly these users the scheduled ones."""
        with writing(self.database.engine) as c:
            _note_organisations(c, {home.organisation for home in users.values()})
            columns = (_u.id, _u.name, _u.organisation, _u.mailbox, _u.next_run_at)
            known = {row.name: row for row in c.execute(select(*columns))}
            new = [name for name in users if name not in known]
            _add(c, {name: users[name] for name in new}, first)
            for name, row in known.items():
                home = users.get(name, NOWHERE)
                changed = {} if (row.organisation, row.mailbox) == home else home._asdict()
                if row.next_run_at is None and name in users:
                    changed["next_run_at"] = first()
                if changed:
                    c.execute(update(t.users).where(_u.id == row.id).values(changed))
            c.execute(update(t.users).where(_u.asleep == OFF).values(asleep=""))
        return len(new)

    def claim(self, now: datetime, limit: int) -> Sequence[Due]:
        """Takes so many due users for the engine."""
        with writing(self.database.engine) as c:
            longest_ago = select(t.organisations.c.name).order_by(t.organisations.c.served.nulls_first())
            names = c.execute(longest_ago.limit(AT_A_TIME)).scalars().all()
            share = -(-limit // len(names)) if names else 0
            gates = watched_gates(c, names)
            closed, before = closed_keys(gates, now), dict(gates)
            waiting = {name: _due_of(c, name, now, share, closed) for name in names if name not in closed}
            open_to = {name: pass_gates(found, gates, self.rates.get(name, 0), now) for name, found in waiting.items()}
            taken = take_turns(open_to, limit)
            for key in gates:
                if gates[key] != before.get(key):
                    write_gate(c, key, gates[key])
            _mark(c, taken, names if taken or len(names) == AT_A_TIME else (), now)
        return taken

    def claimed(self, number: int) -> str | None:
        """The user's name while they are claimed."""
        with reading(self.database.engine) as c:
            return c.execute(select(_u.name).where(_u.id == number, _u.queued.is_not(None))).scalar()

    def put_back(self, user: str, until: datetime) -> None:
        """Ends a claim without a session."""
        with writing(self.database.engine) as c:
            c.execute(update(t.users).where(_u.name == user).values(queued=None, next_run_at=until))

    def rest(self, user: str, reason: str) -> None:
        """Ends a claim, and all sessions until the reason changes."""
        with writing(self.database.engine) as c:
            c.execute(update(t.users).where(_u.name == user).values(queued=None, asleep=reason, priority=0))

    def release_lost(self, now: datetime) -> int:
        """Ends the claims of users whose sessions don't live."""
        with writing(self.database.engine) as c:
            query = select(_u.id, _u.holder, _u.renewed).where(_u.queued < now - LOST)
            rows = c.execute(query.with_for_update(skip_locked=True)).all()
            lost = [row.id for row in rows if not row.holder or has_fallen(row.holder, row.renewed, now)]
            if lost:
                c.execute(update(t.users).where(_u.id.in_(lost)).values(queued=None))
        return len(lost)

    def ask(self, user: str, now: datetime) -> bool:
        """A person's "sync now" (A2)."""
        with writing(self.database.engine) as c:
            row = c.execute(select(_u.id, _u.asked).where(_u.name == user).with_for_update()).first()
            if row is None or not may_ask(row.asked, now):
                return False
            asked = {"priority": 1, "asked": now, "next_run_at": now, "queued": None}
            c.execute(update(t.users).where(_u.id == row.id).values(asked))
        return True

    def slot(self, user: str) -> Slot | None:
        """One user's row."""
        with reading(self.database.engine) as c:
            row = c.execute(select(t.users).where(_u.name == user)).first()
        if row is None:
            return None
        next_run = None if row.next_run_at == AT_ONCE else row.next_run_at
        return Slot(next_run, row.asked, row.asleep, row.queued, row.organisation)

    def backlog(self, now: datetime) -> Backlog:
        """All rows in numbers."""
        enrolled = _u.organisation != ""
        due = (enrolled, *_AWAKE, _u.next_run_at <= now)
        with reading(self.database.engine) as c:
            sleeping = select(_u.asleep, func.count()).where(enrolled, _u.asleep != "").group_by(_u.asleep)
            return Backlog(
                users=_count(c, enrolled),
                due=_count(c, *due),
                queued=_count(c, _u.queued.is_not(None)),
                oldest=c.execute(select(func.min(_u.next_run_at)).where(*due, _u.next_run_at > AT_ONCE)).scalar(),
                asleep={row[0]: row[1] for row in c.execute(sleeping)},
            )


def _note_organisations(connection: Connection, names: Collection[str]) -> None:
    for name in sorted(names):
        connection.execute(insert_new(connection, t.organisations).values(name=name).on_conflict_do_nothing())


def _add(connection: Connection, users: Mapping[str, Home], first: Callable[[], datetime]) -> None:
    """Rows of users of whom nothing is stored yet."""
    if not users:
        return
    floor = connection.execute(select(t.installation.c.fence_floor)).scalar_one()
    common = {"fence": floor, "holder": "", "removed": False}
    rows = [{"name": name, "next_run_at": first(), **home._asdict(), **common} for name, home in users.items()]
    connection.execute(insert(t.users), rows)


def _due_of(connection: Connection, organisation: str, now: datetime, limit: int, closed: Sequence[str]) -> list[Due]:
    """An organisation's due users whose mailboxes' gates are open: those for whom a person waits, then the others, the
    longest due first."""
    found: list[Due] = []
    elsewhere = [_u.mailbox.not_in(closed)] if closed else []
    for priority in (1, 0):
        mine = (_u.organisation == organisation, _u.priority == priority, _u.next_run_at <= now)
        query = select(_u.id, _u.name, _u.mailbox).where(*_AWAKE, _u.removed.is_(False), *mine, *elsewhere)
        ordered = query.order_by(_u.next_run_at).limit(limit - len(found))
        rows = connection.execute(ordered.with_for_update(skip_locked=True)).all()
        found += [Due(row.id, row.name, organisation, priority == 1, row.mailbox) for row in rows]
    return found


def _mark(connection: Connection, taken: Sequence[Due], looked_at: Sequence[str], now: datetime) -> None:
    """Claims users, and lets organisations that had nobody due pass behind those that were not looked at."""
    if taken:
        mine = _u.id.in_([due.number for due in taken])
        connection.execute(update(t.users).where(mine).values(queued=now))
    if looked_at:
        names = t.organisations.c.name.in_(list(looked_at))
        connection.execute(update(t.organisations).where(names).values(served=now))


def _count(connection: Connection, *where: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).select_from(t.users).where(*where)).scalar() or 0


_is_a_schedule: type[Schedule] = SqlSchedule  # proven by the type check
