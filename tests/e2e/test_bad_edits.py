"""B1, B13, B14, L5: contacts that an edit spoils: the old value stays where it was, the rest flows, mending heals."""

from collections.abc import Mapping
from typing import Any

import pytest
from exchangelib import ExtendedProperty
from exchangelib.items import Contact

from tests.e2e.stage import Stage

KINDS = ("exchange", "microsoft")


class Prefix(ExtendedProperty):
    property_tag = 0x3A45
    property_type = "String"


if "prefix" not in [f.name for f in Contact.FIELDS]:
    Contact.register("prefix", Prefix)


def paired(scene: Stage) -> str:
    """Zoe Quinn, paired; the record's id."""
    scene.ann.create(scene.ann.folder, "Zoe", "Quinn", email="zoe@x.example", phones={"MobilePhone": "+1 415 555 0102"})
    scene.sync()
    return scene.org.named("Quinn")["Id"]


def told(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    return sorted((i["rule"], i["field"]) for i in report["issues"])


@pytest.mark.parametrize("email", ["zoe@", "two@x.example, three@x.example", "Zoe Quinn", f"{'z' * 90}@x.example"])
def test_B13_an_address_edited_into_none_keeps_the_old_one_in_salesforce(synced: Stage, email: str):
    record = paired(synced)
    zoe = synced.ann.set_email(synced.ann.get("Zoe Quinn"), email)
    synced.ann.edit(zoe, job_title="CTO")
    report = synced.sync()
    assert told(report) == [("B13", "Email")]
    assert {report["issues"][0]["salesforce_id"], report["issues"][0]["item_id"]} == {record, synced.name_item(zoe.id)}
    assert (synced.org.get(record)["Email"], synced.org.get(record)["Title"]) == ("zoe@x.example", "CTO")
    synced.assert_settled()
    assert synced.ann.get("Zoe Quinn").email_addresses[0].email == email
    assert told(synced.sync()) == [("B13", "Email")]
    synced.ann.set_email(synced.ann.get("Zoe Quinn"), "new@x.example")
    assert told(synced.sync()) == []
    assert synced.org.get(record)["Email"] == "new@x.example"
    synced.assert_settled()


def test_B13_a_number_edited_too_long_keeps_the_old_one_in_salesforce(synced: Stage):
    record = paired(synced)
    long = "+1 415 555 0103, and in the evening at home"
    synced.ann.set_phone(synced.ann.get("Zoe Quinn"), "MobilePhone", long)
    assert told(synced.sync()) == [("B13", "MobilePhone")]
    assert synced.org.get(record)["MobilePhone"] == "+1 415 555 0102"
    synced.assert_settled()
    synced.org.update(record, MobilePhone="+1 415 555 0199")
    synced.sync()
    synced.assert_settled()
    shown = [p.phone_number for p in synced.ann.get("Zoe Quinn").phone_numbers if p.label == "MobilePhone"]
    assert shown == [synced.org.get(record)["MobilePhone"]]
    assert long in str(synced.run("history", "ann")["entries"])


def test_B1_a_last_name_taken_away_stays_in_salesforce(synced: Stage):
    record = paired(synced)
    synced.ann.edit(synced.ann.get("Zoe Quinn"), surname=None, job_title="CTO")
    report = synced.sync()
    assert [field for _, field in told(report)] == ["LastName"]
    assert synced.org.get(record)["LastName"] == "Quinn"
    synced.assert_settled()
    synced.ann.edit(synced.ann.get("Zoe Quinn"), surname="Quill")
    assert told(synced.sync()) == []
    assert (synced.org.get(record)["LastName"], synced.org.get(record)["Title"]) == ("Quill", "CTO")
    synced.assert_settled()


def test_B13_everything_taken_away_but_the_category_loses_nothing_in_salesforce(synced: Stage):
    """A contact emptied by hand: blanks flow where they may, the name that Salesforce needs stays."""
    record = paired(synced)
    zoe = synced.ann.get("Zoe Quinn")
    synced.ann.edit(zoe, given_name=None, surname=None, email_addresses=None, phone_numbers=None)
    synced.sync(None)
    assert synced.org.get(record)["LastName"] == "Quinn"
    synced.assert_settled()
    assert len(synced.ann.all_in()) == 1


def test_B14_an_unknown_picklist_value_on_a_new_contact_is_left_out(synced: Stage):
    synced.act("restricted_picklist", object="Contact", field="Salutation")
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", prefix="Sultan")
    synced.ann.create(synced.ann.folder, "Max", "Power", prefix="dr.")
    report = synced.sync()
    assert (report["salesforce"]["created"], told(report)) == (2, [("B13", "Salutation")])
    assert synced.org.named("Quinn")["Salutation"] is None
    assert synced.org.named("Power")["Salutation"] == "Dr."
    synced.assert_settled()
    assert synced.ann.get("Zoe Quinn").prefix == "Sultan"
    synced.ann.edit(synced.ann.get("Zoe Quinn"), prefix="Ms.")
    assert told(synced.sync()) == []
    assert synced.org.named("Quinn")["Salutation"] == "Ms."
    synced.assert_settled()


def test_B13_a_field_that_a_rule_refuses_is_left_out_of_an_update(synced: Stage):
    message = "Departments are numbers"
    record = paired(synced)
    synced.act("validation_rule", object="Contact", field="Department", pattern="[a-z]", message=message)
    zoe = synced.ann.get("Zoe Quinn")
    synced.ann.edit(zoe, department="sales", job_title="CTO")
    report = synced.sync()
    assert told(report) == [("B13", "Department")]
    assert message in report["issues"][0]["message"]
    assert (synced.org.get(record)["Department"], synced.org.get(record)["Title"]) == (None, "CTO")
    synced.assert_settled()
    assert synced.ann.get("Zoe Quinn").department == "sales"
    synced.ann.edit(synced.ann.get("Zoe Quinn"), department="12")
    assert told(synced.sync()) == []
    assert synced.org.get(record)["Department"] == "12"
    synced.assert_settled()


def test_B8_B13_a_required_field_that_a_rule_refuses_fails_the_record_until_its_item_is_mended(synced: Stage):
    """Nothing of it goes by itself in a later session: the record would then be another, and all be sent again."""
    record = paired(synced)
    synced.act("validation_rule", object="Contact", field="LastName", pattern="2", message="No digits")
    synced.ann.edit(synced.ann.get("Zoe Quinn"), surname="Quinn 2", job_title="CTO")
    assert told(synced.sync()) == [("B8", "LastName")]
    version = synced.ann.all_in()[0].changekey
    for _ in range(3):
        report = synced.sync()
        assert (told(report), report["salesforce"]["updated"]) == ([("B8", "LastName")], 0)
        assert synced.org.get(record)["Title"] is None
        assert synced.ann.all_in()[0].changekey == version
    synced.ann.edit(synced.ann.all_in()[0], surname="Quinn")
    assert told(synced.sync()) == []
    assert (synced.org.get(record)["LastName"], synced.org.get(record)["Title"]) == ("Quinn", "CTO")
    synced.assert_settled()


def test_B8_B13_a_required_field_refused_after_an_optional_one_fails_the_record(synced: Stage):
    record = paired(synced)
    synced.act("validation_rule", object="Contact", field="Title", pattern="BAD", message="No")
    synced.act("validation_rule", object="Contact", field="LastName", pattern="2", message="No digits")
    synced.ann.edit(synced.ann.get("Zoe Quinn"), surname="Quinn 2", job_title="BAD", department="R&D")
    synced.sync()
    version = synced.ann.all_in()[0].changekey
    for _ in range(3):
        report = synced.sync()
        assert (told(report), report["salesforce"]["updated"]) == ([("B13", "Title"), ("B8", "LastName")], 0)
        assert synced.ann.all_in()[0].changekey == version
    synced.ann.edit(synced.ann.all_in()[0], surname="Quinn")
    assert told(synced.sync()) == [("B13", "Title")]
    assert synced.org.get(record)["Department"] == "R&D"
    synced.assert_settled()


def test_B13_one_bad_item_of_many_updates_never_stops_the_others(synced: Stage):
    for n in range(30):
        synced.ann.create(synced.ann.folder, "Kim", f"Doe{n}")
    synced.sync()
    synced.act("validation_rule", object="Contact", field="Title", pattern="BAD", message="No")
    for n, kim in enumerate(sorted(synced.ann.all_in(), key=lambda i: int(i.surname[3:]))):
        synced.ann.edit(kim, job_title="BAD" if n == 7 else "@{r1.id}" if n == 8 else "CTO")
    report = synced.sync()
    assert (report["salesforce"]["updated"], told(report)) == (29, [("B13", "Title")])
    titles = {r["LastName"]: r["Title"] for r in synced.org.all("LastName", "Title")}
    assert (titles["Doe7"], titles["Doe8"], titles["Doe29"]) == (None, "@{r1.id}", "CTO")
    synced.assert_settled()
