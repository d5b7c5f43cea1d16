"""A6, L3, L9: personal contacts never leave the mailbox, proven over every byte asked, answered, stored and logged.

A long life with faults, foreign servers and every command, in a mailbox full of canaries. Whose request is whose tells
the User-Agent that the agent gives; Salesforce never hears of a canary from anyone.
"""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from typer.testing import CliRunner

from mailsync.cli import app
from tests.e2e.people import CATEGORY, FOLDER
from tests.e2e.stage import Stage, stage

AGENT = "mailsync/"
CANARY = "Canary"
NUMBER = "5550142"
READING = ("plan", "issues", "status", "history", "get", "why", "check", "export")
SPELT = (CANARY.casefold(), NUMBER, "555-0142", "555 0142", "1944-12-31")


def canary(n: int, **more: Any) -> dict[str, Any]:
    """A personal contact with a canary in every property that the mapping knows."""
    word = f"{CANARY}{n}"
    address = {"Street": f"{n} {word} St", "City": word, "State": word, "CountryOrRegion": word, "PostalCode": word}
    return {
        "GivenName": word, "MiddleName": word, "Surname": word, "DisplayName": f"{word} {word}", "FileAs": word,
        "CompanyName": word, "JobTitle": word, "Department": word, "AssistantName": word, "Generation": word,
        "Nickname": word, "SpouseName": word, "BusinessHomePage": f"https://{word}.example", "Body": f"{word} notes",
        "EmailAddresses": {f"EmailAddress{i}": f"{word}.{i}@personal.example" for i in (1, 2, 3)},
        "PhoneNumbers": dict.fromkeys(("BusinessPhone", "MobilePhone", "HomePhone"), f"+1 415 {NUMBER}"),
        "PhysicalAddresses": {"Business": address, "Home": address, "Other": address},
        "Birthday": "1944-12-31", "Categories": ["Golf", "Salesforce friends", "Not Salesforce"], **more,
    }  # fmt: skip


def mailbox() -> dict[str, Any]:
    """Canaries in the default folder, three others (nearly our name, one below another), and Deleted Items."""
    private = [canary(n, Sensitivity=s) for n, s in enumerate(("Private", "Personal", "Confidential"), 20)]
    folders = [
        {"name": "Family", "items": [canary(n) for n in range(10, 15)], "folders": [{"name": "Old", "items": private}]},
        {"name": f"{FOLDER} (old)", "items": [canary(n) for n in range(30, 33)]},
    ]
    box: dict[str, Any] = {
        "user": "ann",
        "address": "ann@acme.example",
        "items": [canary(n) for n in range(5)],
        "folders": folders,
    }
    box["default_folders"] = {"deleteditems": {"items": [canary(n) for n in range(40, 43)]}}
    return {"exchange": {"mailboxes": [box]}}


@dataclass
class Witness:
    """All that the program said in a life: every command's output, every log record at every level."""

    scene: Stage
    log: Path
    said: list[str] = field(default_factory=list)

    def run(self, *words: str) -> str:
        """A command's JSON; also in words, where it only reads. People rest meanwhile, so the log is its own."""
        outputs: list[str] = []
        with log_everything(self.log):
            for form in (["--json"], [])[: 2 if words[0] in READING else 1]:
                result = CliRunner().invoke(app, ["--config", str(self.scene.config), *words, *form])
                self.said += [result.output, repr(result.exception or "")]
                outputs.append(result.stdout)
        return outputs[0]

    def sync(self) -> dict[str, Any]:
        """The report of a session, whatever became of it."""
        return json.loads(self.run("sync", "ann"))["users"][0]


@contextmanager
def log_everything(path: Path) -> Iterator[None]:
    """A file gets what anyone in this process logs, as after logging.basicConfig(level=DEBUG)."""
    handler, root = logging.FileHandler(path, encoding="utf-8"), logging.getLogger()
    handler.setFormatter(logging.Formatter("%(name)s %(message)s %(fields)s", defaults={"fields": ""}))
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
        handler.close()


def assert_silent(witness: Witness) -> None:
    """No canary in any byte of the agent's requests and their answers, nor in files, output and log."""
    ours = [r for r in witness.scene.requests() if is_agents(r)]
    assert {r["vendor"] for r in ours} == {"exchange", "salesforce"}
    for request in ours:
        for text in (request["query"], request["request"], request["response"]):
            assert_clean(text, f"{request['vendor']} {request['operation']} #{request['n']}")
    for path in witness.scene.home.rglob("*"):
        if path.is_file():
            assert_clean(path.read_bytes().decode("latin-1"), path.name)
    assert_clean("".join(witness.said), "output")
    assert_clean(witness.log.read_text(encoding="utf-8"), "log")


def assert_clean(text: str, where: str) -> None:
    folded = text.casefold()
    assert not [word for word in SPELT if word in folded], where


def is_agents(request: dict[str, Any]) -> bool:
    """Whether the agent sent it. In Salesforce nobody has a canary, so everyone's requests count."""
    return request["vendor"] == "salesforce" or request["headers"].get("user-agent", "").startswith(AGENT)


def person_is_told_apart(scene: Stage) -> None:
    """The person's own client does get to see canaries: else the proof would prove nothing."""
    theirs = [r for r in scene.requests(vendor="exchange") if not is_agents(r)]
    assert any(CANARY in r["response"] for r in theirs)


def live(witness: Witness) -> None:
    """Sessions with everything that can happen to what is marked, beside the canaries."""
    scene = witness.scene
    ann, org = scene.ann, scene.org
    org.create(FirstName="Kim", LastName="Doe", Email="kim@x.example")
    witness.sync()
    ann.create(ann.folder, "Zoe", "Quinn", email="zoe@x.example", company_name="Globex")
    ann.create(ann.folder, "Madonna")
    ann.create(ann.contacts, "Mia", "Marked", categories=[CATEGORY])
    ann.create(ann.folder, "Dr", "Hidden", sensitivity="Private")
    witness.sync()
    for words in (["plan"], ["issues"], ["status"], ["history"], ["get"], ["why", "zoe@x.example"]):
        witness.run(words[0], "ann", *words[1:])
    ann.get("Kim Doe").move(ann.folder_named("Family"))
    ann.get("Zoe Quinn").copy(ann.contacts)
    witness.sync()
    ann.trash(ann.get("Mia Marked"))
    witness.sync()
    witness.run("check", "ann")
    witness.run("set", "ann", "view=all")
    witness.run("set", "ann", "description=both")
    witness.sync()
    witness.run("set", "ann", "auto_removal=allowed")
    witness.sync()


def suffer(witness: Witness) -> None:
    """Sessions with faults of the mailbox, each answered as it comes, and the folder lost twice."""
    scene = witness.scene
    faults = (
        {"operation": "SyncFolderItems", "kind": "invalid_sync_state"},
        {"operation": "SyncFolderHierarchy", "kind": "invalid_sync_state"},
        {"operation": "FindItem", "kind": "refuse", "code": "ErrorUnsupportedPathForQuery", "times": 2},
        {"operation": "FindItem", "kind": "access_denied"},
        {"operation": "FindItem", "kind": "truncate", "at": 0.5},
        {"operation": "SyncFolderItems", "kind": "malform", "times": 9},
        {"operation": "CreateItem", "kind": "drop_after"},
        {"operation": "UpdateItem", "kind": "drop_after"},
    )
    for n, fault in enumerate(faults):
        scene.org.create(FirstName="Max", LastName=f"Fault{n}")
        scene.ann.create(scene.ann.folder, "Eve", f"Fault{n}")
        scene.fault(vendor="exchange", **fault)
        witness.sync()
        requests.delete(f"{scene.url}/sandbox/faults", timeout=5)
    witness.sync()
    scene.ann.folder.move(scene.ann.account.trash)
    witness.sync()
    scene.ann.folder.delete()
    witness.sync()


def end(witness: Witness) -> None:
    """The commands that read or touch most."""
    for words in (
        ["reset"],
        ["sync"],
        ["export"],
        ["takeover"],
        ["sync"],
        ["issues"],
        ["remove", "--revert"],
        ["erase"],
    ):
        witness.run(words[0], "ann", *words[1:])


@pytest.mark.parametrize(
    "quirks", [(), ("no_category_restriction",), ("no_category_restriction", "lenient_sync_state")], ids=len
)
def test_L3_A6_no_byte_of_a_personal_contact_in_a_long_life(tmp_path: Path, quirks: tuple[str, ...]):
    home = tmp_path / "home"
    home.mkdir()
    with stage(home, mailbox()) as scene:
        for quirk in quirks:
            scene.act("server_quirk", quirk=quirk)
        witness = Witness(scene, tmp_path / "debug.log")
        live(witness)
        suffer(witness)
        assert_told_apart_and_silent(witness)
        end(witness)
        assert_told_apart_and_silent(witness)


def assert_told_apart_and_silent(witness: Witness) -> None:
    list(witness.scene.ann.account.contacts.all())
    person_is_told_apart(witness.scene)
    assert_silent(witness)


def test_L3_A9_what_became_personal_is_never_asked_for_again(tmp_path: Path):
    """Moved out of the folder a contact is a person's own: edited there, nothing of it is read any more."""
    home = tmp_path / "home"
    home.mkdir()
    with stage(home) as scene:
        witness = Witness(scene, tmp_path / "debug.log")
        scene.sync()
        scene.ann.create(scene.ann.folder, "Zoe", "Quinn")
        scene.sync()
        scene.ann.get("Zoe Quinn").move(scene.ann.contacts)
        scene.sync()
        zoe = scene.ann.get("Zoe Quinn", scene.ann.contacts)
        scene.ann.edit(zoe, job_title=f"{CANARY} title", spouse_name=CANARY, department=CANARY)
        for quirk in (True, False):
            scene.act("server_quirk", quirk="no_category_restriction", on=quirk)
            witness.sync()
        witness.run("why", "ann", "Zoe Quinn")
        witness.run("export", "ann")
        assert_told_apart_and_silent(witness)


def test_L9_names_and_numbers_of_synced_contacts_are_not_logged_either(tmp_path: Path):
    home = tmp_path / "home"
    home.mkdir()
    with stage(home) as scene:
        witness = Witness(scene, tmp_path / "debug.log")
        witness.sync()
        scene.org.create(FirstName="Xanthippe", LastName="Doe", Phone="+1 415 555 0177", Email="xan@x.example")
        scene.ann.create(
            scene.ann.folder, "Xanthippe", "Up", email="not an xan address", phones={"HomePhone": "5550178"}
        )
        scene.fault(vendor="exchange", operation="UpdateItem", kind="drop_after")
        witness.sync()
        witness.sync()
        logged = witness.log.read_text(encoding="utf-8").casefold()
        assert "post" in logged  # the client libraries do log
        for word in ("xanthippe", "xan@x.example", "not an xan", "555 0177", "5550178", "sandbox-ann"):
            assert word not in logged, word
