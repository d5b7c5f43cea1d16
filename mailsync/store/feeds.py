"""Shared feeds as rows: what was touched in each organisation, numbered as it was found (decision 0028)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, exists, func, literal, or_, select, update

from mailsync.core.refs import RecordId, Side
from mailsync.ports.crm import Reach
from mailsync.ports.feeds import KEPT, LEASE, Candidate, Described, Feeds, Found, Kind, Lease, Position, Standing
from mailsync.store import tables as t
from mailsync.store.database import Database
from mailsync.store.engine import reading, writing
from mailsync.store.reading import read_holds, user_id
from mailsync.store.writing import insert_new

SAME_SECOND = timedelta(seconds=2)
"""Stamps have whole seconds: what is first read within so much of its stamp may be another change when read again."""
_AT_ONCE = 400  # references of one statement

_f, _c, _v = t.feeds.c, t.feed_candidates.c, t.feed_views.c


@dataclass(frozen=True, slots=True)
class SqlFeeds:
    """Implements mailsync.ports.feeds.Feeds."""

    database: Database

    def take(self, organisation: str, now: datetime) -> Lease | None:
        """The right to read, for one reader at a time."""
        with writing(self.database.engine) as c:
            row = _lock(c, organisation)
            if row.taken is not None and abs(now - row.taken) < LEASE:
                return None
            c.execute(_change(organisation).values(fence=row.fence + 1, taken=now))
            return Lease(row.fence + 1, row.cursor)

    def keep(self, organisation: str, lease: Lease, found: Found, begun: datetime) -> bool:
        """Keeps a reading, and ends the lease."""
        with writing(self.database.engine) as c:
            row = _lock(c, organisation)
            if row.fence != lease.fence:
                return False
            head, floor, since = int(row.head), int(row.floor), row.since
            if found.fresh:
                c.execute(delete(t.feed_candidates).where(_c.organisation == organisation))
                head, floor, since = 0, 0, found.date
            head = _number(c, organisation, found, head)
            floor = max(floor, _forget(c, organisation, found.date - KEPT))
            known = {"cursor": found.cursor, "epoch": row.epoch + found.fresh, "head": head, "floor": floor}
            times = {"begun": begun, "since": since, "mark": found.date, "taken": None, "trouble": ""}
            c.execute(_change(organisation).values(**known, **times))
        return True

    def give_up(self, organisation: str, lease: Lease, trouble: str) -> None:
        """Ends a lease without a reading."""
        with writing(self.database.engine) as c:
            mine = _change(organisation).where(_f.fence == lease.fence)
            c.execute(mine.values(taken=None, trouble=trouble))

    def standing(self, organisation: str) -> Standing | None:
        """How far it was read."""
        with reading(self.database.engine) as c:
            row = c.execute(select(t.feeds).where(_f.organisation == organisation)).first()
        if row is None:
            return None
        head = Position(row.epoch, row.head)
        return Standing(head, row.floor, row.begun, row.since, row.mark, row.doubted, row.trouble)

    def concerns(self, user: str, organisation: str, position: Position, reach: Reach) -> bool:
        """Whether anything since the position may concern the user."""
        with reading(self.database.engine) as c:
            owner = user_id(c, user)
            newer = and_(_c.organisation == organisation, _c.number > position.number)
            if _any(c, newer, _within(reach)) or _any(c, newer, _known(owner)):
                return True
            asked = {m.record for h in read_holds(c, owner) for m in h.members if m.record}
            return any(_any(c, newer, _c.ref.in_(some)) for some in _cut(sorted(asked)))

    def lacks(self, organisation: str, records: Mapping[RecordId, datetime]) -> bool:
        """Whether one of these, which changed then, is no candidate since."""
        mine = (_c.organisation == organisation, _c.kind == Kind.CONTACT.value)
        known: dict[str, datetime] = {}
        with reading(self.database.engine) as c:
            for some in _cut(sorted(records)):
                known |= {r.ref: r.stamp for r in c.execute(select(_c.ref, _c.stamp).where(*mine, _c.ref.in_(some)))}
        return any(record not in known or known[record] < changed for record, changed in records.items())

    def doubt(self, organisation: str, until: datetime) -> None:
        """Nobody goes by it until then."""
        with writing(self.database.engine) as c:
            c.execute(_change(organisation).values(doubted=until))

    def describe_view(self, organisation: str, view: str, digest: str, now: datetime) -> None:
        """Somebody read what a list view selects."""
        key = {"organisation": organisation, "view": view}
        with writing(self.database.engine) as c:
            c.execute(insert_new(c, t.feed_views).values(**key, digest=digest, at=now).on_conflict_do_nothing())
            mine = (_v.organisation == organisation, _v.view == view)
            c.execute(update(t.feed_views).where(*mine).values(digest=digest, at=now))

    def view(self, organisation: str, view: str) -> Described | None:
        """What was last said of a list view."""
        with reading(self.database.engine) as c:
            mine = (_v.organisation == organisation, _v.view == view)
            row = c.execute(select(_v.digest, _v.at).where(*mine)).first()
        return Described(row.digest, row.at) if row else None


def _lock(connection: Connection, organisation: str) -> Row[Any]:
    """The organisation's row until the end of the transaction; a new one knows nothing."""
    empty = {"fence": 0, "cursor": "", "epoch": 0, "head": 0, "floor": 0, "trouble": ""}
    new = insert_new(connection, t.feeds).values(organisation=organisation, **empty).on_conflict_do_nothing()
    connection.execute(new)
    return connection.execute(select(t.feeds).where(_f.organisation == organisation).with_for_update()).one()


def _change(organisation: str) -> Any:
    return update(t.feeds).where(_f.organisation == organisation)


def _number(connection: Connection, organisation: str, found: Found, head: int) -> int:
    """Gives what is new a number; returns the last one."""
    latest = {(x.kind.value, x.ref): x for x in sorted(found.candidates, key=lambda x: x.stamp)}
    refs = sorted({ref for _, ref in latest})
    known: dict[tuple[str, str], Row[Any]] = {}
    for some in _cut(refs):
        mine = (_c.organisation == organisation, _c.ref.in_(some))
        known |= {(r.kind, r.ref): r for r in connection.execute(select(t.feed_candidates).where(*mine))}
    new = {key: one for key, one in latest.items() if _is_new(one, known.get(key))}
    for some in _cut([ref for _, ref in new]):
        connection.execute(
            delete(t.feed_candidates).where(_c.organisation == organisation, _c.ref.in_(some), _among(new))
        )
    rows = [
        {
            "organisation": organisation,
            "kind": one.kind.value,
            "ref": one.ref,
            "number": number,
            "owner": one.owner or "",
            "stamp": one.stamp,
            "seen": found.date,
        }
        for number, one in enumerate(new.values(), head + 1)
    ]
    if rows:
        connection.execute(t.feed_candidates.insert(), rows)
    return head + len(rows)


def _among(new: Mapping[tuple[str, str], Candidate]) -> ColumnElement[bool]:
    """Ids tell their kind; but for descriptions, whose reference is a name."""
    return _c.kind.in_(sorted({kind for kind, _ in new}))


def _is_new(one: Candidate, known: Row[Any] | None) -> bool:
    """Not read before; or touched since; or read so soon after its stamp that it may have been touched since."""
    return known is None or one.stamp > known.stamp or known.seen < known.stamp + SAME_SECOND


def _forget(connection: Connection, organisation: str, before: datetime) -> int:
    """Forgets candidates that were found before then; returns the highest number of them."""
    old = (_c.organisation == organisation, _c.seen < before)
    highest = connection.execute(select(func.max(_c.number)).where(*old)).scalar()
    if highest is not None:
        connection.execute(delete(t.feed_candidates).where(*old))
    return int(highest or 0)


def _within(reach: Reach) -> ColumnElement[bool]:
    """What may lie in a scope: the owner's own, or whatever there is; an Account its conditions may speak of."""
    contact, account = _c.kind == Kind.CONTACT.value, _c.kind == Kind.ACCOUNT.value
    mine = and_(contact, _c.owner == reach.owner) if reach.owner else contact
    everybody = _c.kind == Kind.DESCRIPTION.value
    return or_(mine, everybody, account) if reach.parents else or_(mine, everybody)


def _known(owner: int) -> ColumnElement[bool]:
    """What a user has a pair, a parked change or a tombstone of, and the Accounts of the pairs."""
    pairs, parked, stones = t.pairs.c, t.parked.c, t.tombstones.c
    return or_(
        exists(select(literal(1)).where(pairs.user_id == owner, pairs.record == _c.ref)),
        exists(select(literal(1)).where(pairs.user_id == owner, pairs.account == _c.ref)),
        exists(select(literal(1)).where(stones.user_id == owner, stones.record == _c.ref)),
        exists(select(literal(1)).where(parked.user_id == owner, parked.side == Side.CRM.value, parked.ref == _c.ref)),
    )


def _any(connection: Connection, *where: ColumnElement[bool]) -> bool:
    return (
        connection.execute(select(literal(1)).select_from(t.feed_candidates).where(*where).limit(1)).first() is not None
    )


def _cut(refs: Collection[str]) -> Iterable[list[str]]:
    ordered = list(refs)
    return (ordered[start : start + _AT_ONCE] for start in range(0, len(ordered), _AT_ONCE))


_is_a_keeper: type[Feeds] = SqlFeeds  # proven by the type check
