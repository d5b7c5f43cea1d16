"""A stage for scenes: the sandbox with its vendors, an installation of mailsync, and the people."""

import json
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import requests
from typer.testing import CliRunner

from mailsync.cli import app
from mailsync.sandbox.server import RunningSandbox, running_sandbox
from tests.e2e.people import MailboxPerson, OrgPerson
from tests.e2e.worlds import find_world
from tests.services.shelf import Shelf, line_of, open_shelf

WRITES = {"create", "update", "delete", "move"}
FEED = "MAILSYNC_TEST_FEED"
"""Set where the scenes are played with the organisation's shared feed (pytest --feed)."""
PEOPLE = {"ann": "ann@acme.example"}


@dataclass
class Stage:
    """One world and one installation; `run` is the command line, in this process."""

    box: RunningSandbox
    home: Path
    settings: dict[str, str] = field(default_factory=dict)
    kind: str = "exchange"  # of ann's mailbox; she is at Outlook whatever its kind
    user: str = "ann"  # whom the commands are about
    feed: bool = field(default_factory=lambda: bool(os.environ.get(FEED)))  # admin is the integration user

    @property
    def url(self) -> str:
        return self.box.url

    @cached_property
    def ann(self) -> MailboxPerson:
        """Ann at Outlook."""
        return MailboxPerson.log_in(self.url, "ann@acme.example")

    @cached_property
    def org(self) -> OrgPerson:
        """Ann in Salesforce."""
        return OrgPerson.log_in(self.url, "ann")

    @cached_property
    def admin(self) -> OrgPerson:
        return OrgPerson.log_in(self.url, "admin")

    def configure(self, **defaults: str) -> None:
        """Writes mailsync.toml for ann; keywords are settings (dots as __)."""
        self.settings.update({k.replace("__", "."): v for k, v in defaults.items()})
        lines = "".join(f'"{k}" = "{v}"\n' for k, v in self.settings.items())
        self.config.write_text(
            f'{self.store}[defaults]\n{lines}\n[salesforce]\nurl = "{self.url}"\napi_version = "68.0"\n\n[users.ann]\n'
            f'salesforce_token = "sandbox-ann"\nmailbox = "{self.kind}"\naddress = "ann@acme.example"\n\n'
            f"[users.ann.{self.kind}]\n{self._log_in()}{self._feed()}"
        )

    def _feed(self) -> str:
        return '\n[feed]\ntoken = "sandbox-admin"\n' if self.feed else ""

    def _log_in(self) -> str:
        if self.kind == "microsoft":
            return f'url = "{self.url}"\ntoken = "sandbox-ann"\n'
        ews = f'url = "{self.url}/EWS/Exchange.asmx"\nusername = "ann@acme.example"\n'
        return f'{ews}password = "sandbox"\nauth = "basic"\n'

    @cached_property
    def shelf(self) -> Shelf:
        """Where the store is: the file beside mailsync.toml, or an empty schema of the server of these tests."""
        return open_shelf(self.home / "mailsync.db")

    @property
    def store(self) -> str:
        """The file's line for the store."""
        return line_of(self.shelf)

    @property
    def config(self) -> Path:
        return self.home / "mailsync.toml"

    def run(self, *words: str, code: int = 0) -> Any:
        """A command's JSON; fails unless it ends with `code`."""
        result = CliRunner().invoke(app, ["--config", str(self.config), *words, "--json"])
        assert result.exit_code == code, f"{words}: exit {result.exit_code}\n{result.output}\n{result.exception!r}"
        return json.loads(result.stdout) if result.stdout.strip() else None

    def sync(self, status: str | None = "done", user: str = "") -> dict[str, Any]:
        """One session of the user; its report. Fails unless it ends with `status` (None: any)."""
        code = 1 if status == "failed" else 0
        words = ["sync", user or self.user, "--json", *(["--feed"] if self.feed else [])]
        result = CliRunner().invoke(app, ["--config", str(self.config), *words])
        assert result.stdout.strip(), f"{result.output}\n{result.exception!r}"
        report = json.loads(result.stdout)["users"][0]
        if status is not None:
            assert report["status"] == status, report
            assert result.exit_code == code, result.output
        return report

    def set(self, **settings: str) -> None:
        self.run("set", self.user, *(f"{k.replace('__', '.')}={v}" for k, v in settings.items()))

    def requests(self, **filters: str) -> list[dict[str, Any]]:
        found = requests.get(f"{self.url}/sandbox/requests?bodies=1", timeout=10).json()
        return [r for r in found if all(r[k] == v for k, v in filters.items())]

    def forget_requests(self) -> None:
        requests.delete(f"{self.url}/sandbox/requests", timeout=10)

    def writes(self) -> list[str]:
        """Operations since the log was cleared that wrote anything."""
        return [f"{r['vendor']} {r['operation']}" for r in self.requests() if WRITES & set(r["actions"])]

    def assert_settled(self) -> None:
        """L1: one more session writes nothing on either side, at the floor of requests."""
        self.forget_requests()
        report = self.sync(None)
        assert report["status"] in ("done", "held"), report
        assert self.writes() == []

    def fault(self, **fault: Any) -> None:
        answer = requests.post(f"{self.url}/sandbox/faults", json=fault, timeout=10)
        assert answer.ok, answer.text

    def lose_state(self) -> None:
        """The mailbox forgets once how far it was read."""
        lost = {
            "exchange": {"operation": "SyncFolderItems", "kind": "invalid_sync_state"},
            "microsoft": {"operation": "changes", "kind": "expire_cursor"},
        }
        self.fault(vendor=self.kind, times=1, **lost[self.kind])

    def name_item(self, ews_id: str) -> str:
        """The id under which the agent knows an item that ann sees at Outlook."""
        if self.kind == "exchange":
            return ews_id
        body = {"inputIds": [ews_id], "sourceIdType": "ewsId", "targetIdType": "restImmutableEntryId"}
        headers = {"Authorization": "Bearer sandbox-ann"}
        answer = requests.post(f"{self.url}/v1.0/me/translateExchangeIds", json=body, headers=headers, timeout=10)
        return answer.json()["value"][0]["targetId"]

    def act(self, op: str, as_user: str = "admin", **details: Any) -> Any:
        answer = requests.post(f"{self.url}/sandbox/act", json={"as": as_user, "op": op, **details}, timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    def owner(self, name: str) -> str:
        """A user's id in Salesforce."""
        return self.admin.query(f"SELECT Id FROM User WHERE Username = '{name}@acme.example'")[0]["Id"]  # noqa: S608

    def give_away(self, record: str, to: str = "bob", **sharing: str) -> None:
        """Another user becomes the record's owner; ours may still read it."""
        self.admin.update(record, OwnerId=self.owner(to))
        self.act("share", record=record, user=self.user, **sharing)

    def put_back(self) -> str:
        """Kim Doe is given away, and ann puts the item that was removed for it back into the folder (A19). The record's
        id."""
        record = self.org.create(FirstName="Kim", LastName="Doe")
        self.sync()
        self.give_away(record)
        assert self.sync()["mailbox"]["removed"] == 1
        self.ann.trashed[0].move(self.ann.folder)
        self.sync()
        return record

    def advance(self, seconds: float) -> None:
        requests.post(f"{self.url}/sandbox/clock", json={"advance": seconds}, timeout=10)

    def hold(self, rule: str) -> dict[str, Any]:
        """The one open hold of a rule."""
        found = [h for h in self.run("issues", self.user)["holds"] if h["rule"] == rule]
        assert len(found) == 1, self.run("issues", self.user)
        return found[0]

    def issues(self, rule: str | None = None) -> list[dict[str, Any]]:
        return [i for i in self.run("issues", self.user)["issues"] if rule in (None, i["rule"])]

    def answer(self, rule: str, answer: str) -> None:
        """Approves or rejects the one open hold of a rule."""
        self.run(answer, self.user, self.hold(rule)["hold"])


@contextmanager
def stage(
    home: Path, world: str | Mapping[str, Any] = "empty", kind: str = "exchange", **settings: str
) -> Generator[Stage]:
    """A stage that stands while the context lasts. `kind`: of ann's mailbox, in the empty world."""
    with running_sandbox(world if kind == "exchange" else find_world(kind)) as box:
        scene = Stage(box, home, kind=kind)
        scene.configure(**settings)
        yield scene
        if "ann" in scene.__dict__:
            scene.ann.account.protocol.close()
