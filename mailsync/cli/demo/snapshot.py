"""What both sides hold at one moment, as a person would see it, and what has changed since another moment."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import requests

Card = Mapping[str, str]
_CONTACT = ("Title", "Department", "Email", "Phone", "MobilePhone")
_ITEM = {
    "Title": ("JobTitle",),
    "Department": ("Department",),
    "Company": ("CompanyName",),
    "Email": ("EmailAddresses", "EmailAddress1"),
    "Phone": ("PhoneNumbers", "BusinessPhone"),
    "MobilePhone": ("PhoneNumbers", "MobilePhone"),
}
_TOLD = ("Folder", "Categories", "Title", "Company", "Account", "Owner")
"""What is told of a new contact."""
_NUMBER = re.compile(r" \(\d+\)$")
_LONGEST = 60
"""Longer values are shown with their length instead."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Contacts of both sides by a name that is the same before and after a move."""

    crm: Mapping[str, Card]
    mailbox: Mapping[str, Card]
    folders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One line of a table: what became of one contact on one side."""

    side: str
    name: str
    what: str


def read_snapshot(url: str, user: str) -> Snapshot:
    """Everything in Salesforce, and one user's mailbox."""
    session = requests.Session()
    session.trust_env = False
    world = session.get(f"{url}/sandbox/world", timeout=30).json()
    box = next(m for m in world["exchange"]["mailboxes"] if m["user"] == user)
    folders = list(_walk(box))
    found = sorted(((i, name) for name, items in folders for i in items), key=_age)
    cards = [(_item_name(i), _item_card(i, name)) for i, name in found]
    return Snapshot(_numbered(_records(world["salesforce"])), _numbered(cards), tuple(name for name, _ in folders))


def _records(salesforce: Mapping[str, Any]) -> Iterator[tuple[str, Card]]:
    accounts = {a["Id"]: a["Name"] for a in salesforce["records"]["Account"]}
    owners = {u["id"]: u["name"] for u in salesforce["users"]}
    for record in salesforce["records"]["Contact"]:
        if record["IsDeleted"]:
            continue
        card = {n: str(record.get(n) or "") for n in _CONTACT}
        card["Account"] = accounts.get(record.get("AccountId"), "")
        card["Owner"] = owners.get(record["OwnerId"], "")
        yield " ".join(filter(None, (record.get("FirstName"), record["LastName"]))), card


def _walk(box: Mapping[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    yield "Contacts", box["items"]
    yield from _below(box["folders"])
    deleted = box["default_folders"].get("deleteditems")
    if deleted:
        yield "Deleted Items", deleted.get("items", [])
        yield from ((f"Deleted Items/{n}", i) for n, i in _below(deleted.get("folders", [])))


def _below(folders: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for folder in folders:
        yield folder["name"], folder.get("items", [])
        yield from ((f"{folder['name']}/{n}", i) for n, i in _below(folder.get("folders", [])))


def _age(placed: tuple[Mapping[str, Any], str]) -> str:
    """Namesakes are told apart by their age, which no move changes."""
    return str(placed[0].get("DateTimeCreated", ""))


def _item_name(item: Mapping[str, Any]) -> str:
    names = " ".join(filter(None, (item.get("GivenName"), item.get("Surname"))))
    return names or item.get("DisplayName") or "(no name)"


def _item_card(item: Mapping[str, Any], folder: str) -> Card:
    card = {"Folder": folder, "Categories": ", ".join(item.get("Categories", ()))}
    for name, path in _ITEM.items():
        outer, *inner = path
        found = item.get(outer, "")
        value = found.get(inner[0], "") if inner and found else found
        card[name] = value if isinstance(value, str) else str(value["Address"])
    return card


def plain(name: str) -> str:
    """A name without the number that tells namesakes apart."""
    return _NUMBER.sub("", name)


def _numbered(cards: Iterable[tuple[str, Card]]) -> dict[str, Card]:
    """Namesakes get a number, in the order of the world."""
    result: dict[str, Card] = {}
    for name, card in cards:
        number = 1
        key = name
        while key in result:
            number += 1
            key = f"{name} ({number})"
        result[key] = card
    return result


def compare(before: Snapshot, after: Snapshot) -> list[Difference]:
    """What changed, Salesforce first."""
    found = [Difference("mailbox", f, "new folder") for f in after.folders if f not in before.folders]
    found += [Difference("mailbox", f, "folder gone") for f in before.folders if f not in after.folders]
    return [
        *_compare_side("Salesforce", before.crm, after.crm),
        *found,
        *_compare_side("mailbox", before.mailbox, after.mailbox),
    ]


def _compare_side(side: str, before: Mapping[str, Card], after: Mapping[str, Card]) -> Iterator[Difference]:
    for name in [*before, *(n for n in after if n not in before)]:
        if name not in after:
            yield Difference(side, name, "gone")
        elif name not in before:
            yield Difference(side, name, f"new: {_shown(after[name])}")
        elif changed := [n for n in after[name] if before[name].get(n) != after[name][n]]:
            what = "; ".join(f"{n}: {_cut(before[name].get(n, ''))} → {_cut(after[name][n])}" for n in changed)
            yield Difference(side, name, what)


def _shown(card: Card) -> str:
    return ", ".join(f"{n} {_cut(card[n])}" for n in _TOLD if card.get(n))


def _cut(value: str) -> str:
    if len(value) > _LONGEST:
        return f"{value[:20]}… ({len(value)} characters)"
    return value or "–"
