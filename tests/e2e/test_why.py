"""`why`: where each value comes from; and where nothing happens, by which rule, and what to do about it."""

from typing import Any

import pytest
from typer.testing import CliRunner

from mailsync.cli import app
from tests.e2e.stage import Stage


def explain(scene: Stage, reference: str, *more: str) -> dict[str, Any]:
    """What `why` says; a person is told the same reasons, without a traceback."""
    found = scene.run("why", "ann", reference, *more)
    told = CliRunner().invoke(app, ["--config", str(scene.config), "why", "ann", reference, *more])
    assert told.exit_code == 0, told.output
    assert "Traceback" not in told.output
    for reason in found["reasons"]:
        assert f"{reason['rule']}: {reason['why']}. What to do: {reason['remedy']}." in told.output
    return found


def rules(scene: Stage, reference: str) -> list[str]:
    return [r["rule"] for r in explain(scene, reference)["reasons"]]


def paired(scene: Stage, **fields: Any) -> str:
    scene.ann.create(scene.ann.folder, "Zoe", "Quinn", email="zoe@x.example", **fields)
    scene.sync()
    return scene.org.named("Quinn")["Id"]


def test_L5_each_field_names_bases_both_sides_rule_winner_session_and_time(synced: Stage) -> None:
    record = paired(synced, job_title="A")
    synced.org.update(record, Title="B")
    synced.ann.edit(synced.ann.get("Zoe Quinn"), job_title="C", department="R&D")
    session = synced.sync()["session"]
    synced.org.update(record, Title="D")
    found = explain(synced, record)
    fields = {f["field"]: f for f in found["fields"]}
    title, department = fields["Title"], fields["Department"]
    assert title["base"] == {"salesforce": "B", "mailbox": "B"}
    assert title["now"] == {"salesforce": "D", "mailbox": "B"}
    assert (title["rule"], title["winner"], title["lost"], title["session"]) == ("B12", "salesforce", "C", session)
    assert (department["rule"], department["winner"], department["lost"]) == ("B10", "mailbox", None)
    entry = next(
        e for e in synced.run("history", "ann", record)["entries"] if "Title" in e["fields"] and e["session"] == session
    )
    assert title["time"] == entry["time"]
    assert found["reasons"] == []
    assert [f["field"] for f in explain(synced, record, "title")["fields"]] == ["Title"]


def test_A13_private_and_excluded(synced: Stage) -> None:
    secret = synced.ann.create(synced.ann.folder, "Dr", "Secret", sensitivity="Private")
    synced.sync("held")
    found = explain(synced, secret.id)
    assert [r["rule"] for r in found["reasons"]] == ["A13"]
    assert "mailsync approve ann A13-" in found["reasons"][0]["remedy"]
    assert {f["now"]["mailbox"] for f in found["fields"]} == {None}  # it is private here too
    synced.answer("A13", "reject")
    assert "answered" in explain(synced, secret.id)["reasons"][0]["why"]
    synced.sync()
    assert rules(synced, secret.id) == ["A23"]


def test_A13_frozen_and_held(synced: Stage) -> None:
    record = paired(synced)
    synced.ann.edit(synced.ann.get("Zoe Quinn"), sensitivity="Private")
    synced.sync("held")
    assert rules(synced, record) == ["A13", "A13"]


@pytest.mark.parametrize(("leaves", "state"), [("remove", "dormant"), ("freeze", "frozen")])
def test_A18_out_of_scope(synced: Stage, leaves: str, state: str) -> None:
    record = synced.org.create(FirstName="Kim", LastName="Doe")
    synced.set(on_leave_scope=leaves)
    synced.sync()
    synced.give_away(record)
    synced.sync()
    found = explain(synced, record)
    assert (found["state"], [r["rule"] for r in found["reasons"]]) == (state, ["A18"])


def test_A20_blocked_and_B1_refused(synced: Stage) -> None:
    synced.set(block="family.example")
    mae = synced.ann.create(synced.ann.folder, "Aunt", "Mae", email="mae@family.example")
    nameless = synced.ann.create(synced.ann.folder, "Juniper")
    synced.sync()
    assert rules(synced, mae.id) == ["A20"]
    (reason,) = explain(synced, nameless.id)["reasons"]
    assert (reason["rule"], "mailsync retry ann" in reason["remedy"]) == ("B1", True)


def test_B15_in_doubt(synced: Stage) -> None:
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", email="zoe@x.example")
    synced.fault(vendor="salesforce", operation="create", kind="drop_before", times=1)
    report = synced.sync(None)
    (zoe,) = synced.ann.all_in()
    assert "B15" in [i["rule"] for i in report["issues"]] or report["status"] == "failed"
    assert "B15" in rules(synced, zoe.id)


def test_D1_ended_undone_paused_and_off(synced: Stage) -> None:
    synced.set(auto_removal="allowed")
    record = paired(synced)
    synced.ann.trash(synced.ann.get("Zoe Quinn"))
    synced.sync()
    assert (explain(synced, record)["state"], rules(synced, record)) == ("ended", ["D1"])
    synced.run("pause", "ann")
    assert rules(synced, record) == ["E5", "D1"]
    synced.run("resume", "ann")
    synced.set(contacts="off")
    assert rules(synced, record) == ["A15", "D1"]
    synced.set(contacts="on")
    mirrored = synced.org.create(FirstName="Kim", LastName="Doe")
    session = synced.sync()["session"]
    synced.run("undo", "ann", str(session), "--yes")
    assert (explain(synced, mirrored)["state"], rules(synced, mirrored)) == ("dormant", ["undo"])


def test_B12_parked_and_held_names_the_question_once(synced: Stage) -> None:
    synced.set(conflict="ask")
    record = paired(synced)
    synced.org.update(record, Title="B")
    synced.ann.edit(synced.ann.get("Zoe Quinn"), job_title="C")
    synced.sync("held")
    found = explain(synced, "zoe@x.example")
    assert [r["rule"] for r in found["reasons"]] == ["B12"]
    title = next(f for f in found["fields"] if f["field"] == "Title")
    assert title["now"] == {"salesforce": "B", "mailbox": "C"}
