"""B10-B16, C2, L7: edits on both sides, what is cut, refused, merged – and what is never touched."""

from exchangelib.indexed_properties import EmailAddress

from tests.e2e.stage import Stage

KINDS = ("exchange", "microsoft")


def paired(scene: Stage, **fields: object) -> str:
    """Zoe Quinn, paired; the record's id."""
    scene.ann.create(scene.ann.folder, "Zoe", "Quinn", email="zoe@x.example", **fields)
    scene.sync()
    return scene.org.named("Quinn")["Id"]


def test_B10_different_fields_edited_on_both_sides_flow_both_ways(synced: Stage):
    record = paired(synced)
    synced.org.update(record, Title="CTO")
    synced.ann.edit(synced.ann.get("Zoe Quinn"), department="R&D")
    report = synced.sync()
    assert (report["salesforce"]["updated"], report["mailbox"]["updated"]) == (1, 1)
    assert synced.org.get(record)["Department"] == "R&D"
    assert synced.ann.get("Zoe Quinn").job_title == "CTO"
    synced.assert_settled()


def test_B10_blanks_flow(synced: Stage):
    record = paired(synced, job_title="CTO", phones={"MobilePhone": "+1 415 555 0102"})
    synced.ann.edit(synced.ann.get("Zoe Quinn"), job_title=None)
    synced.org.update(record, MobilePhone=None)
    synced.sync()
    assert synced.org.get(record)["Title"] is None
    assert [p for p in synced.ann.get("Zoe Quinn").phone_numbers or [] if p.label == "MobilePhone"] == []
    synced.assert_settled()


def test_B10_an_edit_on_a_record_that_may_not_be_changed_stays(scene: Stage):
    scene.configure(view="all")
    record = scene.admin.create(FirstName="Kim", LastName="Doe")
    scene.act("share", record=record, user="ann")
    scene.sync()
    scene.ann.edit(scene.ann.get("Kim Doe"), job_title="CTO")
    report = scene.sync()
    assert [i["rule"] for i in report["issues"]] == ["B10"]
    assert scene.admin.get(record)["Title"] is None
    assert scene.ann.get("Kim Doe").job_title == "CTO"
    scene.assert_settled()


def test_B11_formats_never_ping_pong(synced: Stage):
    record = paired(synced, phones={"BusinessPhone": "+1 415 555 0101"})
    synced.org.update(record, Phone="(415) 555-0101", Email="ZOE@x.example")
    report = synced.sync()
    assert report["mailbox"]["updated"] == 0
    assert synced.org.get(record)["Phone"] == "(415) 555-0101"
    synced.assert_settled()


def test_B12_salesforce_wins_and_the_loser_is_kept(synced: Stage):
    record = paired(synced)
    synced.org.update(record, Title="From Salesforce")
    synced.ann.edit(synced.ann.get("Zoe Quinn"), job_title="From Outlook")
    synced.sync()
    assert synced.ann.get("Zoe Quinn").job_title == "From Salesforce"
    lost = [e["fields"]["Title"]["lost"] for e in synced.run("history", "ann")["entries"] if "Title" in e["fields"]]
    assert "From Outlook" in lost
    synced.assert_settled()


def test_B12_the_mailbox_wins_if_set_for_a_field(synced: Stage):
    synced.set(conflict__Title="mailbox")
    record = paired(synced)
    synced.org.update(record, Title="From Salesforce")
    synced.ann.edit(synced.ann.get("Zoe Quinn"), job_title="From Outlook")
    synced.sync()
    assert synced.org.get(record)["Title"] == "From Outlook"
    synced.assert_settled()


def test_B12_ask_holds_the_field_and_the_rest_goes_on(synced: Stage):
    synced.set(conflict="ask")
    record = paired(synced)
    synced.org.update(record, Title="From Salesforce", Department="R&D")
    synced.ann.edit(synced.ann.get("Zoe Quinn"), job_title="From Outlook")
    synced.sync("held")
    assert synced.ann.get("Zoe Quinn").department == "R&D"
    assert synced.org.get(record)["Title"] == "From Salesforce"
    assert synced.ann.get("Zoe Quinn").job_title == "From Outlook"
    synced.answer("B12", "reject")
    synced.sync()
    assert synced.org.get(record)["Title"] == "From Outlook"
    synced.assert_settled()


def test_B13_a_value_is_cut_to_fit_and_the_cut_never_flows_back(synced: Stage):
    long = "Chief " * 30
    record = paired(synced, job_title=long.strip())
    assert len(synced.org.get(record)["Title"]) <= 128
    assert "B13" in [i["rule"] for i in synced.issues()]
    synced.assert_settled()
    assert synced.ann.get("Zoe Quinn").job_title == long.strip()


def test_B13_a_value_longer_than_the_feeds_own_cut_is_read_in_full(synced: Stage):
    street = "\n".join(f"Building {n}, Long Industrial Road" for n in range(10))
    record = paired(synced, business={"street": street, "city": "Berlin", "zipcode": "10115"})
    assert synced.org.get(record)["MailingCity"] == "Berlin"
    assert synced.org.get(record)["MailingStreet"].startswith("Building 0")
    synced.assert_settled()
    assert synced.ann.get("Zoe Quinn").physical_addresses[0].street.replace("\r\n", "\n") == street


def test_B13_an_invalid_address_is_skipped_and_the_rest_goes_up(synced: Stage):
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", email="not an address", job_title="CTO")
    report = synced.sync()
    assert report["salesforce"]["created"] == 1
    assert [(i["rule"], i["field"]) for i in report["issues"]] == [("B13", "Email")]
    assert (synced.org.named("Quinn")["Email"], synced.org.named("Quinn")["Title"]) == (None, "CTO")
    synced.assert_settled()


def test_B13_a_field_hidden_or_locked_for_the_user_is_left_alone(synced: Stage):
    record = paired(synced, job_title="CTO")
    synced.act("field_security", object="Contact", field="Title", user="ann", read=False, edit=False)
    synced.ann.edit(synced.ann.get("Zoe Quinn"), department="R&D")
    synced.sync()
    assert synced.ann.get("Zoe Quinn").job_title == "CTO"
    assert synced.admin.get(record)["Title"] == "CTO"
    assert synced.admin.get(record)["Department"] == "R&D"
    synced.act("field_security", object="Contact", field="Department", user="ann", read=True, edit=False)
    synced.ann.edit(synced.ann.get("Zoe Quinn"), department="Sales", assistant_name="Al")
    report = synced.sync()
    assert synced.admin.get(record)["AssistantName"] == "Al"
    assert "B13" in [i["rule"] for i in report["issues"]]
    synced.assert_settled()


def test_B14_an_unknown_picklist_value_is_kept_and_blanks_nothing(synced: Stage):
    synced.act("restricted_picklist", object="Contact", field="Salutation")
    record = synced.org.create(Salutation="Dr.", FirstName="Kim", LastName="Doe")
    synced.sync()
    from exchangelib import ExtendedProperty
    from exchangelib.items import Contact

    class Salutation(ExtendedProperty):
        property_tag = 0x3A45
        property_type = "String"

    if "salutation" not in [f.name for f in Contact.FIELDS]:
        Contact.register("salutation", Salutation)
    kim = synced.ann.get("Kim Doe")
    assert kim.salutation == "Dr."
    synced.ann.edit(kim, salutation="Sultan")
    synced.sync()
    assert synced.org.get(record)["Salutation"] == "Dr."
    assert synced.ann.get("Kim Doe").salutation == "Sultan"
    synced.assert_settled()


def test_B15_a_change_between_reading_and_writing_is_not_overwritten(synced: Stage):
    """The record moves on after the session read it: 412, parked, and merged by the next session."""
    record = paired(synced)
    synced.sync()
    synced.advance(60)
    synced.ann.edit(synced.ann.get("Zoe Quinn"), job_title="CTO")
    synced.fault(vendor="salesforce", operation="composite", kind="delay", seconds=0.6, after=1)
    import threading

    timer = threading.Timer(0.3, lambda: synced.admin.update(record, Department="Sales"))
    timer.start()
    synced.sync(None)
    timer.join()
    synced.sync(None)
    assert synced.org.get(record)["Title"] == "CTO"
    assert synced.ann.get("Zoe Quinn").department == "Sales"
    synced.assert_settled()


def test_B15_a_lost_answer_to_a_create_doubles_nothing(synced: Stage):
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", email="zoe@x.example")
    synced.fault(vendor="salesforce", operation="create", kind="drop_after")
    report = synced.sync()
    assert "B15" in [i["rule"] for i in report["issues"]]
    report = synced.sync()
    assert report["issues"] == []
    assert len(synced.org.all()) == 1
    assert synced.ann.get("Zoe Quinn").sf_id == synced.org.named("Quinn")["Id"]
    assert len(synced.ann.all_in()) == 1
    synced.assert_settled()


def test_B15_in_doubt_until_ten_minutes_have_passed(synced: Stage):
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", email="zoe@x.example")
    synced.fault(vendor="salesforce", operation="create", kind="drop_before")
    synced.sync()
    synced.sync()
    assert synced.org.all() == []
    synced.advance(601)
    synced.sync()
    assert len(synced.org.all()) == 1
    synced.assert_settled()


def test_B15_a_lost_answer_in_the_mailbox_doubles_nothing(synced: Stage):
    synced.org.create(FirstName="Kim", LastName="Doe")
    synced.fault(vendor=synced.kind, operation="create", kind="drop_after")
    synced.sync(None)
    synced.sync(None)
    assert len(synced.ann.all_in()) == 1
    synced.assert_settled()


def test_B16_merged_in_salesforce_the_pair_follows_the_winner(synced: Stage):
    loser = paired(synced)
    winner = synced.admin.create(FirstName="Zoe", LastName="Winner", OwnerId=synced.org.get(loser)["OwnerId"])
    synced.admin.merge(winner, loser)
    synced.sync()
    assert [i.sf_id for i in synced.ann.all_in()] == [winner]
    synced.assert_settled()


def test_B16_both_paired_the_winners_item_stays(synced: Stage):
    loser = paired(synced)
    winner = synced.org.create(FirstName="Max", LastName="Power")
    synced.sync()
    synced.admin.merge(winner, loser)
    report = synced.sync()
    assert report["mailbox"]["removed"] == 1
    assert [i.sf_id for i in synced.ann.all_in()] == [winner]
    assert synced.org.get(winner)["LastName"] == "Power"
    synced.assert_settled()


def test_B16_an_undeleted_record_revives_its_item(synced: Stage):
    record = paired(synced)
    synced.org.delete(record)
    assert synced.sync()["mailbox"]["removed"] == 1
    synced.org.undelete(record)
    synced.sync()
    assert [i.sf_id for i in synced.ann.all_in()] == [record]
    assert synced.ann.trashed == []
    synced.assert_settled()


def test_C2_the_web_page_links_to_the_record_only_where_it_was_empty(synced: Stage):
    record = paired(synced)
    assert synced.ann.get("Zoe Quinn").business_homepage.endswith(record)
    synced.ann.create(synced.ann.folder, "Max", "Power", business_homepage="https://power.example")
    synced.sync()
    assert synced.ann.get("Max Power").business_homepage == "https://power.example"
    synced.assert_settled()


def test_L7_unmapped_fields_survive_every_update(synced: Stage):
    phones = {"BusinessPhone": "+1 415 555 0101", "Pager": "7", "HomeFax": "+1 415 555 0103", "CarPhone": "8"}
    record = paired(synced, phones=phones, nickname="Zo", spouse_name="Al", body="rich <b>notes</b>", office="12")
    zoe = synced.ann.get("Zoe Quinn")
    emails = [*zoe.email_addresses, EmailAddress(label="EmailAddress2", email="second@x.example")]
    synced.ann.edit(zoe, email_addresses=emails)
    synced.org.update(record, Phone="+1 415 555 0199", MobilePhone="+1 415 555 0198", Email="new@x.example")
    synced.org.update(record, MailingCity="Berlin", Title="CTO")
    synced.sync()
    zoe = synced.ann.get("Zoe Quinn")
    numbers = {p.label: p.phone_number for p in zoe.phone_numbers if p.phone_number}
    assert numbers == phones | {"BusinessPhone": "+1 415 555 0199", "MobilePhone": "+1 415 555 0198"}
    assert [e.email for e in zoe.email_addresses] == ["new@x.example", "second@x.example"]
    assert (zoe.nickname, zoe.spouse_name, zoe.office) == ("Zo", "Al", "12")
    assert "notes" in str(zoe.body)
    synced.assert_settled()
