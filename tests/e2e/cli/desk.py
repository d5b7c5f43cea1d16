"""A desk with a sandbox and a settings file, at which commands are run as a person would."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mailsync.bootstrap import open_setup
from mailsync.cli import app
from mailsync.cli.application import run
from mailsync.cli.demo.outlook import Outlook
from mailsync.cli.demo.salesforce import Salesforce
from mailsync.sandbox.configuration import render_configuration
from mailsync.sandbox.server import RunningSandbox
from tests.services.shelf import line_of, open_shelf

USER = "ann"


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout; anything else there fails."""
        return json.loads(self.out)


class Desk:
    def __init__(self, box: RunningSandbox, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.box, self.config, self._capture = box, folder / "mailsync.toml", capture
        world = {"exchange": box.sandbox.dump()["exchange"]}  # those whose mailboxes the suite is about
        self.shelf = open_shelf(folder / "mailsync.db")
        self.config.write_text(line_of(self.shelf) + render_configuration(box.url, world), encoding="utf-8")
        self.outlook = Outlook(box.url, "ann@acme.example", "sandbox")
        self.salesforce = Salesforce(box.url, USER)
        self.admin = Salesforce(box.url, "admin")

    def run(self, *arguments: str) -> Outcome:
        """A command, in this process."""
        self._capture.readouterr()
        code = run(["--config", str(self.config), *arguments])
        said = self._capture.readouterr()
        assert "Traceback" not in said.out + said.err
        return Outcome(code, said.out, said.err)

    def json(self, *arguments: str, code: int = 0) -> Any:
        """A command's JSON document; its exit code must be as told."""
        outcome = self.run(*arguments, "--json")
        assert outcome.code == code, outcome
        return outcome.json

    def sync(self) -> Any:
        """One session's report."""
        (report,) = self.json("sync", USER)["users"]
        return report

    def edit(self, old: str, new: str) -> None:
        """Changes the settings file."""
        text = self.config.read_text(encoding="utf-8")
        assert old in text
        self.config.write_text(text.replace(old, new), encoding="utf-8")

    def append(self, text: str) -> None:
        """Adds to the settings file, before its tables."""
        store, rest = line_of(self.shelf), self.config.read_text(encoding="utf-8")
        self.config.write_text(f"{store}{text}\n{rest.removeprefix(store)}", encoding="utf-8")

    def setup(self) -> Any:
        """Settings and store, as a context."""
        return open_setup(self.config)

    def spawn(self, *arguments: str) -> subprocess.Popen[str]:
        """A command, in a process of its own."""
        return spawn(["--config", str(self.config), *arguments])


def spawn(
    arguments: Sequence[str], folder: Path | None = None, stdin: int | None = None, **environ: str
) -> subprocess.Popen[str]:
    """The program as it is installed; nothing can be typed into it unless `stdin` is subprocess.PIPE."""
    return subprocess.Popen(
        [sys.executable, "-m", "mailsync", *arguments],
        stdin=subprocess.DEVNULL if stdin is None else stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**{k: v for k, v in os.environ.items() if k != "MAILSYNC_CONFIG"}, **environ},
    )


def run_json(config: Path, *arguments: str, code: int = 0) -> Any:
    """A command's JSON document, in this process; its exit code must be as told."""
    result = CliRunner().invoke(app, ["--config", str(config), *arguments, "--json"])
    assert result.exit_code == code, f"{arguments}: exit {result.exit_code}\n{result.output}\n{result.exception!r}"
    return json.loads(result.stdout)
