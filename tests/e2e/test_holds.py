"""C7, row by row: what each question shows, and what approve and reject do through the command line."""

import importlib

import pytest
from typer.testing import CliRunner

from mailsync.cli import app
from mailsync.core.holds import QUESTIONS
from tests.e2e.stage import Stage

ELSEWHERE = {
    ("A5", "approve"): "test_marking.test_A5_many_marked_at_first_are_one_question_approved",
    ("A5", "reject"): "test_marking.test_A5_many_marked_at_first_rejected_are_excluded",
    ("A13", "approve"): "test_marking.test_A13_private_items_are_never_synced_until_approved",
    ("A13", "reject"): "test_marking.test_A13_rejected_private_items_are_excluded",
    ("A13 paired", "reject"): "test_marking.test_A13_a_pair_turned_private_is_frozen_and_can_be_unpaired",
    ("B2", "approve"): "test_linking.test_B2_C7_approved_is_paired_with_the_record_shown",
    ("B2", "reject"): "test_linking.test_B2_another_name_is_asked_about",
    (
        "B2 paired",
        "reject",
    ): "test_matching_questions.test_B2_C7_a_question_about_a_paired_record_stays_until_it_is_answered",
    ("B9", "approve"): "test_linking.test_B9_company_edited_suggests_another_account",
    ("B12", "reject"): "test_updates.test_B12_ask_holds_the_field_and_the_rest_goes_on",
    ("B17", "approve"): "test_deletion.test_B17_restored_after_its_record_is_gone_is_asked_once",
    ("B17", "reject"): "test_deletion.test_B17_restored_after_its_record_is_gone_is_asked_once",
    ("C5", "approve"): "test_deletion.test_C5_the_third_re_creation_is_asked",
    ("D1", "approve"): "test_deletion.test_D2_allowed_from_now_on_asks_about_what_was_deleted_before",
    ("D3", "approve"): "test_deletion.test_C7_an_answer_is_bound_to_the_versions_seen",
    ("D3", "reject"): "test_deletion.test_D3_changed_in_salesforce_since_is_asked_and_rejected_comes_back",
    ("D8 deletions", "approve"): "test_deletion.test_D8_many_deletions_in_the_mailbox_are_held_and_the_rest_goes_on",
    ("D8 deletions", "reject"): "test_deletion.test_D8_rejected_deletions_are_created_again",
    ("D8 removals", "approve"): "test_deletion.test_D8_many_removals_from_the_mailbox_are_held",
    ("D8 removals", "reject"): "test_deletion.test_D8_rejected_removals_are_kept_and_frozen",
    ("D8 overwrites", "approve"): "test_deletion.test_D8_many_values_turned_blank_are_held",
}
"""Rows of C7's table whose scene is told where its rule is: each is there, or the test below fails."""

HERE = {
    ("A11", "approve"), ("A11", "reject"), ("A13 paired", "approve"), ("A18", "approve"), ("A18", "reject"),
    ("B2 paired", "approve"), ("B9", "reject"), ("B12", "approve"), ("B12", "typed"), ("C5", "reject"),
    ("D1", "reject"), ("D8 overwrites", "reject"),
}  # fmt: skip


def test_C7_every_row_of_the_table_has_its_two_scenes() -> None:
    rows = {rule for rule, _ in (*ELSEWHERE, *HERE)}
    lacking = [(r, a) for r in rows for a in ("approve", "reject") if (r, a) not in ELSEWHERE and (r, a) not in HERE]
    assert lacking == []
    assert {r.split()[0] for r in rows} == set(QUESTIONS) - {"A1", "B4", "B15", "D6"}
    for name in ELSEWHERE.values():
        module, test = name.split(".")
        assert callable(getattr(importlib.import_module(f"tests.e2e.{module}"), test))
    marks = {m.args for t in globals().values() if callable(t) for m in getattr(t, "pytestmark", ()) if m.name == "row"}
    assert marks == HERE


def tell(scene: Stage, *words: str) -> str:
    """What a command tells a person, in one line."""
    result = CliRunner().invoke(app, ["--config", str(scene.config), *words])
    assert result.exit_code == 0, result.output
    assert "Traceback" not in result.output
    return " ".join(result.output.split())


def assert_told(scene: Stage, rule: str, count: int, *values: str) -> None:
    """The open question of a rule is shown with its name, what both answers do, and the values that it is about; none
    of these is stored for it."""
    hold = scene.hold(rule)
    shown = tell(scene, "issues", scene.user)
    assert hold["count"] == count
    for words in (hold["hold"], hold["question"], hold["approve"], hold["reject"], *values):
        assert " ".join(words.split()) in shown, words
    kept = [h for h in scene.run("export", scene.user)["holds"] if h["rule"] == rule]
    assert not [v for v in values if v in str(kept)]


def paired(scene: Stage, name: str = "Quinn", **fields: object) -> str:
    """Zoe, paired; the record's id."""
    scene.ann.create(scene.ann.folder, "Zoe", name, email=f"zoe.{name.lower()}@x.example", **fields)
    scene.sync()
    return scene.org.named(name)["Id"]


row = pytest.mark.row


@pytest.fixture
def copied(synced: Stage) -> Stage:
    """A contact was copied within the folder."""
    paired(synced, job_title="CTO")
    original = synced.ann.get("Zoe Quinn")
    original.copy(synced.ann.folder)
    synced.sync("held")
    return synced


@row("A11", "approve")
def test_A11_C7_an_approved_copy_is_merged_into_its_pair(copied: Stage) -> None:
    rule = copied.sync("held")["holds"][0]["rule"]
    assert_told(copied, rule, 1, "CTO", "zoe.quinn@x.example")
    copied.answer(rule, "approve")
    copied.sync()
    assert [i.display_name for i in copied.ann.all_in()] == ["Zoe Quinn"]
    assert len(copied.ann.trashed) == len(copied.org.all()) == 1
    copied.assert_settled()


@row("A11", "reject")
def test_A11_C7_a_rejected_copy_is_created_as_new(copied: Stage) -> None:
    copied.answer(copied.sync("held")["holds"][0]["rule"], "reject")
    assert copied.sync()["salesforce"]["created"] == 1
    assert sorted(i.sf_id for i in copied.ann.all_in()) == sorted(r["Id"] for r in copied.org.all())
    copied.assert_settled()


@row("A13 paired", "approve")
def test_A13_C7_an_approved_private_pair_goes_on(synced: Stage) -> None:
    record = paired(synced)
    synced.ann.edit(synced.ann.get("Zoe Quinn"), sensitivity="Private", job_title="Spy")
    synced.sync("held")
    assert "Spy" not in tell(synced, "issues", "ann")  # A13: what is private is not shown either
    synced.answer("A13", "approve")
    synced.sync()
    assert synced.org.get(record)["Title"] == "Spy"
    synced.assert_settled()


@pytest.fixture
def leaving(synced: Stage) -> Stage:
    """Twelve records that somebody else owns from now on."""
    for n in range(12):
        synced.org.create(FirstName="Kim", LastName=f"Doe{n}", Title=f"Chief {n}")
    synced.sync()
    for record in synced.org.all():
        synced.give_away(record["Id"])
    assert synced.sync("held")["mailbox"]["removed"] == 0
    return synced


@row("A18", "approve")
def test_A18_C7_approved_removals_are_carried_out(leaving: Stage) -> None:
    assert_told(leaving, "D8", 12, "Chief 7", "Chief 11")
    leaving.answer("D8", "approve")
    assert leaving.sync()["mailbox"]["removed"] == 12
    assert leaving.ann.all_in() == []
    leaving.assert_settled()


@row("A18", "reject")
def test_A18_C7_rejected_removals_are_kept_and_frozen(leaving: Stage) -> None:
    leaving.answer("D8", "reject")
    assert leaving.sync(None)["mailbox"]["removed"] == 0
    assert len(leaving.ann.all_in()) == 12
    leaving.admin.update(leaving.org.all()[0]["Id"], Title="Never seen")
    leaving.sync()
    assert "Never seen" not in {i.job_title for i in leaving.ann.all_in()}
    leaving.assert_settled()


@row("B2 paired", "approve")
def test_B2_C7_an_approved_twin_is_merged_into_the_records_own_item(synced: Stage) -> None:
    record = synced.org.create(FirstName="Bea", LastName="Quinn", Email="shared@x.example")
    synced.sync()
    synced.ann.create(synced.ann.folder, "Bob", "Quinn", email="shared@x.example", job_title="Buyer")
    synced.sync("held")
    assert_told(synced, "B2", 1, "Bea", "Bob", "Buyer")
    synced.answer("B2", "approve")
    synced.sync()
    assert synced.org.get(record)["Title"] == "Buyer"
    assert [i.display_name for i in synced.ann.trashed] == ["Bob Quinn"]
    synced.sync()
    assert synced.ann.get("Bea Quinn").job_title == "Buyer"
    synced.assert_settled()


@row("B9", "reject")
def test_B9_C7_rejected_keeps_the_link_and_the_typed_company(synced: Stage) -> None:
    old, _ = (synced.org.create("Account", Name=n) for n in ("Initech", "Hooli"))
    record = paired(synced, company_name="Initech")
    synced.ann.edit(synced.ann.get("Zoe Quinn"), company_name="Hooli")
    synced.sync("held")
    assert_told(synced, "B9", 1, "Zoe", "Initech")
    assert "Hooli" in tell(synced, "issues", "ann")
    synced.answer("B9", "reject")
    synced.sync()
    assert synced.org.get(record)["AccountId"] == old
    assert synced.ann.get("Zoe Quinn").company_name == "Hooli"
    synced.assert_settled()


def dispute(scene: Stage) -> Stage:
    """The title was edited on both sides, and `ask` is set."""
    scene.set(conflict="ask")
    record = paired(scene)
    scene.org.update(record, Title="From Salesforce")
    scene.ann.edit(scene.ann.get("Zoe Quinn"), job_title="From Outlook")
    scene.sync("held")
    return scene


@pytest.fixture
def disputed(synced: Stage) -> Stage:
    return dispute(synced)


def titles(scene: Stage) -> tuple[str | None, str | None]:
    return scene.org.named("Quinn")["Title"], scene.ann.get("Zoe Quinn").job_title


@row("B12", "approve")
def test_B12_C7_approved_is_salesforces_value(disputed: Stage) -> None:
    assert_told(disputed, "B12", 1, "From Salesforce", "From Outlook")
    disputed.answer("B12", "approve")
    disputed.sync()
    assert titles(disputed) == ("From Salesforce", "From Salesforce")
    disputed.assert_settled()


@row("B12", "typed")
def test_B12_C7_a_typed_value_is_written_on_both_sides(disputed: Stage) -> None:
    name = disputed.hold("B12")["hold"]
    assert disputed.run("reject", "ann", name, "--value", "Typed") == {
        "user": "ann", "answer": "reject", "holds": [name], "value": "Typed",
    }  # fmt: skip
    report = disputed.sync()
    assert (report["salesforce"]["updated"], report["mailbox"]["updated"]) == (1, 1)
    assert titles(disputed) == ("Typed", "Typed")
    disputed.assert_settled()
    entries = [e for e in disputed.run("history", "ann")["entries"] if "Title" in e["fields"]][-2:]
    assert [(e["rule"], e["fields"]["Title"]["lost"]) for e in entries] == [
        ("B12", "From Salesforce"), ("B12", "From Outlook"),
    ]  # fmt: skip
    assert "Typed" not in str(disputed.run("export", "ann")["holds"])


@row("C5", "reject")
def test_C5_C7_rejected_stops_until_asked(synced: Stage) -> None:
    paired(synced)
    for _ in range(3):
        synced.ann.trash(synced.ann.get("Zoe Quinn"))
        synced.sync(None)
    assert_told(synced, "C5", 1, "zoe.quinn@x.example")
    synced.answer("C5", "reject")
    assert synced.sync()["mailbox"]["created"] == 0
    synced.assert_settled()
    assert len(synced.org.all()) == 1
    assert synced.ann.all_in() == []


@row("D1", "reject")
def test_D1_C7_a_rejected_deletion_is_created_again(synced: Stage) -> None:
    paired(synced)
    synced.ann.trash(synced.ann.get("Zoe Quinn"))
    synced.set(auto_removal="allowed")
    synced.sync("held")
    assert_told(synced, "D1", 1, "zoe.quinn@x.example")
    synced.answer("D1", "reject")
    assert synced.sync()["mailbox"]["created"] == 1
    assert len(synced.org.all()) == 1
    synced.assert_settled()


@row("D8 overwrites", "reject")
def test_D8_C7_rejected_overwrites_keep_the_old_values(synced: Stage) -> None:
    for n in range(12):
        synced.org.create(FirstName="Kim", LastName=f"Doe{n}", Title="CTO")
    synced.sync()
    for record in synced.org.all():
        synced.org.update(record["Id"], Title=None)
    synced.sync("held")
    assert_told(synced, "D8", 12, "CTO", "Doe7")
    synced.answer("D8", "reject")
    synced.sync()
    assert {i.job_title for i in synced.ann.all_in()} == {"CTO"}
    assert {r["Title"] for r in synced.org.all("Title")} == {None}
    synced.assert_settled()
