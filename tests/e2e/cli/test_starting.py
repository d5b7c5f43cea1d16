"""What a command loads and does before it does its work."""

import json
import subprocess
import sys

VENDORS = ("exchangelib", "simple_salesforce", "googleapiclient", "msal", "sqlalchemy", "starlette", "pgqueuer", "lxml")

SCRIPT = """
import gc, json, sys
from mailsync.cli import main
sys.argv = ["mailsync", *%r]
try:
    main()
except SystemExit as end:
    told = {"code": end.code, "threshold": gc.get_threshold()[0], "loaded": sorted(sys.modules)}
    sys.stderr.write(json.dumps(told))
"""


def run(*words: str) -> dict[str, object]:
    """A command in a process of its own: its exit code, and what it had loaded by then."""
    done = subprocess.run([sys.executable, "-c", SCRIPT % (words,)], capture_output=True, text=True, check=True)
    return json.loads(done.stderr)


def test_help_loads_no_vendors_library() -> None:
    """`mailsync --help` in 150 ms: the libraries alone cost a second."""
    told = run("--help")
    loaded = told["loaded"]
    assert isinstance(loaded, list)
    assert told["code"] == 0
    assert "typer" in loaded
    assert [name for name in VENDORS if name in loaded] == []


def test_a_command_looks_for_cycles_less_often_than_python_does_by_itself() -> None:
    assert run("--help")["threshold"] == 50_000
