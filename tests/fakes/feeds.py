"""The shared feed in memory: the same numbers and the same answers as in the store, and what an organisation tells."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from mailsync.core.refs import RecordId, Side
from mailsync.ports.crm import Reach
from mailsync.ports.feeds import Candidate, Described, Found, Kind, Lease, Position, Standing
from mailsync.ports.store import Store
from tests.fakes.org import Org, user_id

OVERLAP = timedelta(minutes=10)
OLDEST = timedelta(days=14)
SAME_SECOND = timedelta(seconds=2)
NOWHERE = Standing(Position(0, 0), 0, None, None, None)


@dataclass(slots=True)
class FakeFeeds:
    """Implements ports.feeds.Feeds for one organisation. Nothing is forgotten."""

    store: Store
    stand: Standing = NOWHERE
    fence: int = 0
    cursor: str = ""
    taken: bool = False
    known: dict[tuple[Kind, str], tuple[Candidate, int, datetime]] = field(
        default_factory=dict[tuple[Kind, str], tuple[Candidate, int, datetime]]
    )
    views: dict[str, Described] = field(default_factory=dict[str, Described])

    def take(self, organisation: str, now: datetime) -> Lease | None:
        """One reader at a time."""
        if self.taken:
            return None
        self.fence, self.taken = self.fence + 1, True
        return Lease(self.fence, self.cursor)

    def keep(self, organisation: str, lease: Lease, found: Found, begun: datetime) -> bool:
        """Numbers what is new."""
        if lease.fence != self.fence:
            return False
        epoch, number, since = self.stand.head.epoch, self.stand.head.number, self.stand.since
        if found.fresh:
            self.known.clear()
            epoch, number, since = epoch + 1, 0, found.date
        for one in found.candidates:
            before = self.known.get((one.kind, one.ref))
            if before is None or one.stamp > before[0].stamp or before[2] < before[0].stamp + SAME_SECOND:
                number += 1
                self.known[one.kind, one.ref] = (one, number, found.date)
        self.stand = Standing(Position(epoch, number), 0, begun, since, found.date, self.stand.doubted)
        self.cursor, self.taken = found.cursor, False
        return True

    def give_up(self, organisation: str, lease: Lease, trouble: str) -> None:
        """Without a reading."""
        self.taken, self.stand = False, replace(self.stand, trouble=trouble)

    def standing(self, organisation: str) -> Standing | None:
        """As far as it was read."""
        return None if self.stand is NOWHERE else self.stand

    def concerns(self, user: str, organisation: str, position: Position, reach: Reach) -> bool:
        """By all that is kept of the user."""
        newer = [c for c, number, _ in self.known.values() if number > position.number]
        pairs = list(self.store.pairs(user))
        refs: set[str | None] = {p.record for p in pairs} | {p.account for p in pairs}
        refs |= {p.ref for p in self.store.parked(user) if p.side is Side.CRM}
        refs |= {m.record for h in self.store.holds(user) for m in h.members}
        refs |= {s.record for s in self.store.tombstones(user, [RecordId(c.ref) for c in newer])}
        return any(c.ref in refs or _is_within(c, reach) for c in newer)

    def lacks(self, organisation: str, records: Mapping[RecordId, datetime]) -> bool:
        """Whether one is unknown, or known as it was before."""
        known = {ref: c for (kind, ref), (c, _, _) in self.known.items() if kind is Kind.CONTACT}
        return any(r not in known or known[r].stamp < changed for r, changed in records.items())

    def doubt(self, organisation: str, until: datetime) -> None:
        """For so long."""
        self.stand = replace(self.stand, doubted=until)

    def describe_view(self, organisation: str, view: str, digest: str, now: datetime) -> None:
        """As read."""
        self.views[view] = Described(digest, now)

    def view(self, organisation: str, view: str) -> Described | None:
        """As read last."""
        return self.views.get(view)


def _is_within(one: Candidate, reach: Reach) -> bool:
    match one.kind:
        case Kind.CONTACT:
            return reach.owner is None or one.owner == reach.owner
        case Kind.ACCOUNT:
            return reach.parents
        case Kind.DESCRIPTION:
            return True


def read_org(org: Org, cursor: str) -> Found:
    """What the administrator would be told; the cursor is a time, and how often the description changed."""
    org.settle()
    date = org.second()
    told = f"{date.isoformat()} {org.described}"
    if not cursor:
        return Found((), told, date, fresh=True)
    text, described = cursor.split()
    mark = datetime.fromisoformat(text)
    if date - mark > OLDEST or (org.forgotten is not None and org.forgotten > mark):
        return Found((), told, date, fresh=True)
    start = mark - OVERLAP
    found = [Candidate(Kind.CONTACT, r.id, r.stamp, user_id(r.owner)) for r in org.rows.values() if r.stamp >= start]
    found += [Candidate(Kind.CONTACT, r, at) for r, at in org.purged.items() if at >= start]
    found += [Candidate(Kind.ACCOUNT, a.id, a.stamp) for a in org.accounts.values() if a.stamp >= start]
    if int(described) != org.described:
        found.append(Candidate(Kind.DESCRIPTION, "Contact", date))
    return Found(tuple(found), told, date)
