"""updated and deleted with their windows, and describes with 304 (vendors/salesforce.md §1, §4)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.contract.sandbox_salesforce.desk import Got, Office, http_date, refusal, rest_date


def feed(office: Office, kind: str, start: timedelta, end: timedelta, desk: str = "ann") -> Got:
    now = office.clock.now()
    times = {"start": rest_date(now + start), "end": rest_date(now + end)}
    return getattr(office, desk).get(f"sobjects/Contact/{kind}/", **times)


MINUTES = timedelta(minutes=1)


def covered(body: dict[str, Any]) -> datetime:
    return datetime.strptime(body["latestDateCovered"], "%Y-%m-%dT%H:%M:%S.000%z")


def test_updated_and_deleted_to_the_minute(office: Office) -> None:
    kept, gone, other = office.ann.create(), office.ann.create(), office.bob.create()
    office.ann.send("DELETE", f"sobjects/Contact/{gone}")
    office.clock.advance(120)
    updated = feed(office, "updated", -10 * MINUTES, timedelta(0)).body
    assert updated["ids"] == [kept]
    assert covered(updated).second == 0
    deleted = feed(office, "deleted", -10 * MINUTES, timedelta(0)).body
    assert [record["id"] for record in deleted["deletedRecords"]] == [gone]
    assert set(deleted) == {"deletedRecords", "earliestDateAvailable", "latestDateCovered"}
    assert set(feed(office, "updated", -10 * MINUTES, timedelta(0), "admin").body["ids"]) == {kept, other}


def test_end_is_cut_to_the_minute(office: Office) -> None:
    office.clock.advance(59 - office.clock.now().second + 11)  # ten seconds into a minute
    office.ann.create()
    assert feed(office, "updated", -10 * MINUTES, timedelta(seconds=5)).body["ids"] == []
    office.clock.advance(60)
    assert len(feed(office, "updated", -10 * MINUTES, timedelta(0)).body["ids"]) == 1


@pytest.mark.parametrize(
    ("kind", "start", "end"),
    [
        ("updated", timedelta(days=-31), timedelta(0)),
        ("deleted", timedelta(days=-16), timedelta(0)),
        ("updated", timedelta(0), -5 * MINUTES),
        ("updated", timedelta(seconds=-60), timedelta(0)),
    ],
)
def test_windows_refused(office: Office, kind: str, start: timedelta, end: timedelta) -> None:
    assert refusal(feed(office, kind, start, end)) == (400, "INVALID_REPLICATION_DATE")


def test_windows_allowed_at_their_longest(office: Office) -> None:
    assert feed(office, "updated", timedelta(days=-30), timedelta(0)).status == 200
    assert feed(office, "deleted", timedelta(days=-15), timedelta(0)).status == 200


def test_a_plus_that_is_not_encoded_is_no_zone(office: Office) -> None:
    got = office.ann.get("sobjects/Contact/updated", start="2026-11-22T08:00:00 00:00", end="2026-11-22T09:00:00Z")
    assert refusal(got) == (400, "INVALID_FIELD")


def test_open_transactions_hold_the_covered_date_back(office: Office) -> None:
    office.admin.act("late_commit", seconds=600)
    office.ann.create()
    stamp = office.clock.now().replace(second=0, microsecond=0)
    office.clock.advance(300)
    body = feed(office, "updated", -10 * MINUTES, timedelta(0)).body
    assert (body["ids"], covered(body)) == ([], stamp)
    office.clock.advance(301)
    body = feed(office, "updated", -20 * MINUTES, timedelta(0)).body
    assert len(body["ids"]) == 1
    assert covered(body) > stamp


def test_a_purge_shortens_the_deleted_log(office: Office) -> None:
    record_id = office.ann.create()
    office.ann.send("DELETE", f"sobjects/Contact/{record_id}")
    office.clock.advance(600)
    office.admin.act("purge", record=record_id)
    assert refusal(feed(office, "deleted", -60 * MINUTES, timedelta(0))) == (400, "INVALID_REPLICATION_DATE")
    later = feed(office, "deleted", -5 * MINUTES, timedelta(0))
    assert later.body["deletedRecords"] == []
    assert office.ann.query("SELECT Id FROM Contact", "queryAll") == []
    assert refusal(office.ann.get(f"sobjects/Contact/{record_id}")) == (404, "NOT_FOUND")


def fields_of(got: Got) -> dict[str, Any]:
    return {field["name"]: field for field in got.body["fields"]}


def test_describe_agrees_with_a_real_organisation(office: Office) -> None:
    got = office.ann.get("sobjects/Contact/describe")
    fields = fields_of(got)
    assert len(fields) == 61  # the recorded 59 and the two that this organisation has enabled
    assert (fields["LastName"]["length"], fields["LastName"]["nillable"]) == (80, False)
    assert {name for name, field in fields.items() if field["createable"] and not field["nillable"]} == {
        "LastName",
        "OwnerId",
    }
    assert (fields["Description"]["filterable"], fields["Description"]["length"]) == (False, 32000)
    assert (fields["Email"]["idLookup"], fields["Email"]["byteLength"]) == (True, 240)
    assert (fields["MailingCity"]["compoundFieldName"], fields["MailingAddress"]["updateable"]) == (
        "MailingAddress",
        False,
    )
    assert fields["AccountId"]["relationshipName"] == "Account"
    assert [choice["value"] for choice in fields["Salutation"]["picklistValues"]] == [
        "Mr.",
        "Ms.",
        "Mrs.",
        "Dr.",
        "Prof.",
    ]
    assert [name for name, field in fields.items() if field["restrictedPicklist"]] == [
        "OtherGeocodeAccuracy",
        "MailingGeocodeAccuracy",
        "CleanStatus",
    ]
    assert [scope["name"] for scope in got.body["supportedScopes"]] == ["everything", "mine", "scopingRule", "team"]
    assert (got.body["keyPrefix"], got.body["mergeable"], got.body["undeletable"]) == ("003", True, True)
    everything = office.ann.get("sobjects").body["sobjects"]
    read = {"User", "ListView", "RecordType", "Organization", "Name"}
    assert {"Account", "Contact", "Lead", "Task", *read} == {one["name"] for one in everything}
    assert [one["name"] for one in everything if not one["queryable"]] == ["Name"]


def test_describe_is_per_user_and_says_when_it_changed(office: Office) -> None:
    first = office.ann.get("sobjects/Contact/describe")
    since = {"If-Modified-Since": first.headers["Last-Modified"]}
    assert office.ann.get("sobjects/Contact/describe", since).status == 304
    office.admin.act("field_security", object="Contact", field="Title", user="ann", read=False, edit=False)
    office.admin.act("field_security", object="Contact", field="Fax", user="ann", read=True, edit=False)
    second = office.ann.get("sobjects/Contact/describe", since)
    assert second.status == 200
    assert "Title" not in fields_of(second)
    assert (fields_of(second)["Fax"]["updateable"], fields_of(second)["Fax"]["createable"]) == (False, False)
    assert fields_of(office.bob.get("sobjects/Contact/describe"))["Title"]["updateable"] is True
    office.admin.act("required_field", object="Contact", field="Phone")
    assert fields_of(office.ann.get("sobjects/Contact/describe"))["Phone"]["nillable"] is False
    later = {"If-Modified-Since": http_date(office.clock.now() + timedelta(minutes=1))}
    assert office.ann.get("sobjects/Contact/describe", later).status == 304


def test_read_only_fields_are_refused_on_write(office: Office) -> None:
    office.admin.act("field_security", object="Contact", field="Fax", user="ann", read=True, edit=False)
    got = office.ann.send("POST", "sobjects/Contact", {"LastName": "x", "Fax": "1"})
    assert (refusal(got), got.body[0]["fields"]) == ((400, "INVALID_FIELD_FOR_INSERT_UPDATE"), ["Fax"])
