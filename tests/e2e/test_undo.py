"""`mailsync undo`: what a session wrote is taken back, later edits stay, and no later session does it again (L1, L4,
L5, E7)."""

from typing import Any

from tests.e2e.stage import Stage


def undo(scene: Stage, session: int, *words: str, code: int = 0) -> dict[str, Any]:
    return scene.run("undo", "ann", str(session), *words, code=code)


def assert_undone_for_good(scene: Stage) -> None:
    """L1: no later session does again what was undone, not even one that reads everything; nothing is planned."""
    plan = scene.run("plan", "ann")
    assert plan["actions"] == [], plan
    scene.assert_settled()
    scene.set(direction="both")
    scene.assert_settled()


def one(found: list[dict[str, Any]], **wanted: Any) -> dict[str, Any]:
    matching = [f for f in found if all(f[k] == v for k, v in wanted.items())]
    assert len(matching) == 1, found
    return matching[0]


def kinds(report: dict[str, Any]) -> list[tuple[str, str]]:
    return [(a["side"], a["kind"]) for a in report["actions"]]


def test_L5_an_update_is_taken_back_on_the_side_that_was_written(synced: Stage):
    record = synced.org.create(
        FirstName="Kim", LastName="Lee", Title="Buyer", MailingCity="Rome", MailingStreet="Via 1"
    )
    synced.sync()
    synced.org.update(record, Title="CTO", MailingCity="Milan", MailingStreet="Corso 2\nScala B")
    number = synced.sync()["session"]
    report = undo(synced, number)
    assert kinds(report) == [("mailbox", "update")]
    assert report["kept"] == []
    item = synced.ann.get("Kim Lee")
    assert (item.job_title, item.physical_addresses[0].city, item.physical_addresses[0].street) == (
        "Buyer",
        "Rome",
        "Via 1",
    )
    assert synced.org.get(record)["Title"] == "CTO", "the person's own edit stays where it was made"
    assert_undone_for_good(synced)
    synced.org.update(record, Title="CEO")
    synced.sync()
    assert synced.ann.get("Kim Lee").job_title == "CEO", "a later edit flows"


def test_L5_a_field_that_was_edited_since_stays_and_is_named(synced: Stage):
    record = synced.org.create(FirstName="Kim", LastName="Lee", Title="Buyer", Department="A")
    synced.sync()
    synced.org.update(record, Title="CTO", Department="B")
    number = synced.sync()["session"]
    synced.ann.edit(synced.ann.get("Kim Lee"), job_title="Chief")
    report = undo(synced, number)
    kept = one(report["kept"], field="Title")
    assert (kept["salesforce_id"], "edited since" in kept["reason"]) == (record, True)
    item = synced.ann.get("Kim Lee")
    assert (item.job_title, item.department) == ("Chief", "A")
    synced.sync()
    assert (synced.org.get(record)["Title"], synced.org.get(record)["Department"]) == ("Chief", "B")


def test_L5_an_update_in_salesforce_is_taken_back(synced: Stage):
    record = synced.org.create(FirstName="Kim", LastName="Lee", Phone="+1 415 555 0100")
    synced.sync()
    synced.ann.set_phone(synced.ann.get("Kim Lee"), "BusinessPhone", "+1 415 555 0199")
    number = synced.sync()["session"]
    assert synced.org.get(record)["Phone"] == "+1 415 555 0199"
    assert kinds(undo(synced, number)) == [("salesforce", "update")]
    assert synced.org.get(record)["Phone"] == "+1 415 555 0100"
    assert_undone_for_good(synced)


def test_L5_a_contact_without_a_name_is_not_all_contacts(synced: Stage):
    """As a script gives it whose variable is empty."""
    synced.org.create(FirstName="Kim", LastName="Doe")
    number = str(synced.sync()["session"])
    for words in (("undo", "ann", number), ("retry", "ann"), ("history", "ann"), ("why", "ann")):
        for nobody in ("", " "):
            told = synced.run(*words, nobody, code=2)
            assert "contact (empty): nothing is known of it for ann" in told["errors"][0]
    assert [i.display_name for i in synced.ann.all_in()] == ["Kim Doe"]


def test_L1_an_undone_mirror_goes_and_is_not_mirrored_again(synced: Stage):
    record = synced.org.create(FirstName="Kim", LastName="Lee")
    number = synced.sync()["session"]
    report = undo(synced, number)
    assert report["mailbox"]["removed"] == 1
    assert synced.ann.find("Kim Lee") is None
    assert [i.display_name for i in synced.ann.trashed] == ["Kim Lee"]
    assert synced.org.get(record)["LastName"] == "Lee"
    assert_undone_for_good(synced)
    synced.org.update(record, Title="CTO")
    assert synced.sync()["mailbox"]["created"] == 0
    why = synced.run("why", "ann", record)
    assert (why["state"], why["rule"]) == ("dormant", "undo")


def test_L5_an_undone_mirror_that_was_edited_stays(synced: Stage):
    synced.org.create(FirstName="Kim", LastName="Lee")
    number = synced.sync()["session"]
    synced.ann.edit(synced.ann.get("Kim Lee"), department="R&D")
    report = undo(synced, number)
    assert report["actions"] == []
    assert "edited" in one(report["kept"], field="")["reason"]
    assert synced.ann.find("Kim Lee") is not None


def test_L1_the_undo_of_an_undo_brings_the_mirror_back_and_sync_goes_on(synced: Stage):
    record = synced.org.create(FirstName="Kim", LastName="Lee", Title="Buyer")
    first = synced.sync()["session"]
    second = undo(synced, first)["session"]
    synced.org.update(record, Title="CTO")
    synced.sync()
    report = undo(synced, second)
    assert report["mailbox"]["moved"] == 1
    assert synced.ann.trashed == []
    synced.sync()
    assert synced.ann.get("Kim Lee").job_title == "CTO"
    assert synced.ann.get("Kim Lee").categories == ["Salesforce"]
    synced.assert_settled()
    assert undo(synced, second)["actions"] == []


def test_L4_a_created_record_is_deleted_only_on_a_persons_word(synced: Stage):
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", email="zoe@x.example")
    number = synced.sync()["session"]
    report = undo(synced, number)
    assert report["actions"] == []
    assert "--delete" in one(report["kept"], field="")["reason"]
    assert synced.org.named("Quinn") is not None
    report = undo(synced, number, "--delete")
    assert report["salesforce"]["deleted"] == 1
    assert synced.org.named("Quinn") is None
    assert synced.ann.get("Zoe Quinn").sf_id is None, "the person's contact stays, on its own"
    assert_undone_for_good(synced)
    assert synced.org.named("Quinn") is None


def test_L4_a_created_record_that_somebody_changed_stays(synced: Stage):
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", email="zoe@x.example")
    number = synced.sync()["session"]
    synced.advance(60)
    synced.admin.update(synced.org.named("Quinn")["Id"], Description="unmapped, and yet an edit")  # type: ignore[index]
    report = undo(synced, number, "--delete")
    assert report["actions"] == []
    assert "changed after" in one(report["kept"], field="")["reason"]


def test_A23_an_undone_creation_is_had_again_by_undoing_the_undo(synced: Stage):
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", email="zoe@x.example")
    number = synced.sync()["session"]
    again = undo(synced, number, "--delete")["session"]
    synced.sync()
    report = undo(synced, again)
    assert kinds(report)[0] == ("salesforce", "restore")
    assert synced.org.named("Quinn") is not None
    assert len(synced.ann.all_in()) == 1
    synced.sync()
    synced.assert_settled()
    synced.ann.edit(synced.ann.get("Zoe Quinn"), job_title="CTO")
    synced.sync()
    assert synced.org.named("Quinn")["Title"] == "CTO"  # type: ignore[index]


def test_A7_a_contact_that_was_moved_in_goes_back_where_it_was(synced: Stage):
    synced.ann.mark(synced.ann.create(synced.ann.contacts, "Max", "Power", email="max@x.example"))
    number = synced.sync()["session"]
    undo(synced, number, "--delete")
    assert synced.ann.find("Max Power") is None
    assert synced.org.named("Power") is None
    assert synced.ann.get("Max Power", synced.ann.contacts).categories == ["Salesforce"]
    assert_undone_for_good(synced)


def test_D1_a_deleted_record_comes_out_of_the_recycle_bin_with_its_item(scene: Stage):
    scene.configure(auto_removal="allowed")
    record = scene.org.create(FirstName="Kim", LastName="Lee", Title="Buyer")
    scene.sync()
    scene.ann.trash(scene.ann.get("Kim Lee"))
    number = scene.sync()["session"]
    assert scene.org.named("Lee") is None
    report = undo(scene, number)
    assert ("salesforce", "restore") in kinds(report)
    assert scene.org.get(record)["Title"] == "Buyer"
    assert scene.ann.get("Kim Lee").job_title == "Buyer"
    assert scene.ann.trashed == []
    scene.sync()
    assert_undone_for_good(scene)
    assert undo(scene, number)["actions"] == []


def test_D1_a_purged_record_is_created_anew_and_its_new_id_is_told(scene: Stage):
    scene.configure(auto_removal="allowed")
    account = scene.org.create("Account", Name="Globex")
    record = scene.org.create(FirstName="Kim", LastName="Lee", Title="Buyer", AccountId=account, MailingCity="Rome")
    scene.sync()
    scene.ann.trash(scene.ann.get("Kim Lee"))
    number = scene.sync()["session"]
    scene.act("purge", record=record)
    report = undo(scene, number)
    entry = one(
        scene.run("history", "ann", "--session", str(report["session"]))["entries"], side="salesforce", kind="create"
    )
    found = scene.org.named("Lee")
    assert found is not None
    assert found["Id"] == entry["fields"]["Id"]["after"] != record == entry["fields"]["Id"]["before"]
    assert (found["Title"], found["MailingCity"], found["AccountId"]) == ("Buyer", "Rome", account)
    assert [i.display_name for i in scene.ann.all_in()] == ["Kim Lee"]
    assert scene.ann.trashed == []
    scene.sync()
    assert_undone_for_good(scene)
    assert undo(scene, number)["actions"] == [], "never twice"
    assert len(scene.org.all()) == 1


def test_A18_a_contact_that_left_the_view_comes_back_and_stays(synced: Stage):
    record = synced.org.create(FirstName="Kim", LastName="Lee")
    synced.sync()
    synced.admin.update(record, OwnerId=synced.owner("bob"))
    number = synced.sync()["session"]
    assert synced.ann.find("Kim Lee") is None
    undo(synced, number)
    assert synced.ann.get("Kim Lee").categories == ["Salesforce"]
    assert_undone_for_good(synced)
    why = synced.run("why", "ann", record)
    assert (why["state"], why["rule"]) == ("frozen", "undo")


def test_D4_an_item_whose_record_was_deleted_comes_back_alone(synced: Stage):
    record = synced.org.create(FirstName="Kim", LastName="Lee")
    synced.sync()
    synced.org.delete(record)
    number = synced.sync()["session"]
    undo(synced, number)
    assert synced.ann.find("Kim Lee") is not None
    assert synced.org.named("Lee") is None
    assert_undone_for_good(synced)
    synced.org.undelete(record)
    synced.sync()
    synced.org.update(record, Title="CTO")
    synced.sync()
    assert synced.ann.get("Kim Lee").job_title == "CTO", "its record is back, and sync goes on"


def test_D4_an_item_that_is_in_no_bin_any_more_is_created_anew(synced: Stage):
    record = synced.org.create(FirstName="Kim", LastName="Lee", Title="Buyer")
    synced.sync()
    synced.org.delete(record)
    number = synced.sync()["session"]
    for item in synced.ann.trashed:
        item.delete()
    report = undo(synced, number)
    assert ("mailbox", "create") in kinds(report)
    assert synced.ann.get("Kim Lee").job_title == "Buyer"
    assert_undone_for_good(synced)


def test_B2_a_pairing_is_undone_with_what_it_filled_in(synced: Stage):
    record = synced.org.create(FirstName="Zoe", LastName="Quinn", Email="zoe@x.example", Title="CTO")
    synced.run("set", "ann", "direction=up")
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", email="zoe@x.example", department="R&D")
    synced.run("set", "ann", "direction=both")
    number = synced.sync()["session"]
    assert synced.org.get(record)["Department"] == "R&D"
    undo(synced, number)
    item = synced.ann.get("Zoe Quinn")
    assert (item.job_title, item.department, item.sf_id) == (None, "R&D", None)
    assert synced.org.get(record)["Department"] is None
    assert_undone_for_good(synced)
    assert len(synced.ann.all_in()) == 1


def test_B9_a_relinked_contact_gets_its_account_back(synced: Stage):
    first, second = (synced.org.create("Account", Name=n) for n in ("Globex", "Initech"))
    record = synced.org.create(FirstName="Kim", LastName="Lee", AccountId=first)
    synced.set(company_change="relink")
    synced.sync()
    synced.ann.edit(synced.ann.get("Kim Lee"), company_name="Initech")
    number = synced.sync()["session"]
    assert synced.org.get(record)["AccountId"] == second
    undo(synced, number)
    assert synced.org.get(record)["AccountId"] == first
    assert_undone_for_good(synced)


def test_one_contact_of_a_session_alone(synced: Stage):
    kim, max_ = (synced.org.create(FirstName="A", LastName=n, Email=f"{n}@x.example") for n in ("Kim", "Max"))
    number = synced.sync()["session"]
    report = undo(synced, number, "kim@x.example")
    assert {a["salesforce_id"] for a in report["actions"]} == {kim}
    assert [i.display_name for i in synced.ann.all_in()] == ["A Max"]
    assert {a["salesforce_id"] for a in undo(synced, number)["actions"]} == {max_}


def test_D8_many_at_once_are_undone_only_on_an_express_word(synced: Stage):
    for n in range(12):
        synced.org.create(FirstName="A", LastName=f"N{n}")
    number = synced.sync()["session"]
    errors = undo(synced, number, code=1)["errors"]
    assert len(errors) == 1
    assert "--yes" in errors[0]
    assert undo(synced, number, "--yes")["mailbox"]["removed"] == 12
    assert_undone_for_good(synced)


def test_unknown_sessions_and_contacts_are_refused(synced: Stage):
    assert "session 99" in undo(synced, 99, code=2)["errors"][0]
