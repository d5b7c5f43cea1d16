"""The stage of the demonstration: a sandbox, a settings file, the people, and what everybody sees happen."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from mailsync.bootstrap import Setup, open_setup
from mailsync.cli.demo.gmail import Gmail
from mailsync.cli.demo.office import Office
from mailsync.cli.demo.outlook import FOLDER, Outlook
from mailsync.cli.demo.salesforce import Salesforce
from mailsync.cli.demo.snapshot import Difference, Snapshot, compare, plain, read_snapshot
from mailsync.cli.output import print_table, say
from mailsync.cli.syncing import describe_effects
from mailsync.session.report import Report
from mailsync.worker.turn import take_turn

USER = "ann"


@dataclass(slots=True)
class Stage:
    """Everything that a scene needs. `seen` is what both sides held when they were last looked at."""

    url: str
    config: Path
    outlook: Outlook
    ann: Salesforce
    admin: Salesforce
    gmail: Gmail
    office: Office
    seen: Snapshot
    failures: list[str] = field(default_factory=list[str])
    checked: int = 0

    def says(self, text: str) -> None:
        """What somebody does now."""
        say(f"  · {text}")

    def sync(self, *, shown: bool = True) -> Report:
        """Runs a real session and shows what changed on both sides, also by the people's own doing."""
        self.look(shown=False)
        report = self.turn(USER)
        self.look(shown=shown)
        return report

    def sync_of(self, user: str, *, told: bool = True) -> Report:
        """Runs a real session of a colleague."""
        report = self.turn(user, told=told)
        self.look(shown=False)
        return report

    def turn(self, user: str, *, told: bool = True) -> Report:
        """A session of anybody, and what it says."""
        with open_setup(self.config) as setup:
            report = take_turn(setup, user)
        if told:
            _tell(report)
        return report

    def look(self, *, shown: bool) -> list[Difference]:
        """Looks at both sides again; shows the differences since the last look."""
        now = read_snapshot(self.url, USER)
        found = compare(self.seen, now)
        self.seen = now
        if shown and found:
            print_table(("side", "contact", "what changed"), [(d.side, d.name, d.what) for d in found])
        return found

    def setup(self) -> AbstractContextManager[Setup]:
        """The settings and store of the demonstration, opened as a context."""
        return open_setup(self.config)

    def expect(self, holds: object, promise: str) -> None:
        """Checks a promise of the rules on both sides."""
        self.checked += 1
        say(f"  {'✓' if holds else '✗'} {promise}")
        if not holds:
            self.failures.append(promise)

    def item(self, name: str) -> Mapping[str, str]:
        """A mailbox contact as it is seen, of namesakes the newest that is not in Deleted Items; else empty."""
        found = [card for key, card in self.seen.mailbox.items() if plain(key) == name]
        alive = [card for card in found if not card["Folder"].startswith("Deleted Items")]
        return (alive or found or [{}])[-1]

    def record(self, name: str) -> Mapping[str, str]:
        """A Salesforce contact as it is seen; empty where there is none."""
        return self.seen.crm.get(name, {})

    def in_folder(self) -> list[str]:
        """The names in the folder."""
        return [name for name, card in self.seen.mailbox.items() if card["Folder"] == FOLDER]

    def requests(self) -> list[dict[str, Any]]:
        """The vendors' log since it was last cleared."""
        return self._control("GET", "requests", params={"bodies": "1"})

    def salesforce_world(self) -> Any:
        """Everything that Salesforce holds."""
        return self._control("GET", "world")["salesforce"]

    def clear_requests(self) -> None:
        """Empties the vendors' log."""
        self._control("DELETE", "requests")

    def _control(self, method: str, path: str, **options: Any) -> Any:
        session = requests.Session()
        session.trust_env = False
        return session.request(method, f"{self.url}/sandbox/{path}", timeout=30, **options).json()


def _tell(report: Report) -> None:
    say(f"  → {report.user}, session {report.session}: {report.status}; {describe_effects(report)}")
    if report.status in ("failed", "skipped"):
        say(f"    {report.reason}")
    for issue in report.issues:
        say(f"    issue {issue.rule} {issue.code}: {issue.message}")
    for hold in report.holds:
        say(f"    hold {hold.name} ({len(hold.members)}): {hold.question}")
        say(f"      approve: {hold.on_approve}; reject: {hold.on_reject}")


def open_stage(url: str, config: Path) -> Stage:
    """A stage on which nothing has happened yet."""
    outlook = Outlook(url, f"{USER}@acme.example", "sandbox")
    people = outlook, Salesforce(url, USER), Salesforce(url, "admin"), Gmail(url, "bob"), Office(url, "cem")
    return Stage(url, config, *people, read_snapshot(url, USER))
