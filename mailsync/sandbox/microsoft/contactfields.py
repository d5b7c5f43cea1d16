"""A contact's properties in Graph's words and the MAPI properties that they are other names of.

Names and types are those of Microsoft's CSDL (graph.contact); the properties are MS-OXOCNTC's, as in the EWS front.
"""

from collections.abc import Callable
from typing import Any, Final

from mailsync.sandbox.exchange.properties import (
    ADDRESS_SET,
    ADDRESSES,
    CATEGORIES,
    DISPLAY_NAME,
    EMAILS,
    FILE_AS,
    FILE_AS_ID,
    IM_ADDRESSES,
    LISTS,
    PHONES,
    TEXTS,
    TIMES,
    TITLE,
)
from mailsync.sandbox.exchange.records import Item
from mailsync.sandbox.exchange.values import (
    FILE_AS_NAMES,
    derive_file_as,
    get_body_text,
    get_display_name,
    get_list,
    get_stored,
)

Reader = Callable[[Item], Any]

# Texts of one MAPI property each.
SCALARS: Final = {
    "assistantName": TEXTS["AssistantName"],
    "businessHomePage": TEXTS["BusinessHomePage"],
    "companyName": TEXTS["CompanyName"],
    "department": TEXTS["Department"],
    "displayName": DISPLAY_NAME,
    "fileAs": FILE_AS,
    "generation": TEXTS["Generation"],
    "givenName": TEXTS["GivenName"],
    "initials": TEXTS["Initials"],
    "jobTitle": TEXTS["JobTitle"],
    "manager": TEXTS["Manager"],
    "middleName": TEXTS["MiddleName"],
    "mobilePhone": PHONES["MobilePhone"],
    "nickName": TEXTS["Nickname"],
    "officeLocation": TEXTS["OfficeLocation"],
    "profession": TEXTS["Profession"],
    "spouseName": TEXTS["SpouseName"],
    "surname": TEXTS["Surname"],
    "title": TITLE,
    "yomiCompanyName": f"{{{ADDRESS_SET}}}/32814/String",  # PidLidYomiCompanyName
    "yomiGivenName": TEXTS["PhoneticFirstName"],
    "yomiSurname": TEXTS["PhoneticLastName"],
}
# Lists whose entries have a MAPI property each; more don't fit (docs-contrib #560; homePhones: mailbox.md H, unproven).
SLOTS: Final = {
    "businessPhones": (PHONES["BusinessPhone"], PHONES["BusinessPhone2"]),
    "homePhones": (PHONES["HomePhone"], PHONES["HomePhone2"]),
    "imAddresses": tuple(IM_ADDRESSES.values()),
}
TEXT_LISTS: Final = {"categories": CATEGORIES, "children": LISTS["Children"]}
EMAIL_SLOTS: Final = tuple(EMAILS.values())
SINGLE_EMAILS: Final[dict[str, tuple[str, str, str]]] = dict(
    zip(("primaryEmailAddress", "secondaryEmailAddress", "tertiaryEmailAddress"), EMAIL_SLOTS, strict=True)
)
ADDRESS_PARTS: Final = {
    "street": "Street",
    "city": "City",
    "state": "State",
    "countryOrRegion": "CountryOrRegion",
    "postalCode": "PostalCode",
}
ADDRESS_KEYS: Final = {
    name: {part: ADDRESSES[kind][mapi] for part, mapi in ADDRESS_PARTS.items()}
    for name, kind in (("businessAddress", "Business"), ("homeAddress", "Home"), ("otherAddress", "Other"))
}
BIRTHDAY: Final = TIMES["Birthday"]
NOTES: Final = "personalNotes"
NAME_PARTS: Final = ("givenName", "middleName", "surname", "generation")
READ_ONLY: Final = ("id", "createdDateTime", "lastModifiedDateTime", "changeKey", "parentFolderId")


def _read_text(key: str) -> Reader:
    return lambda item: get_stored(item, key) or None


def _read_slots(keys: tuple[str, ...]) -> Reader:
    return lambda item: [text for text in (get_stored(item, key) for key in keys) if text]


def _read_list(key: str) -> Reader:
    return lambda item: list(get_list(item, key))


def _read_address(parts: dict[str, str]) -> Reader:
    return lambda item: {part: text for part, key in parts.items() if (text := get_stored(item, key))}


def read_email(item: Item, keys: tuple[str, str, str]) -> dict[str, str] | None:
    """One e-mail of a contact, None where the slot is empty."""
    address, name, _ = (get_stored(item, key) for key in keys)
    return {"name": name or address, "address": address} if address else None


def _read_single_email(keys: tuple[str, str, str]) -> Reader:
    return lambda item: read_email(item, keys)


def _read_emails(item: Item) -> list[dict[str, str]]:
    return [found for found in (read_email(item, keys) for keys in EMAIL_SLOTS) if found]


def _read_file_as(item: Item) -> str | None:
    mapped = FILE_AS_NAMES.get(get_stored(item, FILE_AS_ID), "None")
    return (derive_file_as(item) if mapped != "None" else get_stored(item, FILE_AS)) or None


# Every property but those of the item itself (ids, stamps), in the order in which Graph tells them.
READERS: Final[dict[str, Reader]] = {
    "categories": _read_list(CATEGORIES),
    "birthday": _read_text(BIRTHDAY),
    "fileAs": _read_file_as,
    "displayName": lambda item: get_display_name(item) or None,
    **{name: _read_text(key) for name, key in SCALARS.items() if name not in ("fileAs", "displayName")},
    "imAddresses": _read_slots(SLOTS["imAddresses"]),
    "businessPhones": _read_slots(SLOTS["businessPhones"]),
    "homePhones": _read_slots(SLOTS["homePhones"]),
    "children": _read_list(TEXT_LISTS["children"]),
    NOTES: lambda item: get_body_text(item),
    "emailAddresses": _read_emails,
    **{name: _read_single_email(keys) for name, keys in SINGLE_EMAILS.items()},
    **{name: _read_address(parts) for name, parts in ADDRESS_KEYS.items()},
}
PROPERTIES: Final = frozenset({*READERS, *READ_ONLY})
