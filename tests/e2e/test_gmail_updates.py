"""Gmail, rule by rule: matching, edits on both sides, merges and deletions (B2–B16, C2, D1–D8, L7)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.gmail import ERROR, GmailStage, gmail_stage, labels_of, own_of, typed
from tests.services.postgres import stores_on


@pytest.fixture
def synced(tmp_path: Path, keeps: str) -> Iterator[GmailStage]:
    with stores_on(keeps), gmail_stage(tmp_path) as standing:
        standing.sync()
        yield standing


def zoe(scene: GmailStage, **fields: Any) -> tuple[str, str]:
    """Zoe Quinn, paired: her contact and her record."""
    made = scene.bob.create("Zoe", "Quinn", scene.label, email="zoe@x.example", **fields)
    scene.sync()
    return made, scene.org.named("Quinn")["Id"]


def test_B2_a_contact_with_a_records_address_is_paired_with_it(synced: GmailStage):
    record = synced.org.create(FirstName="Zoe", LastName="Quinn", Email="zoe@x.example", Title="CTO")
    synced.sync()
    synced.sync()
    kept = synced.bob.get("Zoe Quinn", synced.label)
    again = synced.bob.create("Zoe", "Quinn", synced.label, email="ZOE@x.example")
    assert [h["rule"] for h in synced.sync("held")["holds"]] == ["B2"]
    synced.answer("B2", "approve")
    synced.sync()
    assert [c["resourceName"] for c in synced.bob.contacts(synced.label)] in ([kept["resourceName"]], [again])
    assert [r["Id"] for r in synced.org.all()] == [record]


def test_B4_blanks_are_filled_from_the_other_side(synced: GmailStage):
    synced.configure(view="all")
    synced.set(direction="up")
    record = synced.org.create(FirstName="Zoe", LastName="Quinn", Email="zoe@x.example", Title="CTO")
    made = synced.bob.create(
        "Zoe", "Quinn", synced.label, email="zoe@x.example", phoneNumbers=[{"type": "mobile", "value": "4155550102"}]
    )
    synced.sync()
    synced.set(direction="both")
    synced.sync(None)
    assert synced.org.get(record)["MobilePhone"] == "4155550102"
    assert own_of(synced.bob.look(made))["salesforceId"] == record


def test_B8_C1_a_refused_record_is_shown_by_a_label_and_tried_again_when_it_is_mended(synced: GmailStage):
    synced.act("validation_rule", object="Contact", field="Title", pattern="^[a-z]", message="Titles begin in capitals")
    made = synced.bob.create("Zoe", "Quinn", synced.label, organizations=[{"title": "cto"}])
    report = synced.sync()
    assert [i["rule"] for i in report["issues"]] == ["B8"]
    assert labels_of(synced.bob.look(made)) == {synced.label, synced.bob.label(ERROR)}
    synced.assert_settled()
    synced.bob.employ(synced.bob.look(made), title="CTO")
    assert synced.sync()["salesforce"]["created"] == 1
    assert labels_of(synced.bob.look(made)) == {synced.label}
    synced.assert_settled()


def test_B10_different_fields_edited_on_both_sides_flow_both_ways(synced: GmailStage):
    made, record = zoe(synced)
    synced.org.update(record, Title="CTO")
    synced.bob.edit(synced.bob.look(made), phoneNumbers=[{"type": "mobile", "value": "4155550102"}])
    report = synced.sync()
    assert (report["salesforce"]["updated"], report["mailbox"]["updated"]) == (1, 1)
    assert synced.org.get(record)["MobilePhone"] == "4155550102"
    assert synced.bob.look(made)["organizations"][0]["title"] == "CTO"
    synced.assert_settled()


def test_B10_L8_blanks_flow_and_a_second_entry_does_not_come_back_as_an_edit(synced: GmailStage):
    emails = [{"value": "zoe@x.example", "type": "work"}, {"value": "home@x.example", "type": "home"}]
    made = synced.bob.create("Zoe", "Quinn", synced.label, emailAddresses=emails, organizations=[{"title": "CTO"}])
    synced.sync()
    record = synced.org.named("Quinn")["Id"]
    synced.bob.edit(synced.bob.look(made), organizations=[])
    synced.org.update(record, Email=None)
    synced.sync()
    assert (synced.org.get(record)["Title"], synced.org.get(record)["Email"]) == (None, None)
    assert [e["value"] for e in synced.bob.look(made)["emailAddresses"]] == ["home@x.example"]
    synced.assert_settled()
    assert synced.org.get(record)["Email"] is None
    synced.org.update(record, Email="new@x.example")
    synced.sync()
    assert {e["value"] for e in synced.bob.look(made)["emailAddresses"]} == {"home@x.example", "new@x.example"}
    synced.assert_settled()


def test_B11_formats_never_ping_pong(synced: GmailStage):
    made, record = zoe(synced, phoneNumbers=[{"type": "work", "value": "+1 415 555 0101"}])
    synced.org.update(record, Phone="(415) 555-0101", Email="ZOE@x.example")
    assert synced.sync()["mailbox"]["updated"] == 0
    assert typed(synced.bob.look(made), "phoneNumbers", "work") == ["+1 415 555 0101"]
    synced.assert_settled()


def test_B12_salesforce_wins_and_the_loser_is_kept(synced: GmailStage):
    made, record = zoe(synced)
    synced.org.update(record, Title="From Salesforce")
    synced.bob.employ(synced.bob.look(made), title="From Gmail")
    synced.sync()
    assert synced.bob.look(made)["organizations"][0]["title"] == "From Salesforce"
    lost = [e["fields"]["Title"]["lost"] for e in synced.run("history", "bob")["entries"] if "Title" in e["fields"]]
    assert "From Gmail" in lost
    synced.assert_settled()


def test_B15_an_edit_between_reading_and_writing_is_not_overwritten(synced: GmailStage):
    """The etag that was read no longer holds: the change is parked, the others of its batch are carried out."""
    made, record = zoe(synced)
    for n in range(3):
        synced.org.create(FirstName="Kim", LastName=f"Doe{n}")
    synced.sync()
    synced.sync()
    for row in synced.org.all():
        synced.org.update(row["Id"], Title="CTO")
    double = synced.bob.create("Zoe", "Quinn", phoneNumbers=[{"type": "mobile", "value": "4155550102"}])
    merged = {"op": "merge_contacts", "keep": made, "lose": double}
    synced.fault(vendor="google", operation="batchUpdateContacts", kind="act", **{"as": "bob"}, act=merged, times=1)
    report = synced.sync()
    assert report["mailbox"]["updated"] == 3
    report = synced.sync()
    assert (report["salesforce"]["updated"], report["mailbox"]["updated"]) == (1, 1)
    assert synced.bob.look(made)["organizations"][0]["title"] == "CTO"
    assert synced.org.get(record)["MobilePhone"] == "4155550102"
    assert record == synced.org.named("Quinn")["Id"]
    synced.assert_settled()


def test_B16_contacts_merged_in_salesforce_leave_one(synced: GmailStage):
    first = synced.org.create(FirstName="Kim", LastName="Doe", Email="kim@x.example")
    second = synced.org.create(FirstName="Kimberly", LastName="Doe")
    synced.sync()
    synced.org.merge(first, second)
    assert synced.sync()["mailbox"]["removed"] == 1
    (left,) = synced.bob.contacts(synced.label)
    assert own_of(left)["salesforceId"] == first
    synced.assert_settled()


def test_B16_two_contacts_merged_at_gmail_are_one_deletion(synced: GmailStage):
    """Merge & fix: one contact is left, with both client data; the other's record follows D1."""
    for name in ("Kim", "Kimberly"):
        synced.org.create(FirstName=name, LastName="Doe", Email=f"{name}@x.example")
    synced.sync()
    kept, lost = synced.bob.get("Kim Doe"), synced.bob.get("Kimberly Doe")
    synced.act("merge_contacts", as_user="bob", keep=kept["resourceName"], lose=lost["resourceName"])
    synced.sync(None)
    synced.sync(None)
    names = {own_of(c)["salesforceId"] for c in synced.bob.contacts(synced.label)}
    assert names == {r["Id"] for r in synced.org.all()}
    assert len(synced.bob.contacts(synced.label)) == 2
    synced.assert_settled()


def test_a_contact_that_gets_another_name_is_the_same(synced: GmailStage):
    """Linked to a profile, a contact's resource name changes (metadata.previousResourceNames)."""
    synced.set(auto_removal="allowed")
    made, record = zoe(synced)
    synced.sync()
    renamed = synced.act("rename_contact", as_user="bob", contact=made)["resourceName"]
    report = synced.sync()
    assert report["salesforce"] == {"created": 0, "updated": 0, "deleted": 0}
    synced.org.update(record, Title="CTO")
    assert synced.sync()["mailbox"]["updated"] == 1
    assert synced.bob.look(renamed)["organizations"][0]["title"] == "CTO"
    synced.assert_settled()


def test_L7_what_no_mapping_names_is_what_it_was(synced: GmailStage):
    rich = {
        "nicknames": [{"value": "Zo"}],
        "biographies": [{"value": "a long note", "contentType": "TEXT_PLAIN"}],
        "userDefined": [{"key": "shoe", "value": "44"}],
        "imClients": [{"username": "zo", "protocol": "jabber"}],
        "events": [{"type": "anniversary", "date": {"year": 2001, "month": 2, "day": 3}}],
        "birthdays": [{"date": {"month": 2, "day": 29}}],
        "clientData": [{"key": "other-app", "value": "theirs"}],
        "phoneNumbers": [{"type": "pager", "value": "1"}, {"type": "work", "value": "2"}, {"value": "3"}],
        "addresses": [{"type": "home", "streetAddress": "1 Home St"}, {"type": "work", "city": "Ulm", "poBox": "7"}],
        "organizations": [{"name": "Initech", "title": "CTO", "costCenter": "77"}, {"name": "Old Corp"}],
        "relations": [{"type": "spouse", "person": "Sam"}],
    }
    made, record = zoe(synced, **rich)
    before = synced.bob.look(made)
    synced.org.update(
        record, FirstName="Zoë", Email="new@x.example", Phone="4", Title="CEO", MailingCity="Bonn", AssistantName="Max"
    )
    assert synced.sync()["mailbox"]["updated"] == 1
    after = synced.bob.look(made)
    for field in ("nicknames", "biographies", "userDefined", "imClients", "events", "birthdays"):
        assert after[field] == before[field]
    assert {"other-app": "theirs"}.items() <= own_of(after).items()
    assert [(p.get("type"), p["value"]) for p in after["phoneNumbers"]] == [("pager", "1"), ("work", "4"), (None, "3")]
    assert after["addresses"][0]["streetAddress"] == "1 Home St"
    assert (after["addresses"][1]["city"], after["addresses"][1]["poBox"]) == ("Bonn", "7")
    assert [(o["name"], o.get("costCenter")) for o in after["organizations"]] == [("Initech", "77"), ("Old Corp", None)]
    assert {r["person"] for r in after["relations"]} == {"Sam", "Max"}
    synced.assert_settled()


def test_D1_allowed_deletes_in_salesforce(synced: GmailStage):
    synced.set(auto_removal="allowed")
    made, _ = zoe(synced)
    synced.bob.delete(made)
    assert synced.sync()["salesforce"]["deleted"] == 1
    assert synced.org.all() == []
    synced.assert_settled()


def test_D1_not_allowed_creates_it_again_with_salesforces_values(synced: GmailStage):
    made, record = zoe(synced)
    synced.bob.delete(made)
    synced.org.update(record, Title="CTO")
    assert synced.sync()["mailbox"]["created"] == 1
    (again,) = synced.bob.contacts(synced.label)
    assert (own_of(again)["salesforceId"], again["organizations"][0]["title"]) == (record, "CTO")
    synced.assert_settled()


def test_D3_changed_in_salesforce_since_is_asked(synced: GmailStage):
    synced.set(auto_removal="allowed")
    made, record = zoe(synced)
    synced.bob.delete(made)
    synced.org.update(record, Title="CTO")
    synced.sync("held")
    synced.answer("D3", "reject")
    assert synced.sync()["mailbox"]["created"] == 1
    assert synced.org.get(record)["Title"] == "CTO"
    synced.assert_settled()


def test_D4_D5_deleted_in_salesforce_goes_to_the_trash(synced: GmailStage):
    made, record = zoe(synced)
    synced.org.delete(record)
    assert synced.sync()["mailbox"]["removed"] == 1
    assert synced.bob.look(made) is None
    synced.assert_settled()


def test_D6_a_contact_restored_from_the_trash_takes_its_place(synced: GmailStage):
    made, record = zoe(synced)
    synced.bob.delete(made)
    synced.sync()
    synced.sync()
    synced.act("restore_contact", as_user="bob", contact=made)
    report = synced.sync()
    assert report["salesforce"] == {"created": 0, "updated": 0, "deleted": 0}
    (left,) = synced.bob.contacts(synced.label)
    assert (left["resourceName"], own_of(left)["salesforceId"]) == (made, record)
    synced.assert_settled()


def test_D8_many_deletions_at_once_are_one_question(synced: GmailStage):
    synced.set(auto_removal="allowed")
    for n in range(12):
        synced.org.create(FirstName="Kim", LastName=f"Doe{n}")
    synced.sync()
    for contact in synced.bob.contacts(synced.label)[:11]:
        synced.bob.delete(contact["resourceName"])
    synced.sync("held")
    assert len(synced.org.all()) == 12
    assert synced.hold("D8")["count"] == 11
    synced.answer("D8", "approve")
    assert synced.sync()["salesforce"]["deleted"] == 11
    synced.assert_settled()
