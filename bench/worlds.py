"""Worlds of the size that a line needs: records of invented people, and whose mailbox is of which kind."""

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

KINDS = ("exchange", "google", "microsoft")
PEOPLE = {"exchange": "ann", "google": "bob", "microsoft": "cem"}
"""Whose mailbox is of which kind in the world `empty`."""

_FIRST = ("Amara", "Bela", "Chidi", "Dana", "Emeka", "Freya", "Goran", "Hana", "Ivo", "Jun")
_LAST = ("Okafor", "Lindqvist", "Marchetti", "Novak", "Ferreira", "Haddad", "Iyer", "Jansen", "Kovacs", "Lopez")
_TOWNS = (("Portland", "OR", "97201"), ("Austin", "TX", "78701"), ("Boston", "MA", "02108"), ("Denver", "CO", "80202"))
_STAMP = "2026-01-12T09:30:00.000+0000"


def make_world(records: Mapping[str, int]) -> dict[str, Any]:
    """The empty world in which each of these people owns so many Contacts. Graph's 10,000 requests in ten minutes are
    raised: a first session of 10,000 contacts has as many, and what it costs is asked, not how long it waits."""
    world = empty_world()
    world["microsoft"] = {**world.get("microsoft", {}), "throttling": {"MailboxRequests": 10_000_000}}
    world["salesforce"]["records"] = {
        "Account": [{"Name": f"Globex {n}", "OwnerId": "admin", "CreatedDate": _STAMP} for n in range(50)],
        "Contact": [make_record(owner, n) for owner, count in records.items() for n in range(count)],
    }
    return world


def empty_world() -> dict[str, Any]:
    """The world `empty`."""
    return json.loads(files("mailsync.sandbox").joinpath("worlds", "empty.json").read_text("utf-8"))


def make_record(owner: str, number: int) -> dict[str, Any]:
    """One Contact with the fields that people fill; changed last long before the first session."""
    first, last = _FIRST[number % 10], f"{_LAST[number // 10 % 10]} {number:06d}"
    town, state, code = _TOWNS[number % 4]
    return {
        "FirstName": first,
        "LastName": last,
        "Email": f"{first.lower()}.{number}@globex.example",
        "Phone": f"+1 415 555 01{number % 100:02d}",
        "MobilePhone": f"+1 503 555 01{number % 100:02d}",
        "Title": f"Engineer {number % 20}",
        "Department": "Research",
        "MailingStreet": f"{number} Market Street",
        "MailingCity": town,
        "MailingState": state,
        "MailingPostalCode": code,
        "MailingCountry": "United States",
        "OwnerId": owner,
        "CreatedDate": _STAMP,
        "LastModifiedDate": _STAMP,
        "SystemModstamp": _STAMP,
    }


def make_card(number: int) -> str:
    """The same person as a vCard, for the peers that sync those."""
    person = make_record("", number)
    return (
        f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:bench-{number:06d}\r\nN:{person['LastName']};{person['FirstName']};;;\r\n"
        f"FN:{person['FirstName']} {person['LastName']}\r\nORG:Globex;Research\r\nTITLE:{person['Title']}\r\n"
        f"EMAIL;TYPE=WORK:{person['Email']}\r\nTEL;TYPE=WORK:{person['Phone']}\r\nTEL;TYPE=CELL:{person['MobilePhone']}\r\n"
        f"ADR;TYPE=WORK:;;{person['MailingStreet']};{person['MailingCity']};{person['MailingState']};"
        f"{person['MailingPostalCode']};{person['MailingCountry']}\r\nEND:VCARD\r\n"
    )
