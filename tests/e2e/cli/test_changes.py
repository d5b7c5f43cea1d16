"""`set`: the plan of a change (E7), what it approves (D8) and what it holds (D2)."""

import io
import sys

import pytest

from mailsync.session.agent import Keys
from tests.e2e.cli.desk import Desk


def test_E7_a_change_of_view_shows_what_comes_and_what_leaves(synced: Desk) -> None:
    shown = synced.json("set", "ann", "view=view:My_Customers")
    assert set(shown) == {"user", "saved", "added", "kept", "leaving", "plan", "trouble"}
    assert shown["leaving"] > 0
    assert shown["kept"] + shown["leaving"] == 12
    assert {a["rule"] for a in shown["plan"]["actions"]} == {"A18"}
    report = synced.sync()
    assert report["mailbox"]["removed"] == shown["leaving"]
    back = synced.json("set", "ann", "view=all")
    assert back["added"] > 0
    again = synced.sync()
    assert again["mailbox"]["created"] + again["mailbox"]["moved"] >= shown["leaving"]


def test_E7_for_a_person_the_plan_ends_in_numbers(synced: Desk) -> None:
    assert "added 2, kept 12, leaving 0" in synced.run("set", "ann", "view=all").out


def test_A14_a_view_that_is_not_there_is_refused_with_those_that_are(desk: Desk) -> None:
    outcome = desk.run("set", "ann", "view=view:Nobodys")
    assert outcome.code == 2
    assert "My_Customers" in outcome.err
    assert "West Coast" in outcome.err
    assert desk.json("get", "ann")["settings"]["view"]["value"] == "mine"


def test_a_change_that_E7_does_not_name_asks_no_vendor(desk: Desk) -> None:
    before = len(desk.box.sandbox.log.entries())
    assert desk.json("set", "ann", "guard.count=3")["plan"] is None
    assert len(desk.box.sandbox.log.entries()) == before


def test_where_no_vendor_answers_the_change_is_saved_with_a_warning(synced: Desk) -> None:
    synced.edit('password = "sandbox"', 'password = "sesame"')
    shown = synced.json("set", "ann", "on_leave_scope=freeze")
    assert shown["plan"] is None
    assert shown["trouble"].startswith("no plan could be shown")
    with synced.setup() as setup:
        assert setup.store.state("ann")[Keys.SCOPE_APPROVED] is False
    assert synced.json("get", "ann")["settings"]["on_leave_scope"]["value"] == "freeze"


def test_D2_deletions_found_when_it_is_allowed_are_held(synced: Desk) -> None:
    synced.sync()
    synced.outlook.delete(["Anselm Quill"])
    shown = synced.json("set", "ann", "auto_removal=allowed")
    assert [h["rule"] for h in shown["plan"]["holds"]] == ["D1"]
    report = synced.sync()
    assert (report["status"], report["salesforce"]["deleted"]) == ("held", 0)
    synced.outlook.delete(["Yuki Thorvald"])
    assert synced.sync()["salesforce"]["deleted"] == 1


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("said", "code", "value"), [("n\n", 1, "mine"), ("\n", 1, "mine"), ("y\n", 0, "all")])
def test_on_a_terminal_a_person_is_asked(
    synced: Desk, monkeypatch: pytest.MonkeyPatch, said: str, code: int, value: str
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(said))
    assert synced.run("set", "ann", "view=all").code == code
    assert synced.json("get", "ann")["settings"]["view"]["value"] == value


def test_yes_asks_nobody(synced: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
    assert synced.run("set", "ann", "view=all", "--yes").code == 0


def test_notes_that_are_turned_on_reach_existing_contacts(synced: Desk) -> None:
    synced.salesforce.edit("Tess Hallorann", {"Description": "met at the fair"})
    assert synced.sync()["mailbox"]["updated"] == 0
    assert synced.run("set", "ann", "description=down").code == 0
    assert synced.sync()["mailbox"]["updated"] >= 1
