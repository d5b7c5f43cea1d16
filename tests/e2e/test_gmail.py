"""Gmail, rule by rule: what is marked by a label, what stays personal, and what a label's loss means (A3–A23, C1)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.gmail import ERROR, GmailStage, gmail_stage, labels_of, own_of, typed
from tests.e2e.people import FOLDER
from tests.services.postgres import stores_on


@pytest.fixture
def scene(tmp_path: Path, keeps: str) -> Iterator[GmailStage]:
    with stores_on(keeps), gmail_stage(tmp_path) as standing:
        yield standing


@pytest.fixture
def synced(scene: GmailStage) -> GmailStage:
    scene.sync()
    return scene


def zoe(scene: GmailStage, **fields: object) -> str:
    """A paired contact of bob's, made at Gmail."""
    made = scene.bob.create("Zoe", "Quinn", scene.label, email="zoe@initech.example", **fields)
    assert scene.sync()["salesforce"]["created"] == 1
    return made


def test_A3_A17_first_session_makes_the_label_and_mirrors(scene: GmailStage):
    record = scene.org.create(FirstName="Mia", LastName="Wong", Email="mia@globex.example", Phone="(415) 555-0101")
    report = scene.sync()
    assert report["mailbox"]["created"] == 1
    assert set(scene.bob.labels) == {FOLDER}
    mia = scene.bob.get("Mia Wong")
    assert labels_of(mia) == {scene.label}
    assert typed(mia, "phoneNumbers", "work") == ["(415) 555-0101"]
    assert own_of(mia)["salesforceId"] == record
    assert typed(mia, "urls", "Salesforce") == [f"{scene.url}/{record}"]
    scene.assert_settled()


def test_A3_an_existing_label_of_that_name_is_adopted(scene: GmailStage):
    made = scene.bob.new_label(FOLDER)
    scene.bob.create("Zoe", "Quinn", made)
    assert scene.sync()["salesforce"]["created"] == 1
    assert scene.bob.labels == {FOLDER: made}
    scene.assert_settled()


@pytest.mark.parametrize("auto_removal", ["allowed", "not-allowed"])
def test_A3_a_deleted_label_is_made_again_and_put_back_without_second_copies(synced: GmailStage, auto_removal: str):
    """Its contacts survive and look personal: nothing is deleted, and none is made twice."""
    synced.set(auto_removal=auto_removal)
    for n in range(4):
        synced.org.create(FirstName="Kim", LastName=f"Doe{n}")
    made = zoe(synced)
    before = {c["resourceName"] for c in synced.bob.contacts(synced.label)}
    assert len(before) == 5
    synced.bob.employ(synced.bob.get("Kim Doe1"), title="CTO")
    synced.bob.delete_label(synced.label)
    report = synced.sync()
    assert report["salesforce"] == {"created": 0, "updated": 1, "deleted": 0}
    assert report["mailbox"]["created"] == 0
    assert {c["resourceName"] for c in synced.bob.contacts(synced.label)} == before
    assert len(synced.bob.contacts()) == 5
    assert len(synced.org.all()) == 5
    assert synced.org.named("Doe1")["Title"] == "CTO"
    assert own_of(synced.bob.look(made))["salesforceId"] == synced.org.named("Quinn")["Id"]
    synced.assert_settled()


def test_A3_a_label_deleted_together_with_its_contacts_is_refilled(synced: GmailStage):
    synced.set(auto_removal="allowed")
    for n in range(4):
        synced.org.create(FirstName="Kim", LastName=f"Doe{n}")
    synced.sync()
    synced.bob.delete_label(synced.label, with_contacts=True)
    report = synced.sync()
    assert report["salesforce"]["deleted"] == 0
    assert len(synced.org.all()) == 4
    assert len(synced.bob.contacts(synced.label)) == 4
    synced.assert_settled()


def test_A3_a_label_lost_with_nothing_in_it_is_seen_before_anything_is_written(synced: GmailStage):
    synced.bob.delete_label(synced.label)
    synced.org.create(FirstName="Kim", LastName="Doe")
    assert synced.sync()["mailbox"]["created"] == 1
    assert labels_of(synced.bob.get("Kim Doe")) == {synced.label}
    synced.assert_settled()


def test_A3_an_emptied_listing_is_not_believed(synced: GmailStage):
    """A token that has expired, and a listing that is empty while pairs exist: nothing is done, then one D8 hold."""
    synced.set(auto_removal="allowed")
    for n in range(3):
        synced.org.create(FirstName="Kim", LastName=f"Doe{n}")
    synced.sync()
    for contact in synced.bob.contacts(synced.label):
        synced.bob.delete(contact["resourceName"])
    synced.advance(8 * 86400)
    first = synced.sync("failed")
    assert "A3" in first["reason"]
    assert len(synced.org.all()) == 3
    synced.advance(8 * 86400)
    second = synced.sync("held")
    assert [h["rule"] for h in second["holds"]] == ["D8"]
    assert len(synced.org.all()) == 3


def test_A4_a_renamed_label_is_followed(synced: GmailStage):
    label = synced.label
    synced.bob.rename_label(label, "Customers")
    synced.org.create(FirstName="Kim", LastName="Doe")
    synced.sync()
    assert synced.bob.labels == {"Customers": label}
    assert labels_of(synced.bob.get("Kim Doe")) == {label}
    synced.assert_settled()


def test_A5_contacts_from_before_are_not_synced(scene: GmailStage):
    uncle = scene.bob.create("Uncle", "Bob", email="bob@family.example")
    assert scene.sync()["salesforce"]["created"] == 0
    assert labels_of(scene.bob.look(uncle)) == set()
    scene.assert_settled()


@pytest.mark.parametrize(("answer", "created"), [("approve", 11), ("reject", 0)])
def test_A5_A23_many_marked_at_first_are_one_question(scene: GmailStage, answer: str, created: int):
    label = scene.bob.new_label(FOLDER)
    for n in range(11):
        scene.bob.create("Old", f"Friend{n}", label, email=f"f{n}@x.example")
    assert scene.sync("held")["salesforce"]["created"] == 0
    assert scene.hold("A5")["count"] == 11
    scene.answer("A5", answer)
    assert scene.sync()["salesforce"]["created"] == created
    scene.assert_settled()
    assert len(scene.org.all()) == created


def test_A23_an_excluded_contact_that_gets_the_label_anew_is_synced(scene: GmailStage):
    label = scene.bob.new_label(FOLDER)
    made = [scene.bob.create("Old", f"Friend{n}", label, email=f"f{n}@x.example") for n in range(11)]
    scene.sync("held")
    scene.answer("A5", "reject")
    scene.sync()
    scene.sync()
    scene.bob.take_off(made[3], label)
    scene.sync()
    scene.bob.put_on(made[3], label)
    assert scene.sync()["salesforce"]["created"] == 1
    assert [r["LastName"] for r in scene.org.all()] == ["Friend3"]
    scene.assert_settled()


def test_A7_a_new_contact_with_the_label_goes_up(synced: GmailStage):
    made = synced.bob.create(
        "Zoe", "Quinn", synced.label, email="zoe@initech.example", organizations=[{"title": "CTO"}]
    )
    report = synced.sync()
    assert (report["salesforce"]["created"], report["mailbox"]["moved"]) == (1, 0)
    record = synced.org.named("Quinn")
    assert (record["FirstName"], record["Email"], record["Title"]) == ("Zoe", "zoe@initech.example", "CTO")
    assert own_of(synced.bob.look(made))["salesforceId"] == record["Id"]
    synced.assert_settled()


def test_A7_the_label_put_on_an_older_contact_marks_it(synced: GmailStage):
    friends = synced.bob.new_label("Friends")
    made = synced.bob.create("Zoe", "Quinn", friends, email="zoe@initech.example")
    assert synced.sync()["salesforce"]["created"] == 0
    synced.bob.put_on(made, synced.label)
    assert synced.sync()["salesforce"]["created"] == 1
    assert labels_of(synced.bob.look(made)) == {synced.label, friends}
    synced.assert_settled()


def test_A9_the_label_taken_off_and_not_allowed_is_personal_and_created_again(synced: GmailStage):
    golf = synced.bob.new_label("Golf")
    made = zoe(synced, urls=[{"value": "https://zoe.example", "type": "homePage"}])
    synced.bob.put_on(made, golf)
    synced.sync()
    synced.bob.take_off(made, synced.label)
    report = synced.sync()
    assert report["mailbox"]["created"] == 1
    out = synced.bob.look(made)
    assert labels_of(out) == {golf}
    assert not {k: v for k, v in own_of(out).items() if v and k == "salesforceId"}
    assert [u["value"] for u in out["urls"]] == ["https://zoe.example"]
    (again,) = synced.bob.contacts(synced.label)
    assert own_of(again)["salesforceId"] == synced.org.named("Quinn")["Id"]
    synced.assert_settled()


def test_A9_the_label_taken_off_and_allowed_is_personal_and_deleted_in_salesforce(synced: GmailStage):
    synced.set(auto_removal="allowed")
    made = zoe(synced)
    synced.bob.take_off(made, synced.label)
    assert synced.sync()["salesforce"]["deleted"] == 1
    assert synced.org.named("Quinn") is None
    assert "salesforceId" not in own_of(synced.bob.look(made))
    synced.assert_settled()


def test_A9_the_last_label_taken_off_leaves_the_contact_among_the_persons_own(synced: GmailStage):
    """Our agent's removal of a label never leaves a contact in no group, which Google refuses."""
    record = synced.org.create(FirstName="Kim", LastName="Doe")
    synced.sync()
    kim = synced.bob.get("Kim Doe")
    only = [{"contactGroupMembership": {"contactGroupResourceName": synced.label}}]
    synced.bob.edit(kim, memberships=only)
    synced.sync()
    synced.org.delete(record)
    assert synced.sync()["mailbox"]["removed"] == 1
    assert synced.bob.look(kim["resourceName"]) is None
    synced.assert_settled()


def test_A10_a_fresh_label_takes_the_re_created_place(synced: GmailStage):
    made = zoe(synced)
    synced.bob.take_off(made, synced.label)
    synced.sync()
    synced.sync()
    synced.bob.put_on(made, synced.label)
    report = synced.sync()
    assert report["salesforce"]["created"] == 0
    assert [c["resourceName"] for c in synced.bob.contacts(synced.label)] == [made]
    assert own_of(synced.bob.look(made))["salesforceId"] == synced.org.named("Quinn")["Id"]
    synced.assert_settled()


def test_A10_a_fresh_label_after_a_deletion_is_new(synced: GmailStage):
    synced.set(auto_removal="allowed")
    made = zoe(synced)
    before = synced.org.named("Quinn")["Id"]
    synced.bob.take_off(made, synced.label)
    synced.sync()
    synced.bob.put_on(made, synced.label)
    assert synced.sync()["salesforce"]["created"] == 1
    assert synced.org.named("Quinn")["Id"] != before


def test_A11_a_copy_with_our_property_is_asked_about(synced: GmailStage):
    """Another program that copies contacts copies client data too."""
    made = zoe(synced)
    copied = {k: v for k, v in synced.bob.look(made).items() if k == "clientData"}
    synced.bob.create("Zoe", "Quinn", synced.label, email="zoe@initech.example", **copied)
    report = synced.sync("held")
    assert report["salesforce"]["created"] == 0
    assert len(report["holds"]) == 1
    synced.assert_settled(floor=False)  # what is asked about is read again


def test_A12_C1_a_nobody_is_an_issue_with_a_label_that_goes_when_it_is_mended(synced: GmailStage):
    made = synced.bob.create("", "", synced.label, nicknames=[{"value": "x"}])
    report = synced.sync()
    assert [i["rule"] for i in report["issues"]] == ["A12"]
    assert labels_of(synced.bob.look(made)) == {synced.label, synced.bob.label(ERROR)}
    synced.assert_settled()
    synced.bob.rename(synced.bob.look(made), "Zoe", "Quinn")
    assert synced.sync()["salesforce"]["created"] == 1
    assert labels_of(synced.bob.look(made)) == {synced.label}
    synced.assert_settled()


def test_C1_the_error_label_is_made_again_where_a_person_deleted_it(synced: GmailStage):
    made = synced.bob.create("Zoe", "", synced.label)
    synced.sync()
    assert labels_of(synced.bob.look(made)) == {synced.label, synced.bob.label(ERROR)}
    synced.bob.delete_label(synced.bob.label(ERROR))
    other = synced.bob.create("Max", "", synced.label)
    synced.sync()
    assert labels_of(synced.bob.look(other)) == {synced.label, synced.bob.label(ERROR)}


def test_A18_A19_a_record_that_leaves_the_scope_goes_to_the_trash_and_comes_back(synced: GmailStage):
    record = synced.org.create(FirstName="Kim", LastName="Doe")
    synced.sync()
    synced.give_away(record, "ann")
    assert synced.sync()["mailbox"]["removed"] == 1
    assert synced.bob.contacts(synced.label) == []
    synced.assert_settled(floor=False)  # the record lies in the overlap of the feed, and is read again
    synced.admin.update(record, OwnerId=synced.owner("bob"))
    assert synced.sync()["mailbox"]["created"] == 1
    assert synced.bob.get("Kim Doe", synced.label)
    synced.assert_settled()
