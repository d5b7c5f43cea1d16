"""B11, B13, L5: more than two thousand nasty values through both directions: stored as they mean, or one clear issue.

Each value has a contact of its own, whose assistant's name tells which it is; a session carries them all.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.stage import Stage, stage
from tests.faults.values import DAYS, EMAILS, PHONES, texts

COUNT = 1500
"""Texts; with the other kinds, and those of them that Salesforce holds on the way down, well over 2,000 values."""
TEXTS = {
    "FirstName": "GivenName",
    "LastName": "Surname",
    "Title": "JobTitle",
    "Department": "Department",
    "MailingStreet": "Street",
    "MailingCity": "City",
    "MailingPostalCode": "PostalCode",
}
OTHERS: Mapping[str, Sequence[str]] = {"Phone": PHONES, "MobilePhone": PHONES, "Email": EMAILS, "Birthdate": DAYS}
ADDRESS = frozenset({"Street", "City", "PostalCode"})
LENGTHS = {"FirstName": 40, "LastName": 80, "Title": 128, "Department": 80, "MailingCity": 40, "MailingPostalCode": 20}
TELEPHONES = {"Phone": "BusinessPhone", "MobilePhone": "MobilePhone"}


def inputs() -> list[tuple[str, str]]:
    """(field, value), a contact each."""
    fields = list(TEXTS)
    made = [
        (f, f"{text} N{n}" if f == "LastName" else text)
        for n, (f, text) in enumerate(zip(cycle(fields), texts(COUNT), strict=False))
    ]
    return made + [(field, value) for field, values in OTHERS.items() for value in values]


def essence(text: str) -> str:
    """What must survive: the characters that are seen, in NFC, line ends and spaces as one, controls left out.

    What XML 1.0 can't carry (a vertical tab is one of them) comes as a question mark from Exchange.
    """
    spaced = re.sub(r"[\x85\u2028\u2029]", " ", unicodedata.normalize("NFC", text))
    printed = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff?\ufffd]", "", spaced)
    return " ".join(re.sub(r"[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\u180e]", "", printed).split())


def as_item(number: int, field: str, value: str) -> dict[str, Any]:
    """Outlook's contact with that value."""
    item: dict[str, Any] = {
        "Surname": f"N{number:05}",
        "DisplayName": f"N{number:05}",
        "AssistantName": f"tag{number:05}",
    }
    if field in TELEPHONES:
        return {**item, "PhoneNumbers": {TELEPHONES[field]: value}}
    if field == "Email":
        return {**item, "EmailAddresses": {"EmailAddress1": value}}
    if field == "Birthdate":
        return {**item, "Birthday": value}
    if TEXTS[field] in ADDRESS:
        return {**item, "PhysicalAddresses": {"Business": {TEXTS[field]: value}}}
    return {**item, TEXTS[field]: value}


def held_by(item: Mapping[str, Any], field: str) -> str:
    """What Outlook's contact holds of a field."""
    if field in TELEPHONES:
        return item.get("PhoneNumbers", {}).get(TELEPHONES[field], "")
    if field == "Email":
        address = item.get("EmailAddresses", {}).get("EmailAddress1", "")
        return address.get("Address", "") if isinstance(address, dict) else address
    if field == "Birthdate":
        return str(item.get("Birthday", ""))[:10]
    if TEXTS[field] in ADDRESS:
        return item.get("PhysicalAddresses", {}).get("Business", {}).get(TEXTS[field], "")
    return str(item.get(TEXTS[field], ""))


def load(scene: Stage, *, items: Sequence[Mapping[str, Any]] = (), records: Sequence[Mapping[str, Any]] = ()) -> None:
    """Puts contacts into a world that stands, as if people had just made them. A world that is loaded counts its
    changes anew; the feed's state is of another life of the mailbox: Exchange refuses it, as it does after a restore.
    """
    world = scene.box.sandbox.dump()
    folder = next(f for f in world["exchange"]["mailboxes"][0]["folders"] if f["name"] == "Salesforce Contacts")
    folder["items"] = [*folder.get("items", []), *items]
    world["salesforce"]["records"].setdefault("Contact", []).extend(records)
    scene.box.sandbox.reset(world)
    scene.fault(vendor="exchange", operation="SyncFolderItems", kind="expire_cursor", times=1)


def rows(scene: Stage) -> dict[str, dict[str, Any]]:
    found = scene.box.sandbox.dump()["salesforce"]["records"]["Contact"]
    return {row["AssistantName"]: row for row in found if row.get("AssistantName")}


def items(scene: Stage) -> dict[str, dict[str, Any]]:
    box = scene.box.sandbox.dump()["exchange"]["mailboxes"][0]
    folder = next(f for f in box["folders"] if f["name"] == "Salesforce Contacts")
    return {item["AssistantName"]: item for item in folder["items"] if item.get("AssistantName")}


def expected(field: str, given: str) -> str:
    """What should be on the other side: a day of 4501 is Outlook's own for none, a directory's path no address."""
    if (field == "Birthdate" and given.startswith("4501")) or (field == "Email" and given.startswith("/")):
        return ""
    return essence(given).casefold() if field == "Email" else essence(given)


@dataclass(frozen=True)
class Told:
    """What a person is told: issues by contact and field, and the contacts that a hold asks about."""

    fields: frozenset[tuple[str, str]]
    held: frozenset[str]

    @classmethod
    def ask(cls, scene: Stage, *reports: Mapping[str, Any]) -> "Told":
        shown = scene.run("issues", "ann")
        issues = [*shown["issues"], *(issue for report in reports for issue in report["issues"])]
        fields = [(i[side], i["field"]) for i in issues for side in ("salesforce_id", "item_id") if i[side]]
        members = [member for hold in shown["holds"] for member in hold["members"]]
        held = [m[side] for m in members for side in ("salesforce_id", "item_id") if m[side]]
        return cls(frozenset(fields), frozenset(held))

    def names(self, field: str, contacts: Sequence[str | None]) -> bool:
        """Whether an issue names one of these and the field, or a hold asks about one of them."""
        fields = (field, "MailingAddress") if field.startswith("Mailing") else (field,)
        return any((c, f) in self.fields for c in contacts if c for f in fields) or not self.held.isdisjoint(
            c for c in contacts if c
        )


def check(
    made: Sequence[tuple[str, str]],
    stored: Callable[[str, str], str | None],
    told: Told,
    owners: Callable[[str], Sequence[str | None]],
) -> list[str]:
    """What is wrong: values that are neither there as they mean nor told of."""
    wrong: list[str] = []
    for number, (field, given) in enumerate(made):
        tag = f"tag{number:05}"
        found = stored(tag, field)
        if told.names(field, owners(tag)):
            continue
        if found is None:
            wrong.append(f"{tag}: {field} {given[:60]!r}: the contact is missing, and nobody is told")
            continue
        there = essence(found).casefold() if field == "Email" else essence(found)
        if there != expected(field, given):
            wrong.append(f"{tag}: {field} {given!r} became {found!r}, and nobody is told")
    return wrong


@pytest.fixture
def scene(tmp_path: Path) -> Any:
    with stage(tmp_path) as standing:
        standing.configure(last_name_fallback="file_as")
        standing.sync()
        yield standing


def test_B11_B13_L5_nasty_values_go_up(scene: Stage, record_property: Callable[[str, object], None]) -> None:
    made = inputs()
    load(scene, items=[as_item(n, field, value) for n, (field, value) in enumerate(made)])
    report = scene.sync(None)
    assert report["status"] in ("done", "held"), report["reason"]
    for _ in range(2):
        scene.sync(None)
    stored, shown = rows(scene), items(scene)
    wrong = check(
        made,
        lambda tag, field: str(stored[tag].get(field) or "") if tag in stored else None,
        Told.ask(scene, report),
        lambda tag: (stored.get(tag, {}).get("Id"), shown[tag]["Id"]),
    )
    record_property("figure", ["values", len(made), len(made) - len(wrong)])
    assert not wrong, "\n".join(wrong)
    scene.assert_settled()


def test_B11_B13_L5_nasty_values_go_down(scene: Stage, record_property: Callable[[str, object], None]) -> None:
    """Salesforce holds what it takes: no controls, no more than a field's length, real addresses and days."""
    made = [(f, v) for f, v in inputs() if _is_held_by_salesforce(f, v)]
    assert len(made) + len(inputs()) > 2000
    records = [
        {"LastName": f"N{n:05}", "AssistantName": f"tag{n:05}", "OwnerId": "ann", field: value}
        for n, (field, value) in enumerate(made)
    ]
    load(scene, records=records)
    report = scene.sync(None)
    assert report["status"] in ("done", "held"), report["reason"]
    for _ in range(2):
        scene.sync(None)
    stored, shown = rows(scene), items(scene)
    wrong = check(
        made,
        lambda tag, field: held_by(shown[tag], field) if tag in shown else None,
        Told.ask(scene, report),
        lambda tag: (stored[tag]["Id"], shown.get(tag, {}).get("Id")),
    )
    record_property("figure", ["values", len(made), len(made) - len(wrong)])
    assert not wrong, "\n".join(wrong)
    scene.assert_settled()


def _is_held_by_salesforce(field: str, value: str) -> bool:
    if not value.strip() or value != value.strip() or not essence(value):
        return False
    if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe]", value):
        return False
    if field == "Email":
        address = re.fullmatch(r"[A-Za-z0-9.+'%]+@[a-z]+\.example", value, re.IGNORECASE)
        return len(value) <= 80 and address is not None
    if field == "Birthdate":
        return "1700-01-01" <= value <= "4000-12-31"
    return len(value) <= LENGTHS.get(field, 255 if field in TEXTS else 40)
