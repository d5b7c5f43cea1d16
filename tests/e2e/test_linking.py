"""B1-B9: created, matched, refused, and linked to an Account."""

import pytest

from tests.e2e.people import CATEGORY
from tests.e2e.stage import Stage

KINDS = ("exchange", "microsoft")


def test_B1_C1_a_missing_last_name_is_an_issue_with_an_error_category_until_mended(synced: Stage):
    synced.ann.create(synced.ann.folder, "Zoe", email="zoe@x.example")
    report = synced.sync()
    assert report["salesforce"]["created"] == 0
    assert [(i["rule"], i["field"]) for i in report["issues"]] == [("B1", "LastName")]
    assert "Sync Error" in synced.ann.get("Zoe").categories
    synced.assert_settled()
    synced.ann.edit(synced.ann.get("Zoe"), surname="Quinn", display_name="Zoe Quinn")
    report = synced.sync()
    assert report["salesforce"]["created"] == 1
    assert report["issues"] == []
    assert synced.ann.get("Zoe Quinn").categories == [CATEGORY]
    synced.assert_settled()


@pytest.mark.parametrize(("fallback", "expected"), [("given", "Zoe"), ("company", "Initech"), ("file_as", "Zoe Filed")])
def test_B1_last_name_fallbacks(synced: Stage, fallback: str, expected: str):
    synced.set(last_name_fallback=fallback)
    synced.ann.create(synced.ann.folder, "Zoe", company_name="Initech", file_as="Zoe Filed")
    assert synced.sync()["salesforce"]["created"] == 1
    assert synced.org.named(expected)


def test_B1_defaults_and_required_fields(synced: Stage):
    synced.set(default__LeadSource="Web", required__Email="on")
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn")
    assert synced.issues("B13") or [i["field"] for i in synced.sync()["issues"]] == ["Email"]
    synced.ann.set_email(synced.ann.get("Zoe Quinn"), "zoe@x.example")
    assert synced.sync()["salesforce"]["created"] == 1
    assert synced.org.named("Quinn")["LeadSource"] == "Web"


def test_B2_the_only_contact_with_that_address_is_paired(synced: Stage):
    synced.set(view="all")
    record = synced.admin.create(LastName="Quinn", Email="ZOE@x.example", Title="CTO")
    synced.act("share", record=record, user="ann", access="edit")
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", email="zoe@X.example")
    report = synced.sync()
    assert report["salesforce"]["created"] == 0
    assert report["mailbox"]["created"] == 0
    zoe = synced.ann.get("Zoe Quinn")
    assert (zoe.sf_id, zoe.job_title) == (record, "CTO")
    assert synced.admin.get(record)["FirstName"] == "Zoe"
    synced.assert_settled()


def test_B2_another_name_is_asked_about(synced: Stage):
    record = synced.org.create(FirstName="Other", LastName="Person", Email="shared@x.example")
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", email="shared@x.example")
    report = synced.sync("held")
    assert report["salesforce"]["created"] == 0
    synced.answer("B2", "reject")
    assert synced.sync()["salesforce"]["created"] == 1
    assert synced.org.get(record)["LastName"] == "Person"
    synced.assert_settled()


def test_B2_C7_approved_is_paired_with_the_record_shown(synced: Stage):
    record = synced.org.create(FirstName="Zoe", LastName="Quinn", Email="zoe.old@x.example")
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", email="zoe@x.example")
    synced.sync("held")
    synced.answer("B2", "approve")
    report = synced.sync()
    assert report["salesforce"]["created"] == 0
    assert [i.sf_id for i in synced.ann.all_in() if i.sf_id] == [record]
    synced.assert_settled()


def test_B2_several_are_held_or_chosen_by_the_setting(synced: Stage):
    synced.set(several="oldest")
    first = synced.org.create(FirstName="Zoe", LastName="Quinn", Email="zoe@x.example")
    synced.advance(5)
    synced.org.create(FirstName="Zoe", LastName="Quinn", Email="zoe@x.example")
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", email="zoe@x.example")
    synced.sync()
    assert first in [i.sf_id for i in synced.ann.all_in()]
    assert len(synced.org.all()) == 2
    synced.assert_settled()


def test_B2_twins_of_one_session_are_not_doubled(synced: Stage):
    for _ in range(2):
        synced.ann.create(synced.ann.folder, "Zoe", "Quinn", email="zoe@x.example")
    report = synced.sync("held")
    assert report["salesforce"]["created"] == 1
    assert len(synced.org.all()) == 1


def test_B3_salesforces_duplicate_rules_are_respected(synced: Stage):
    synced.act("duplicate_rule", object="Contact", field="Phone", action="block")
    synced.org.create(LastName="Other", Phone="+1 415 555 0101")
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", phones={"BusinessPhone": "+1 415 555 0101"})
    report = synced.sync()
    assert report["salesforce"]["created"] == 0
    assert [(i["rule"], i["code"]) for i in report["issues"]] == [("B3", "DUPLICATES_DETECTED")]
    assert "Sync Error" in synced.ann.get("Zoe Quinn").categories
    synced.assert_settled()


def test_B4_blanks_fill_from_the_other_side_and_equal_values_stay_as_written(synced: Stage):
    synced.set(view="all")
    record = synced.org.create(LastName="Quinn", Email="zoe@x.example", Phone="(415) 555-0101", Department="R&D")
    phones = {"BusinessPhone": "+1 415 555 0101", "Pager": "7"}
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", email="zoe@x.example", phones=phones, job_title="CTO")
    synced.sync()
    assert synced.org.get(record)["Title"] == "CTO"
    assert synced.org.get(record)["Phone"] == "(415) 555-0101"
    zoe = next(i for i in synced.ann.all_in() if i.sf_id == record)
    assert zoe.department == "R&D"
    assert {p.label: p.phone_number for p in zoe.phone_numbers if p.phone_number} == phones
    synced.assert_settled()


def account_of(scene: Stage, last_name: str) -> str | None:
    return scene.org.named(last_name)["AccountId"]


def test_B5_exact_name_wins_whatever_its_case(synced: Stage):
    wanted = synced.org.create("Account", Name="Initech")
    synced.org.create("Account", Name="Initech Germany")
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", company_name="  iniTECH ")
    synced.sync()
    assert account_of(synced, "Quinn") == wanted
    synced.assert_settled()


def test_B5_of_several_exact_ones_the_earliest_created(synced: Stage):
    wanted = synced.org.create("Account", Name="Globex")
    synced.advance(60)
    synced.org.create("Account", Name="Globex")
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", company_name="Globex")
    synced.sync()
    assert account_of(synced, "Quinn") == wanted


def test_B5_else_a_unique_substring(synced: Stage):
    wanted = synced.org.create("Account", Name="The Hooli Corporation")
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", company_name="hooli")
    synced.sync()
    assert account_of(synced, "Quinn") == wanted
    assert synced.ann.get("Zoe Quinn").company_name == "hooli"
    synced.assert_settled()


def test_B5_none_or_several_substrings_link_nothing(synced: Stage):
    synced.org.create("Account", Name="Acme East")
    synced.org.create("Account", Name="Acme West")
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", company_name="Acme")
    synced.ann.create(synced.ann.folder, "Max", "Power", company_name="Nowhere")
    synced.ann.create(synced.ann.folder, "Moe", "Blank")
    assert synced.sync()["salesforce"]["created"] == 3
    assert [account_of(synced, n) for n in ("Quinn", "Power", "Blank")] == [None, None, None]
    synced.assert_settled()


@pytest.mark.parametrize("company", ["100%", "a_b", "back\\slash", "O'Neil", 'quo"te', "brace{}"])
def test_B5_special_characters_are_literal(synced: Stage, company: str):
    synced.org.create("Account", Name="1000 aXb backslash ONeil quote brace")
    wanted = synced.org.create("Account", Name=f"The {company} Ltd")
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", company_name=company)
    synced.sync()
    assert account_of(synced, "Quinn") == wanted


def test_B5_only_accounts_that_the_user_can_see(synced: Stage):
    synced.admin.create("Account", Name="Initech")
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", company_name="Initech")
    synced.sync()
    assert account_of(synced, "Quinn") is None


def test_B5_a_fixed_account_goes_before_and_the_typed_company_stays(synced: Stage):
    wanted = synced.org.create("Account", Name="Initech")
    synced.set(account=wanted)
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", company_name="Hooli")
    synced.sync()
    assert account_of(synced, "Quinn") == wanted
    synced.assert_settled()
    assert synced.ann.get("Zoe Quinn").company_name == "Hooli"


def test_B6_min_substring_guards_short_names(synced: Stage):
    synced.set(min_substring="3")
    synced.org.create("Account", Name="The HP Company")
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", company_name="HP")
    synced.ann.create(synced.ann.folder, "Max", "Power", company_name="HP Company, Inc")
    synced.sync()
    assert account_of(synced, "Quinn") is None
    assert account_of(synced, "Power") is None


def test_B6_legal_forms_are_passed_over_only_if_set(synced: Stage):
    wanted = synced.org.create("Account", Name="Hooli")
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", company_name="Hooli, Inc.")
    synced.sync()
    assert account_of(synced, "Quinn") is None
    synced.set(strip_company_suffix="on")
    synced.ann.create(synced.ann.folder, "Max", "Power", company_name="Hooli, Inc.")
    synced.sync()
    assert account_of(synced, "Power") == wanted


def test_B7_accounts_are_created_only_if_set_and_once_per_name(synced: Stage):
    synced.set(auto_create_account="on")
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", company_name="Hooli")
    synced.ann.create(synced.ann.folder, "Max", "Power", company_name="hooli")
    synced.sync()
    assert [a["Name"].casefold() for a in synced.org.query("SELECT Name FROM Account")] == ["hooli"]
    assert account_of(synced, "Quinn") == account_of(synced, "Power") is not None
    synced.assert_settled()
    assert [synced.ann.get(n).company_name for n in ("Zoe Quinn", "Max Power")] == ["Hooli", "hooli"]


def test_B8_a_refusal_stays_with_its_reason_and_is_tried_again_when_edited(synced: Stage):
    synced.act("validation_rule", object="Contact", field="Title", pattern="^X", message="Titles never start with X")
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", job_title="X-Man")
    report = synced.sync()
    assert "Titles never start with X" in report["issues"][0]["message"]
    assert "Sync Error" in synced.ann.get("Zoe Quinn").categories
    synced.assert_settled()
    synced.ann.edit(synced.ann.get("Zoe Quinn"), job_title="CTO")
    assert synced.sync()["salesforce"]["created"] == 1
    assert "Sync Error" not in synced.ann.get("Zoe Quinn").categories
    assert synced.issues() == []


def test_B8_retry_by_command(synced: Stage):
    synced.act("validation_rule", object="Contact", field="Title", pattern="^X", message="No X")
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", job_title="X-Man")
    synced.sync()
    synced.act("validation_rule", object="Contact", field="Title", pattern="^never", message="No X")
    synced.run("retry", "ann")
    assert synced.sync(None)["status"] in ("done", "held")


def test_B9_company_edited_suggests_another_account(synced: Stage):
    old, new = (synced.org.create("Account", Name=n) for n in ("Initech", "Hooli"))
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", company_name="Initech")
    synced.sync()
    synced.ann.edit(synced.ann.get("Zoe Quinn"), company_name="Hooli")
    synced.sync("held")
    assert account_of(synced, "Quinn") == old
    synced.answer("B9", "approve")
    synced.sync()
    assert account_of(synced, "Quinn") == new
    assert synced.ann.get("Zoe Quinn").company_name == "Hooli"
    synced.assert_settled()


def test_B9_relink_and_ignore(synced: Stage):
    old, new = (synced.org.create("Account", Name=n) for n in ("Initech", "Hooli"))
    synced.set(company_change="ignore")
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", company_name="Initech")
    synced.sync()
    synced.ann.edit(synced.ann.get("Zoe Quinn"), company_name="Nowhere")
    synced.sync()
    assert account_of(synced, "Quinn") == old
    synced.set(company_change="relink")
    synced.ann.edit(synced.ann.get("Zoe Quinn"), company_name="hooli")
    synced.sync()
    assert account_of(synced, "Quinn") == new


def test_B9_an_account_renamed_in_salesforce_comes_down_and_blanks_do_not(synced: Stage):
    account = synced.org.create("Account", Name="Initech")
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", company_name="Initech")
    synced.sync()
    synced.org.update(account, "Account", Name="Initrode")
    synced.sync()
    assert synced.ann.get("Zoe Quinn").company_name == "Initrode"
    synced.org.update(synced.org.named("Quinn")["Id"], AccountId=None)
    synced.sync()
    assert synced.ann.get("Zoe Quinn").company_name == "Initrode"
    synced.assert_settled()
    assert account_of(synced, "Quinn") is None
