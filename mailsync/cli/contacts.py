"""Contacts as people name them: by Salesforce id, item id or e-mail address; and what both sides hold of them now."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from mailsync.core.changes import Item, Record, Sensitivity
from mailsync.core.marks import carries_category
from mailsync.core.pair import Pair
from mailsync.core.person import Values, text
from mailsync.core.refs import ItemId, RecordId, widen
from mailsync.errors import SettingsError
from mailsync.ports.store import Store
from mailsync.session.agent import Agent
from mailsync.session.work import as_text

_CONTACT_ID = re.compile(r"003[A-Za-z0-9]{12}([A-Za-z0-9]{3})?")
"""Ids of Contacts begin with 003 (Salesforce's key prefix)."""

Shown = dict[str, str]
"""A person's values as text, by field."""


@dataclass(frozen=True, slots=True)
class Contact:
    """What is known of a contact: its pair, or at least one of its references."""

    record: RecordId | None
    item: ItemId | None
    pair: Pair | None = None


def find_contact(store: Store, user: str, reference: str) -> Contact:
    """The contact that a person means. Raises SettingsError where nothing is known of it."""
    found = _find(store, user, reference.strip()) if reference.strip() else None
    if found is None:
        advice = "give its Salesforce id (003…), its item id, or the e-mail address of a contact that is synced"
        raise SettingsError((f"contact {reference.strip() or '(empty)'}: nothing is known of it for {user}; {advice}",))
    return found


def _find(store: Store, user: str, reference: str) -> Contact | None:
    if "@" in reference:
        pair = next(_with_address(store, user, reference.casefold()), None)
        return Contact(pair.record, pair.item, pair) if pair else None
    if _CONTACT_ID.fullmatch(reference):
        record = RecordId(widen(reference))
        pair = next(iter(store.pairs_of(user, [record], [])), None)
        known = pair is not None or bool(store.tombstones(user, [record])) or _is_named(store, user, record)
        return Contact(record, pair.item if pair else None, pair) if known else None
    item = ItemId(reference)
    pair = next(iter(store.pairs_of(user, [], [item])), None)
    known = pair is not None or _is_named(store, user, item)
    return Contact(pair.record if pair else None, item, pair) if known else None


def _with_address(store: Store, user: str, address: str) -> Iterator[Pair]:
    for pair in store.pairs(user):
        if address in (text(pair.crm.values, "Email").casefold(), text(pair.mailbox.values, "Email").casefold()):
            yield pair


def _is_named(store: Store, user: str, ref: str) -> bool:
    """Whether an issue, a hold, a parked change or the history names the reference."""
    refs: set[str | None] = {p.ref for p in store.parked(user)}
    refs |= {r for i in store.issues(user) for r in (i.record, i.item)}
    refs |= {r for h in store.holds(user) for m in h.members for r in (m.record, m.item)}
    refs |= {r for i in store.intents(user) for r in (i.pair.record, i.pair.item)}
    return ref in refs or bool(store.history(user, record=RecordId(ref)) or store.history(user, item=ItemId(ref)))


def read_sides(
    agent: Agent, records: Collection[RecordId], items: Collection[ItemId]
) -> tuple[dict[str, Shown | None], dict[str, Shown | None]]:
    """What both sides hold now, by id; None where there is nothing that may be shown. Raises VendorError."""
    crm = agent.crm.read(records, agent.scope) if records else dict[RecordId, Record | None]()
    mailbox = agent.mailbox.read(items) if items else dict[ItemId, Item | None]()
    return (
        {r: show(c.values) if c else None for r, c in crm.items()},
        {i: show(c.values) if c and may_show(c) else None for i, c in mailbox.items()},
    )


def may_show(item: Item) -> bool:
    """A6, A13: what is personal or private is not shown, even if it was asked about while it was marked."""
    return (item.inside or carries_category(item)) and item.sensitivity is Sensitivity.NORMAL


def show(values: Values) -> Shown:
    """Values as text; an address as its lines."""
    return {str(n): as_text(v) for n, v in values.items()}
