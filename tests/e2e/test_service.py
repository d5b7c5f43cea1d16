"""A1, A2, A21, C3, C4, C6, E5-E7: whose folder it is, and what an operator and an administrator see."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import requests

from mailsync.bootstrap import SystemClock, open_setup
from tests.e2e.stage import Stage, stage


def test_A1_another_installation_is_refused_until_it_takes_over(synced: Stage, tmp_path_factory):
    synced.org.create(FirstName="Kim", LastName="Doe")
    synced.sync()
    other = Stage(synced.box, tmp_path_factory.mktemp("other"))
    other.configure()
    report = other.sync("skipped")
    assert "A1" in report["reason"]
    assert "takeover" in report["reason"]
    other.run("takeover", "ann")
    report = other.sync()
    assert report["mailbox"]["created"] == 0
    assert len(other.ann.all_in()) == 1
    other.assert_settled()
    assert "A1" in synced.sync(None)["reason"]


def test_A1_L4_a_takeover_whose_answer_is_lost_deletes_no_more_than_another(synced: Stage, tmp_path_factory):
    """The folder was signed by then, and the next session took its pairs for up to date."""
    synced.set(auto_removal="allowed")
    for name in ("Kim", "Lea"):
        synced.org.create(FirstName=name, LastName="Doe")
    synced.sync()
    other = Stage(synced.box, tmp_path_factory.mktemp("other"))
    other.configure()
    other.run("takeover", "ann")
    other.sync()
    synced.ann.trash(synced.ann.get("Kim Doe"))
    synced.fault(vendor="exchange", operation="UpdateFolder", kind="drop_after", times=20)
    synced.run("takeover", "ann", code=1)
    requests.delete(f"{synced.url}/sandbox/faults", timeout=10)
    assert synced.sync()["salesforce"]["deleted"] == 0
    assert sorted(i.display_name for i in synced.ann.all_in()) == ["Kim Doe", "Lea Doe"]
    assert "A1" in other.sync(None)["reason"]


def test_A1_a_lost_store_pairs_again_and_deletes_nothing(synced: Stage, tmp_path_factory):
    synced.set(auto_removal="allowed")
    for n in range(3):
        synced.org.create(FirstName="Kim", LastName=f"Doe{n}", Title="CTO")
    synced.sync()
    fresh = Stage(synced.box, tmp_path_factory.mktemp("fresh"))
    fresh.configure(auto_removal="allowed")
    fresh.ann.trash(fresh.ann.get("Kim Doe0"))
    fresh.run("takeover", "ann")
    report = fresh.sync(None)
    assert report["salesforce"] == {"created": 0, "updated": 0, "deleted": 0}
    fresh.sync(None)
    assert len(fresh.org.all()) == 3
    assert len(fresh.ann.all_in()) == 3
    fresh.assert_settled()


def test_A1_a_restored_store_deletes_nothing(synced: Stage):
    synced.set(auto_removal="allowed")
    for n in range(2):
        synced.org.create(FirstName="Kim", LastName=f"Doe{n}")
    synced.sync()
    backup = synced.home / "backup"
    shutil.copytree(synced.home, backup, ignore=shutil.ignore_patterns("backup", "*.seq*"))
    for n in range(2, 5):
        synced.org.create(FirstName="Kim", LastName=f"Doe{n}")
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", email="zoe@x.example")
    synced.sync()
    for path in list(synced.home.glob("*.db*")):
        if not path.name.endswith(".seq"):
            path.unlink()
    for path in backup.glob("*.db*"):
        shutil.copy(path, synced.home / path.name)
    report = synced.sync(None)
    assert report["salesforce"] == {"created": 0, "updated": 0, "deleted": 0}
    synced.sync(None)
    assert len(synced.org.all()) == 6
    assert len(synced.ann.all_in()) == 6
    synced.assert_settled()


def test_A1_reset_pairs_again_and_overwrites_nothing(synced: Stage):
    record = synced.org.create(FirstName="Kim", LastName="Doe", Title="CTO")
    synced.sync()
    synced.run("reset", "ann")
    synced.ann.edit(synced.ann.get("Kim Doe"), job_title="CEO")
    report = synced.sync("held")
    assert report["salesforce"] == {"created": 0, "updated": 0, "deleted": 0}
    assert report["mailbox"]["created"] == 0
    assert [h["rule"] for h in report["holds"]] == ["A1"]
    assert synced.org.get(record)["Title"] == "CTO"
    assert synced.ann.get("Kim Doe").job_title == "CEO"
    synced.answer("A1", "reject")
    synced.sync()
    assert synced.org.get(record)["Title"] == "CEO"
    synced.assert_settled()


def test_A2_never_two_sessions_at_once(synced: Stage):
    synced.org.create(LastName="Doe")
    synced.forget_requests()
    synced.fault(vendor="salesforce", operation="composite", kind="delay", seconds=2.0)
    words = [sys.executable, "-m", "mailsync", "--config", str(synced.config), "sync", "ann", "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as first:
        while not synced.requests(vendor="salesforce"):
            time.sleep(0.05)
        second = synced.sync(None)
        told = json.loads(first.communicate()[0])["users"][0]
    assert (told["status"], second["status"]) == ("done", "skipped")
    assert len(synced.ann.all_in()) == 1


def test_A21_a_failed_session_replays_the_feed(synced: Stage):
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn")
    synced.fault(vendor="salesforce", kind="status", status=500, times=50)
    synced.sync("failed")
    import requests

    requests.delete(f"{synced.url}/sandbox/faults", timeout=5)
    assert synced.sync()["salesforce"]["created"] == 1


def test_C3_six_refused_log_ins_need_a_person(synced: Stage):
    synced.fault(vendor="salesforce", kind="expire_token", times=100)
    for _ in range(6):
        assert "log-in" in synced.sync("failed")["reason"]
    report = synced.sync("skipped")
    assert "resume" in report["reason"]
    import requests

    requests.delete(f"{synced.url}/sandbox/faults", timeout=5)
    synced.run("resume", "ann")
    synced.sync()


def test_C3_a_wrong_password_is_told_once_and_not_hammered(synced: Stage):
    text = synced.config.read_text().replace('password = "sandbox"', 'password = "wrong"')
    synced.config.write_text(text)
    synced.forget_requests()
    report = synced.sync("failed")
    assert "log-in" in report["reason"]
    assert len(synced.requests(vendor="exchange")) <= 3


def test_C4_with_few_calls_left_the_session_ends_politely(synced: Stage):
    synced.act("daily_limit", used=14500, limit=15000)
    synced.org.create(LastName="Doe")
    report = synced.sync("skipped")
    assert "budget" in report["reason"]
    assert synced.ann.all_in() == []
    synced.act("daily_limit", used=10, limit=15000)
    assert synced.sync()["mailbox"]["created"] == 1


def test_C6_E5_pause_and_resume_keep_cursors_and_pairs(synced: Stage):
    synced.org.create(FirstName="Kim", LastName="Doe")
    synced.sync()
    synced.run("pause", "ann")
    assert synced.run("status", "ann")["users"][0]["colour"] == "grey"
    synced.sync("skipped")
    synced.org.create(FirstName="Mia", LastName="Wong")
    synced.run("resume", "ann")
    assert synced.run("status", "ann")["users"][0]["colour"] == "green"
    assert synced.sync()["mailbox"]["created"] == 1


def test_E6_remove_keeps_both_sides(synced: Stage):
    synced.org.create(FirstName="Kim", LastName="Doe")
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn")
    synced.sync()
    synced.run("remove", "ann")
    assert len(synced.ann.all_in()) == 2
    assert len(synced.org.all()) == 2


def test_E6_remove_and_revert_takes_back_what_came_down(synced: Stage):
    synced.org.create(FirstName="Kim", LastName="Doe")
    synced.org.create(FirstName="Edited", LastName="Doe")
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn")
    synced.sync()
    synced.ann.edit(synced.ann.get("Edited Doe"), job_title="CTO")
    synced.sync()
    synced.run("remove", "ann", "--revert")
    assert sorted(i.display_name for i in synced.ann.all_in()) == ["Edited Doe", "Zoe Quinn"]
    assert len(synced.org.all()) == 3


def test_E6_A4_revert_finds_what_came_down_into_a_folder_that_was_renamed(synced: Stage):
    synced.org.create(FirstName="Kim", LastName="Doe")
    synced.sync()
    folder = synced.ann.folder
    folder.name = "Customers"
    folder.save(update_fields=["name"])
    synced.sync()
    synced.run("remove", "ann", "--revert")
    assert synced.ann.all_in(synced.ann.folder_named("Customers")) == []
    assert len(synced.ann.trashed) == 1


def test_E6_L4_a_revert_that_was_cut_off_is_never_read_back_as_a_persons_deletions(synced: Stage):
    """With auto-removal allowed the next session deleted the records of what the command had taken out (A19)."""
    synced.set(auto_removal="allowed")
    for name in ("Kim", "Lea"):
        synced.org.create(FirstName=name, LastName="Doe")
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn")
    synced.sync()
    synced.fault(vendor=synced.kind, operation="delete", kind="drop_after", times=20)
    synced.run("remove", "ann", "--revert", code=1)
    requests.delete(f"{synced.url}/sandbox/faults", timeout=10)
    assert [i.display_name for i in synced.ann.all_in()] == ["Zoe Quinn"]
    assert "switch is off" in synced.sync("skipped")["reason"]
    synced.set(contacts="on")
    assert synced.sync()["salesforce"]["deleted"] == 0
    assert sorted(i.display_name for i in synced.ann.all_in()) == ["Kim Doe", "Lea Doe", "Zoe Quinn"]
    synced.run("remove", "ann", "--revert")
    assert ([i.display_name for i in synced.ann.all_in()], len(synced.org.all())) == (["Zoe Quinn"], 3)


def test_E6_a_revert_waits_for_a_session_that_runs(synced: Stage):
    synced.org.create(FirstName="Kim", LastName="Doe")
    synced.sync()
    with open_setup(synced.config) as setup:
        fence = setup.store.begin("ann", SystemClock().now())
        told = synced.run("remove", "ann", "--revert", code=1)
        assert f"session {fence} of ann is running" in told["errors"][0]
        setup.store.finish("ann", fence, {}, SystemClock().now())
    assert [i.display_name for i in synced.ann.all_in()] == ["Kim Doe"]
    synced.run("remove", "ann", "--revert")
    assert synced.ann.all_in() == []


def test_E6_A13_what_was_made_private_in_the_mailbox_is_listed_and_kept(synced: Stage):
    synced.org.create(FirstName="Kim", LastName="Doe")
    synced.org.create(FirstName="Secret", LastName="Doe")
    synced.sync()
    synced.ann.edit(synced.ann.get("Secret Doe"), sensitivity="Private")
    synced.sync("held")
    told = synced.run("remove", "ann", "--revert")
    assert [k["reason"] for k in told["kept"]] == ["made private in the mailbox"]
    assert [i.display_name for i in synced.ann.all_in()] == ["Secret Doe"]


def test_E6_A1_revert_after_a_reset_still_knows_what_came_down(synced: Stage):
    synced.org.create(FirstName="Kim", LastName="Doe")
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn")
    synced.sync()
    synced.run("reset", "ann")
    synced.sync()
    synced.assert_settled()
    synced.run("remove", "ann", "--revert")
    assert [i.display_name for i in synced.ann.all_in()] == ["Zoe Quinn"]


def test_E6_A1_revert_after_a_reset_still_keeps_what_was_edited_in_the_mailbox(synced: Stage):
    synced.org.create(FirstName="Kim", LastName="Doe")
    synced.org.create(FirstName="Edited", LastName="Doe")
    synced.sync()
    synced.ann.edit(synced.ann.get("Edited Doe"), job_title="CTO")
    synced.sync()
    for _ in range(2):
        synced.run("reset", "ann")
        synced.sync()
    synced.run("remove", "ann", "--revert")
    assert [i.display_name for i in synced.ann.all_in()] == ["Edited Doe"]


def test_A19_A1_what_was_put_back_into_the_folder_stays_after_a_reset_as_well(synced: Stage):
    synced.put_back()
    synced.run("reset", "ann")
    for _ in range(3):
        synced.sync(None)
    assert [i.display_name for i in synced.ann.all_in()] == ["Kim Doe"]


def test_E7_a_change_of_scope_shows_its_plan_and_counts_as_approved(scene: Stage):
    scene.configure(view="all")
    for n in range(12):
        shared = scene.admin.create(FirstName="Kim", LastName=f"Doe{n}")
        scene.act("share", record=shared, user="ann")
    scene.sync()
    shown = scene.run("set", "ann", "view=mine")
    assert len([a for a in shown["plan"]["actions"] if a["kind"] == "remove"]) == 12
    report = scene.sync()
    assert report["mailbox"]["removed"] == 12
    scene.assert_settled()


def test_plan_is_what_sync_then_does_and_writes_nothing(synced: Stage):
    synced.org.create(FirstName="Kim", LastName="Doe")
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", company_name="Nowhere")
    synced.forget_requests()
    plan = synced.run("plan", "ann")
    assert synced.writes() == []
    kinds = sorted((a["side"], a["kind"], a["rule"]) for a in plan["actions"])
    assert ("mailbox", "create", "A17") in kinds
    assert ("salesforce", "create", "A7") in kinds
    report = synced.sync()
    assert (report["salesforce"]["created"], report["mailbox"]["created"]) == (1, 1)


def test_plan_before_the_first_session(tmp_path: Path):
    with stage(tmp_path, "acme") as scene:
        scene.forget_requests()
        plan = scene.run("plan", "ann")
        assert scene.writes() == []
        created = len([a for a in plan["actions"] if (a["side"], a["kind"]) == ("mailbox", "create")])
        assert scene.sync()["mailbox"]["created"] == created > 5
        scene.assert_settled()


def test_D9_why_and_history_tell_where_values_come_from(synced: Stage):
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", email="zoe@x.example")
    synced.sync()
    record = synced.org.named("Quinn")["Id"]
    synced.org.update(record, Title="CTO")
    synced.sync()
    why = json.dumps(synced.run("why", "ann", "zoe@x.example", "Title"))
    assert "CTO" in why
    entries = synced.run("history", "ann", record)["entries"]
    assert [(e["side"], e["kind"]) for e in entries if e["kind"] in ("create", "update")] == [
        ("salesforce", "create"),
        ("mailbox", "update"),
    ]
