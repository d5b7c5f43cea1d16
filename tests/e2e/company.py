"""A company: many people, each with a log-in at Salesforce and a mailbox at Google, in one sandbox."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def name(number: int) -> str:
    return f"u{number:05d}"


def make_world(users: int) -> dict[str, Any]:
    """A Contact for each, which their first session brings into the mailbox. It was changed long ago, so that in the
    second one only the mailbox tells of it."""
    world: dict[str, Any] = json.loads(files("mailsync.sandbox").joinpath("worlds", "empty.json").read_text("utf-8"))
    people = [name(n) for n in range(users)]
    world["salesforce"]["users"] += [{"name": p, "username": f"{p}@acme.example"} for p in people]
    stamps = dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), "2026-01-05T08:00:00.000+0000")
    world["salesforce"]["records"] = {"Contact": [{"LastName": f"Doe {p}", "OwnerId": p, **stamps} for p in people]}
    world["google"]["mailboxes"] = [{"user": p, "address": f"{p}@acme.example"} for p in people]
    return world


INTERVAL = timedelta(hours=6)
"""Between two sessions of a user: half of it is longer than a round of many people on a busy machine may take, so that
nobody is due again before all have been served."""


def write_config(path: Path, url: str, store: str, users: int, *, sessions: int = 4, grace: int = 20) -> None:
    """The installation's settings file."""
    hours = INTERVAL // timedelta(hours=1)
    blocks = [
        f'store = "{store}"\n\n[salesforce]\nurl = "{url}"\n\n[defaults]\ninterval = "{hours}h"\n',
        f"[worker]\nsessions = {sessions}\ngrace = {grace}\n",
        *(
            f'[users.{p}]\nsalesforce_token = "sandbox-{p}"\nmailbox = "google"\naddress = "{p}@acme.example"\n\n'
            f'[users.{p}.google]\nurl = "{url}"\ntoken = "sandbox-{p}"\n'
            for p in map(name, range(users))
        ),
    ]
    path.write_text("\n".join(blocks), encoding="utf-8")


@dataclass
class Process:
    """A process of the installation, with what it says."""

    config: Path
    words: Sequence[str]
    lines: Path
    process: "subprocess.Popen[bytes]" = field(init=False)

    def __post_init__(self) -> None:
        command = [sys.executable, "-m", "mailsync", "--config", str(self.config), *self.words]
        environ: Mapping[str, str] = {**os.environ, "PYTHONPATH": str(ROOT), "MAILSYNC_LOG": "json"}
        with self.lines.open("ab") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=out, cwd=ROOT, env=environ)

    @property
    def said(self) -> list[str]:
        return self.lines.read_text(encoding="utf-8").splitlines()


def at(entry: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(entry["time"])
