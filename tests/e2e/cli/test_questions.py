"""issues, approve, reject, retry, why, history."""

import pytest

from tests.e2e.cli.desk import Desk

TWIN = {
    "DisplayName": "Marta Lindqvist (studio)",
    "GivenName": "Marta",
    "Surname": "Lindqvist",
    "CompanyName": "Initech International Holdings",
    "EmailAddress1": "marta@lindqvist-studio.example",
}


@pytest.fixture
def asked(synced: Desk) -> Desk:
    """A possible duplicate waits for an answer."""
    synced.outlook.create(TWIN)
    assert synced.sync()["status"] == "held"
    return synced


def test_nothing_is_open(synced: Desk) -> None:
    assert synced.json("issues") == {"issues": [], "holds": []}
    assert "no open issues" in synced.run("issues").out


def test_issues_name_rule_code_field_and_remedy(synced: Desk) -> None:
    synced.outlook.create({"DisplayName": "Juniper", "GivenName": "Juniper"})
    synced.sync()
    (issue,) = synced.json("issues", "ann")["issues"]
    assert set(issue) == {"user", "code", "rule", "message", "field", "salesforce_id", "item_id"}
    assert (issue["rule"], issue["field"], issue["salesforce_id"]) == ("B1", "LastName", None)
    assert issue["message"] in " ".join(synced.run("issues", "ann").out.split())


def test_C7_a_hold_shows_both_sides_and_what_answers_do(asked: Desk) -> None:
    (hold,) = asked.json("issues")["holds"]
    assert {"hold", "rule", "question", "approve", "reject", "answer", "count", "members"} < set(hold)
    (member,) = hold["members"]
    assert member["mailbox"]["Email"] == TWIN["EmailAddress1"]
    shown = asked.run("issues").out
    assert "approve: " in shown
    assert TWIN["EmailAddress1"] in shown


def test_C7_values_that_are_shown_are_stored_nowhere(asked: Desk) -> None:
    asked.json("issues")
    kept = b"".join(p.read_bytes() for p in asked.config.parent.glob("mailsync.db*"))
    assert b"lindqvist-studio" not in kept


def test_a_hold_whose_vendor_is_down_is_shown_without_values(asked: Desk) -> None:
    asked.edit('password = "sandbox"', 'password = "sesame"')
    (hold,) = asked.json("issues")["holds"]
    assert "can't be read now" in hold["unread"]


@pytest.mark.parametrize(("answer", "records"), [("approve", 1), ("reject", 2)])
def test_an_answer_is_carried_out_by_the_next_session(asked: Desk, answer: str, records: int) -> None:
    (hold,) = asked.json("issues")["holds"]
    assert asked.json(answer, "ann", hold["hold"]) == {"user": "ann", "answer": answer, "holds": [hold["hold"]]}
    assert "answered" in asked.run("issues").out
    asked.sync()
    assert asked.salesforce.has("Marta Lindqvist") == records
    assert asked.json("issues")["holds"] == []


def test_holds_that_are_not_open_are_all_named_and_none_is_answered(asked: Desk) -> None:
    (hold,) = asked.json("issues")["holds"]
    outcome = asked.run("approve", "ann", "B2-00000000", hold["hold"], "D8")
    assert outcome.code == 2
    assert len(outcome.err.splitlines()) == 2
    assert hold["hold"] in outcome.err
    assert asked.json("issues")["holds"][0]["answer"] == ""


def test_B8_retry_tries_a_refused_contact_again(synced: Desk) -> None:
    rule = {"object": "Contact", "field": "Phone", "action": "block"}
    synced.box.sandbox.act("admin", "duplicate_rule", rule)
    shared = {"BusinessPhone": "+1 512 555 0101"}
    synced.outlook.create({"DisplayName": "Ida Winter", "GivenName": "Ida", "Surname": "Winter", **shared})
    assert [i["rule"] for i in synced.sync()["issues"]] == ["B3"]
    synced.box.sandbox.act("admin", "duplicate_rule", {**rule, "action": "off"})
    synced.sync()
    assert synced.salesforce.has("Ida Winter") == 0
    assert synced.json("retry", "ann")["due"] == 1
    synced.sync()
    assert synced.salesforce.has("Ida Winter") == 1
    assert synced.json("retry", "ann")["due"] == 0
    assert "nothing is parked" in synced.run("retry", "ann").out


def test_why_tells_bases_present_values_rule_winner_and_session(synced: Desk) -> None:
    synced.outlook.edit("Bea Montrose", {"JobTitle": "Buyer"})
    synced.salesforce.edit("Bea Montrose", {"Title": "Chief Buyer"})
    synced.sync()
    record = synced.salesforce.find("Bea Montrose")["Id"]
    found = synced.json("why", "ann", "bea.montrose@hollowpinefo.example", "title")
    assert (found["salesforce_id"], found["state"], found["origin"]) == (record, "active", "salesforce")
    (field,) = found["fields"]
    assert field["field"] == "Title"
    assert field["base"] == field["now"] == {"salesforce": "Chief Buyer", "mailbox": "Chief Buyer"}
    assert (field["winner"], field["lost"], field["session"]) == ("salesforce", "Buyer", 2)
    assert field["rule"] == "B12"
    assert synced.json("why", "ann", record[:15])["item_id"] == found["item_id"]
    assert synced.json("why", "ann", found["item_id"])["salesforce_id"] == record
    assert "won over Buyer" in synced.run("why", "ann", record).out


def test_why_tells_the_step_by_which_the_account_was_found(synced: Desk) -> None:
    synced.outlook.categorise("Nora Sandoval", ["Salesforce"])
    synced.sync()
    found = synced.json("why", "ann", "nora.sandoval@initechinter.example")
    assert found["account"]["name"] == "Initech International Holdings"
    assert found["account"]["step"]
    assert found["origin"] == "mailbox"


def test_why_without_the_vendors_tells_what_is_stored(synced: Desk) -> None:
    synced.edit('password = "sandbox"', 'password = "sesame"')
    found = synced.json("why", "ann", "bea.montrose@hollowpinefo.example", "Title")
    assert found["fields"][0]["base"] == {"salesforce": "Owner", "mailbox": "Owner"}
    assert found["fields"][0]["now"] == {"salesforce": None, "mailbox": None}
    assert "can't be read now" in found["unread"]


@pytest.mark.parametrize("reference", ["gwen@archer-family.example", "003Ib00000000ZZ", "AAMkNothing"])
@pytest.mark.parametrize("command", ["why", "history", "retry"])
def test_contacts_of_which_nothing_is_known(synced: Desk, command: str, reference: str) -> None:
    outcome = synced.run(command, "ann", reference)
    assert outcome.code == 2
    assert "nothing is known" in outcome.err


def test_a_field_that_is_not_mapped(synced: Desk) -> None:
    outcome = synced.run("why", "ann", "bea.montrose@hollowpinefo.example", "Shoesize")
    assert outcome.code == 2
    assert "LastName" in outcome.err


def test_history_of_all_and_of_one(synced: Desk) -> None:
    synced.salesforce.edit("Tess Hallorann", {"Title": "Plant Manager"})
    synced.sync()
    entries = synced.json("history", "ann")["entries"]
    assert len(entries) == 13
    assert set(entries[-1]) == {
        "session", "time", "rule", "side", "kind", "salesforce_id", "item_id", "fields", "reason",
    }  # fmt: skip
    of_tess = synced.json("history", "ann", "tess.hallorann@globex.example")["entries"]
    assert [(e["kind"], e["session"]) for e in of_tess] == [("create", 1), ("update", 2)]
    assert of_tess[1]["fields"] == {"Title": {"before": "VP Operations", "after": "Plant Manager", "lost": ""}}
    assert "VP Operations → Plant Manager" in synced.run("history", "ann").out
