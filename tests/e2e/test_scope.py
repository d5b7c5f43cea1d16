"""A14-A18, E1: what comes down, what leaves, and in which direction."""

from tests.e2e.people import CATEGORY
from tests.e2e.stage import Stage

KINDS = ("exchange", "microsoft")


def test_A14_only_my_contacts_is_the_default(scene: Stage):
    scene.org.create(LastName="Mine")
    shared = scene.admin.create(LastName="Shared")
    scene.act("share", record=shared, user="ann")
    assert scene.sync()["mailbox"]["created"] == 1


def test_A14_all_available_contacts(scene: Stage):
    scene.configure(view="all")
    scene.org.create(LastName="Mine")
    shared = scene.admin.create(LastName="Shared")
    scene.admin.create(LastName="Hidden")
    scene.act("share", record=shared, user="ann")
    assert scene.sync()["mailbox"]["created"] == 2


def test_A14_a_list_view(scene: Stage):
    scene.act("create_view", object="Contact", name="Berlin", where="MailingCity = 'Berlin'", scope="mine")
    scene.configure(view="view:Berlin")
    scene.org.create(LastName="In", MailingCity="Berlin")
    scene.org.create(LastName="Out", MailingCity="Paris")
    assert scene.sync()["mailbox"]["created"] == 1
    assert scene.ann.find("In")
    scene.assert_settled()


def test_A14_what_was_born_in_the_mailbox_is_pinned(scene: Stage):
    scene.act("create_view", object="Contact", name="Berlin", where="MailingCity = 'Berlin'", scope="mine")
    scene.configure(view="view:Berlin")
    scene.sync()
    scene.ann.create(scene.ann.folder, "Zoe", "Quinn")
    scene.sync()
    scene.sync()
    scene.org.update(scene.org.named("Quinn")["Id"], Title="CTO")
    scene.sync()
    assert scene.ann.get("Zoe Quinn").job_title == "CTO"


def test_A15_E1_direction_up_never_writes_contacts_into_the_mailbox(scene: Stage):
    scene.configure(direction="up")
    scene.org.create(LastName="Down")
    report = scene.sync()
    assert report["mailbox"]["created"] == 0
    scene.ann.create(scene.ann.folder, "Zoe", "Quinn")
    report = scene.sync()
    assert report["salesforce"]["created"] == 1
    assert scene.ann.get("Zoe Quinn").categories == [CATEGORY]
    scene.org.update(scene.org.named("Quinn")["Id"], Title="CTO")
    scene.sync()
    assert scene.ann.get("Zoe Quinn").job_title is None
    scene.ann.edit(scene.ann.get("Zoe Quinn"), department="R&D")
    scene.sync()
    assert scene.org.named("Quinn")["Department"] == "R&D"
    scene.assert_settled()


def test_A15_the_contacts_switch(scene: Stage):
    scene.configure(contacts="off")
    scene.org.create(LastName="Down")
    report = scene.sync("skipped")
    assert "off" in report["reason"]


def test_E1_direction_down_changes_nothing_in_salesforce(scene: Stage):
    scene.configure(direction="down", auto_removal="allowed")
    scene.org.create(FirstName="Kim", LastName="Doe")
    scene.sync()
    scene.ann.create(scene.ann.folder, "Zoe", "Quinn")
    scene.ann.edit(scene.ann.get("Kim Doe"), job_title="CEO")
    report = scene.sync()
    assert report["salesforce"] == {"created": 0, "updated": 0, "deleted": 0}
    assert [i["rule"] for i in report["issues"]] == ["E1"]
    scene.ann.trash(scene.ann.get("Kim Doe"))
    assert scene.sync()["mailbox"]["created"] == 1
    assert scene.org.named("Doe")
    scene.assert_settled()


def test_A16_a_deleted_view_stops_creates_and_removals_but_pairs_go_on(scene: Stage):
    scene.act("create_view", object="Contact", name="Berlin", where="MailingCity = 'Berlin'", scope="mine")
    scene.configure(view="view:Berlin")
    kept = scene.org.create(FirstName="Kim", LastName="Doe", MailingCity="Berlin")
    scene.sync()
    scene.act("delete_view", view="Berlin")
    scene.org.create(LastName="New", MailingCity="Berlin")
    scene.org.update(kept, Title="CTO")
    report = scene.sync(None)
    assert report["mailbox"]["created"] == 0
    assert report["mailbox"]["removed"] == 0
    assert "A16" in [i["rule"] for i in report["issues"]]
    assert scene.ann.get("Kim Doe").job_title == "CTO"


def test_A17_modified_in_scope_is_updated_in_the_mailbox(synced: Stage):
    record = synced.org.create(FirstName="Kim", LastName="Doe")
    synced.sync()
    synced.org.update(record, Title="CTO", MailingStreet="Main St 1\nFloor 2", MailingCity="Berlin")
    assert synced.sync()["mailbox"]["updated"] == 1
    kim = synced.ann.get("Kim Doe")
    assert kim.job_title == "CTO"
    assert kim.physical_addresses[0].city == "Berlin"
    synced.assert_settled()


def test_A18_lost_by_sharing_is_removed_not_deleted_and_comes_back(scene: Stage):
    scene.configure(view="all")
    record = scene.admin.create(FirstName="Kim", LastName="Doe")
    scene.act("share", record=record, user="ann")
    scene.sync()
    scene.act("unshare", record=record, user="ann")
    assert scene.sync()["mailbox"]["removed"] == 1
    assert scene.admin.get(record)["LastName"] == "Doe"
    scene.assert_settled()
    scene.act("share", record=record, user="ann")
    scene.sync()
    assert scene.ann.get("Kim Doe").categories == [CATEGORY]
    scene.assert_settled()


def test_A18_an_edited_item_is_frozen_not_removed(scene: Stage):
    scene.configure(view="all")
    record = scene.admin.create(FirstName="Kim", LastName="Doe")
    scene.act("share", record=record, user="ann")
    scene.sync()
    scene.act("unshare", record=record, user="ann")
    scene.ann.edit(scene.ann.get("Kim Doe"), job_title="CTO")
    report = scene.sync(None)
    assert report["mailbox"]["removed"] == 0
    assert scene.ann.get("Kim Doe").job_title == "CTO"


def test_A18_on_leave_scope_freeze_and_keep(scene: Stage):
    scene.configure(on_leave_scope="keep")
    record = scene.org.create(FirstName="Kim", LastName="Doe")
    scene.sync()
    scene.give_away(record)
    assert scene.sync(None)["mailbox"]["removed"] == 0
    scene.admin.update(record, Title="CTO")
    scene.sync(None)
    assert scene.ann.get("Kim Doe").job_title == "CTO"
    scene.set(on_leave_scope="freeze")
    scene.admin.update(record, Title="CEO")
    scene.sync(None)
    assert scene.ann.get("Kim Doe").job_title == "CTO"


def test_D7_invisible_is_not_deleted(scene: Stage):
    scene.configure(view="all")
    record = scene.admin.create(FirstName="Kim", LastName="Doe")
    scene.act("share", record=record, user="ann")
    scene.sync()
    scene.act("unshare", record=record, user="ann")
    scene.sync()
    assert [e["rule"] for e in scene.run("history", "ann")["entries"] if e["kind"] == "remove"] == ["A18"]
