"""One record at a time: stamps, trimming, and each refusal in the vendor's words (vendors/salesforce.md §4, §6)."""

from datetime import timedelta

import pytest

from tests.contract.sandbox_salesforce.desk import Office, http_date, open_office, refusal


def test_create_read_update_delete(office: Office) -> None:
    got = office.ann.send("POST", "sobjects/Contact/", {"FirstName": "  Ada ", "LastName": "Berg", "Title": " "})
    assert (got.status, got.body["success"], got.body["errors"]) == (201, True, [])
    record_id = got.body["id"]
    assert len(record_id) == 18
    assert record_id.startswith("003")
    row = office.ann.row(record_id)
    assert (row["FirstName"], row["Title"], row["Name"]) == ("Ada", None, "Ada Berg")
    assert row["attributes"] == {"type": "Contact", "url": f"/services/data/v68.0/sobjects/Contact/{record_id}"}
    assert row["CreatedDate"] == row["LastModifiedDate"] == row["SystemModstamp"]
    assert row["SystemModstamp"].endswith(".000+0000")
    assert office.ann.row(record_id[:15])["Id"] == record_id
    assert refusal(office.ann.get(f"sobjects/Contact/{record_id[:15].swapcase()}"))[0] in (400, 404)
    office.clock.advance(5)
    changed = office.ann.send("PATCH", f"sobjects/Contact/{record_id}", {"FirstName": None, "MiddleName": "K."})
    assert (changed.status, changed.body) == (204, None)
    after = office.ann.row(record_id)
    assert after["Name"] == "K. Berg"
    assert after["LastModifiedDate"] == after["SystemModstamp"] > row["SystemModstamp"]
    assert after["CreatedDate"] == row["CreatedDate"]
    assert office.ann.send("DELETE", f"sobjects/Contact/{record_id}").status == 204
    assert refusal(office.ann.get(f"sobjects/Contact/{record_id}")) == (404, "ENTITY_IS_DELETED")
    assert refusal(office.ann.send("PATCH", f"sobjects/Contact/{record_id}", {"Title": "x"})) == (
        404,
        "ENTITY_IS_DELETED",
    )


@pytest.mark.parametrize(
    ("values", "code", "fields"),
    [
        ({"LastName": None}, "REQUIRED_FIELD_MISSING", ["LastName"]),
        ({"LastName": "  "}, "REQUIRED_FIELD_MISSING", ["LastName"]),
        ({"FirstName": "x" * 41}, "STRING_TOO_LONG", ["FirstName"]),
        ({"Email": "nobody"}, "INVALID_EMAIL_ADDRESS", ["Email"]),
        ({"CleanStatus": "Filthy"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", ["CleanStatus"]),
        ({"CreatedDate": "2026-01-01T00:00:00Z"}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["CreatedDate"]),
        ({"Name": "Ada"}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["Name"]),
        ({"MailingAddress": {}}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["MailingAddress"]),
        ({"AccountId": "abc"}, "MALFORMED_ID", ["AccountId"]),
        ({"AccountId": "003000000000001AAA"}, "MALFORMED_ID", ["AccountId"]),
        ({"AccountId": "001000000000001AAA"}, "INVALID_CROSS_REFERENCE_KEY", ["AccountId"]),
        ({"Nonsense__c": "x"}, "INVALID_FIELD", None),
        ({"Birthdate": "1980-02-30"}, "JSON_PARSER_ERROR", None),
        ({"FirstName": 5}, "JSON_PARSER_ERROR", None),
        ({"Id": "003000000000001AAA"}, "INVALID_FIELD", None),
    ],
)
def test_refused_on_create(office: Office, values: dict[str, object], code: str, fields: list[str] | None) -> None:
    got = office.ann.send("POST", "sobjects/Contact", {"LastName": "Berg", **values})
    assert refusal(got) == (400, code)
    assert got.body[0].get("fields") == fields
    assert office.ann.query("SELECT Id FROM Contact") == []


def test_messages_quoted_in_the_sources(office: Office) -> None:
    def message(values: dict[str, object]) -> str:
        return office.ann.send("POST", "sobjects/Contact", values).body[0]["message"]

    assert message({}) == "Required fields are missing: [LastName]"
    assert message({"LastName": "x" * 81}).endswith("(max length=80)")
    assert message({"LastName": "x", "Foo": 1}).startswith("No such column 'Foo' on")


def test_picklists_that_are_not_restricted_take_anything(office: Office) -> None:
    record_id = office.ann.create(Salutation="Sir")
    assert office.ann.row(record_id)["Salutation"] == "Sir"
    office.admin.act("restricted_picklist", object="Contact", field="Salutation")
    got = office.ann.send("PATCH", f"sobjects/Contact/{record_id}", {"Salutation": "Dame"})
    assert refusal(got) == (400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")
    assert office.ann.send("PATCH", f"sobjects/Contact/{record_id}", {"Salutation": "Dr."}).status == 204


def test_compound_address_is_derived(office: Office) -> None:
    row = office.ann.row(office.ann.create(MailingCity="Oslo", MailingStreet="A 1\nB 2"))
    assert row["MailingAddress"]["city"] == "Oslo"
    assert row["MailingAddress"]["street"] == "A 1\nB 2"
    assert row["OtherAddress"] is None


def test_unmodified_since_compares_whole_seconds(office: Office) -> None:
    record_id = office.ann.create()
    path = f"sobjects/Contact/{record_id}"
    seen = http_date(office.clock.now())
    assert office.ann.send("PATCH", path, {"Title": "a"}, {"If-Unmodified-Since": seen}).status == 204
    office.clock.advance(3)
    assert office.admin.send("PATCH", path, {"Title": "b"}).status == 204
    assert office.ann.send("PATCH", path, {"Title": "c"}, {"If-Unmodified-Since": seen}).status == 412
    assert office.ann.row(record_id)["Title"] == "b"


def test_modified_since_answers_304(office: Office) -> None:
    path = f"sobjects/Contact/{office.ann.create()}"
    later = http_date(office.clock.now() + timedelta(seconds=2))
    got = office.ann.get(path, {"If-Modified-Since": later})
    assert (got.status, got.body) == (304, None)
    assert office.ann.get(path, {"If-Modified-Since": http_date(office.clock.now() - timedelta(days=1))}).status == 200


def test_fields_parameter(office: Office) -> None:
    path = f"sobjects/Contact/{office.ann.create(Title='CTO')}"
    got = office.ann.get(path, fields="Title,lastname")
    assert list(got.body) == ["attributes", "Title", "LastName", "Id"]
    assert refusal(office.ann.get(path, fields="Title,Nope")) == (400, "INVALID_FIELD")


def test_ids_of_paths(office: Office) -> None:
    assert refusal(office.ann.get("sobjects/Contact/nope")) == (404, "NOT_FOUND")
    assert refusal(office.ann.get("sobjects/Contact/003000000000001AAA")) == (404, "NOT_FOUND")
    assert refusal(office.ann.get("sobjects/Contact/001000000000001AAA")) == (400, "MALFORMED_ID")
    assert refusal(office.ann.get("sobjects/Contact/003000000000001AA9")) == (400, "MALFORMED_ID")
    assert refusal(office.ann.get("sobjects/Nothing/003000000000001AAA")) == (404, "NOT_FOUND")
    assert refusal(office.ann.send("PUT", "sobjects/Contact/003000000000001AAA")) == (405, "METHOD_NOT_ALLOWED")


def test_bodies_that_are_no_json(office: Office) -> None:
    got = office.ann.send("POST", "sobjects/Contact", ["LastName"])
    assert refusal(got) == (400, "JSON_PARSER_ERROR")
    got = office.ann.send("POST", "sobjects/Contact", {"LastName": "x"}, {"Content-Type": "text/plain"})
    assert refusal(got) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_upsert_by_external_id() -> None:
    field = {"name": "mailsync_key__c", "type": "string", "length": 36, "externalId": True}
    office = open_office({"custom_fields": {"Contact": [field]}})
    path = "sobjects/Contact/mailsync_key__c/k-1"
    made = office.ann.send("PATCH", path, {"LastName": "Berg"})
    assert (made.status, made.body["created"]) == (201, True)
    again = office.ann.send("PATCH", path, {"LastName": "Borg"})
    assert (again.status, again.body["created"], again.body["id"]) == (200, False, made.body["id"])
    assert office.ann.get(path).body["LastName"] == "Borg"
    twin = office.ann.send("POST", "sobjects/Contact", {"LastName": "x", "mailsync_key__c": "K-1"})
    assert refusal(twin) == (400, "DUPLICATE_VALUE")
    assert refusal(office.ann.send("PATCH", "sobjects/Contact/Title/x", {})) == (404, "NOT_FOUND")


def test_upsert_by_email_finds_several(office: Office) -> None:
    ids = [office.ann.create(Email="a@acme.example") for _ in range(2)]
    got = office.ann.send("PATCH", "sobjects/Contact/Email/A@acme.example", {"Title": "x"})
    assert got.status == 300
    assert [url.rpartition("/")[2] for url in got.body] == ids


def test_validation_and_required_rules(office: Office) -> None:
    office.admin.act("validation_rule", object="Contact", field="Phone", pattern="[a-z]", message="Digits only")
    got = office.ann.send("POST", "sobjects/Contact", {"LastName": "x", "Phone": "call me"})
    assert (refusal(got), got.body[0]["message"]) == ((400, "FIELD_CUSTOM_VALIDATION_EXCEPTION"), "Digits only")
    office.admin.act("required_field", object="Contact", field="Title")
    got = office.ann.send("POST", "sobjects/Contact", {"LastName": "x"})
    assert (refusal(got), got.body[0]["fields"]) == ((400, "REQUIRED_FIELD_MISSING"), ["Title"])
    assert office.ann.send("POST", "sobjects/Contact", {"LastName": "x", "Title": "y"}).status == 201


def test_duplicate_rules_alert_and_block(office: Office) -> None:
    first = office.ann.create(Email="a@acme.example")
    office.admin.act("duplicate_rule", object="Contact", field="Email", action="alert")
    values = {"LastName": "Twin", "Email": "A@acme.example"}
    got = office.ann.send("POST", "sobjects/Contact", values)
    assert refusal(got) == (400, "DUPLICATES_DETECTED")
    assert got.body[0]["message"] == "Use one of these records?"
    found = got.body[0]["duplicateResult"]
    assert found["allowSave"] is True
    assert found["matchResults"][0]["matchRecords"][0]["record"]["Id"] == first
    assert office.bob.send("POST", "sobjects/Contact", values).status == 201  # bob can't see ann's record
    allow = {"Sforce-Duplicate-Rule-Header": "allowSave=true; includeRecordDetails=true"}
    assert office.ann.send("POST", "sobjects/Contact", values, allow).status == 201
    office.admin.act("duplicate_rule", object="Contact", field="Email", action="block")
    got = office.ann.send("POST", "sobjects/Contact", values, allow)
    assert refusal(got) == (400, "DUPLICATES_DETECTED")
    assert got.body[0]["duplicateResult"]["allowSave"] is False
    assert got.body[0]["duplicateResult"]["matchResults"][0]["matchRecords"][0]["record"]["LastName"] == "Berg"
