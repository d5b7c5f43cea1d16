"""Properties to values and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsync.core.person import Address, Flow, Limit, Value
from mailsync.core.refs import FieldName
from mailsync.mapping.interpreter import PropertyLimit, limits, mailbox_limits, read, read_day, write
from mailsync.mapping.table import Vendor, load

VENDORS: tuple[Vendor, ...] = ("salesforce", "exchange")
ALL_BOTH = load().with_flows({f.name: Flow.BOTH for f in load().fields})
TEXTS = st.text(st.characters(blacklist_characters="\r"), max_size=20)
DAYS = st.dates().map(lambda d: d.isoformat())


def values_of(name: FieldName) -> st.SearchStrategy[Value]:
    if name.endswith("Address"):
        return st.builds(Address, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS)
    return DAYS if name == "Birthdate" else TEXTS


PEOPLE = st.fixed_dictionaries({}, optional={f.name: values_of(f.name) for f in ALL_BOTH.fields})


@pytest.mark.parametrize("vendor", VENDORS)
@given(values=PEOPLE)
def test_what_is_written_is_read_again(vendor: Vendor, values: dict[FieldName, Value]) -> None:
    assert read(ALL_BOTH, vendor, write(ALL_BOTH, vendor, values)) == values


@pytest.mark.parametrize("vendor", VENDORS)
@given(flat=st.dictionaries(st.sampled_from([*ALL_BOTH.properties("salesforce"), "Unknown"]), st.text(max_size=30)))
def test_any_texts_can_be_read(vendor: Vendor, flat: dict[str, str]) -> None:
    found = read(ALL_BOTH, vendor, flat)
    assert set(found) <= {f.name for f in ALL_BOTH.fields}


def test_absent_is_not_blank() -> None:
    found = read(load(), "salesforce", {"FirstName": "", "LastName": "Gray", "Nickname": "Jo"})
    assert found == {"FirstName": "", "LastName": "Gray"}


def test_an_address_is_there_as_soon_as_a_part_is() -> None:
    found = read(load(), "exchange", {"contacts:PhysicalAddress:City:Business": "Ulm"})
    assert found == {"MailingAddress": Address(city="Ulm")}


def test_a_street_has_lf_whatever_the_vendor_sends() -> None:
    found = read(load(), "salesforce", {"OtherStreet": "Hof 1\r\nTor 2\rTür 3", "OtherCity": ""})
    assert found == {"OtherAddress": Address(street="Hof 1\nTor 2\nTür 3")}


@pytest.mark.rule("L7")
def test_only_the_fields_given_are_written() -> None:
    assert write(load(), "exchange", {FieldName("HomePhone"): "1"}) == {"contacts:PhoneNumber:HomePhone": "1"}


def test_blank_clears_and_a_blank_address_clears_every_part() -> None:
    written = write(load(), "salesforce", {FieldName("Title"): "", FieldName("OtherAddress"): Address()})
    assert written == {"Title": "", **{f"Other{p}": "" for p in ("Street", "City", "State", "PostalCode", "Country")}}


def test_a_blank_text_clears_an_address_too() -> None:
    assert write(load(), "salesforce", {FieldName("OtherAddress"): ""})["OtherCountry"] == ""


@pytest.mark.rule("E3")
def test_company_never_goes_up_and_comes_down() -> None:
    company = {FieldName("Company"): "Acme"}
    assert write(load(), "salesforce", company) == {}
    assert write(load(), "exchange", company) == {"contacts:CompanyName": "Acme"}
    assert read(load(), "salesforce", {"Account.Name": "Acme"}) == company


def test_an_up_field_is_not_written_down_and_an_off_field_nowhere() -> None:
    table = load().with_flows({FieldName("Title"): Flow.UP, FieldName("Fax"): Flow.OFF})
    values = {FieldName("Title"): "CTO", FieldName("Fax"): "1", FieldName("Nickname"): "Jo"}
    assert write(table, "salesforce", values) == {"Title": "CTO"}
    assert write(table, "exchange", values) == {}
    assert read(table, "salesforce", {"Fax": "1", "Title": "CTO"}) == {"Title": "CTO"}


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("1980-02-29", "1980-02-29"),
        ("1980-02-29T00:00:00Z", "1980-02-29"),
        ("1980-02-29T11:59:00Z", "1980-02-29"),
        ("1980-02-28T23:00:00Z", "1980-02-29"),  # midnight in Berlin
        ("1980-02-29T08:00:00Z", "1980-02-29"),  # midnight in Los Angeles
        ("1980-02-28T12:00:00Z", "1980-02-29"),  # midnight in Auckland
        ("1980-02-29T00:00:00+01:00", "1980-02-29"),
        ("1980-02-29T00:00:00", "1980-02-29"),
        ("9999-12-31T23:00:00Z", "9999-12-31T23:00:00Z"),
        ("1979-02-29T11:59:00Z", "1979-02-29T11:59:00Z"),
        ("soon", "soon"),
        ("", ""),
    ],
)
def test_a_birthday_is_the_day_that_was_meant(instant: str, day: str) -> None:
    assert read_day(instant) == day


DESCRIBE = {
    "LastName": PropertyLimit(80, required=True),
    "Salutation": PropertyLimit(40, choices=(("Mr.", "Herr"),), restricted=True),
    "Email": PropertyLimit(80, updateable=False),
    "MailingStreet": PropertyLimit(255),
    "MailingCity": PropertyLimit(40),
    "MailingState": PropertyLimit(80),
    "MailingPostalCode": PropertyLimit(20, updateable=False),
    "MailingCountry": PropertyLimit(80, readable=False),
    "OtherCity": PropertyLimit(40),
}


def test_limits_are_those_of_the_describe() -> None:
    found = limits(load(), "salesforce", DESCRIBE)
    assert found[FieldName("LastName")] == Limit(80, required=True)
    assert found[FieldName("Salutation")] == Limit(40, choices=(("Mr.", "Herr"),), restricted=True)
    assert found[FieldName("Email")] == Limit(80, updateable=False)


def test_an_address_is_limited_part_by_part_and_open_only_if_all_parts_are() -> None:
    found = limits(load(), "salesforce", DESCRIBE)[FieldName("MailingAddress")]
    assert found.parts == (255, 40, 80, 20, 80)
    assert (found.readable, found.createable, found.updateable) == (False, True, False)


@pytest.mark.rule("B13")
def test_what_the_describe_lacks_has_no_limit() -> None:
    assert set(limits(load(), "salesforce", DESCRIBE)) == {"LastName", "Salutation", "Email", "MailingAddress"}


def test_exchange_takes_every_field() -> None:
    found = mailbox_limits(load())
    assert set(found) == {f.name for f in load().fields}
    assert found[FieldName("LastName")] == Limit(255)
    assert found[FieldName("OtherAddress")] == Limit(255, parts=(255, 255, 255, 255, 255))
    assert found[FieldName("Description")].length > 32_000
