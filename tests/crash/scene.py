"""Where a scenario plays: the vendors, one installation, a person at their mailbox, people in the organisation; and
moments of it that it can be set back to."""

import json
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from mailsync.cli import app
from mailsync.sandbox.server import RunningSandbox, running_sandbox
from mailsync.sandbox.world import read_world
from tests.crash.exchange import ExchangePerson
from tests.crash.google import GooglePerson
from tests.crash.microsoft import MicrosoftPerson
from tests.crash.places import Person
from tests.e2e.people import OrgPerson
from tests.services.shelf import Kept, Shelf, line_of, open_shelf

KINDS: Mapping[str, type[Person]] = {
    "exchange": ExchangePerson,
    "google": GooglePerson,
    "microsoft": MicrosoftPerson,
}
"""The kinds of mailbox whose person speaks the scenarios' words."""

MEMORY = Path("/dev/shm")  # noqa: S108 - where there is such a file system, a commit costs no disk
WRITES = frozenset({"create", "update", "delete", "move"})


@dataclass(frozen=True)
class Moment:
    """What the vendors and the installation held, the faults that stood, how far ahead the vendors' clock was."""

    world: Mapping[str, Any]
    files: Mapping[str, bytes]  # all but the store's
    store: Kept
    faults: tuple[Mapping[str, Any], ...]
    ahead: float


@dataclass
class Scene:
    """One sandbox and one installation, for one scenario after another.

    `lag`: the seconds after which Google's lists tell of a change; what people did before the cut is told by then."""

    box: RunningSandbox
    home: Path
    shelf: Shelf  # where the store is
    kind: str
    lag: float = 0.0
    defaults: dict[str, str] = field(default_factory=dict)
    faults: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.box.url

    @property
    def config(self) -> Path:
        return self.home / "mailsync.toml"

    @cached_property
    def person(self) -> Person:
        """The user at their mailbox."""
        return KINDS[self.kind](self.url)  # type: ignore[call-arg]

    @cached_property
    def org(self) -> OrgPerson:
        """The user in Salesforce."""
        return OrgPerson.log_in(self.url, self.user)

    @cached_property
    def admin(self) -> OrgPerson:
        return OrgPerson.log_in(self.url, "admin")

    @property
    def user(self) -> str:
        return KINDS[self.kind].user

    def clear(self) -> None:
        """An empty world and no installation, for a scenario to begin with."""
        self.leave()
        self.box.sandbox.reset(read_world("empty"))
        self.box.sandbox.clock.skew(0)
        self._empty()
        self.shelf.clear()
        self.defaults = {}
        self.faults = []

    def leave(self) -> None:
        """Lets go of what was logged in."""
        for name in ("person", "org", "admin"):
            someone = self.__dict__.pop(name, None)
            close = getattr(someone, "close", None)
            if close is not None:
                close()

    def configure(self, **defaults: str) -> None:
        """Writes mailsync.toml; keywords are settings, dots as __."""
        self.defaults |= {k.replace("__", "."): v for k, v in defaults.items()}
        lines = "".join(f'"{k}" = "{v}"\n' for k, v in self.defaults.items())
        text = f'{line_of(self.shelf)}[defaults]\n{lines}\n[salesforce]\nurl = "{self.url}"\napi_version = "68.0"\n\n'
        self.config.write_text(text + self.person.settings(), encoding="utf-8")

    def run(self, *words: str, code: int | None = 0) -> Any:
        """A command's JSON; fails unless it ends with `code` (None: any)."""
        result = CliRunner().invoke(app, ["--config", str(self.config), *words, "--json"])
        assert code is None or result.exit_code == code, f"{words}: {result.exit_code}\n{result.output}"
        return json.loads(result.stdout) if result.stdout.strip() else None

    def sync(self, status: str = "") -> dict[str, Any]:
        """One session; its report. Fails unless it ends with `status` (default: done or held)."""
        report: dict[str, Any] = self.run("sync", self.user, code=None)["users"][0]
        assert report["status"] in ((status,) if status else ("done", "held")), report
        return report

    def set(self, **settings: str) -> None:
        self.run("set", self.user, *(f"{k.replace('__', '.')}={v}" for k, v in settings.items()))

    def hold(self, rule: str) -> str:
        """The name of the one open hold of a rule."""
        holds = self.run("issues", self.user)["holds"]
        (found,) = [h["hold"] for h in holds if h["rule"] == rule]
        return str(found)

    def answer(self, rule: str, answer: str) -> None:
        """Approves or rejects the one open hold of a rule."""
        self.run(answer, self.user, self.hold(rule))

    def act(self, op: str, **details: Any) -> Any:
        """What an administrator does that no API does."""
        return self.box.sandbox.act("admin", op, details)

    def fault(self, **fault: Any) -> None:
        """Lets a fault stand, for the command lines that are cut off."""
        self.faults.append(fault)
        self.box.sandbox.add_fault(fault)

    def advance(self, seconds: float) -> None:
        self.box.sandbox.advance(seconds)

    def let_pass(self) -> None:
        """So much time goes by, with a session, that Salesforce's feed tells no more of what was changed before."""
        self.advance(900)
        self.sync()

    def owner(self, name: str) -> str:
        """A user's id in Salesforce."""
        return str(self.admin.query(f"SELECT Id FROM User WHERE Username = '{name}@acme.example'")[0]["Id"])  # noqa: S608

    def give_away(self, record: str) -> None:
        """Another user becomes the record's owner; ours may still read it."""
        self.admin.update(record, OwnerId=self.owner("admin"))
        self.act("share", record=record, user=self.user)

    def writes(self) -> list[str]:
        """What was written on either side since the log was cleared."""
        logged = self.box.sandbox.log.entries()
        return [f"{e.vendor} {e.call.operation}" for e in logged if WRITES & set(e.call.actions)]

    def forget_requests(self) -> None:
        self.box.sandbox.log.clear()

    def begin_lagging(self) -> None:
        """From now on the mailbox's lists tell of changes later (connections.list: "several minutes")."""
        if self.lag:
            self.act("propagation_delay", seconds=self.lag)

    def moment(self) -> Moment:
        """The present moment. No session may be running."""
        kept = self.shelf.keep()
        files = {p.name: p.read_bytes() for p in self.home.iterdir() if p.is_file() and p.name not in kept}
        return Moment(self.box.sandbox.dump(), files, kept, tuple(self.faults), self.box.sandbox.clock.ahead)

    def restore(self, moment: Moment) -> None:
        """Everything as it was, with an empty request log."""
        self.box.sandbox.clock.skew(moment.ahead)
        self.box.sandbox.reset(moment.world)
        for fault in moment.faults:
            self.box.sandbox.add_fault(fault)
        self._empty()
        for name, content in moment.files.items():
            path = self.home / name
            path.write_bytes(content)
            path.chmod(0o600)
        self.shelf.set_back(moment.store)

    def _empty(self) -> None:
        for path in self.home.iterdir():
            if path.is_file():
                path.unlink()


@contextmanager
def playing(kind: str, lag: float = 0.0) -> Generator[Scene]:
    """A scene that stands while the context lasts; `lag` is Google's alone. Its store is where stores are kept now."""
    place = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="mailsync-crash-", dir=place) as home, running_sandbox("empty") as box:
        shelf = open_shelf(Path(home) / "mailsync.db")
        scene = Scene(box, Path(home), shelf, kind, lag if kind == "google" else 0.0)
        try:
            yield scene
        finally:
            scene.leave()
