"""Plants a bug in a copy of the program, and sees what a suite says of it."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.planted.bugs import SUITES, Bug, Edit

ROOT = Path(__file__).parent.parent.parent
COPIED = ("mailsync", "tests", "bench", "docs", "pyproject.toml", "constraints.txt", "README.md")
HEAVY = shutil.ignore_patterns("__pycache__", "node_modules", ".hypothesis", "*.pyc")
LONGEST_TRACE = 3000


@dataclass(frozen=True, slots=True)
class Notice:
    """What a suite says of a planted bug: whether it fails, and the end of what it prints."""

    bug: str
    suite: str
    noticed: bool
    told: str


def find_misplaced(edit: Edit, root: Path = ROOT) -> str:
    """Why an edit can't be made (in words), or nothing: the right text must stand there exactly once."""
    found = (root / edit.path).read_text().count(edit.right)
    return "" if found == 1 else f"{edit.path}: the text to replace is there {found} times: {edit.right!r}"


@contextmanager
def planted(bug: Bug | None) -> Iterator[Path]:
    """A copy of the program with a bug in it, or without any. Raises ValueError where an edit does not fit."""
    with tempfile.TemporaryDirectory(prefix="mailsync-planted-") as place:
        copy = Path(place)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=HEAVY)
            elif source.exists():
                shutil.copy(source, copy / name)
        for edit in bug.edits if bug else ():
            if problem := find_misplaced(edit, copy):
                raise ValueError(problem)
            file = copy / edit.path
            file.write_text(file.read_text().replace(edit.right, edit.wrong))
        yield copy


def run_suite(suite: str, copy: Path, seconds: float) -> tuple[bool, str]:
    """Whether a suite holds in that copy within so many seconds, and the end of what it printed. Out of time it holds:
    it noticed nothing."""
    module, *arguments = SUITES[suite]
    more = {"pytest": ["-x", "-q", "-p", "no:cacheprovider", "-n", "0"], "tests.prove": ["--budget", f"{seconds:.0f}"]}
    command = [sys.executable, "-m", module, *arguments, *more.get(module, [])]
    env = {**os.environ, "PYTHONPATH": str(copy)}
    limit = seconds + 120 if module == "tests.prove" else seconds
    try:
        done = subprocess.run(command, cwd=copy, env=env, capture_output=True, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return True, f"nothing noticed within {seconds:.0f} s"
    return done.returncode == 0, f"{done.stdout}\n{done.stderr}"[-LONGEST_TRACE:]


def try_bug(bug: Bug | None, suite: str, seconds: float) -> Notice:
    """What one suite says of one bug. Without a bug a suite that fails could not tell anything."""
    with planted(bug) as copy:
        held, told = run_suite(suite, copy, seconds)
    return Notice(bug.name if bug else "", suite, not held, told)
