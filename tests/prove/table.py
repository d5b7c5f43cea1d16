"""The table of figures, for a terminal and as Markdown for docs/reliability.md."""

import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.prove.suite import Figures, Suite

HEAD = ("suite", "what", "tried", "held", "failed", "seconds")


def rows(chosen: Sequence[Suite], figures: Mapping[str, Figures]) -> list[tuple[str, ...]]:
    """A row for each figure; the seconds of a suite stand in its first row."""
    found: list[tuple[str, ...]] = []
    for suite in chosen:
        answer = figures[suite.name]
        title, seconds = suite.title, f"{answer.seconds:,.0f}"
        for row in answer.rows:
            counts = (f"{row.tried:,}", f"{row.held:,}", f"{row.tried - row.held:,}")
            found.append((title, row.what, *counts, seconds))
            title = seconds = ""
        if not answer.rows:
            found.append((title, "nothing was run", "0", "0", f"{len(answer.failures)}", seconds))
        if answer.unreached:
            found.append(("", answer.unreached, "", "", "", ""))
    return found


def as_text(chosen: Sequence[Suite], figures: Mapping[str, Figures]) -> str:
    """The table for a terminal."""
    lines = [HEAD, *rows(chosen, figures)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(HEAD))]
    shown = ["  ".join(c.ljust(w) if n < 2 else c.rjust(w) for n, (c, w) in enumerate(zip(line, widths, strict=True)))
             for line in lines]  # fmt: skip
    return "\n".join([shown[0], "-" * len(shown[0]), *shown[1:]])


def as_markdown(chosen: Sequence[Suite], figures: Mapping[str, Figures], command: str, root: Path) -> str:
    """The table with date, commit, machine and command."""
    lines = [f"| {' | '.join(line)} |" for line in rows(chosen, figures)]
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")  # noqa: TID251 - the date of a run
    told = f"{when}, commit {_commit(root)}, {_machine()}: `{command}`"
    return "\n".join([told, "", f"| {' | '.join(HEAD)} |", "|---|---|--:|--:|--:|--:|", *lines, ""])


def _commit(root: Path) -> str:
    asked = ("git", "-C", str(root), "describe", "--always", "--dirty")
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip() or "unknown"


def _machine() -> str:
    cpu = next((x for x in _cpu_lines() if x.startswith("model name")), "").partition(":")[2].strip()
    cores = sum(1 for x in _cpu_lines() if x.startswith("processor"))
    return f"{cores or '?'} cores {cpu or platform.machine()}, Python {platform.python_version()}"


def _cpu_lines() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else []
