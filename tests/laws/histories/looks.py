"""When the mailbox was asked last, and what was to be seen then: of what comes later nobody can know (B15)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from mailsync.core.pair import Pair
from mailsync.core.refs import RecordId
from tests.fakes.post import Stored
from tests.laws.histories.world import World


@dataclass(slots=True)
class Looks:
    """Of the present session."""

    world: World
    begun: int = 0  # where the mailbox's log stood when the session began
    looked: int = 0  # where it stood when the mailbox was asked last of all; 0: somebody else was asked since
    uids: dict[RecordId, int] = field(default_factory=dict[RecordId, int])  # of the items of pairs

    def begin(self) -> None:
        """Before each session."""
        self.begun, self.looked = len(self.world.post.log), 0

    def keeps(self, name: str, args: Sequence[Any]) -> None:
        """Pairs are stored: their items are known by what stays the same wherever a person moves them."""
        pairs: Sequence[Pair] = args[2].pairs if name == "commit" else ()
        items = self.world.post.items
        self.uids |= {p.record: items[p.item].uid for p in pairs if p.item in items}

    def asks(self, port: str, name: str) -> None:
        """A vendor is asked. A deletion in Salesforce is what the look at the mailbox is for."""
        if (port, name) != ("crm", "delete"):
            looks = port == "mailbox" and name in ("changes", "read")
            self.looked = len(self.world.post.log) if looks else 0

    def was_there(self, stored: Stored) -> bool:
        """Whether it was in its folder when the session began: what is restored meanwhile is D6's (B15: a race)."""
        return self._came(stored) < self.begun

    def items_of(self, record: RecordId) -> Iterator[Stored]:
        """The item of a record's pair, where the last look at the mailbox would have shown it in its folder: with no
        look right before a deletion, for which there is no condition on an item, wherever it came from."""
        for stored in self.world.post.items.values():
            if stored.uid == self.uids.get(record) and (not self.looked or self._came(stored) < self.looked):
                yield stored

    def _came(self, stored: Stored) -> int:
        """Where the log stood when it came into its folder."""
        post = self.world.post
        return post.arrived.get(stored.id, post.entered[stored.folder, stored.id])
