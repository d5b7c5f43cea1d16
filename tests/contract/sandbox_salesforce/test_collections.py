"""sObject Collections: order, partial failure, allOrNone, limits, retrieve (vendors/salesforce.md §3, §4)."""

from typing import Any

from tests.contract.sandbox_salesforce.desk import Office, item_code, open_office, refusal


def contact(**values: object) -> dict[str, Any]:
    return {"attributes": {"type": "Contact"}, **values}


def test_results_come_in_order_and_fail_one_by_one(office: Office) -> None:
    records = [
        contact(LastName="A"),
        contact(FirstName="no last name"),
        contact(LastName="B", Nope="x"),
        contact(LastName="C", Birthdate="soon"),
        {"attributes": {"type": "Nothing"}, "LastName": "D"},
        {"LastName": "E"},
    ]
    got = office.ann.send("POST", "composite/sobjects", {"allOrNone": False, "records": records})
    assert got.status == 200
    assert set(got.body[0]) == {"id", "success", "errors"}
    assert got.body[0]["errors"] == []
    assert got.body[1] == {
        "success": False,
        "errors": [
            {
                "statusCode": "REQUIRED_FIELD_MISSING",
                "message": "Required fields are missing: [LastName]",
                "fields": ["LastName"],
            }
        ],
    }
    assert [item_code(result) for result in got.body[2:]] == [
        "INVALID_FIELD",
        "INVALID_TYPE_ON_FIELD_IN_RECORD",
        "INVALID_TYPE",
        "INVALID_TYPE",
    ]
    assert office.ann.names("SELECT Name FROM Contact") == ["A"]


def test_all_or_none_rolls_the_good_ones_back(office: Office) -> None:
    records = [contact(LastName="A"), contact(), contact(LastName="B")]
    got = office.ann.send("POST", "composite/sobjects", {"allOrNone": True, "records": records})
    assert [item_code(result) for result in got.body] == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "REQUIRED_FIELD_MISSING",
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    ]
    assert office.ann.query("SELECT Id FROM Contact") == []


def test_update_and_delete(office: Office) -> None:
    mine, other = office.ann.create(), office.bob.create()
    records = [contact(id=mine, Title="x"), contact(Id=other, Title="x"), contact(Title="x"), contact(id="nope")]
    got = office.ann.send("PATCH", "composite/sobjects", {"records": records})
    assert got.body[0] == {"id": mine, "success": True, "errors": []}
    assert [item_code(result) for result in got.body[1:]] == [
        "INVALID_CROSS_REFERENCE_KEY",
        "MISSING_ARGUMENT",
        "MALFORMED_ID",
    ]
    got = office.ann.send("DELETE", "composite/sobjects", ids=f"{mine},{other},{mine}", allOrNone="false")
    assert got.body[0]["success"] is True
    assert [item_code(result) for result in got.body[1:]] == ["INVALID_CROSS_REFERENCE_KEY", "ENTITY_IS_DELETED"]


def test_limits(office: Office) -> None:
    got = office.ann.send("POST", "composite/sobjects", {"records": [contact(LastName="x")] * 201})
    assert refusal(got) == (400, "EXCEEDED_ID_LIMIT")
    mixed = [contact(LastName="x"), {"attributes": {"type": "Account"}, "Name": "x"}] * 5
    assert office.ann.send("POST", "composite/sobjects", {"records": mixed}).status == 200
    got = office.ann.send("POST", "composite/sobjects", {"records": [*mixed, contact(LastName="x")]})
    assert refusal(got) == (400, "LIMIT_EXCEEDED")


def test_retrieve_shows_null_for_what_cannot_be_seen(office: Office) -> None:
    mine, other, gone = office.ann.create(Title="CTO"), office.bob.create(), office.ann.create()
    office.ann.send("DELETE", f"sobjects/Contact/{gone}")
    ids = [other, mine, gone, "003000000000001AAA"]
    got = office.ann.send("POST", "composite/sobjects/Contact", {"ids": ids, "fields": ["Id", "Title"]})
    assert got.status == 200
    assert [record and (record["Id"], record["Title"]) for record in got.body] == [None, (mine, "CTO"), None, None]
    assert office.ann.get("composite/sobjects/Contact", ids=mine, fields="Id,Title").body[0]["Title"] == "CTO"
    got = office.ann.send("POST", "composite/sobjects/Contact", {"ids": [mine], "fields": ["Nope"]})
    assert refusal(got) == (400, "INVALID_FIELD")
    got = office.ann.send("POST", "composite/sobjects/Contact", {"ids": [mine] * 2001, "fields": ["Id"]})
    assert refusal(got) == (400, "EXCEEDED_ID_LIMIT")


def test_duplicates_are_an_items_error(office: Office) -> None:
    office.ann.create(Email="a@acme.example")
    office.admin.act("duplicate_rule", object="Contact", field="Email", action="alert")
    content = {"records": [contact(LastName="x", Email="a@acme.example"), contact(LastName="y")]}
    got = office.ann.send("POST", "composite/sobjects", content)
    assert item_code(got.body[0]) == "DUPLICATES_DETECTED"
    assert got.body[1]["success"] is True
    allowed = office.ann.send("POST", "composite/sobjects", content, {"Sforce-Duplicate-Rule-Header": "allowSave=true"})
    assert all(result["success"] for result in allowed.body)


def test_upsert_says_what_was_created() -> None:
    field = {"name": "Key__c", "externalId": True}
    office = open_office({"custom_fields": {"Contact": [field]}})
    content = {"records": [contact(LastName="A", Key__c="1"), contact(LastName="B", Key__c="2")]}
    first = office.ann.send("PATCH", "composite/sobjects/Contact/Key__c", content)
    again = office.ann.send("PATCH", "composite/sobjects/Contact/Key__c", content)
    assert [result["created"] for result in first.body] == [True, True]
    assert [result["created"] for result in again.body] == [False, False]
    assert [result["id"] for result in again.body] == [result["id"] for result in first.body]
