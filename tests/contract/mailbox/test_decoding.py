"""Our decoding of a page beside exchangelib's of the same bytes: equal field by field, never a part for the whole."""

from collections.abc import Iterator
from typing import Any

import pytest
from exchangelib.items import Contact

from bench.decoding import Captured, Salutation, capture, decode, decode_with_exchangelib
from mailsync.core.changes import Item
from mailsync.core.person import Address
from mailsync.errors import AnswerBroken

COUNT = 40
PHONES = {
    "Phone": "BusinessPhone",
    "MobilePhone": "MobilePhone",
    "HomePhone": "HomePhone",
    "OtherPhone": "OtherTelephone",
    "Fax": "BusinessFax",
    "AssistantPhone": "AssistantPhone",
}
PLAIN = {
    "FirstName": "given_name",
    "MiddleName": "middle_name",
    "LastName": "surname",
    "Suffix": "generation",
    "Salutation": "salutation",
    "Title": "job_title",
    "Department": "department",
    "Company": "company_name",
    "AssistantName": "assistant_name",
}
ADDRESSES = {"MailingAddress": "Business", "OtherAddress": "Other"}


@pytest.fixture(scope="module")
def captured() -> Iterator[Captured]:
    Contact.register("salutation", Salutation)
    try:
        yield capture(COUNT)
    finally:
        Contact.deregister("salutation")


def tell(found: Any) -> dict[str, Any]:
    """An item of exchangelib's in the words of ours."""
    phones = {p.label: p.phone_number for p in found.phone_numbers}
    addresses = {a.label: Address(a.street, a.city, a.state, a.zipcode, a.country) for a in found.physical_addresses}
    emails = [e.email for e in found.email_addresses]
    return {
        **{name: getattr(found, attribute) for name, attribute in PLAIN.items()},
        **{name: phones[label] for name, label in PHONES.items()},
        **{name: addresses[label] for name, label in ADDRESSES.items()},
        "Email": emails[0],
        "Birthdate": found.birthday.isoformat(),
    }


def tell_marks(found: Any) -> tuple[Any, ...]:
    about = (found.id, found.changekey, found.parent_folder_id.id, tuple(found.categories), found.sensitivity)
    return (*about, found.display_name, found.file_as, found.business_homepage, found.datetime_created)


def marks_of(item: Item) -> tuple[Any, ...]:
    about = (item.id, item.version, item.folder, item.categories, item.sensitivity.value)
    return (*about, item.display_name, item.file_as, item.web_page, item.created)


def test_a_page_is_read_as_exchangelib_reads_it_field_by_field(captured: Captured) -> None:
    ours = [reading.item for reading in decode(captured).readings.values()]
    theirs = [found for _, found in decode_with_exchangelib(captured)]
    assert len(ours) == len(theirs) == COUNT
    for item, found in zip(ours, theirs, strict=True):
        assert dict(item.values) == tell(found)
        assert marks_of(item) == tell_marks(found)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_A21_no_part_of_a_page_is_believed_as_exchangelib_does(captured: Captured, share: float) -> None:
    """measure.md §0.1: a parser that recovers hands out what it has, with a good sync state or without an error."""
    part = Captured(captured.body[: int(len(captured.body) * share)], captured.folder)
    assert len(decode_with_exchangelib(part)) > 0
    with pytest.raises(AnswerBroken):
        decode(part)
