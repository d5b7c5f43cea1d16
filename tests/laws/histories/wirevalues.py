"""What a contact at Google's holds, in the words of a Post, and Google's words for values that a person types."""

import json
from collections.abc import Mapping, Sequence
from hashlib import blake2s
from re import findall
from typing import Any

from mailsync.core.person import Address, Value
from mailsync.core.refs import FieldName
from mailsync.sandbox.google.records import Fields
from tests.crash.google import write_fields

ONE = {
    "FirstName": ("names", "", "givenName"),
    "MiddleName": ("names", "", "middleName"),
    "LastName": ("names", "", "familyName"),
    "Suffix": ("names", "", "honorificSuffix"),
    "Salutation": ("names", "", "honorificPrefix"),
    "Title": ("organizations", "", "title"),
    "Department": ("organizations", "", "department"),
    "Company": ("organizations", "", "name"),
    "Email": ("emailAddresses", "", "value"),
    "Phone": ("phoneNumbers", "work", "value"),
    "MobilePhone": ("phoneNumbers", "mobile", "value"),
    "HomePhone": ("phoneNumbers", "home", "value"),
    "OtherPhone": ("phoneNumbers", "other", "value"),
    "Fax": ("phoneNumbers", "workFax", "value"),
    "AssistantPhone": ("phoneNumbers", "Assistant", "value"),
    "AssistantName": ("relations", "assistant", "person"),
}
"""Where each value lies: a field, the type of its entry ("": the one that leads), a part of it."""
ADDRESSES = {"MailingAddress": "work", "OtherAddress": "other"}
PARTS = ("streetAddress", "city", "region", "postalCode", "country")
DAY = ("year", "month", "day")
FURTHER = "mailsyncFurther"


def read_values(fields: Fields) -> dict[FieldName, Value]:
    """What the mapped fields hold. Entries that the agent noted as nobody's but the person's are none of them."""
    noted = set(findall(r"[0-9a-f]{12}", read_own(fields).get(FURTHER, "")))
    found: dict[FieldName, Value] = {}
    for name, (place, kind, part) in ONE.items():
        found[FieldName(name)] = str(_choose(fields, place, kind, noted).get(part, ""))
    for name, kind in ADDRESSES.items():
        entry = _choose(fields, "addresses", kind, noted)
        parts = [str(entry.get(p, "")) for p in PARTS]
        found[FieldName(name)] = Address(*parts) if any(parts) else ""
    date = next((e.get("date", {}) for e in fields.get("birthdays", ())), {})
    numbers = [int(date.get(p, 0)) for p in DAY]
    found[FieldName("Birthdate")] = "{:04}-{:02}-{:02}".format(*numbers) if all(numbers) else ""
    return found


def _choose(fields: Fields, place: str, kind: str, noted: set[str]) -> Mapping[str, Any]:
    entries = fields.get(place, [])
    fitting = [e for e in entries if not kind or str(e.get("type", "")).casefold() == kind.casefold()]
    fitting = [e for e in fitting if _seal(place, e) not in noted]
    if place == "emailAddresses" and fitting and fitting[0] is not entries[0]:
        fitting.sort(key=lambda e: e.get("type") != "work")
    return fitting[0] if fitting else {}


def _seal(place: str, entry: Mapping[str, Any]) -> str:
    """The name by which the agent notes an entry (decision 0015)."""
    content = {k: v for k, v in entry.items() if k != "formattedValue"}
    written = json.dumps([place, content], sort_keys=True, separators=(",", ":"))
    return blake2s(written.encode(), digest_size=6).hexdigest()


def read_own(fields: Fields) -> dict[str, str]:
    """Client data by key; of two with one key the first counts."""
    return {e["key"]: e.get("value", "") for e in reversed(fields.get("clientData", []))}


def read_body(fields: Fields, labels: Sequence[str]) -> Mapping[str, str]:
    """What is the person's own: labels are no categories here, since the agent is not told of them (C1)."""
    found = {"labels": ", ".join(labels), "note": str(fields.get("biographies", ""))}
    return {**found, "pages": str([e["value"] for e in fields.get("urls", []) if e.get("type") != "Salesforce"])}


def write_values(contact: Mapping[str, Any], values: Mapping[FieldName, Value]) -> dict[str, list[dict[str, Any]]]:
    """Google's fields for values; entries of other types stay."""
    apart = {*ADDRESSES, "Birthdate"}
    found = write_fields(contact, {n: str(v) for n, v in values.items() if n not in apart})
    for name, value in values.items():
        if name in ADDRESSES:
            where = value if isinstance(value, Address) else Address()
            parts = (where.street, where.city, where.state, where.postal_code, where.country)
            entry = {"type": ADDRESSES[name]} | {p: v for p, v in zip(PARTS, parts, strict=True) if v}
            known = found.get("addresses", contact.get("addresses", []))
            rest = [{k: v for k, v in e.items() if k in ("type", *PARTS)} for e in known if e["type"] != entry["type"]]
            found["addresses"] = [*rest, *([entry] if len(entry) > 1 else [])]
        elif name == "Birthdate":
            day = [int(p) for p in str(value).split("-")] if value else []
            found["birthdays"] = [{"date": dict(zip(DAY, day, strict=True))}] if day else []
    return found
