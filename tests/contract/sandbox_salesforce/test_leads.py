"""Leads and their conversion; Tasks (vendors/salesforce.md §6)."""

from typing import Any

import pytest

from mailsync.sandbox.vendor import Refused
from tests.contract.sandbox_salesforce.desk import Office, refusal


def lead(office: Office, **values: object) -> str:
    return office.ann.create("Lead", **{"LastName": "Lee", "Company": "Lee AG", **values})


def lead_row(office: Office, lead_id: str) -> dict[str, Any]:
    return office.ann.row(lead_id, "Lead")


def test_conversion_makes_account_and_contact(office: Office) -> None:
    lead_id = lead(office, Email="l@x.example", MobilePhone="1", Website="lee.example")
    task = office.ann.create("Task", WhoId=lead_id, Subject="Call")
    office.clock.advance(60)
    made = office.ann.act("convert", lead=lead_id)
    row = lead_row(office, lead_id)
    assert (row["IsConverted"], row["Status"]) == (True, "Closed - Converted")
    assert (row["ConvertedContactId"], row["ConvertedAccountId"]) == (made["contact"], made["account"])
    assert (row["ConvertedOpportunityId"], made["opportunity"]) == (None, None)
    assert row["ConvertedDate"] == row["SystemModstamp"][:10]
    assert row["SystemModstamp"] > row["CreatedDate"]
    moved = office.ann.row(task, "Task")
    assert (moved["WhoId"], moved["AccountId"]) == (made["contact"], made["account"])
    found = office.ann.query(
        "SELECT Id, ConvertedContact.Email, ConvertedAccount.Name FROM Lead WHERE IsConverted = true"
    )[0]
    assert (found["ConvertedContact"]["Email"], found["ConvertedAccount"]["Name"]) == ("l@x.example", "Lee AG")


def test_converted_leads_are_read_only(office: Office) -> None:
    lead_id = lead(office)
    office.ann.act("convert", lead=lead_id)
    got = office.ann.send("PATCH", f"sobjects/Lead/{lead_id}", {"Title": "x"})
    assert refusal(got) == (400, "CANNOT_UPDATE_CONVERTED_LEAD")
    with pytest.raises(Refused, match="CANNOT_UPDATE_CONVERTED_LEAD"):
        office.ann.act("convert", lead=lead_id)
    assert office.ann.send("DELETE", f"sobjects/Lead/{lead_id}").status == 204


def test_conversion_into_what_is_there(office: Office) -> None:
    account = office.ann.create("Account", Name="Old AG")
    contact = office.ann.create(LastName="Lee", Title="CEO", AccountId=account)
    lead_id = lead(office, Title="Boss", Email="l@x.example")
    office.clock.advance(60)
    assert office.ann.act("convert", lead=lead_id, contact=contact)["account"] == account
    row = office.ann.row(contact)
    assert (row["Title"], row["Email"]) == ("CEO", "l@x.example")
    assert row["SystemModstamp"] == lead_row(office, lead_id)["SystemModstamp"]
    assert len(office.ann.query("SELECT Id FROM Contact")) == len(office.ann.query("SELECT Id FROM Account")) == 1
    other = office.ann.act("convert", lead=lead(office), account=account)
    assert office.ann.row(other["contact"])["AccountId"] == account


def test_conversions_that_are_refused_change_nothing(office: Office) -> None:
    firm, other = office.ann.create("Account", Name="A"), office.ann.create("Account", Name="B")
    contact, lone = office.ann.create(AccountId=firm), office.ann.create()
    lead_id = lead(office)
    for details, message in [
        ({"account": other, "contact": contact}, "INVALID_ID_FIELD"),
        ({"contact": lone}, "INVALID_ID_FIELD"),
        ({"status": "Working - Contacted"}, "INVALID_STATUS"),
    ]:
        with pytest.raises(Refused, match=message):
            office.ann.act("convert", lead=lead_id, **details)
    office.admin.act("validation_rule", object="Contact", field="LastName", pattern="Lee", message="No Lees")
    with pytest.raises(Refused, match="No Lees"):
        office.ann.act("convert", lead=lead_id)
    assert lead_row(office, lead_id)["IsConverted"] is False
    assert len(office.ann.query("SELECT Id FROM Account")) == 2


def fields_of(office: Office, name: str) -> dict[str, Any]:
    return {field["name"]: field for field in office.ann.get(f"sobjects/{name}/describe").body["fields"]}


def test_lead_describe_and_scopes(office: Office) -> None:
    fields = fields_of(office, "Lead")
    assert [name for name, field in fields.items() if field["createable"] and not field["nillable"]] == [
        "LastName",
        "Company",
        "Status",
        "OwnerId",
        "IsConverted",
        "IsUnreadByOwner",
    ]
    assert fields["OwnerId"]["referenceTo"] == ["Group", "User"]
    lead(office)
    office.bob.create("Lead", LastName="Bo", Company="Bo AG")
    for scope, count, own in (("mine", 0, 1), ("user_owned", 2, 1), ("queue_owned", 0, 0), ("everything", 2, 1)):
        text = f"SELECT Id FROM Lead USING SCOPE {scope}"  # noqa: S608
        assert len(office.admin.query(text)) == count
        assert len(office.ann.query(text)) == own


def test_task_of_a_call(office: Office) -> None:
    account = office.ann.create("Account", Name="Acme")
    contact = office.ann.create(AccountId=account)
    task = office.ann.create(
        "Task",
        WhoId=contact,
        TaskSubtype="Call",
        CallType="Inbound",
        CallDurationInSeconds=61,
        CallDisposition="left a message",
        CallObject="c-1",
        Status="Completed",
        Priority="High",
        ActivityDate="2026-11-22",
        Description="x" * 32_000,
    )
    row = office.ann.row(task, "Task")
    assert (row["AccountId"], row["IsClosed"], row["IsHighPriority"]) == (account, True, True)
    assert (row["CallDurationInSeconds"], row["CompletedDateTime"]) == (61, row["CreatedDate"])
    other = office.ann.create("Account", Name="Other")
    office.clock.advance(5)
    office.ann.send("PATCH", f"sobjects/Contact/{contact}", {"AccountId": other})
    assert office.ann.row(task, "Task")["AccountId"] == other
    office.ann.send("PATCH", f"sobjects/Task/{task}", {"WhatId": account, "Status": "In Progress"})
    row = office.ann.row(task, "Task")
    assert (row["AccountId"], row["IsClosed"], row["CompletedDateTime"]) == (account, False, None)
    lead_id = lead(office)
    assert office.ann.row(office.ann.create("Task", WhoId=lead_id), "Task")["AccountId"] is None


@pytest.mark.parametrize(
    ("values", "code", "fields"),
    [
        ({"WhoId": "{account}"}, "MALFORMED_ID", ["WhoId"]),
        ({"WhatId": "{contact}"}, "MALFORMED_ID", ["WhatId"]),
        ({"WhoId": "{lead}", "WhatId": "{account}"}, "FIELD_INTEGRITY_EXCEPTION", ["WhatId"]),
        ({"AccountId": "{account}"}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["AccountId"]),
        ({"TaskSubtype": "Dance"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", ["TaskSubtype"]),
        ({"CallDurationInSeconds": 1.5}, "JSON_PARSER_ERROR", None),
        ({"CallDisposition": "x" * 256}, "STRING_TOO_LONG", ["CallDisposition"]),
    ],
)
def test_tasks_that_are_refused(office: Office, values: dict[str, Any], code: str, fields: list[str] | None) -> None:
    ids = {
        "{account}": office.ann.create("Account", Name="Acme"),
        "{contact}": office.ann.create(),
        "{lead}": lead(office),
    }
    got = office.ann.send("POST", "sobjects/Task", {name: ids.get(value, value) for name, value in values.items()})
    assert (refusal(got), got.body[0].get("fields")) == ((400, code), fields)


def test_task_subtype_is_set_once(office: Office) -> None:
    task = office.ann.create("Task", TaskSubtype="Call")
    got = office.ann.send("PATCH", f"sobjects/Task/{task}", {"TaskSubtype": "Email"})
    assert (refusal(got), got.body[0]["fields"]) == ((400, "INVALID_FIELD_FOR_INSERT_UPDATE"), ["TaskSubtype"])
    fields = fields_of(office, "Task")
    assert (fields["TaskSubtype"]["createable"], fields["TaskSubtype"]["updateable"]) == (True, False)
    assert (fields["WhoId"]["referenceTo"], fields["WhoId"]["namePointing"]) == (["Contact", "Lead"], True)
    assert (fields["CallDurationInSeconds"]["type"], fields["CallDurationInSeconds"]["digits"]) == ("int", 8)


def test_what_tasks_point_at(office: Office) -> None:
    contact, lead_id = office.ann.create(LastName="Berg", Email="b@x.example"), lead(office)
    hidden = office.bob.create(LastName="Hidden")
    for subject, who in (("A", contact), ("B", lead_id), ("C", None)):
        office.ann.create("Task", Subject=subject, WhoId=who)
    task = office.admin.create("Task", Subject="D", WhoId=hidden)
    office.admin.act("share", record=task, user="ann")
    rows = office.ann.query(
        "SELECT Subject, Who.Name, Who.Type FROM Task ORDER BY Subject",
    )
    assert [row["Who"] and (row["Who"]["Name"], row["Who"]["Type"]) for row in rows] == [
        ("Berg", "Contact"),
        ("Lee", "Lead"),
        None,
        None,
    ]
    assert rows[1]["Who"]["attributes"] == {
        "type": "Name",
        "url": f"/services/data/v68.0/sobjects/Lead/{lead_id}",
    }
    text = "SELECT Subject, TYPEOF Who WHEN Contact THEN Email, Account.Name ELSE Name END FROM Task ORDER BY Subject"
    kinds = office.ann.query(text)
    assert kinds[0]["Who"]["attributes"]["type"] == "Contact"
    assert (kinds[0]["Who"]["Email"], kinds[0]["Who"]["Account"]) == ("b@x.example", None)
    assert kinds[1]["Who"]["Name"] == "Lee"
    assert [row["Who"] for row in kinds[2:]] == [None, None]
    assert office.ann.query("SELECT Subject FROM Task WHERE Who.Type = 'Lead'")[0]["Subject"] == "B"
    got = office.ann.get("query", q="SELECT TYPEOF Who WHEN Account THEN Name END FROM Task")
    assert refusal(got) == (400, "INVALID_TYPE")
    assert refusal(office.ann.get("query", q="SELECT Id FROM Name")) == (400, "INVALID_TYPE_FOR_OPERATION")
