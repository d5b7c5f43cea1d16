"""Gates as rows: what all workers know of each Salesforce organisation and each mailbox tenant (core/gate.py)."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, or_, select, update

from mailsync.core.gate import Gate, Sign, Why, is_closed, let_through, note, spend
from mailsync.ports.schedule import Due, Gates
from mailsync.store import tables as t
from mailsync.store.database import Database
from mailsync.store.engine import reading, writing
from mailsync.store.writing import insert_new

_g = t.gates.c


@dataclass(frozen=True, slots=True)
class SqlGates:
    """Implements mailsync.ports.schedule.Gates."""

    database: Database

    def note(self, key: str, sign: Sign, now: datetime) -> None:
        """What a session met at a vendor's tenant."""
        self._change(key, lambda gate: note(gate, sign, now))

    def spend(self, key: str, requests: int) -> None:
        """Requests beyond those that were counted when the sessions were let through."""
        self._change(key, lambda gate: spend(gate, requests))

    def _change(self, key: str, change: Callable[[Gate], Gate]) -> None:
        with writing(self.database.engine) as c:
            c.execute(insert_new(c, t.gates).values(key=key, **_row(Gate())).on_conflict_do_nothing())
            before = _gate(c.execute(select(t.gates).where(_g.key == key).with_for_update()).one())
            after = change(before)
            if after != before:
                write_gate(c, key, after)

    def find(self, key: str) -> Gate:
        """What is known; an open gate where nothing is."""
        with reading(self.database.engine) as c:
            row = c.execute(select(t.gates).where(_g.key == key)).first()
        return _gate(row) if row else Gate()

    def closed(self, now: datetime) -> Sequence[tuple[str, Gate]]:
        """Those that let nobody through now."""
        with reading(self.database.engine) as c:
            rows = c.execute(select(t.gates).where(_g.closed > now).order_by(_g.key)).all()
        return [(row.key, _gate(row)) for row in rows]


def watched_gates(connection: Connection, organisations: Collection[str]) -> dict[str, Gate]:
    """The gates that stand, or may stand, in somebody's way, locked until the end of the transaction."""
    mine = or_(_g.why != "", _g.key.in_(list(organisations)))
    rows = connection.execute(select(t.gates).where(mine).order_by(_g.key).with_for_update()).all()
    return {row.key: _gate(row) for row in rows}


def closed_keys(gates: dict[str, Gate], now: datetime) -> list[str]:
    """Those of them that let nobody through."""
    return [key for key, gate in gates.items() if is_closed(gate, now)]


def pass_gates(waiting: Sequence[Due], gates: dict[str, Gate], rate: float, now: datetime) -> list[Due]:
    """Those of an organisation's waiting users who may pass its gate and that of their mailbox; `gates` are changed
    accordingly. `rate` is the organisation's limit of sessions a minute."""
    by_mailbox = _limited(waiting, gates, lambda due: due.mailbox, 0, now)
    return _limited(by_mailbox, gates, lambda due: due.organisation, rate, now)


def _limited(
    waiting: Sequence[Due], gates: dict[str, Gate], place: Callable[[Due], str], rate: float, now: datetime
) -> list[Due]:
    groups: dict[str, list[Due]] = {}
    for due in waiting:
        groups.setdefault(place(due), []).append(due)
    passed: set[int] = set()
    for key, group in groups.items():
        count = len(group)
        if key in gates or rate:
            count, gates[key] = let_through(gates.get(key, Gate()), len(group), rate, now)
        passed |= {due.number for due in group[:count]}
    return [due for due in waiting if due.number in passed]


def write_gate(connection: Connection, key: str, gate: Gate) -> None:
    """Stores a gate."""
    if not connection.execute(update(t.gates).where(_g.key == key).values(_row(gate))).rowcount:
        connection.execute(insert_new(connection, t.gates).values(key=key, **_row(gate)).on_conflict_do_nothing())


def _row(gate: Gate) -> dict[str, object]:
    return {
        "failures": gate.failures,
        "step": gate.step,
        "closed": gate.closed,
        "why": gate.why.value,
        "trying": gate.trying,
        "tokens": gate.tokens,
        "filled": gate.filled,
        "used": gate.used,
        "allowed": gate.allowed,
    }


def _gate(row: Row[Any]) -> Gate:
    known = (row.failures, row.step, row.closed, Why(row.why), row.trying, row.tokens, row.filled)
    return Gate(*known, row.used, row.allowed)


_is_a_keeper: type[Gates] = SqlGates  # proven by the type check
