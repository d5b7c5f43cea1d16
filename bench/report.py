"""The results as a page: what was run, where and when, a table, what isn't reached and why."""

import os
import platform
import subprocess
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench import peers
from bench.cost import ROOT
from bench.row import Row, told

REASONS = Path(__file__).with_name("reasons.toml")
LIBRARIES = (
    "exchangelib",
    "simple-salesforce",
    "google-api-python-client",
    "requests",
    "SQLAlchemy",
    "psycopg",
    "lxml",
)

HEAD = Path(__file__).with_name("head.md")


def write_report(place: Path, rows: Sequence[Row], seconds: float, *, caveat: str, picture: str) -> None:
    """Writes the page; `caveat` says what the run lacks."""
    reasons: Mapping[str, str] = tomllib.loads(REASONS.read_text(encoding="utf-8"))
    missed = [row for row in rows if row.reached is False]
    parts = [HEAD.read_text(encoding="utf-8"), f"**{caveat}**\n\n" if caveat else "", _tell_run(seconds)]
    parts += [f"![CPU beside peers]({picture})\n\n", _table(rows)]
    parts.append(f"\n## Not reached ({len(missed)})\n\n" if missed else "\nEvery goal of this run was reached.\n")
    parts += [
        f"- **{row.what}**: {told(row.ours)} {row.unit} for {told(row.goal)}. {_reason(row, reasons)}\n"
        for row in missed
    ]
    place.write_text("".join(parts), encoding="utf-8")


def _reason(row: Row, reasons: Mapping[str, str]) -> str:
    """The longest entry that the row's name begins with."""
    found = [name for name in reasons if row.name == name or row.name.startswith(f"{name}.")]
    return reasons[max(found, key=len)] if found else "No reason is known yet."


def _table(rows: Sequence[Row]) -> str:
    lines = ["| what | ours | goal | floor | peer | ours/peer | |", "|---|---|---|---|---|---|---|"]
    for row in rows:
        goal = f"{row.better.value} {told(row.goal)}" if row.goal is not None else ""
        mark = {True: " ✓", False: " **✗**", None: ""}[row.reached]
        peer = f"{told(row.peer)} ({row.rival})" if row.peer is not None else ""
        ours = f"{told(row.ours)} {row.unit}{mark}"
        lines.append(
            f"| {row.what} | {ours} | {goal} | {told(row.floor)} | {peer} | {told(row.ratio)} | {row.detail} |"
        )
    return "\n".join(lines) + "\n"


def _tell_run(seconds: float) -> str:
    commit = _said("git", "rev-parse", "--short", "HEAD")
    date = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")  # noqa: TID251 - the day of the run
    load = os.getloadavg()[0]
    machine = (
        f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, load {load:.1f} at the end"
    )
    ours = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"{date}, commit {commit}, {seconds / 60:.0f} minutes. {machine}. Python {platform.python_version()}; {ours}. "
        f"Peers: {_tell_peers()}.\n\n"
    )


def _tell_peers() -> str:
    python = str(peers.ENVIRONMENT / "python")
    show = (
        "from importlib.metadata import version as v; print('vdirsyncer', v('vdirsyncer'), 'Radicale', v('radicale'))"
    )
    found = [
        _said(python, "-c", show) if peers.is_installed("vdirsyncer") else "vdirsyncer is **missing**",
        _said("unison", "-version") if peers.is_installed("unison") else "unison is **missing**",
        _said("rclone", "version").split("\n")[0] if peers.is_installed("rclone") else "rclone is **missing**",
    ]
    return ", ".join(found)


def _said(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=False)
    return done.stdout.strip() or done.stderr.strip()


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()
