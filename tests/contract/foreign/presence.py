"""Which clients by other people are on this machine. Absent ones are told loudly, never passed over in silence."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
CLIENTS = HERE / "clients"
DAVMAIL = Path("/usr/share/davmail/davmail.jar")  # Debian's package davmail-server
RECORDED = ROOT / ".foreign" / "cumulusci-4.10.1-py3-none-any.whl"
PARTNER_WSDL = HERE / "node_modules" / "jsforce" / "src" / "api" / "soap" / "wsdl.xml"
LONGEST = 90  # seconds that a client may take


def find_absence(client: str) -> str | None:
    """Why a client can't run here; None where it can."""
    if client == "DavMail":
        if shutil.which("java") is None:
            return "there is no java"
        return None if DAVMAIL.is_file() else "it is not installed (Debian: apt-get install davmail-server)"
    if client == "cumulusci's recordings":
        return None if RECORDED.is_file() else "they were not fetched; make test does it"
    if shutil.which("node") is None:
        return "there is no node"
    package = HERE / "node_modules" / client.lower()
    return None if package.is_dir() else "it is not installed; make test does it"


def require(client: str) -> None:
    """Goes on only where the client is there; else the test is skipped and told in red, or failed where demanded."""
    absence = find_absence(client)
    if absence is None:
        return
    message = f"{client} DID NOT RUN: {absence}"
    if os.environ.get("MAILSYNC_REQUIRE_FOREIGN") == "1":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


def run_script(name: str, order: Mapping[str, Any]) -> dict[str, Any]:
    """What each step of clients/<name>.mjs gave, by the step's name."""
    ended = run_node(name, json.dumps(order))
    return json.loads(ended)


def run_node(name: str, *words: str, text: str | None = None) -> str:
    """Standard output of clients/<name>.mjs. Fails with what it complained of."""
    environment = {k: v for k, v in os.environ.items() if "proxy" not in k.lower()}
    ended = subprocess.run(
        ["node", str(CLIENTS / f"{name}.mjs"), *words],
        input=text,
        capture_output=True,
        text=True,
        timeout=LONGEST,
        env=environment,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def tell_absent(reporter: pytest.TerminalReporter) -> None:
    """Names in red what could not run, for the end of a run's output; on the controller of several workers, too."""
    skipped = [report for report in reporter.stats.get("skipped", []) if "contract/foreign/" in report.nodeid]
    reasons = {report.longrepr[2].removeprefix("Skipped: ") for report in skipped if isinstance(report.longrepr, tuple)}
    for reason in sorted(reasons):
        reporter.write_line(f"NOT CHECKED: {reason}", red=True, bold=True)
