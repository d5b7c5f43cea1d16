"""B11, B13, L5: more than two thousand nasty values through both directions: stored as they mean, or one clear issue.

Each value has a contact of its own, whose assistant's name tells which it is; a session carries them all.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.stage import Stage, stage
from tests.faults.values import DAYS, EMAILS, PHONES, texts

COUNT = 1050
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
    """What must survive: the characters that are seen, line ends and spaces as one, controls left out."""
    spaced = re.sub(r"[\x0b\x0c\x1c-\x1f\x85\u2028\u2029]", " ", text)
    printed = re.sub(r"[\x00-\x08\x0e-\x1b\x7f-\x9f\ufffe\uffff?\ufffd]", "", spaced)
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
    """Puts contacts into a world that stands, as if people had just made them."""
    world = scene.box.sandbox.dump()
    folder = next(f for f in world["exchange"]["mailboxes"][0]["folders"] if f["name"] == "Salesforce Contacts")
    folder["items"] = [*folder.get("items", []), *items]
    world["salesforce"]["records"].setdefault("Contact", []).extend(records)
    scene.box.sandbox.reset(world)


def rows(scene: Stage) -> dict[str, dict[str, Any]]:
    found = scene.box.sandbox.dump()["salesforce"]["records"]["Contact"]
    return {row["AssistantName"]: row for row in found if row.get("AssistantName")}


def items(scene: Stage) -> dict[str, dict[str, Any]]:
    box = scene.box.sandbox.dump()["exchange"]["mailboxes"][0]
    folder = next(f for f in box["folders"] if f["name"] == "Salesforce Contacts")
    return {item["AssistantName"]: item for item in folder["items"] if item.get("AssistantName")}


def judge(field: str, given: str, stored: str, told: bool) -> str:
    """What is wrong with the way of one value, '' if nothing is: it is there as it means, or an issue says why not."""
    wanted = essence(given)
    if field == "Birthdate" and given.startswith("4501"):
        wanted = ""
    if field == "Email":
        wanted, stored = wanted.casefold(), stored.casefold()
    if essence(stored) == wanted or told:
        return ""
    return f"{field} {given[:60]!r} became {stored[:60]!r}, and nobody is told"


def check(
    made: Sequence[tuple[str, str]],
    stored: Callable[[str, str], str | None],
    issues: Sequence[Mapping[str, Any]],
    owner: Callable[[str], tuple[str | None, str | None]],
) -> list[str]:
    told = {(i["salesforce_id"] or "", i["item_id"] or "") for i in issues}
    records, held = {r for r, _ in told if r}, {i for _, i in told if i}
    wrong: list[str] = []
    for number, (field, given) in enumerate(made):
        tag = f"tag{number:05}"
        record, item = owner(tag)
        found = stored(tag, field)
        is_told = record in records or item in held
        if found is None:
            wrong += [] if is_told else [f"{tag}: {field} {given[:60]!r}: the contact is missing, and nobody is told"]
        elif (problem := judge(field, given, found, is_told)) != "":
            wrong.append(f"{tag}: {problem}")
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
    issues = [*scene.run("issues", "ann")["issues"], *report["issues"]]
    wrong = check(
        made,
        lambda tag, field: str(stored[tag].get(field) or "") if tag in stored else None,
        issues,
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
    issues = [*scene.run("issues", "ann")["issues"], *report["issues"]]
    wrong = check(
        made,
        lambda tag, field: held_by(shown[tag], field) if tag in shown else None,
        issues,
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
        return re.fullmatch(r"[A-Za-z0-9.+'%]+@[a-z]+\.example", value, re.IGNORECASE) is not None
    if field == "Birthdate":
        return "1700-01-01" <= value <= "4000-12-31"
    return len(value) <= LENGTHS.get(field, 255 if field in TEXTS else 40)
