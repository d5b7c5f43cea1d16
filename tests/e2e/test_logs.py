"""L9: the structured log of busy sessions, line by line: nothing of any contact is in it, and it says what was done."""

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from typer.testing import CliRunner

from mailsync.cli import app
from mailsync.telemetry.rendering import Level, Style, open_log
from mailsync.telemetry.vocabulary import EVENTS, FIELDS
from tests.e2e.stage import Stage

KINDS = ("exchange", "microsoft")
CANARIES = ("xanthippe", "zephyrine", "5550177", "555 0177", "quagmire", "sandbox", "acme.example", "x.example")
"""Of contacts, companies, notes, log-ins and addresses, folded."""
STANDING = {"event", "level", "time"}


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    open_log(Style.OFF, Level.INFO, sys.stderr)


class Journal:
    """All that the log said in a life, at level debug."""

    def __init__(self, scene: Stage) -> None:
        self.scene, self.text = scene, ""

    def run(self, *words: str) -> Any:
        result = CliRunner().invoke(
            app, ["--config", str(self.scene.config), "--log", "json", "--log-level", "debug", *words, "--json"]
        )
        self.text += result.stderr
        return json.loads(result.stdout)

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines() if line.startswith("{")]

    def told(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == event]


def be_busy(journal: Journal) -> None:
    """Sessions with everything that can be told: creates, edits, conflicts, refusals, faults, a suspension."""
    scene = journal.scene
    scene.org.create(FirstName="Xanthippe", LastName="Zephyrine", Phone="+1 415 555 0177", Email="xanthippe@x.example")
    journal.run("sync", "ann")
    scene.ann.create(scene.ann.folder, "Xanthippe", "Up", email="zephyrine@x.example", company_name="Quagmire")
    scene.ann.create(scene.ann.folder, "Xanthippe")
    journal.run("sync", "ann")
    scene.fault(vendor="salesforce", operation="changes", kind="throttle", retry_after=0, times=1)
    scene.fault(vendor=scene.kind, operation="changes", kind="throttle", times=1)
    journal.run("sync", "ann")
    requests.delete(f"{scene.url}/sandbox/faults", timeout=5)
    scene.act("deactivate", user="ann")
    for _ in range(7):
        journal.run("sync", "ann")


def test_L9_no_line_of_busy_sessions_holds_anything_of_a_contact(synced: Stage) -> None:
    journal = Journal(synced)
    be_busy(journal)
    assert all(set(line) <= STANDING | set(FIELDS) for line in journal.lines)
    assert {line["event"] for line in journal.lines} <= {*EVENTS, "library"}
    folded = "".join(line for line in journal.text.splitlines() if line.startswith("{")).casefold()
    assert [word for word in CANARIES if word in folded] == []
    told = {line["event"] for line in journal.lines}
    expected = {"session.begun", "session.ended", "session.failed", "session.passed", "user.suspended"}
    assert expected | {"request.answered", "request.repeated"} <= told


def test_L9_the_line_of_a_session_says_what_it_did(synced: Stage) -> None:
    journal = Journal(synced)
    synced.ann.create(synced.ann.folder, "Xanthippe", "Up")
    (report,) = journal.run("sync", "ann")["users"]
    (ended,) = journal.told("session.ended")
    assert (ended["user"], ended["session"], ended["status"]) == ("ann", report["session"], "done")
    assert ended["created"] == report["salesforce"]["created"] == 1
    assert ended["salesforce_requests"] == report["requests"]["salesforce"]
    answered = journal.told("request.answered")
    ours = [line for line in answered if line["vendor"] == "salesforce" and line.get("session") == ended["session"]]
    assert len(ours) == ended["salesforce_requests"]  # lines of both threads name their session


def test_without_the_option_nothing_is_logged(synced: Stage) -> None:
    result = CliRunner().invoke(app, ["--config", str(synced.config), "sync", "ann", "--json"])
    assert result.stderr == ""
