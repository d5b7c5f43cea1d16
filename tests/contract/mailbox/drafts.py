"""Drafts and ids for the tests."""

from mailsync.core.person import Address, Value
from mailsync.core.refs import FieldName, Key, RecordId, Version
from mailsync.ports.mailbox import ItemDraft
from mailsync.ports.outcomes import Outcome, Written

FULL: dict[str, Value] = {
    "FirstName": "Ada",
    "MiddleName": "B.",
    "LastName": "Löwe & Söhne <1>",
    "Suffix": "III",
    "Salutation": "Ms.",
    "Title": 'Head of "Sales"',
    "Department": "北京",
    "Company": "Globex 😀",
    "Email": "ada@globex.example",
    "Phone": "+1 (650) 253-4343 ext. 12",
    "MobilePhone": "+1 212 555 0101",
    "HomePhone": "+1 212 555 0102",
    "OtherPhone": "+1 212 555 0103",
    "Fax": "+1 212 555 0104",
    "AssistantPhone": "+1 212 555 0105",
    "AssistantName": "Bo",
    "MailingAddress": Address("1 Main St\nSuite 4", "Ulm", "BW", "89073", "Germany"),
    "OtherAddress": Address("2 Side St", "Bonn", "", "53111", "Germany"),
    "Birthdate": "1980-02-29",
}


def make_record(number: int) -> RecordId:
    return RecordId(f"003Ib{number:010d}IAA")


def make_draft(number: int, **values: Value) -> ItemDraft:
    """A draft with a name made from its number."""
    whole = {FieldName(k): v for k, v in {"FirstName": "Jo", "LastName": f"No {number}", **values}.items()}
    shown = f"{whole['FirstName']} {whole['LastName']}"
    return ItemDraft(
        Key(f"key-{number}"), whole, make_record(number), shown, f"{whole['LastName']}, {whole['FirstName']}"
    )


def written(outcome: Outcome) -> Written:
    """The outcome, which must be one that was carried out."""
    assert isinstance(outcome, Written), outcome
    return outcome


def version_of(outcome: Outcome) -> Version:
    return written(outcome).version
