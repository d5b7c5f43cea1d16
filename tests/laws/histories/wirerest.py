"""L7 and C1 over HTTP: what no mapping names of an item – its note, further addresses, pages and categories of the
person's own – is after a session what it was before.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mailsync.core.refs import FieldName
from tests.fakes.post import Stored
from tests.laws.histories.world import World

OURS = ("salesforce", "sync error")


@dataclass(frozen=True, slots=True)
class Own:
    """What is the person's own of an item."""

    categories: tuple[str, ...]
    body: Mapping[str, str]
    emails: frozenset[str]

    @classmethod
    def of(cls, stored: Stored) -> "Own":
        """What it is by now. Graph has no slots: a further address may have become the first one (decision 0011)."""
        own = tuple(c for c in stored.categories if not c.casefold().startswith(OURS))
        first = str(stored.values[FieldName("Email")])
        return cls(own, stored.body, frozenset(e.casefold() for e in (*stored.emails, first) if e))


@dataclass
class Rest:
    """Compares the mailbox's items as the agent found them with what it leaves behind."""

    world: World
    before: Mapping[int, tuple[Own, frozenset[str]]] = field(default_factory=dict[int, tuple[Own, frozenset[str]]])

    def note(self) -> None:
        """Before the agent does anything: with each item its further addresses, which have to stay."""
        items = self.world.post.items.values()
        self.before = {s.uid: (Own.of(s), frozenset(e.casefold() for e in s.emails)) for s in items}

    def check(self) -> Iterator[str]:
        """What is no longer as it was."""
        for stored in self.world.post.items.values():
            known = self.before.get(stored.uid)
            if known is None:
                continue
            (was, further), now = known, Own.of(stored)
            if (now.categories, now.body) != (was.categories, was.body):
                yield f"L7: {stored.id} had {was.categories} {was.body}, now {now.categories} {now.body}"
            if not further <= now.emails:
                yield f"L7: {stored.id} had the addresses {sorted(further)} too, now {sorted(now.emails)}"
