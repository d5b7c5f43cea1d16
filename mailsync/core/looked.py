"""Which references a plan decided anew: their old notices end unless they are given again."""

from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from typing import cast

from mailsync.core.refs import ItemId, RecordId, Side


@dataclass(slots=True, eq=False)
class Looked(Set[tuple[Side, str]]):
    """A set of (side, reference), kept as one set for each side: in a full reading these are all pairs there are."""

    records: set[RecordId] = field(default_factory=set[RecordId])
    items: set[ItemId] = field(default_factory=set[ItemId])

    def __contains__(self, reference: object) -> bool:
        if not isinstance(reference, tuple):
            return False
        side, ref = cast(tuple[object, object], reference)
        return ref in (self.records if side is Side.CRM else self.items)

    def __iter__(self) -> Iterator[tuple[Side, str]]:
        yield from ((Side.CRM, record) for record in self.records)
        yield from ((Side.MAILBOX, item) for item in self.items)

    def __len__(self) -> int:
        return len(self.records) + len(self.items)
