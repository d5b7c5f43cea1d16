"""The packaged table against the page of default mappings, and changes to it."""

import pytest

from mailsync.core.person import Field, FieldType, Flow
from mailsync.core.refs import FieldName
from mailsync.errors import SettingsError
from mailsync.mapping.table import Table, load, parse

ROW = """
[[field]]
name = "{name}"
type = "{type}"
flow = "both"
salesforce = [{salesforce}]
mailbox = ["contacts:Surname"]
"""


def test_every_field_of_the_default_mapping_is_there_once() -> None:
    assert [f.name for f in load().fields] == [
        *("FirstName", "MiddleName", "LastName", "Suffix", "Salutation", "Title", "Department", "Company", "Email"),
        *("Phone", "MobilePhone", "HomePhone", "OtherPhone", "Fax", "AssistantPhone", "AssistantName"),
        *("MailingAddress", "OtherAddress", "Birthdate", "Description"),
    ]


@pytest.mark.parametrize(
    ("name", "salesforce", "mailbox"),
    [
        ("FirstName", "FirstName", "contacts:GivenName"),
        ("LastName", "LastName", "contacts:Surname"),
        ("Suffix", "Suffix", "contacts:Generation"),
        ("Salutation", "Salutation", "tag:0x3A45"),
        ("Company", "Account.Name", "contacts:CompanyName"),
        ("Email", "Email", "contacts:EmailAddress:EmailAddress1"),
        ("Phone", "Phone", "contacts:PhoneNumber:BusinessPhone"),
        ("OtherPhone", "OtherPhone", "contacts:PhoneNumber:OtherTelephone"),
        ("Fax", "Fax", "contacts:PhoneNumber:BusinessFax"),
        ("Birthdate", "Birthdate", "contacts:Birthday"),
        ("Description", "Description", "item:Body"),
    ],
)
def test_a_field_is_held_by_these_properties(name: str, salesforce: str, mailbox: str) -> None:
    row = next(r for r in load().rows if r.field.name == name)
    assert (row.salesforce, row.mailbox) == ((salesforce,), (mailbox,))


@pytest.mark.parametrize(
    ("name", "prefix", "label"), [("MailingAddress", "Mailing", "Business"), ("OtherAddress", "Other", "Other")]
)
def test_an_address_is_five_properties_in_one_order(name: str, prefix: str, label: str) -> None:
    row = next(r for r in load().rows if r.field.name == name)
    assert row.salesforce == tuple(f"{prefix}{p}" for p in ("Street", "City", "State", "PostalCode", "Country"))
    parts = ("Street", "City", "State", "PostalCode", "CountryOrRegion")
    assert row.mailbox == tuple(f"contacts:PhysicalAddress:{p}:{label}" for p in parts)


@pytest.mark.rule("E3")
def test_directions_by_default() -> None:
    flows = {f.name: f.flow for f in load().fields}
    assert {n for n, f in flows.items() if f is not Flow.BOTH} == {"Company", "Description"}
    assert (flows[FieldName("Company")], flows[FieldName("Description")]) == (Flow.DOWN, Flow.OFF)


def test_home_address_and_further_addresses_are_nobodys() -> None:
    names = load().properties("exchange")
    assert not [n for n in names if n.endswith((":Home", "EmailAddress2", "EmailAddress3"))]


@pytest.mark.rule("L9")
def test_what_is_off_is_not_asked_for() -> None:
    table = load()
    assert "Description" not in table.properties("salesforce")
    assert "item:Body" not in table.properties("exchange")
    on = table.with_flows({FieldName("Description"): Flow.DOWN})
    assert "Description" in on.properties("salesforce")
    assert "item:Body" in on.properties("exchange")


def test_changed_directions_leave_the_packaged_table_alone() -> None:
    before = load()
    after = before.with_flows({FieldName("Title"): Flow.OFF})
    assert after.field("Title") == Field(FieldName("Title"), FieldType.TEXT, Flow.OFF)
    assert load() is before
    assert before.field("Title").flow is Flow.BOTH
    assert [f.name for f in after.fields] == [f.name for f in before.fields]


def test_an_unknown_field_is_named_with_those_there_are() -> None:
    with pytest.raises(SettingsError, match=r"no field Titel.*Title"):
        load().with_flows({FieldName("Titel"): Flow.OFF})
    with pytest.raises(SettingsError, match="no field Titel"):
        load().field("Titel")


@pytest.mark.parametrize("mailbox", ["", "lotus", "../exchange"])
def test_an_unknown_kind_of_mailbox_is_a_problem_of_settings(mailbox: str) -> None:
    with pytest.raises(SettingsError, match="no field mapping"):
        load(mailbox)


@pytest.mark.parametrize(
    ("toml", "problem"),
    [
        ("[[field]", "not TOML"),
        ("[[field]]\nname = 'X'", "field X: 'type' is missing"),
        (ROW.format(name="X", type="number", salesforce='"X"'), "field X: 'number' is not a valid FieldType"),
        (ROW.format(name="X", type="name", salesforce='"X", "Y"'), "field X: name 1 of"),
        (ROW.format(name="X", type="address", salesforce='"X"'), "field X: name 5 of"),
    ],
)
def test_a_broken_table_names_its_field(toml: str, problem: str) -> None:
    with pytest.raises(SettingsError, match=problem):
        parse(toml)


def test_a_table_is_read_row_by_row() -> None:
    table = parse(ROW.format(name="X", type="name", salesforce='"X__c"'))
    assert isinstance(table, Table)
    assert (table.properties("salesforce"), table.properties("exchange")) == (("X__c",), ("contacts:Surname",))
