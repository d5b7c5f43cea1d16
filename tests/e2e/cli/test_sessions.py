"""check, plan, sync, status: shapes, exit codes, and vendors that refuse or are not there."""

import signal
import time
from functools import partial
from typing import Any

import pytest

from mailsync.bootstrap import SystemClock
from mailsync.crm import salesforce
from mailsync.mailbox import exchange
from tests.e2e.cli.desk import Desk

REPORT = {
    "user", "session", "status", "reason", "salesforce", "mailbox", "holds", "issues", "requests", "seconds", "notes",
}  # fmt: skip
STATUS = {
    "user", "colour", "errors", "organisation", "state", "reason", "last", "next_run", "pairs", "holds", "issues",
    "parked", "cursors",
}  # fmt: skip
NOWHERE = "http://127.0.0.1:9"


def test_sync_reports_in_the_shape_of_the_contract(desk: Desk) -> None:
    document = desk.json("sync")
    (report,) = document["users"]
    assert set(document) == {"users"}
    assert set(report) == REPORT
    assert report["status"] == "done"
    assert report["salesforce"] == {"created": 0, "updated": 0, "deleted": 0}
    assert report["mailbox"] == {"created": 12, "updated": 0, "removed": 0, "moved": 0, "categorised": 0}
    assert report["requests"]["salesforce"] > 0


def test_sync_for_a_person_is_one_line_and_no_json(desk: Desk) -> None:
    outcome = desk.run("sync", "ann")
    assert outcome.code == 0
    assert "ann: done; mailbox: 12 created" in outcome.out
    assert outcome.err == ""


def test_plan_is_what_sync_then_does_and_writes_nothing(desk: Desk) -> None:
    plan = desk.json("plan", "ann")
    assert set(plan) == {"actions", "holds", "issues", "notes"}
    assert {(a["rule"], a["side"], a["kind"]) for a in plan["actions"]} == {("A17", "mailbox", "create")}
    assert all(a["salesforce_id"].startswith("003") for a in plan["actions"])
    assert set(plan["actions"][0]) == {"rule", "side", "kind", "salesforce_id", "item_id", "fields", "reason"}
    assert not desk.outlook.has_folder("Salesforce Contacts")
    assert desk.json("status")["users"][0]["last"] is None
    assert len(plan["actions"]) == desk.sync()["mailbox"]["created"]


def test_plan_for_a_person(synced: Desk) -> None:
    assert "writes nothing" in synced.run("plan", "ann").out
    synced.salesforce.edit("Tess Hallorann", {"Title": "Plant Manager"})
    shown = synced.run("plan", "ann").out
    assert "VP Operations → Plant Manager" in shown
    assert "B10" in shown


def test_status_before_and_after_the_first_session(desk: Desk) -> None:
    (before,) = desk.json("status", "ann")["users"]
    assert set(before) == STATUS
    assert (before["colour"], before["last"], before["pairs"]) == ("orange", None, 0)
    desk.sync()
    (after,) = desk.json("status")["users"]
    assert (after["colour"], after["state"], after["pairs"], after["last"]["status"]) == ("green", "on", 12, "done")
    assert after["next_run"] > after["last"]["ended"]
    assert 0 <= after["cursors"]["salesforce"] < 60
    assert "green" in desk.run("status").out


def test_status_shows_errors_in_red_and_paused_ones_in_grey(synced: Desk) -> None:
    synced.outlook.create({"DisplayName": "Juniper", "GivenName": "Juniper"})
    synced.sync()
    (status,) = synced.json("status")["users"]
    assert (status["colour"], status["errors"], status["issues"]) == ("red", 1, 1)
    synced.run("pause", "ann")
    (status,) = synced.json("status")["users"]
    assert (status["colour"], status["errors"], status["state"]) == ("grey", 1, "paused")


def test_check_proves_everything(desk: Desk) -> None:
    document = desk.json("check", "ann")
    assert document["ok"] is True
    assert {c["check"] for c in document["checks"]} == {
        "Salesforce log-in", "Salesforce fields", "Salesforce view", "mailbox log-in", "folder",
    }  # fmt: skip
    assert all(set(c) == {"user", "check", "outcome", "message"} for c in document["checks"])
    assert any("ann@acme.example" in c["message"] for c in document["checks"])


def problems(document: Any) -> list[str]:
    return [c["message"] for c in document["checks"] if c["outcome"] == "problem"]


def test_a_wrong_password_is_told_with_its_remedy(desk: Desk) -> None:
    desk.edit('password = "sandbox"', 'password = "sesame"')
    found = problems(desk.json("check", code=1))
    assert found
    assert not any("sesame" in text for text in found)
    (report,) = desk.json("sync", code=1)["users"]
    assert report["status"] == "failed"
    assert report["reason"].startswith("log-in refused")
    assert desk.json("status")["users"][0]["colour"] == "red"


def test_a_wrong_token_is_told_with_its_remedy(desk: Desk) -> None:
    desk.edit("sandbox-ann", "sandbox-nobody")
    assert problems(desk.json("check", code=1))
    (report,) = desk.json("sync", code=1)["users"]
    assert "log-in refused" in report["reason"]
    assert "sandbox-nobody" not in str(report)


def test_six_refused_logins_ask_for_a_new_one(desk: Desk) -> None:
    desk.edit('password = "sandbox"', 'password = "sesame"')
    for _ in range(6):
        assert desk.run("sync", "ann").code == 1
    (report,) = desk.json("sync")["users"]
    assert report["status"] == "skipped"
    assert "needs log-in" in report["reason"]
    desk.edit('password = "sesame"', 'password = "sandbox"')
    desk.run("resume", "ann")
    assert desk.sync()["status"] == "done"


def test_C3_C6_a_log_in_that_is_missing_counts_as_one_that_is_refused(synced: Desk) -> None:
    """It ended before there was a session: the status stayed green for good."""
    synced.edit('password = "sandbox"\n', "")
    for _ in range(6):
        (report,) = synced.json("sync", code=1)["users"]
        assert report["reason"].startswith("log-in refused: ann has no password for Exchange")
    (status,) = synced.json("status")["users"]
    assert (status["colour"], status["state"], status["errors"]) == ("red", "needs_login", 2)
    assert status["last"]["status"] == "failed"
    assert synced.sync()["status"] == "skipped"


def test_two_vendors_with_problems_are_both_told(desk: Desk) -> None:
    desk.edit('password = "sandbox"', 'password = "sesame"')
    desk.edit("sandbox-ann", "sandbox-nobody")
    found = desk.json("check", code=1)["checks"]
    assert {"Salesforce log-in", "mailbox log-in"} <= {c["check"] for c in found if c["outcome"] == "problem"}


def test_servers_that_are_not_there(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    unhurried = partial(salesforce.open_salesforce, sleep=lambda _seconds: None)
    monkeypatch.setattr(salesforce, "open_salesforce", unhurried)
    monkeypatch.setattr(exchange, "open_exchange", partial(exchange.open_exchange, patience=0.0))
    for url in (f'"{desk.box.url}"', f'"{desk.box.url}/EWS/Exchange.asmx"'):
        desk.edit(url, url.replace(desk.box.url, NOWHERE))
    (report,) = desk.json("sync", code=1)["users"]
    assert report["status"] == "failed"
    assert report["reason"]
    assert desk.run("check").code == 1
    assert desk.run("plan", "ann").code == 1


def test_an_unknown_view_is_a_problem_of_check(desk: Desk) -> None:
    desk.append('[defaults]\nview = "view:Nobodys"')
    (text,) = problems(desk.json("check", code=1))
    assert "My_Customers" in text


def test_a_locked_user_is_skipped(synced: Desk) -> None:
    with synced.setup() as setup:
        fence = setup.store.begin("ann", SystemClock().now())
        (report,) = synced.json("sync")["users"]
        assert (report["status"], report["session"]) == ("skipped", 0)
        assert "is running" in report["reason"]
        setup.store.finish("ann", fence, {}, SystemClock().now())
    assert synced.sync()["status"] == "done"


def wait_for(desk: Desk, operation: str) -> None:
    until = time.monotonic() + 20
    while not any(e.call.operation == operation for e in desk.box.sandbox.log.entries()):
        assert time.monotonic() < until, f"{operation} was never asked for"
        time.sleep(0.02)


def test_L2_a_killed_session_leaves_nothing_doubled_and_its_lock_falls(desk: Desk) -> None:
    desk.box.sandbox.add_fault(
        {"vendor": "exchange", "operation": "CreateItem", "kind": "delay", "seconds": 5, "times": 1}
    )
    running = desk.spawn("sync", "ann")
    wait_for(desk, "CreateItem")
    running.kill()
    running.communicate()
    assert running.returncode == -signal.SIGKILL
    assert desk.sync()["status"] == "done"
    assert len(desk.outlook.names("Salesforce Contacts")) == 12


def test_sigterm_ends_a_session_politely(desk: Desk) -> None:
    desk.box.sandbox.add_fault({"vendor": "exchange", "operation": "CreateItem", "kind": "delay", "seconds": 2})
    running = desk.spawn("sync", "ann")
    wait_for(desk, "CreateItem")
    running.terminate()
    out, err = running.communicate(timeout=20)
    assert (running.returncode, err) == (0, "")
    assert "stopped on request" in out
    assert desk.sync()["status"] == "done"
    assert len(desk.outlook.names("Salesforce Contacts")) == 12
