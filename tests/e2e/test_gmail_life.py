"""Gmail at the command line: plans, the trash, the end of a sync, a lost store, notes, and sessions stopped midway."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from mailsync.core.actions import RemoveItem
from mailsync.session import execute, removals
from mailsync.session.work import Work
from tests.e2e.gmail import GmailStage, gmail_stage, labels_of, own_of
from tests.services.postgres import stores_on


@pytest.fixture
def synced(tmp_path: Path, keeps: str) -> Iterator[GmailStage]:
    with stores_on(keeps), gmail_stage(tmp_path) as standing:
        standing.sync()
        yield standing


def zoe(scene: GmailStage) -> tuple[str, str]:
    made = scene.bob.create("Zoe", "Quinn", scene.label, email="zoe@x.example")
    scene.sync()
    return made, scene.org.named("Quinn")["Id"]


def test_A3_a_plan_shows_the_lost_label_put_back_and_writes_nothing(synced: GmailStage):
    synced.org.create(FirstName="Kim", LastName="Doe")
    synced.sync()
    synced.sync()
    synced.bob.delete_label(synced.label)
    synced.forget_requests()
    plan = synced.run("plan", "bob")
    assert [(a["rule"], a["kind"]) for a in plan["actions"]] == [("A3", "categorise")]
    assert synced.writes() == []
    assert synced.bob.labels == {}
    synced.sync()
    assert labels_of(synced.bob.get("Kim Doe")) == {synced.label}


def test_A19_a_removed_contact_that_is_restored_pins_its_pair(synced: GmailStage):
    record = synced.org.create(FirstName="Kim", LastName="Doe")
    synced.sync()
    kim = synced.bob.get("Kim Doe")["resourceName"]
    synced.give_away(record, "ann")
    assert synced.sync()["mailbox"]["removed"] == 1
    synced.sync()
    synced.act("restore_contact", as_user="bob", contact=kim)
    report = synced.sync()
    assert labels_of(synced.bob.look(kim)) == {synced.label}  # the trash keeps labels
    assert (report["salesforce"]["created"], report["mailbox"]["created"]) == (0, 0)
    synced.admin.update(record, Title="CTO")
    synced.sync()
    assert synced.bob.look(kim)["organizations"][0]["title"] == "CTO"


def test_D4_a_removal_that_was_lost_on_its_way_is_made_in_the_next_session(synced: GmailStage):
    """The label stays on until the contact is gone: else what is left would look as if the person had kept it."""
    made, record = zoe(synced)
    synced.sync()
    synced.org.delete(record)
    synced.fault(vendor="google", operation="batchDeleteContacts", kind="drop_before", times=1)
    synced.sync(None)
    assert labels_of(synced.bob.look(made)) == {synced.label}
    synced.sync()
    assert synced.bob.look(made) is None
    synced.assert_settled()


def test_A3_a_label_that_a_person_deleted_and_made_anew_is_adopted(synced: GmailStage):
    """An empty label is lost without a word in the list; a contact in one of its name shows it."""
    synced.bob.delete_label(synced.label)
    made = synced.bob.create("Zoe", "Quinn", synced.bob.new_label("Salesforce Contacts"))
    assert synced.sync()["salesforce"]["created"] == 1
    assert own_of(synced.bob.look(made))["salesforceId"] == synced.org.named("Quinn")["Id"]
    synced.assert_settled()


def test_E6_delete_and_revert_takes_what_came_from_salesforce_and_keeps_what_was_born_here(synced: GmailStage):
    synced.org.create(FirstName="Kim", LastName="Doe")
    made, _ = zoe(synced)
    report = synced.run("remove", "bob", "--revert", "--yes")
    assert (report["removed"], report["not_removed"]) == (1, 0)
    assert [c["resourceName"] for c in synced.bob.contacts()] == [made]
    assert len(synced.org.all()) == 2


def test_A1_after_a_reset_pairs_are_found_again_by_client_data(synced: GmailStage):
    zoe(synced)
    synced.org.create(FirstName="Kim", LastName="Doe")
    synced.sync()
    synced.run("reset", "bob", "--yes")
    synced.forget_requests()
    report = synced.sync(None)
    assert report["salesforce"] == {"created": 0, "updated": 0, "deleted": 0}
    assert report["mailbox"] == {"created": 0, "updated": 0, "removed": 0, "moved": 0, "categorised": 0}
    assert synced.run("status", "bob")["users"][0]["pairs"] == 2
    synced.assert_settled()


def test_notes_flow_where_they_are_turned_on_and_rich_ones_are_left_alone(synced: GmailStage):
    synced.set(description="both")
    made, record = zoe(synced)
    synced.bob.edit(
        synced.bob.look(made), biographies=[{"value": "met in Ulm\nlikes tea", "contentType": "TEXT_PLAIN"}]
    )
    synced.sync()
    assert synced.org.get(record)["Description"] == "met in Ulm\nlikes tea"
    synced.org.update(record, Description="likes coffee")
    synced.sync()
    assert synced.bob.look(made)["biographies"][0]["value"] == "likes coffee"
    synced.assert_settled()
    rich = [{"value": "<b>likes milk</b>", "contentType": "TEXT_HTML"}]
    synced.bob.edit(synced.bob.look(made), biographies=rich)
    synced.org.update(record, Description="likes water")
    synced.sync()
    assert synced.bob.look(made)["biographies"][0]["value"] == "<b>likes milk</b>"
    assert synced.org.get(record)["Description"] == "likes water"
    synced.advance(1200)
    synced.sync()
    synced.assert_settled()


STEPS = ("contactGroups.create", "contactGroups.update", "batchCreateContacts", "batchUpdateContacts", "getBatchGet")


@pytest.mark.parametrize("lost", ["drop_before", "drop_after"])
@pytest.mark.parametrize("operation", STEPS)
def test_L2_a_first_session_stopped_anywhere_is_finished_by_the_next(tmp_path: Path, operation: str, lost: str):
    """Every request of a first session loses its way there or back; the end is the same, without a second copy."""
    with gmail_stage(tmp_path) as scene:
        label = scene.bob.new_label("Salesforce Contacts") if operation != "contactGroups.create" else ""
        scene.org.create(FirstName="Kim", LastName="Doe")
        if label:
            scene.bob.create("Zoe", "Quinn", label, email="zoe@x.example")
        scene.fault(vendor="google", operation=operation, kind=lost, times=1)
        scene.sync(None)
        for _ in range(3):
            scene.advance(700)
            scene.sync(None)
        last = {c["names"][0]["familyName"] for c in scene.bob.contacts(scene.label)}
        assert last == ({"Doe", "Quinn"} if label else {"Doe"})
        assert len(scene.bob.contacts()) == len(scene.org.all()) == len(last)
        assert {own_of(c)["salesforceId"] for c in scene.bob.contacts()} == {r["Id"] for r in scene.org.all()}
        scene.advance(1200)
        scene.assert_settled()


def test_D4_L2_a_removal_is_one_step_that_leaves_nobody_outside_the_label(synced: GmailStage):
    record = synced.org.create(FirstName="Kim", LastName="Doe")
    synced.sync()
    synced.org.delete(record)
    _, operations = synced.sessions_operations()
    assert [o for o in operations if o in ("batchUpdateContacts", "members.modify")] == []
    assert synced.bob.contacts() == []


def test_L5_a_contact_edited_while_its_removal_is_under_way_stays(synced: GmailStage, monkeypatch: pytest.MonkeyPatch):
    record = synced.org.create(FirstName="Kim", LastName="Doe")
    synced.sync()
    synced.org.delete(record)
    carry_out = removals.remove_items

    def edited_before(work: Work, actions: Sequence[RemoveItem]) -> None:
        synced.bob.employ(synced.bob.get("Kim Doe"), title="Edited")
        carry_out(work, actions)

    with monkeypatch.context() as patched:
        patched.setattr(execute, "remove_items", edited_before)
        report = synced.sync()
    assert report["mailbox"]["removed"] == 0
    assert synced.bob.get("Kim Doe")["organizations"][0]["title"] == "Edited"
