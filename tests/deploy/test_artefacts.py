"""Dockerfile, compose file and systemd units, each held against its kind's own checker, and each checker against a
planted fault. What they start is held against the program: commands, options and variables that it has.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from typer.main import get_command

from mailsync.cli import app
from mailsync.settings.shape import WorkerShape

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
PROGRAM = "/opt/mailsync/bin/mailsync"


def check(*words: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([str(w) for w in words], capture_output=True, text=True, check=False, timeout=120)


def tool(name: str) -> str:
    """A checker that was installed beside this Python."""
    return str(Path(sys.executable).parent / name)


def hadolint(file: Path) -> "subprocess.CompletedProcess[str]":
    return check(tool("hadolint"), "--no-color", "--failure-threshold", "style", file)


def compose(file: Path) -> "subprocess.CompletedProcess[str]":
    return check(tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", file)


def systemd(files: Sequence[Path], folder: Path) -> "subprocess.CompletedProcess[str]":
    """The units as they would be on a machine that has the program: where it lies is another place here."""
    if shutil.which("systemd-analyze") is None:
        pytest.fail("systemd-analyze is not installed (Debian: apt-get install systemd; make test does)", pytrace=False)
    there = []
    for file in files:
        copy = folder / file.name.replace("@.", "@1.")
        text = file.read_text().replace(PROGRAM, sys.executable)
        copy.write_text(re.sub(r"^(User|Group)=mailsync$", r"\1=daemon", text, flags=re.MULTILINE))
        there.append(copy)
    return check("systemd-analyze", "verify", "--man=no", "--recursive-errors=one", *there)


def test_the_dockerfile_is_without_fault() -> None:
    ended = hadolint(DEPLOY / "Dockerfile")
    assert (ended.returncode, ended.stdout) == (0, "")


@pytest.mark.parametrize(
    ("good", "bad"), [("FROM python:3.13-slim-bookworm\n", "FROM python\n"), ("USER 10001:10001", "RUN cd /tmp && ls")]
)
def test_a_fault_in_a_dockerfile_is_noticed(tmp_path: Path, good: str, bad: str) -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    assert good in text
    (tmp_path / "Dockerfile").write_text(text.replace(good, bad))
    assert hadolint(tmp_path / "Dockerfile").returncode != 0


def test_the_compose_file_is_of_the_specification() -> None:
    ended = compose(DEPLOY / "compose.yaml")
    assert ended.returncode == 0, ended.stdout


def test_a_fault_in_a_compose_file_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "compose.yaml"
    file.write_text((DEPLOY / "compose.yaml").read_text().replace("stop_grace_period", "stop_grace"))
    assert compose(file).returncode != 0


def test_the_units_are_without_fault(tmp_path: Path) -> None:
    ended = systemd(UNITS, tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_fault_in_a_unit_is_noticed(tmp_path: Path) -> None:
    bad = tmp_path / "mailsync.service"
    bad.write_text((DEPLOY / "systemd" / "mailsync.service").read_text().replace("Restart=", "Restrat="))
    folder = tmp_path / "there"
    folder.mkdir()
    assert "Restrat" in systemd([bad], folder).stderr


def read_compose() -> dict[str, Any]:
    return YAML(typ="safe").load(DEPLOY / "compose.yaml")


def started() -> list[list[str]]:
    """Every command line that is started anywhere, without the program's name."""
    lines = [
        line for unit in UNITS for line in re.findall(rf"^ExecStart={PROGRAM} (.*)$", unit.read_text(), re.MULTILINE)
    ]
    services = read_compose()["services"].values()
    return [line.split() for line in lines] + [s["command"] for s in services if "command" in s] + [["serve"]]


def test_what_is_started_are_commands_of_the_program() -> None:
    for words in started():
        command: Any = get_command(app)
        while words and hasattr(command, "commands") and words[0] in command.commands:
            command, words = command.commands[words[0]], words[1:]
        assert not hasattr(command, "commands"), words
        options = {o for p in command.params for o in p.opts}
        assert {w for w in words if w.startswith("--")} <= options


def test_variables_that_are_set_are_read_by_the_program() -> None:
    texts = [file.read_text() for file in (*UNITS, DEPLOY / "Dockerfile")]
    given = {name for text in texts for name in re.findall(r"\b(MAILSYNC_[A-Z_]+)=", text)}
    command: Any = get_command(app)
    commands = [command, *command.commands.values()]
    known = {p.envvar for c in commands for p in c.params if p.envvar} | {"MAILSYNC_CONFIG"}
    assert given
    assert given <= known


def test_who_stops_it_waits_longer_than_a_session_needs_to_stop() -> None:
    grace = WorkerShape().grace
    seconds = [int(n) for u in UNITS for n in re.findall(r"TimeoutStopSec=(\d+)s", u.read_text())]
    seconds.append(int(read_compose()["x-mailsync"]["stop_grace_period"].removesuffix("s")))
    assert len(seconds) == 3
    assert min(seconds) > float(grace if isinstance(grace, int | float) else grace.total_seconds())


def test_the_container_runs_as_nobody_in_particular_and_is_given_no_secret() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    assert re.search(r"^USER 10001:10001$", text, re.MULTILINE)
    kept = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    copied = {
        word.removeprefix("./")
        for line in re.findall(r"^COPY ([^-].*) \S+$", text, re.MULTILINE)
        for word in line.split()
    }
    assert copied == {line.removeprefix("!") for line in kept}
    assert all((ROOT / name).exists() for name in copied)


def test_what_the_container_throws_away_is_not_needed(tmp_path: Path) -> None:
    """The adapter reads its own copy of Google's document: without the library's 600 it works as before."""
    shutil.copytree(
        Path(tool("..")).resolve() / "lib" / f"python3.{sys.version_info.minor}" / "site-packages" / "googleapiclient",
        tmp_path / "googleapiclient",
        ignore=shutil.ignore_patterns("documents"),
    )
    code = (
        "import googleapiclient, sys; assert googleapiclient.__file__.startswith(sys.argv[1]);"
        "from mailsync.mailbox.google.service import build_service;"
        "build_service('https://people.googleapis.com').groups.list()"
    )
    environ = {**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}"}
    ended = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, env=environ, check=False
    )
    assert ended.returncode == 0, ended.stderr
