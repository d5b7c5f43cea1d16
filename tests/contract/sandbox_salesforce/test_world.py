"""Worlds: what may be left out, what is refused, and that a dump is a world."""

from typing import Any

import pytest

from mailsync.sandbox.vendor import Refused
from mailsync.sandbox.world import part_of, read_world
from tests.contract.sandbox_salesforce.desk import Office, open_office

FIRM = {"Account": [{"Name": "Acme", "OwnerId": "ann"}]}


def test_a_short_world_is_completed() -> None:
    contact = {
        "LastName": " Berg ",
        "OwnerId": "ann",
        "AccountId": {"Name": "Acme"},
        "CreatedDate": "2026-01-02T03:04:05Z",
    }
    office = open_office({"records": {"Contact": [contact], **FIRM}})
    found = office.ann.query("SELECT Id, Name, Account.Name, CreatedDate, SystemModstamp, Owner.Alias FROM Contact")[0]
    assert (found["Name"], found["Account"]["Name"], found["Owner"]["Alias"]) == ("Berg", "Acme", "ann")
    assert found["CreatedDate"] == found["SystemModstamp"] == "2026-01-02T03:04:05.000+0000"


def test_ids_go_on_after_those_of_the_world() -> None:
    office = open_office({"records": {"Contact": [{"Id": "003Ib0000000007IAA", "LastName": "x", "OwnerId": "ann"}]}})
    assert office.ann.create() == "003Ib0000000008IAA"


def fill(office: Office) -> None:
    """Something of everything that an organisation holds."""
    account = office.ann.create("Account", Name="Acme")
    kept, gone = office.ann.create(AccountId=account, MailingCity="Oslo", MailingLatitude=59.9), office.ann.create()
    purged = office.ann.create()
    office.ann.send("DELETE", f"sobjects/Contact/{gone}")
    office.ann.act("share", record=kept, user="bob")
    office.ann.act("create_view", object="Contact", name="V", where="Title = 'x'", scope="mine")
    office.admin.act("field_security", object="Contact", field="Title", user="bob", read=False, edit=False)
    office.admin.act("validation_rule", object="Contact", field="Phone", pattern="x", message="No x")
    office.admin.act("duplicate_rule", object="Contact", field="Email", action="alert")
    office.admin.act("required_field", object="Contact", field="FirstName")
    office.admin.act("restricted_picklist", object="Contact", field="Salutation")
    office.admin.act("purge", record=purged)
    office.admin.act("deactivate", user="cem")
    office.admin.act("daily_limit", limit=7000)
    office.admin.act("late_commit", seconds=5)


def test_a_dump_is_the_same_world() -> None:
    office = open_office({"custom_fields": {"Contact": [{"name": "Key__c", "externalId": True, "length": 20}]}})
    fill(office)
    world = office.vendor.dump()
    copy = open_office(world)
    assert copy.vendor.dump() == world
    text = "SELECT Id, Name, MailingAddress, IsDeleted, Key__c, SystemModstamp FROM Contact ORDER BY Id"
    office.clock.advance(10)
    assert copy.admin.query(text, "queryAll") == office.admin.query(text, "queryAll")


@pytest.mark.parametrize("name", ["empty", "acme"])
def test_shipped_worlds(name: str) -> None:
    part = part_of(read_world(name), "salesforce")
    office = open_office(part)
    assert len(office.admin.query("SELECT Id FROM Contact")) == len(part.get("records", {}).get("Contact", []))
    assert open_office(office.vendor.dump()).vendor.dump() == office.vendor.dump()


@pytest.mark.parametrize(
    ("world", "message"),
    [
        ({"nonsense": 1}, r"salesforce\.nonsense: unknown key"),
        ({"records": {"Nothing": []}}, "records: there is no object Nothing"),
        ({"records": {"Contact": [{}]}}, r"records\.Contact\[0\]\.LastName: give it"),
        ({"records": {"Contact": [{"LastName": "x", "Nope": 1}]}}, r"Contact\[0\]\.Nope: Contact has no such field"),
        ({"records": {"Contact": [{"LastName": "x", "Email": "y"}]}}, r"Email: .*invalid email"),
        ({"records": {"Contact": [{"LastName": "x", "AccountId": {"Name": "y"}}]}}, "no Account named y"),
        ({"records": {"Contact": [{"Id": "001000000000001AAA", "LastName": "x"}]}}, "must start with 003"),
        ({"users": [{"id": "x"}]}, "name: give it as text"),
        ({"users": [{"name": "ann", "id": "003000000000001AAA"}]}, r"users\.ann\.id"),
        ({"custom_fields": {"Contact": [{"name": "Key"}]}}, "must end in __c"),
        ({"list_views": [{"object": "Contact", "name": "V", "where": "Nope = 1"}]}, "where: Salesforce refuses it"),
        ({"shares": [{"record": "x", "user": "ann"}]}, "record: there is no Salesforce record"),
    ],
)
def test_refused_worlds(world: dict[str, Any], message: str) -> None:
    office = open_office()
    office.ann.create()
    with pytest.raises(Refused, match=message):
        office.vendor.load(world)
    assert len(office.ann.query("SELECT Id FROM Contact")) == 1
