"""Which item is which: the pairs' own items, items moved out, copies, returns, arrivals (A7-A11, A19, A23, D6, B17)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mailsync.core.changes import Item, Record
from mailsync.core.instep import is_in_step
from mailsync.core.pair import Pair, PairState
from mailsync.core.policy import CATEGORY
from mailsync.core.refs import ItemId, RecordId, Side
from mailsync.core.sight import Sight


@dataclass(slots=True)
class Sorted:
    """The pairs of which there is anything new, the records without a pair, and all items but those of pairs in step,
    each in exactly one place."""

    restless: list[Pair] = field(default_factory=list[Pair])  # not in step
    unpaired: list[Record] = field(default_factory=list[Record])
    own: dict[RecordId, Item] = field(default_factory=dict[RecordId, Item])  # a pair's item, present in the folder
    moved_out: dict[RecordId, Item] = field(default_factory=dict[RecordId, Item])  # A9
    returned: list[tuple[Item, Pair]] = field(default_factory=list[tuple[Item, Pair]])  # D6: beside a re-created item
    copies_in: list[Item] = field(default_factory=list[Item])  # A11: in the folder
    strays: list[Item] = field(default_factory=list[Item])  # A11: outside, marks come off without D1
    unproven: list[Item] = field(default_factory=list[Item])  # A11: whether it is a copy is not known now
    left_over: list[Item] = field(default_factory=list[Item])  # B17: our property, no pair, no record
    found_again: list[Item] = field(default_factory=list[Item])  # A1: our property, readable record, no pair
    arrivals: list[Item] = field(default_factory=list[Item])  # A7
    lists: list[Item] = field(default_factory=list[Item])  # A12
    excluded: list[Item] = field(default_factory=list[Item])  # A23: passed over
    readmitted: list[Item] = field(default_factory=list[Item])  # A23: moved out and in again


def sort_marks(sight: Sight) -> Sorted:
    """Sorts the items but for those that are leaving. Pure; the order of the items does not matter (L6), except that of
    two equals the elder leads."""
    result = Sorted()
    leaving, outside = sight.leaving, {i.id: i for i in sight.outside}
    items = {n: i for n, i in sight.items.items() if n not in leaving} if leaving else sight.items
    records_met, items_met = _sort_pairs(sight, items, outside, result)
    if records_met < len(sight.records):
        paired = {p.record for p in sight.pairs}
        result.unpaired = [r for n, r in sight.records.items() if n not in paired]
    if items_met < len(items) or outside:
        mine = {p.item for p in sight.pairs}
        strangers = [i for n, i in (*items.items(), *outside.items()) if n not in mine]
        by_record = {p.record: p for p in sight.pairs} if strangers else {}
        for item in sorted(strangers, key=age):
            _place(item, by_record, sight, result)
    return result


def _sort_pairs(
    sight: Sight, items: Mapping[ItemId, Item], outside: Mapping[ItemId, Item], result: Sorted
) -> tuple[int, int]:
    """Sorts the pairs and their items; how many of the records and items are a pair's. All pairs of a full reading pass
    here, so one loop does with them whatever there is to do."""
    records, records_met, items_met = sight.records, 0, 0
    lost, absent = {*sight.fates, *sight.unreadable}, {None, *sight.gone, *sight.hidden, *outside}
    for pair in sight.pairs:
        record = records.get(pair.record)
        item = items.get(pair.item) if pair.item else None
        records_met += record is not None
        items_met += item is not None
        if pair.record in lost or pair.item in absent or sight.relabel or not is_in_step(pair, record, item):
            result.restless.append(pair)
            own = item or (outside.get(pair.item) if pair.item else None)
            if own is not None:
                # A label that was itself lost: without it an item has not been moved out (A3).
                (result.own if own.inside or sight.relabel else result.moved_out)[pair.record] = own
    return records_met, items_met


def age(item: Item) -> tuple[bool, str, ItemId]:
    """Orders items by creation, then id: the eldest leads (B2)."""
    return (item.created is None, item.created.isoformat() if item.created else "", item.id)


def _place(item: Item, by_record: dict[RecordId, Pair], sight: Sight, result: Sorted) -> None:
    if item.is_list:
        result.lists.append(item)
    elif item.excluded:
        (result.readmitted if _is_readmitted(item, sight) else result.excluded).append(item)
    elif item.record is None:
        if item.inside or carries_category(item):
            result.arrivals.append(item)
    elif (pair := by_record.get(item.record)) is not None:
        _place_of_pair(item, pair, sight, result)
    else:
        _place_orphan(item, sight, result)


def _is_readmitted(item: Item, sight: Sight) -> bool:
    """A23: back in the folder after it was outside. What lay inside all along is remembered by its id; where nothing
    is remembered yet (a lost store, `reset`), the person's rejection stands."""
    known = sight.parked.get((Side.MAILBOX, item.id))
    remembered = known is not None and known.rule == "A23"
    return item.inside and not remembered and not sight.repairing and not sight.first


def _place_of_pair(item: Item, pair: Pair, sight: Sight, result: Sorted) -> None:
    """An item that carries a pair's id but is not its item: moved, restored, or a copy."""
    taken = pair.record in result.own or pair.record in result.moved_out
    absent = pair.item is None or pair.item in sight.gone
    if pair.item in sight.hidden:
        result.unproven.append(item)
    elif absent and not taken:
        if item.inside:
            result.own[pair.record] = item
        elif pair.state is PairState.DORMANT:
            result.strays.append(item)
        else:
            result.moved_out[pair.record] = item
    elif not item.inside:
        result.strays.append(item)
    elif pair.recreated and not taken_by_move(pair, result):
        result.returned.append((item, pair))
    else:
        result.copies_in.append(item)


def taken_by_move(pair: Pair, result: Sorted) -> bool:
    """Whether the pair's item itself was moved out: then a second one in the folder is a copy, not a return."""
    return pair.record in result.moved_out


def _place_orphan(item: Item, sight: Sight, result: Sorted) -> None:
    assert item.record is not None
    if not item.inside:
        result.strays.append(item)
    elif any(i.record == item.record for i in result.found_again):
        result.copies_in.append(item)
    elif item.record in sight.records:
        result.found_again.append(item)
    else:
        result.left_over.append(item)


def carries_category(item: Item) -> bool:
    """Whether the item carries our category; Outlook compares category names without case."""
    return any(c.casefold() == CATEGORY.casefold() for c in item.categories)
