"""A3, A4, A7, A12, A14-A17, B2, B8, C1, L5: folders, items and servers in states that nobody planned for.

Each ends in one clear message or issue, the rest of the session goes on, and nothing is lost.
"""

from typing import Any

import pytest
from exchangelib.indexed_properties import EmailAddress
from exchangelib.items import DistributionList
from typer.testing import CliRunner

from mailsync.cli import app
from tests.e2e.people import CATEGORY, FOLDER
from tests.e2e.stage import Stage

COUNTS = ("created", "updated", "deleted")


def quiet(report: dict[str, Any]) -> bool:
    """Whether a session left Salesforce as it was."""
    return all(report["salesforce"][count] == 0 for count in COUNTS)


def told(report: dict[str, Any]) -> list[str]:
    return sorted(i["rule"] for i in report["issues"])


def family(scene: Stage, count: int = 3) -> list[str]:
    """Contacts born in Salesforce and mirrored; their ids."""
    made = [scene.org.create(FirstName="Kim", LastName=f"Doe{n}", Email=f"kim{n}@x.example") for n in range(count)]
    scene.sync()
    return made


def test_A4_two_folders_of_that_name_the_stored_one_wins_with_an_issue(synced: Stage):
    records = family(synced)
    elsewhere = synced.ann.new_folder("Old things")
    other = synced.ann.new_folder(FOLDER, elsewhere)
    synced.ann.create(other, "Uncle", "Bob", email="bob@family.example")
    report = synced.sync()
    assert quiet(report)
    assert told(report) == ["A4"]
    assert FOLDER in report["issues"][0]["message"]
    assert sorted(i.sf_id for i in synced.ann.all_in()) == sorted(records)
    assert synced.ann.get("Uncle Bob", other).categories is None
    synced.assert_settled()


def test_A4_renamed_and_another_made_with_the_old_name(synced: Stage):
    records = family(synced)
    folder = synced.ann.folder
    folder.name = "Customers"
    folder.save(update_fields=["name"])
    impostor = synced.ann.new_folder(FOLDER)
    synced.ann.create(impostor, "Uncle", "Bob")
    report = synced.sync()
    assert quiet(report)
    assert told(report) == ["A4"]
    renamed = synced.ann.folder_named("Customers")
    assert sorted(i.sf_id for i in synced.ann.all_in(renamed)) == sorted(records)
    assert [i.display_name for i in synced.ann.all_in(impostor)] == ["Uncle Bob"]
    synced.org.update(records[0], Title="CTO")
    assert synced.sync()["mailbox"]["updated"] == 1
    assert synced.ann.get("Kim Doe0", renamed).job_title == "CTO"
    synced.assert_settled()


def test_A4_moved_below_another_folder_and_renamed_at_once(synced: Stage):
    records = family(synced)
    deep = synced.ann.new_folder("Deep", synced.ann.new_folder("Work"))
    folder = synced.ann.folder
    folder.name = "Kunden"
    folder.save(update_fields=["name"])
    folder.move(deep)
    synced.org.create(FirstName="Mia", LastName="Wong")
    report = synced.sync()
    assert (quiet(report), report["issues"], report["mailbox"]["created"]) == (True, [], 1)
    assert len(synced.ann.all_in(synced.ann.folder_named("Kunden", deep))) == len(records) + 1
    synced.assert_settled()


@pytest.mark.parametrize("allowed", ["allowed", "not-allowed"])
def test_D1_a_sub_folder_thrown_away_is_the_deletion_of_what_was_in_it(synced: Stage, allowed: str):
    """Its items were deleted by a person; those beside it were not."""
    synced.set(auto_removal=allowed)
    records = family(synced, 4)
    below = synced.ann.new_folder("Berlin", synced.ann.folder)
    for name in ("Kim Doe0", "Kim Doe1"):
        synced.ann.get(name).move(below)
    synced.sync()
    synced.ann.folder_named("Berlin", synced.ann.folder).move(synced.ann.account.trash)
    report = synced.sync()
    left = {r["Id"] for r in synced.org.all()}
    if allowed == "allowed":
        assert report["salesforce"]["deleted"] == 2
        assert left == set(records[2:])
    else:
        assert left == set(records)
        assert sorted(i.sf_id for i in synced.ann.all_in()) == sorted(records)
    synced.assert_settled()


def test_D1_a_sub_folder_deleted_for_good(synced: Stage):
    records = family(synced, 4)
    below = synced.ann.new_folder("Berlin", synced.ann.folder)
    synced.ann.get("Kim Doe0").move(below)
    synced.sync()
    synced.ann.folder_named("Berlin", synced.ann.folder).delete()
    report = synced.sync()
    assert quiet(report)
    assert sorted(i.sf_id for i in synced.ann.all_in()) == sorted(records)
    synced.assert_settled()


def test_A7_items_in_nested_sub_folders_stay_where_they_are(synced: Stage):
    folder = synced.ann.folder
    for depth in range(6):
        folder = synced.ann.new_folder(f"Level {depth}", folder)
        synced.ann.create(folder, "Kim", f"Deep{depth}")
    assert synced.sync()["salesforce"]["created"] == 6
    record = synced.org.named("Deep5")["Id"]
    synced.org.update(record, Title="Miner")
    assert synced.sync()["mailbox"]["updated"] == 1
    assert synced.ann.get("Kim Deep5", folder).job_title == "Miner"
    synced.assert_settled()


def test_A7_marked_items_of_twenty_folders_are_all_found(synced: Stage):
    for n in range(20):
        folder = synced.ann.new_folder(f"Folder {n}")
        synced.ann.create(folder, "Kim", f"Marked{n}", categories=[CATEGORY])
        synced.ann.create(folder, "Uncle", f"Personal{n}")
    report = synced.sync()
    assert (report["mailbox"]["moved"], report["salesforce"]["created"]) == (20, 20)
    assert len(synced.ann.all_in()) == 20
    assert all(r["LastName"].startswith("Marked") for r in synced.org.all())
    synced.assert_settled()


@pytest.mark.parametrize("spelt", ["salesforce", "SALESFORCE", "SalesForce"])
def test_A7_the_category_in_another_case_is_the_category(synced: Stage, spelt: str):
    """Outlook's categories are one whatever their case; what a person typed stays as typed."""
    synced.ann.create(synced.ann.contacts, "Zoe", "Quinn", categories=[spelt])
    report = synced.sync()
    assert (report["mailbox"]["moved"], report["salesforce"]["created"]) == (1, 1)
    shown = synced.ann.get("Zoe Quinn").categories
    assert [c.casefold() for c in shown] == [CATEGORY.casefold()]
    synced.assert_settled()


@pytest.mark.parametrize("count", [200, 512])
def test_A8_items_with_very_many_categories_keep_them_all(synced: Stage, count: int):
    own = [f"Own category {n}" for n in range(count)]
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", categories=own)
    report = synced.sync()
    assert (report["salesforce"]["created"], report["issues"]) == (1, [])
    assert set(synced.ann.get("Zoe Quinn").categories) == {*own, CATEGORY}
    synced.assert_settled()
    synced.ann.get("Zoe Quinn").move(synced.ann.contacts)
    synced.sync()
    assert set(synced.ann.get("Zoe Quinn", synced.ann.contacts).categories) == set(own)
    synced.assert_settled()


def test_A8_categories_with_markup_are_kept(synced: Stage):
    own = ['<b> & "x"', "a, b", "]]>", "Ünïcode 👩🏽‍💻", "\u202ebidi"]
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", categories=own)
    assert synced.sync()["salesforce"]["created"] == 1
    assert set(synced.ann.get("Zoe Quinn").categories) == {*own, CATEGORY}
    synced.assert_settled()


def test_A12_lists_and_nobodies_beside_good_contacts(synced: Stage):
    """Each bad one has its own word, the good one goes up, and nothing of a list does."""
    for n in range(3):
        DistributionList(folder=synced.ann.folder, display_name=f"Friends {n}").save()
    synced.ann.create(synced.ann.folder, display_name="?", nickname="Bunny")
    synced.ann.create(synced.ann.folder, "Madonna", display_name="Madonna")
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn")
    report = synced.sync()
    assert (report["salesforce"]["created"], told(report)) == (1, ["A12", "B1"])
    assert all(i["item_id"] for i in report["issues"])
    assert any("list" in note for note in report["notes"])
    assert [r["LastName"] for r in synced.org.all()] == ["Quinn"]
    synced.assert_settled()
    assert "Sync Error" in synced.ann.get("Madonna").categories
    synced.ann.edit(synced.ann.get("Madonna"), surname="Ciccone")
    synced.ann.edit(synced.ann.get("?"), company_name="Bunny Ltd")
    assert told(synced.sync()) == ["B1"]
    assert synced.ann.get("Madonna").categories == [CATEGORY]
    synced.assert_settled()


def test_B2_matched_by_the_second_of_three_addresses(synced: Stage):
    """And the second and third stay whatever flows."""
    record = synced.org.create(FirstName="Zoe", LastName="Quinn", Email="Two@x.example", Title="CTO")
    synced.give_away(record, access="edit")
    emails = [
        EmailAddress(label=f"EmailAddress{n}", email=f"{w}@x.example") for n, w in enumerate(("one", "two", "three"), 1)
    ]
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", email_addresses=emails)
    report = synced.sync()
    assert report["salesforce"]["created"] == 0
    zoe = synced.ann.get("Zoe Quinn")
    assert (zoe.sf_id, zoe.job_title) == (record, "CTO")
    synced.org.update(record, Email="new@x.example")
    synced.sync()
    assert [e.email for e in synced.ann.get("Zoe Quinn").email_addresses] == [
        "new@x.example",
        "two@x.example",
        "three@x.example",
    ]
    synced.assert_settled()


def test_A5_the_owners_own_card_is_a_contact_like_any_other(synced: Stage):
    """Unmarked it is personal; marked it is the second one of its record, which is asked about and not doubled."""
    record = synced.org.create(FirstName="Ann", LastName="Archer", Email="ann@acme.example")
    synced.ann.create(synced.ann.contacts, "Ann", "Archer", email="ann@acme.example", phones={"HomePhone": "555 0101"})
    synced.sync()
    assert [i.sf_id for i in synced.ann.all_in()] == [record]
    assert synced.org.get(record)["HomePhone"] is None
    own = synced.ann.get("Ann Archer", synced.ann.contacts)
    assert own.categories is None
    synced.assert_settled()
    synced.ann.mark(own)
    report = synced.sync("held")
    assert (quiet(report), [h["rule"] for h in report["holds"]]) == (True, ["B2"])
    assert len(synced.org.all()) == 1
    synced.assert_settled()


def test_A16_a_view_gone_is_one_issue_and_comes_back_with_the_next_view(scene: Stage):
    scene.act("create_view", object="Contact", name="Berlin", where="MailingCity = 'Berlin'", scope="mine")
    scene.configure(view="view:Berlin")
    record = scene.org.create(FirstName="Kim", LastName="Doe", MailingCity="Berlin")
    scene.sync()
    scene.act("delete_view", view="Berlin")
    scene.org.update(record, Title="CTO")
    report = scene.sync()
    assert told(report) == ["A16"]
    assert report["issues"][0]["field"] == "view"
    assert scene.ann.get("Kim Doe").job_title == "CTO"
    assert told(scene.sync()) == ["A16"]
    scene.set(view="mine")
    assert told(scene.sync()) == []
    scene.assert_settled()


def test_B8_one_refused_record_never_stops_the_others(synced: Stage):
    message = "Titles are upper case"
    synced.act("validation_rule", object="Contact", field="Title", pattern="[a-z]", message=message)
    for n in range(5):
        synced.ann.create(synced.ann.folder, "Kim", f"Doe{n}", job_title="cto" if n == 2 else "CTO")
    report = synced.sync()
    assert (report["salesforce"]["created"], told(report)) == (4, ["B8"])
    assert message in report["issues"][0]["message"]
    assert report["issues"][0]["item_id"] == synced.ann.get("Kim Doe2").id
    synced.assert_settled()
    synced.ann.edit(synced.ann.get("Kim Doe2"), job_title="CTO")
    report = synced.sync()
    assert (report["salesforce"]["created"], report["issues"]) == (1, [])
    synced.assert_settled()


def test_C7_what_people_typed_never_reaches_a_terminal_as_commands(synced: Stage):
    """Escape sequences, C1 controls and bidirectional overrides are shown as signs; JSON escapes and keeps them."""
    hostile = "\x1b[31mred\x1b]0;title\x07 \x9b2J \u202eevil \x7f"
    record = synced.org.create(FirstName="Kim", LastName=f"Doe{hostile}", Title=hostile, Email="kim@x.example")
    synced.ann.create(synced.ann.folder, "Kim", "Dough", email="kim@x.example")
    synced.act("validation_rule", object="Contact", field="Title", pattern="x", message=f"No {hostile}")
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", job_title="x")
    said = [say(synced, "plan", "ann"), say(synced, "sync", "ann")]
    said += [say(synced, command, "ann", *more) for command, *more in (["issues"], ["history"], ["why", record])]
    said += [say(synced, "why", "ann", hostile), say(synced, "nothing", hostile)]
    for text in said:
        assert not {c for c in text if (ord(c) < 32 and c not in "\n\t") or 127 <= ord(c) < 160 or c == "\u202e"}
    assert any("Doe\ufffd[31mred" in text for text in said)
    plan = CliRunner().invoke(app, ["--config", str(synced.config), "plan", "ann", "--json"]).stdout
    assert "\x9b" not in plan
    assert "\u202e" not in plan
    assert synced.run("history", "ann") is not None


def say(scene: Stage, *words: str) -> str:
    return CliRunner().invoke(app, ["--config", str(scene.config), *words]).output
