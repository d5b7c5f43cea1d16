"""What a plan costs, without any reading or writing: all pairs compared three ways, and a few changes among many.

Run: .venv/bin/python -m bench.planner [PAIRS …] (10,000 100,000 unless told; a million takes 3 GB). Figures are
milliseconds of processor time, medians of some rounds, and how many times the floor of that size.

- `floor`: the records' values compared with their bases, dict by dict, and nothing else.
- `all, nothing changed`: a full reading of both sides in step with the bases, as after a lost cursor (A1, A3).
- `1,000 changed`: what a session with a feed sees: 1,000 pairs of so many, half edited on each side.
"""

import gc
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from mailsync.cli.garbage import collect_less
from mailsync.core.actions import Plan, UpdateItem, UpdateRecord
from mailsync.core.changes import Item, Record
from mailsync.core.marks import sort_marks
from mailsync.core.pair import Base, Pair
from mailsync.core.person import NOWHERE, Address, FieldType, Limit, Limits, Value, Values
from mailsync.core.planner import plan, questions
from mailsync.core.policy import CATEGORY, Policy
from mailsync.core.refs import AccountId, FieldName, FolderId, ItemId, OwnerId, RecordId, Version
from mailsync.core.sight import Answers, Sight
from mailsync.mapping.interpreter import mailbox_limits
from mailsync.mapping.table import load

SIZES = (10_000, 100_000)
CHANGED = 1_000
ROUNDS = 5
NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
TITLE = FieldName("Title")
TABLE = load()
Seen = TypeVar("Seen", Record, Item)


def person(n: int) -> Values:
    """Every mapped field, filled; texts of its own each time it is asked, as they come from two answers."""
    texts: dict[str, Value] = {
        "FirstName": f"Kim {n}",
        "LastName": f"Doe {n}",
        "Title": f"Head of {n % 50}",
        "Department": f"Dept {n % 20}",
        "Company": f"Globex {n % 40}",
        "Email": f"kim.doe.{n}@globex.example",
        "Phone": f"+1 415 555 {n % 10_000:04}",
        "MobilePhone": f"(415) 555-{n % 10_000:04}",
        "MailingAddress": Address(f"{n} Canal Terrace", "New York", "NY", "10013", "United States"),
        "Birthdate": f"19{n % 60 + 30}-0{n % 9 + 1}-1{n % 10}",
    }
    blank: dict[FieldName, Value] = {f.name: NOWHERE if f.type is FieldType.ADDRESS else "" for f in TABLE.fields}
    return {name: texts.get(name, nothing) for name, nothing in blank.items()}


def record_id(n: int) -> RecordId:
    """The id of a record."""
    return RecordId(f"003Ib{n:010}IAA")


def record(n: int, values: Values) -> Record:
    """A record as Salesforce tells it."""
    owner, made = OwnerId("005Ib0000000001IAA"), NOW - timedelta(minutes=n % 500_000)
    account = AccountId(f"001Ib{n % 40:010}IAA")
    return Record(record_id(n), Version(f"r{n}"), values, owner, account, made, owner, in_scope=True)


def item(n: int, values: Values) -> Item:
    """An item as the mailbox tells it."""
    made = NOW - timedelta(minutes=n % 500_000)
    version, folder = Version(f"i{n}"), FolderId("folder")
    return Item(ItemId(f"item{n}"), version, folder, True, values, (CATEGORY,), record=record_id(n), created=made)


def pair(n: int, crm: Values, mailbox: Values) -> Pair:
    """What is remembered of both."""
    account, name = AccountId(f"001Ib{n % 40:010}IAA"), f"Globex {n % 40}"
    bases = Base(crm, Version(f"r{n}")), Base(mailbox, Version(f"i{n}"))
    return Pair(record_id(n), ItemId(f"item{n}"), *bases, account=account, account_name=name)


def whole_sight(size: int) -> Sight:
    """Everything read on both sides, in step."""
    numbers = range(size)
    return Sight(
        pairs=tuple(pair(n, person(n), person(n)) for n in numbers),
        pair_count=size,
        records={record_id(n): record(n, person(n)) for n in numbers},
        items={ItemId(f"item{n}"): item(n, person(n)) for n in numbers},
        now=NOW,
    )


def changed_sight(size: int, changed: int = CHANGED) -> Sight:
    """What feeds tell: so many pairs of all, the title of each edited on one side."""
    numbers = range(0, size, max(1, size // changed))[:changed]
    records = {record_id(n): edit(record(n, person(n)), n) for n in numbers[::2]}
    items = {ItemId(f"item{n}"): edit(item(n, person(n)), n) for n in numbers[1::2]}
    pairs = tuple(pair(n, person(n), person(n)) for n in numbers)
    return Sight(pairs=pairs, pair_count=size, records=records, items=items, now=NOW)


def edit(seen: Seen, n: int) -> Seen:
    """Somebody gave the person another title."""
    return replace(seen, values={**seen.values, TITLE: f"New {n}"}, version=Version(f"new{n}"))


def make_policy() -> Policy:
    """Both directions, Salesforce wins, the limits of the vendors."""
    parts = (255, 40, 80, 20, 80)
    crm: Limits = {f.name: Limit(255, parts if f.type is FieldType.ADDRESS else None) for f in TABLE.fields}
    return Policy(fields=TABLE.fields, crm_limits=crm, mailbox_limits=mailbox_limits(TABLE))


def make_plan(sight: Sight, policy: Policy) -> Plan:
    """As a session does: what must be asked, then the plan."""
    found = sort_marks(sight)
    assert not questions(sight, policy, found)
    return plan(sight, Answers(), policy, found)


def measure(sight: Sight, actions: int, rounds: int = ROUNDS) -> float:
    """Milliseconds of processor time for a plan, the median; the first round warms caches of phones and the like."""
    policy = make_policy()
    spent: list[float] = []
    gc.collect()
    gc.freeze()  # the sight itself is not the planner's garbage
    for _ in range(rounds + 1):
        begun = time.process_time()
        made = make_plan(sight, policy)
        spent.append((time.process_time() - begun) * 1000)
        updates = [a for a in made.actions if isinstance(a, UpdateItem | UpdateRecord)]
        assert len(updates) == actions
        assert actions or not made.actions
    gc.unfreeze()
    return statistics.median(spent[1:])


def measure_floor(sight: Sight, rounds: int = ROUNDS) -> float:
    """Milliseconds of processor time for one comparison of values for each pair."""
    spent: list[float] = []
    for _ in range(rounds):
        begun = time.process_time()
        assert all(sight.records[p.record].values == p.crm.values for p in sight.pairs)
        spent.append((time.process_time() - begun) * 1000)
    return statistics.median(spent)


def measure_all(sizes: Sequence[int] = SIZES) -> dict[str, dict[int, float]]:
    """Milliseconds by case and size."""
    found: dict[str, dict[int, float]] = {"floor": {}, "all, nothing changed": {}, f"{CHANGED:,} changed": {}}
    floor, whole, few = found.values()
    for size in sizes:
        few[size] = measure(changed_sight(size), CHANGED)
        sight = whole_sight(size)
        floor[size] = measure_floor(sight)
        whole[size] = measure(sight, 0)
    return found


def main() -> None:
    """Prints a line for each case and size."""
    collect_less()  # as the program does
    sizes = [int(word.replace(",", "")) for word in sys.argv[1:]] or SIZES
    found = measure_all(sizes)
    for case, by_size in found.items():
        for size, spent in by_size.items():
            floors = spent / found["floor"][size]
            sys.stdout.write(f"{case:22} of {size:9,} pairs {spent:9.1f} ms, {floors:6.2f} times the floor\n")


if __name__ == "__main__":
    main()
