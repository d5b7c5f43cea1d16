"""Person Accounts: two records of one person (vendors/salesforce.md §5)."""

from typing import Any

import pytest

from mailsync.sandbox.vendor import Refused
from tests.contract.sandbox_salesforce.desk import Office, open_office, refusal
from tests.contract.sandbox_salesforce.test_removal import merge, soap, undelete

ON = {"organisation": {"person_accounts": True}}


@pytest.fixture
def office() -> Office:
    return open_office(ON)


def person(office: Office, **values: object) -> tuple[str, str]:
    """The ids of a person's Account and Contact."""
    account = office.ann.create("Account", LastName="Lind", FirstName="Vera", **values)
    return account, office.ann.row(account, "Account")["PersonContactId"]


def test_creating_one_makes_its_contact(office: Office) -> None:
    account, contact = person(office, PersonEmail="v@x.example", Phone="1", PersonMailingCity="Oslo", PersonTitle="CTO")
    row = office.ann.row(contact)
    assert (row["Name"], row["Email"], row["Phone"], row["Title"]) == ("Vera Lind", "v@x.example", "1", "CTO")
    assert (row["IsPersonAccount"], row["AccountId"], row["MailingAddress"]["city"]) == (True, account, "Oslo")
    shown = office.ann.row(account, "Account")
    assert (shown["Name"], shown["IsPersonAccount"], shown["PersonMailingAddress"]["city"]) == (
        "Vera Lind",
        True,
        "Oslo",
    )
    assert shown["SystemModstamp"] == row["SystemModstamp"]
    found = office.ann.query(
        "SELECT RecordType.IsPersonType, RecordType.DeveloperName, PersonContact.Email FROM Account "
        "WHERE IsPersonAccount = true"
    )[0]
    assert (found["RecordType"]["IsPersonType"], found["RecordType"]["DeveloperName"]) == (True, "PersonAccount")
    assert found["PersonContact"]["Email"] == "v@x.example"


def test_changes_show_on_both_sides(office: Office) -> None:
    account, contact = person(office)
    office.clock.advance(5)
    assert office.ann.send("PATCH", f"sobjects/Contact/{contact}", {"LastName": "Lund", "Fax": "9"}).status == 204
    row = office.ann.row(account, "Account")
    assert (row["Name"], row["LastName"], row["Fax"]) == ("Vera Lund", "Lund", "9")
    assert row["SystemModstamp"] == office.ann.row(contact)["SystemModstamp"] > row["CreatedDate"]
    values = {"FirstName": None, "PersonMobilePhone": "7", "PersonBirthdate": "1980-02-03"}
    assert office.ann.send("PATCH", f"sobjects/Account/{account}", values).status == 204
    other = office.ann.row(contact)
    assert (other["Name"], other["MobilePhone"], other["Birthdate"]) == ("Lund", "7", "1980-02-03")
    ids = {record["Id"] for record in office.ann.query("SELECT Id FROM Contact WHERE IsPersonAccount = true")}
    assert ids == {contact}


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"Name": "Acme", "LastName": "Lind"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"Name": "Acme", "PersonEmail": "a@x.example"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"FirstName": "Vera"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"Phone": "1"}, "REQUIRED_FIELD_MISSING"),
        ({"LastName": "x", "PersonEmail": "nobody"}, "INVALID_EMAIL_ADDRESS"),
        ({"LastName": "x", "IsPersonAccount": True}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
    ],
)
def test_accounts_that_are_neither(office: Office, values: dict[str, object], code: str) -> None:
    assert refusal(office.ann.send("POST", "sobjects/Account", values)) == (400, code)
    assert office.ann.query("SELECT Id FROM Account") == []


def test_what_a_person_cannot_be_made_to_do(office: Office) -> None:
    account, contact = person(office)
    business = office.ann.create("Account", Name="Acme")
    types = {row["IsPersonType"]: row["Id"] for row in office.ann.query("SELECT Id, IsPersonType FROM RecordType")}
    wrong = (400, "INVALID_PERSON_ACCOUNT_OPERATION")
    send = office.ann.send
    assert refusal(send("DELETE", f"sobjects/Contact/{contact}")) == wrong
    assert refusal(send("POST", "sobjects/Contact", {"LastName": "x", "AccountId": account})) == wrong
    assert refusal(send("PATCH", f"sobjects/Contact/{contact}", {"AccountId": business})) == wrong
    assert refusal(send("PATCH", f"sobjects/Contact/{contact}", {"AccountId": None})) == wrong
    assert refusal(send("PATCH", f"sobjects/Account/{account}", {"RecordTypeId": types[False]})) == wrong
    assert refusal(send("PATCH", f"sobjects/Account/{business}", {"RecordTypeId": types[True]})) == wrong
    got = send("PATCH", f"sobjects/Account/{business}", {"PersonEmail": "a@x.example"})
    assert refusal(got) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")
    got = send("PATCH", f"sobjects/Account/{account}", {"LastName": None})
    assert refusal(got) == (400, "REQUIRED_FIELD_MISSING")
    assert soap(office.ann, undelete(contact))[1]["success"] == ["false"]
    assert office.ann.row(contact)["AccountId"] == account
    person_type = send("POST", "sobjects/Account", {"RecordTypeId": types[True], "LastName": "Typed"}).body["id"]
    assert office.ann.row(person_type, "Account")["IsPersonAccount"] is True


@pytest.mark.parametrize("through", ["Account", "Contact"])
def test_rules_of_both_objects_have_a_say_whichever_is_written(office: Office, through: str) -> None:
    account, contact = person(office, PersonEmail="v@x.example", PersonTitle="CTO")
    record, prefix = (account, "Person") if through == "Account" else (contact, "")
    office.admin.act("validation_rule", object="Contact", field="Title", pattern="^CEO$", message="No more chiefs")
    office.admin.act("validation_rule", object="Account", field="PersonDepartment", pattern="x", message="No x")
    before = office.ann.row(record, through)
    for field, value, message, named in (
        ("Title", "CEO", "No more chiefs", "Title"),
        ("Department", "xy", "No x", "PersonDepartment"),
    ):
        got = office.ann.send("PATCH", f"sobjects/{through}/{record}", {f"{prefix}{field}": value})
        assert refusal(got) == (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION")
        assert (got.body[0]["message"], got.body[0]["fields"]) == (message, [named])
    assert office.ann.row(record, through) == before
    assert office.ann.send("PATCH", f"sobjects/{through}/{record}", {f"{prefix}Title": "CFO"}).status == 204


@pytest.mark.parametrize(("action", "allowed"), [("block", 400), ("alert", 201)])
def test_a_duplicate_rule_of_contacts_holds_for_persons_too(office: Office, action: str, allowed: int) -> None:
    present = office.ann.create("Contact", Email="v@x.example")
    office.admin.act("duplicate_rule", object="Contact", field="Email", action=action)
    values = {"LastName": "Lind", "PersonEmail": "V@X.example"}
    got = office.ann.send("POST", "sobjects/Account", values)
    assert refusal(got) == (400, "DUPLICATES_DETECTED")
    matched = got.body[0]["duplicateResult"]["matchResults"][0]["matchRecords"][0]["record"]
    assert (matched["attributes"]["type"], matched["Id"]) == ("Contact", present)
    assert office.ann.query("SELECT Id FROM Account") == []
    assert len(office.ann.query("SELECT Id FROM Contact")) == 1
    header = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}
    assert office.ann.send("POST", "sobjects/Account", values, header).status == allowed
    account, contact = person(office, PersonEmail="other@x.example")
    for record in (f"Account/{account}", f"Contact/{contact}"):
        field = "PersonEmail" if record.startswith("Account") else "Email"
        got = office.ann.send("PATCH", f"sobjects/{record}", {field: "v@x.example"})
        assert refusal(got) == (400, "DUPLICATES_DETECTED")
        assert office.ann.send("PATCH", f"sobjects/{record}", {"Phone": "1"}).status == 204


def test_they_go_come_back_and_are_purged_together(office: Office) -> None:
    account, contact = person(office)
    assert office.ann.send("DELETE", f"sobjects/Account/{account}").status == 204
    dead = office.ann.query("SELECT Id, IsDeleted FROM Contact", "queryAll")
    assert [(row["Id"], row["IsDeleted"]) for row in dead] == [(contact, True)]
    assert soap(office.ann, undelete(account))[1]["success"] == ["true"]
    assert office.ann.row(contact)["IsPersonAccount"] is True
    office.admin.act("purge", record=account)
    assert office.ann.query("SELECT Id FROM Contact", "queryAll") == []


def test_merging_two_persons_merges_their_contacts(office: Office) -> None:
    (winner, kept), (loser, lost) = person(office), person(office)
    task = office.ann.create("Task", WhoId=lost, Subject="Call")
    request = merge(winner, loser).replace("<type>Contact</type>", "<type>Account</type>")
    assert soap(office.ann, request)[1]["success"] == ["true"]
    found = office.ann.query("SELECT Id, IsDeleted, MasterRecordId FROM Contact ORDER BY Id", "queryAll")
    assert [(row["Id"], row["IsDeleted"], row["MasterRecordId"]) for row in found] == [
        (kept, False, None),
        (lost, True, kept),
    ]
    assert office.ann.row(task, "Task")["WhoId"] == kept
    business = office.ann.create("Account", Name="Acme")
    mixed = merge(winner, business).replace("<type>Contact</type>", "<type>Account</type>")
    assert soap(office.ann, mixed)[1]["statusCode"] == ["INVALID_PERSON_ACCOUNT_OPERATION"]
    assert soap(office.ann, merge(kept, office.ann.create()))[1]["statusCode"] == ["INVALID_PERSON_ACCOUNT_OPERATION"]


def test_contacts_are_controlled_by_their_account(office: Office) -> None:
    account, contact = person(office)
    firm = office.ann.create("Account", Name="Acme")
    child, lone = office.ann.create(AccountId=firm), office.ann.create()
    assert office.bob.query("SELECT Id FROM Contact") == []
    with pytest.raises(Refused, match="share the Account"):
        office.ann.act("share", record=contact, user="bob")
    for shared in (account, firm):
        office.ann.act("share", record=shared, user="bob", access="edit")
    assert {row["Id"] for row in office.bob.query("SELECT Id FROM Contact")} == {contact, child}
    assert office.bob.send("PATCH", f"sobjects/Contact/{contact}", {"Title": "CEO"}).status == 204
    assert office.ann.row(account, "Account")["PersonTitle"] == "CEO"
    assert refusal(office.bob.get(f"sobjects/Contact/{lone}")) == (404, "NOT_FOUND")
    access = office.ann.query("SELECT DefaultContactAccess FROM Organization")[0]
    assert access["DefaultContactAccess"] == "ControlledByParent"


def test_field_security_follows_the_contact(office: Office) -> None:
    account, _ = person(office, PersonEmail="v@x.example", PersonTitle="CTO")
    office.admin.act("field_security", object="Contact", field="Email", user="ann", read=False, edit=False)
    office.admin.act("field_security", object="Contact", field="Title", user="ann", read=True, edit=False)
    assert "PersonEmail" not in office.ann.row(account, "Account")
    assert refusal(office.ann.get("query", q="SELECT PersonEmail FROM Account")) == (400, "INVALID_FIELD")
    got = office.ann.send("PATCH", f"sobjects/Account/{account}", {"PersonTitle": "x"})
    assert refusal(got) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")


def test_list_views_and_feeds_show_person_contacts(office: Office) -> None:
    _, contact = person(office, PersonTitle="CTO")
    office.ann.act("create_view", object="Contact", name="Chiefs", where="Title = 'CTO' AND Account.Name LIKE 'Vera%'")
    shown = office.ann.get(office.ann.get("sobjects/Contact/listviews").body["listviews"][0]["describeUrl"]).body
    assert [row["Id"] for row in office.ann.query(shown["query"])] == [contact]
    stamps = {record["IsPersonAccount"] for record in office.ann.query("SELECT IsPersonAccount FROM Contact")}
    assert stamps == {True}


def fields_of(office: Office, name: str) -> dict[str, Any]:
    return {field["name"]: field for field in office.ann.get(f"sobjects/{name}/describe").body["fields"]}


def test_describe_has_the_person_fields() -> None:
    field = {"name": "Level__c", "type": "picklist", "values": ["Primary", "Other"]}
    office = open_office({**ON, "custom_fields": {"Contact": [field]}})
    fields = fields_of(office, "Account")
    assert fields["Level__pc"]["custom"] is True
    assert (fields["Name"]["nillable"], fields["LastName"]["nillable"]) == (True, True)
    assert fields["PersonContactId"]["relationshipName"] == "PersonContact"
    assert fields["PersonEmail"]["idLookup"] is False
    assert fields["PersonMailingCity"]["compoundFieldName"] == "PersonMailingAddress"
    assert fields["IsPersonAccount"]["createable"] is False
    infos = office.ann.get("sobjects/Account/describe").body["recordTypeInfos"]
    assert [info["developerName"] for info in infos] == ["Business_Account", "PersonAccount", "Master"]
    account, contact = person(office, Level__pc="Primary")
    assert office.ann.row(contact)["Level__c"] == "Primary"
    office.ann.send("PATCH", f"sobjects/Contact/{contact}", {"Level__c": "Other"})
    assert office.ann.row(account, "Account")["Level__pc"] == "Other"
    assert "IsPersonAccount" not in fields_of(open_office(), "Contact")


def test_with_state_and_country_picklists() -> None:
    office = open_office({"organisation": {"person_accounts": True, "state_country_picklists": True}})
    _, contact = person(office, PersonMailingCountry="Canada", PersonMailingStateCode="QC")
    row = office.ann.row(contact)
    assert (row["MailingState"], row["MailingCountryCode"]) == ("Quebec", "CA")
    got = office.ann.send("POST", "sobjects/Account", {"LastName": "x", "PersonMailingState": "Quebec"})
    assert (refusal(got), got.body[0]["fields"]) == ((400, "FIELD_INTEGRITY_EXCEPTION"), ["PersonMailingState"])
    state = fields_of(office, "Account")["PersonMailingStateCode"]
    assert state["controllerName"] == "PersonMailingCountryCode"


def test_worlds_with_persons() -> None:
    items = [
        {"LastName": "Lind", "PersonEmail": "v@x.example", "OwnerId": "ann"},
        {"Name": "Acme", "OwnerId": "ann"},
    ]
    office = open_office({**ON, "records": {"Account": items}})
    assert office.ann.query("SELECT Email, Account.Name FROM Contact")[0]["Email"] == "v@x.example"
    world = office.vendor.dump()
    copy = open_office(world)
    assert copy.vendor.dump() == world
    assert len(copy.ann.query("SELECT Id FROM Contact")) == 1
    assert person(copy)[1] not in {row["Id"] for row in world["records"]["Contact"]}
    with pytest.raises(Refused, match=r"records\.Account\[0\]: Required fields are missing: \[Name\]"):
        open_office({**ON, "records": {"Account": [{"OwnerId": "ann"}]}})


def test_a_lead_without_a_company_becomes_a_person(office: Office) -> None:
    lead = office.ann.create("Lead", LastName="Lee", Email="l@x.example", City="Oslo")
    made = office.ann.act("convert", lead=lead)
    row = office.ann.row(made["account"], "Account")
    assert (row["IsPersonAccount"], row["PersonEmail"], row["PersonMailingCity"]) == (True, "l@x.example", "Oslo")
    assert row["PersonContactId"] == made["contact"]
