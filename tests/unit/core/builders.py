"""Small worlds for the planner: one line a record, item or pair, with the real Contact table."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from mailsync.core.account import Account, Candidates
from mailsync.core.actions import Action, Plan
from mailsync.core.changes import Item, Record, Trace
from mailsync.core.draft import Draft
from mailsync.core.notices import Hold
from mailsync.core.pair import Base, Pair, PairState
from mailsync.core.person import Address, FieldType, Limit, Value
from mailsync.core.planner import plan
from mailsync.core.policy import CATEGORY, AutoRemoval, Direction, Policy
from mailsync.core.refs import AccountId, FieldName, FolderId, ItemId, OwnerId, RecordId, Version
from mailsync.core.sight import Answers, Sight
from mailsync.mapping.table import load

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
TABLE = load()
SALESFORCE_LENGTHS = {"FirstName": 40, "LastName": 80, "Title": 128, "Email": 80, "Phone": 40, "MobilePhone": 40}
A = TypeVar("A", bound=Action)


def values(**given: str | Address) -> dict[FieldName, Value]:
    """Every mapped field, blank unless given: what a side that shows all of its fields returns."""
    blank: dict[FieldName, Value] = {f.name: Address() if f.type is FieldType.ADDRESS else "" for f in TABLE.fields}
    unknown = set(given) - set(blank)
    assert not unknown, unknown
    return blank | {FieldName(n): v for n, v in given.items()}


def limits(lengths: Mapping[str, int] = {}, **changes: Limit) -> dict[FieldName, Limit]:
    """What one side accepts: 255 characters a field unless told otherwise."""
    parts = (255, 40, 80, 20, 80)
    every = {
        f.name: Limit(lengths.get(f.name, 255), parts if f.type is FieldType.ADDRESS else None) for f in TABLE.fields
    }
    return every | {FieldName(n): limit for n, limit in changes.items()}


def make_policy(**changes: Any) -> Policy:
    """The default policy with the real table of fields; `crm` and `mailbox` replace single limits by field name."""
    required = {"LastName": Limit(80, required=True)}
    crm = limits(SALESFORCE_LENGTHS, **(required | changes.pop("crm", {})))
    mailbox = limits(**changes.pop("mailbox", {}))
    return Policy(fields=TABLE.fields, crm_limits=crm, mailbox_limits=mailbox, **changes)


ALLOWED = make_policy(auto_removal=AutoRemoval.ALLOWED)
UP, DOWN = make_policy(direction=Direction.UP), make_policy(direction=Direction.DOWN)
FAR = ItemId("far")
"""The id of an item that is not the pair's own."""


def record_id(number: int | str) -> RecordId:
    return RecordId(f"003{number:0>12}AAA")


def make_record(number: int | str, in_scope: bool = True, version: str = "r1", **given: Any) -> Record:
    """A Contact, created `number` minutes into the day where it is a number."""
    account = given.pop("account", None)
    created = NOW - timedelta(days=30) + timedelta(minutes=number if isinstance(number, int) else 0)
    own = given.pop("created_by", OwnerId("005A"))
    person = values(**{"LastName": f"Name{number}", "Email": f"p{number}@x.example", **given})
    return Record(record_id(number), Version(version), person, OwnerId("005A"), account, created, own, in_scope)


def make_item(name: int | str, inside: bool = True, marked: bool | None = None, **given: Any) -> Item:
    """An item; in the folder it carries the category unless `marked` is False."""
    known = {k: given.pop(k) for k in Item.__dataclass_fields__ if k in given}
    marked = True if marked is None else marked
    created = NOW - timedelta(days=20) + timedelta(minutes=name if isinstance(name, int) else 0)
    person = values(**{"LastName": f"Name{name}", "Email": f"p{name}@x.example", **given})
    categories = (CATEGORY,) if marked else ()
    place = FolderId("folder" if inside else "contacts")
    item = Item(ItemId(f"item{name}"), Version("i1"), place, inside, person, categories, created=created)
    return replace(item, **known)


def make_pair(number: int | str, **changes: Any) -> Pair:
    """A pair in step: both bases hold the person of make_record(number) and make_item(number)."""
    given = {k: changes.pop(k) for k in [*changes] if FieldName(k) in values()}
    person = values(**{"LastName": f"Name{number}", "Email": f"p{number}@x.example", **given})
    pair = Pair(record_id(number), ItemId(f"item{number}"), Base(person, Version("r1")), Base(person, Version("i1")))
    return replace(pair, **changes)


def own_item(number: int | str, **given: Any) -> Item:
    """The item of make_pair(number), with its id property."""
    return make_item(number, **{"record": record_id(number), **given})


def binned(**given: Any) -> dict[str, Any]:
    """For a sight: the item of make_pair(1), ours, in Deleted Items."""
    return {
        "discarded": {record_id(1): own_item(1, **{"inside": False, "id": ItemId("binned"), "marked": False, **given})}
    }


def dormant(number: int | str, **changes: Any) -> Pair:
    return make_pair(number, state=PairState.DORMANT, item=None, in_scope=False, **changes)


def make_sight(*things: Pair | Record | Item | Trace | Hold, gone: Iterable[int | str] = (), **more: Any) -> Sight:
    """A sight of these things; items outside the folder are put where they belong; `gone` by the pair's number."""
    pairs = tuple(t for t in things if isinstance(t, Pair))
    items = [t for t in things if isinstance(t, Item)]
    sight = Sight(
        pairs=pairs,
        pair_count=more.pop("pair_count", len(pairs)),
        records={t.id: t for t in things if isinstance(t, Record)},
        fates={t.id: t for t in things if isinstance(t, Trace)},
        items={i.id: i for i in items if i.inside},
        outside=tuple(i for i in items if not i.inside),
        holds={t.name: t for t in things if isinstance(t, Hold)},
        gone=frozenset(ItemId(f"item{n}") for n in gone),
        now=NOW,
    )
    return replace(sight, **more)


def deleted(number: int | str) -> Trace:
    return Trace(record_id(number), deleted=True)


def merged(loser: int | str, winner: int | str) -> Trace:
    return Trace(record_id(loser), deleted=True, master=record_id(winner))


def account(number: int, name: str, days: int = 0) -> Account:
    return Account(AccountId(f"001{number:0>12}AAA"), name, NOW - timedelta(days=days))


def make_answers(*candidates: Record, paired: Iterable[Pair] = (), **accounts: Candidates) -> Answers:
    by_record = {p.record: p for p in paired}
    return Answers(candidates, by_record, {k.replace("_", " "): v for k, v in accounts.items()})


def make_plan(*things: Pair | Record | Item | Trace | Hold, answers: Answers | None = None, **more: Any) -> Plan:
    """The plan of a sight; `policy` by name, everything else goes to the sight."""
    policy = more.pop("policy", None) or make_policy()
    return plan(make_sight(*things, **more), answers or Answers(), policy)


def make_draft(*things: Pair | Record | Item | Trace | Hold, answers: Answers | None = None, **more: Any) -> Draft:
    """A draft of a sight of these things, in which nothing is planned yet."""
    policy = more.pop("policy", None) or make_policy()
    return Draft(make_sight(*things, **more), answers or Answers(), policy)


def of(result: Plan | Draft, kind: type[A]) -> list[A]:
    """The plan's actions of one kind."""
    return [a for a in result.actions if isinstance(a, kind)]


def kinds(result: Plan | Draft) -> list[str]:
    """What the plan does, by name, bookkeeping too."""
    return [type(a).__name__ for a in result.actions]


def one(result: Plan | Draft, kind: type[A]) -> A:
    """The plan's only action of that kind."""
    found = of(result, kind)
    assert len(found) == 1, (kind.__name__, kinds(result))
    return found[0]


def holds(result: Plan) -> list[str]:
    """The rules of the holds."""
    return [h.rule for h in result.holds]


def answered(result: Plan, answer: str) -> list[Hold]:
    """The plan's holds as a person has answered them."""
    return [replace(h, answer=answer) for h in result.holds]
