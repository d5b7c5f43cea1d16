"""Persons as Google tells them, for tests of the codec."""

from typing import Any

from mailsync.core.refs import FieldName, ItemId, Key, RecordId, Version
from mailsync.mailbox.google.merging import change_person
from mailsync.mailbox.google.reading import Labels
from mailsync.mapping.table import Table, load
from mailsync.ports.mailbox import ItemDraft, ItemEdit

LABEL = "contactGroups/4f00"
PROBLEM = "contactGroups/4f01"
FRIENDS = "contactGroups/4f02"
LABELS = Labels(LABEL, PROBLEM)
TABLE = load("google")
SOURCE = {"type": "CONTACT", "id": "3c1", "etag": "#e1"}


def make_person(*groups: str, **fields: list[dict[str, Any]]) -> dict[str, Any]:
    """A person in these groups."""
    memberships = [
        {
            "metadata": {"source": SOURCE},
            "contactGroupMembership": {"contactGroupId": g[14:], "contactGroupResourceName": g},
        }
        for g in ("contactGroups/myContacts", *groups)
    ]
    return {
        "resourceName": "people/c1",
        "etag": "%top",
        "metadata": {"sources": [SOURCE], "objectType": "PERSON"},
        "memberships": memberships,
        **fields,
    }


def edit(values: dict[str, Any] | None = None, **more: Any) -> ItemEdit:
    """An edit of the person at the version read."""
    named = {FieldName(n): v for n, v in (values or {}).items()}
    return ItemEdit(ItemId("people/c1"), Version("#e1"), named, **more)


def change(person: dict[str, Any], edited: ItemEdit, table: Table = TABLE) -> dict[str, Any]:
    """The person after an edit, as Google would hold it: each field of the mask replaced."""
    return {**person, **change_person(person, edited, LABELS, table)}


def draft(values: dict[str, Any], web_page: str = "") -> ItemDraft:
    named = {FieldName(n): v for n, v in values.items()}
    return ItemDraft(Key("key-1"), named, RecordId("003000000000001AAA"), "", "", web_page)
