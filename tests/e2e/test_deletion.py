"""D1-D8, B17, C5, C7: what a deletion means, and the brakes."""

import pytest

from tests.e2e.stage import Stage

KINDS = ("exchange", "microsoft")


def paired(scene: Stage) -> str:
    scene.ann.create(scene.ann.folder, "Zoe", "Quinn", email="zoe@x.example")
    scene.sync()
    return scene.org.named("Quinn")["Id"]


def test_D1_allowed_deletes_in_salesforce(synced: Stage):
    synced.set(auto_removal="allowed")
    paired(synced)
    synced.ann.trash(synced.ann.get("Zoe Quinn"))
    assert synced.sync()["salesforce"]["deleted"] == 1
    assert synced.org.all() == []
    synced.assert_settled()


def test_D1_not_allowed_creates_it_again_with_salesforces_values(synced: Stage):
    record = paired(synced)
    synced.ann.trash(synced.ann.get("Zoe Quinn"))
    synced.org.update(record, Title="CTO")
    assert synced.sync()["mailbox"]["created"] == 1
    again = synced.ann.get("Zoe Quinn")
    assert (again.sf_id, again.job_title) == (record, "CTO")
    synced.assert_settled()


def test_D1_deleted_before_the_mailbox_told_of_its_creation(synced: Stage):
    """A server folds our creation and the deletion into nothing: the echo is missed, and the item is asked for."""
    synced.set(auto_removal="allowed")
    synced.org.create(FirstName="Kim", LastName="Doe")
    synced.advance(1200)
    synced.sync()
    synced.ann.trash(synced.ann.get("Kim Doe"))
    synced.advance(1200)
    assert synced.sync()["salesforce"]["deleted"] == 1
    synced.assert_settled()


def test_D1_direction_up_only_unpairs(scene: Stage):
    scene.configure(direction="up")
    scene.sync()
    record = paired(scene)
    scene.ann.trash(scene.ann.get("Zoe Quinn"))
    report = scene.sync()
    assert report["salesforce"]["deleted"] == 0
    assert report["mailbox"]["created"] == 0
    assert scene.org.get(record)["LastName"] == "Quinn"
    scene.assert_settled()


def test_D2_allowed_from_now_on_asks_about_what_was_deleted_before(synced: Stage):
    record = paired(synced)
    synced.ann.trash(synced.ann.get("Zoe Quinn"))
    synced.set(auto_removal="allowed")
    synced.sync("held")
    assert synced.org.get(record)["LastName"] == "Quinn"
    synced.answer("D1", "approve")
    assert synced.sync()["salesforce"]["deleted"] == 1
    synced.assert_settled()


def test_D2_back_to_not_allowed_turns_waiting_deletions_into_re_creates(synced: Stage):
    paired(synced)
    synced.ann.trash(synced.ann.get("Zoe Quinn"))
    synced.set(auto_removal="allowed")
    synced.sync("held")
    synced.set(auto_removal="not-allowed")
    assert synced.sync()["mailbox"]["created"] == 1
    assert len(synced.org.all()) == 1


def test_D3_changed_in_salesforce_since_is_asked_and_rejected_comes_back(synced: Stage):
    synced.set(auto_removal="allowed")
    record = paired(synced)
    synced.org.update(record, Title="CTO")
    synced.ann.trash(synced.ann.get("Zoe Quinn"))
    synced.sync("held")
    synced.answer("D3", "reject")
    assert synced.sync()["mailbox"]["created"] == 1
    assert synced.org.get(record)["Title"] == "CTO"
    synced.assert_settled()


def test_D3_what_the_user_may_not_delete_is_created_again(scene: Stage):
    scene.configure(view="all", auto_removal="allowed")
    record = scene.admin.create(FirstName="Kim", LastName="Doe")
    scene.act("share", record=record, user="ann")
    scene.sync()
    scene.ann.trash(scene.ann.get("Kim Doe"))
    report = scene.sync()
    assert report["mailbox"]["created"] == 1
    assert "D3" in [i["rule"] for i in report["issues"]]
    assert scene.admin.get(record)["LastName"] == "Doe"


def test_D4_deleted_in_salesforce_goes_to_deleted_items_and_the_edit_to_the_history(synced: Stage):
    record = paired(synced)
    synced.ann.edit(synced.ann.get("Zoe Quinn"), job_title="Edited")
    synced.org.delete(record)
    assert synced.sync()["mailbox"]["removed"] == 1
    assert synced.ann.all_in() == []
    assert [i.display_name for i in synced.ann.trashed] == ["Zoe Quinn"]
    assert not synced.ann.trashed[0].categories
    lost = [f["lost"] for e in synced.run("history", "ann")["entries"] for f in e["fields"].values()]
    assert "Edited" in lost
    synced.assert_settled()


def test_D5_deleted_on_both_sides_ends_the_pair(synced: Stage):
    record = paired(synced)
    synced.org.delete(record)
    synced.ann.trash(synced.ann.get("Zoe Quinn"))
    report = synced.sync()
    assert report["mailbox"]["created"] == 0
    synced.assert_settled()
    assert synced.run("status", "ann")["users"][0]["pairs"] == 0


def test_D5_deleted_before_it_ever_went_up_is_nothing(synced: Stage):
    synced.ann.trash(synced.ann.create(synced.ann.folder, "Zoe", "Quinn"))
    assert synced.sync()["salesforce"]["created"] == 0
    synced.assert_settled()


def test_D6_restored_takes_the_re_created_ones_place(synced: Stage):
    record = paired(synced)
    synced.ann.trash(synced.ann.get("Zoe Quinn"))
    synced.sync()
    synced.ann.trashed[0].move(synced.ann.folder)
    synced.sync()
    assert [i.sf_id for i in synced.ann.all_in()] == [record]
    assert len(synced.org.all()) == 1
    synced.assert_settled()


def test_D6_restored_beside_an_edited_one_is_asked(synced: Stage):
    paired(synced)
    synced.ann.trash(synced.ann.get("Zoe Quinn"))
    synced.sync()
    synced.ann.edit(synced.ann.get("Zoe Quinn"), job_title="Edited")
    synced.sync()
    synced.ann.trashed[0].move(synced.ann.folder)
    report = synced.sync("held")
    assert report["salesforce"]["created"] == 0
    assert len(synced.org.all()) == 1


@pytest.mark.parametrize("answer", ["approve", "reject"])
def test_B17_restored_after_its_record_is_gone_is_asked_once(synced: Stage, answer: str):
    synced.set(auto_removal="allowed")
    paired(synced)
    synced.ann.trash(synced.ann.get("Zoe Quinn"))
    synced.sync()
    synced.ann.trashed[0].move(synced.ann.folder)
    synced.sync("held")
    synced.assert_settled()
    synced.answer("B17", answer)
    assert synced.sync()["salesforce"]["created"] == (1 if answer == "approve" else 0)
    synced.assert_settled()


def test_B17_direction_up_leaves_the_item_and_asks(scene: Stage):
    scene.configure(direction="up")
    scene.sync()
    record = paired(scene)
    scene.org.delete(record)
    report = scene.sync("held")
    assert report["mailbox"]["removed"] == 0
    assert scene.ann.get("Zoe Quinn")
    assert scene.org.all() == []
    scene.assert_settled()


def many(scene: Stage, count: int = 12) -> None:
    for n in range(count):
        scene.org.create(FirstName="Kim", LastName=f"Doe{n}")
    scene.sync()


def test_D8_many_deletions_in_the_mailbox_are_held_and_the_rest_goes_on(synced: Stage):
    synced.set(auto_removal="allowed")
    many(synced, 13)
    for contact in synced.ann.all_in()[:12]:
        synced.ann.trash(contact)
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn")
    report = synced.sync("held")
    assert report["salesforce"] == {"created": 1, "updated": 0, "deleted": 0}
    assert synced.hold("D8")["count"] == 12
    synced.assert_settled()
    synced.answer("D8", "approve")
    assert synced.sync()["salesforce"]["deleted"] == 12
    synced.assert_settled()


def test_D8_rejected_deletions_are_created_again(synced: Stage):
    synced.set(auto_removal="allowed")
    many(synced)
    for contact in synced.ann.all_in():
        synced.ann.trash(contact)
    synced.sync("held")
    synced.answer("D8", "reject")
    report = synced.sync()
    assert report["mailbox"]["created"] == 12
    assert len(synced.org.all()) == 12
    synced.assert_settled()


def test_D8_many_removals_from_the_mailbox_are_held(synced: Stage):
    many(synced)
    for record in synced.org.all():
        synced.org.delete(record["Id"])
    report = synced.sync("held")
    assert report["mailbox"]["removed"] == 0
    synced.answer("D8", "approve")
    assert synced.sync()["mailbox"]["removed"] == 12
    assert synced.ann.all_in() == []


def test_D8_rejected_removals_are_kept_and_frozen(synced: Stage):
    many(synced)
    for record in synced.org.all():
        synced.org.delete(record["Id"])
    synced.sync("held")
    synced.answer("D8", "reject")
    report = synced.sync(None)
    assert report["mailbox"]["removed"] == 0
    assert len(synced.ann.all_in()) == 12
    synced.assert_settled()


def test_D8_many_values_turned_blank_are_held(synced: Stage):
    for n in range(12):
        synced.org.create(FirstName="Kim", LastName=f"Doe{n}", Title="CTO", Department="R&D")
    synced.sync()
    for record in synced.org.all():
        synced.org.update(record["Id"], Title=None, Department="Sales")
    synced.sync("held")
    assert {i.department for i in synced.ann.all_in()} == {"Sales"}
    assert {i.job_title for i in synced.ann.all_in()} == {"CTO"}
    synced.answer("D8", "approve")
    synced.sync()
    assert {i.job_title for i in synced.ann.all_in()} == {None}
    synced.assert_settled()


def test_C5_the_third_re_creation_is_asked(synced: Stage):
    paired(synced)
    for _ in range(2):
        synced.ann.trash(synced.ann.get("Zoe Quinn"))
        assert synced.sync()["mailbox"]["created"] == 1
    synced.ann.trash(synced.ann.get("Zoe Quinn"))
    assert synced.sync("held")["mailbox"]["created"] == 0
    synced.assert_settled()
    synced.answer("C5", "approve")
    assert synced.sync()["mailbox"]["created"] == 1


def test_C7_an_answer_is_bound_to_the_versions_seen(synced: Stage):
    synced.set(auto_removal="allowed")
    record = paired(synced)
    synced.org.update(record, Title="CTO")
    synced.ann.trash(synced.ann.get("Zoe Quinn"))
    synced.sync("held")
    synced.answer("D3", "approve")
    synced.advance(5)
    synced.org.update(record, Title="CEO")
    report = synced.sync("held")
    assert report["salesforce"]["deleted"] == 0
    synced.answer("D3", "approve")
    assert synced.sync()["salesforce"]["deleted"] == 1
