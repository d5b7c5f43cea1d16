"""What a machine without Node, Java or the recordings is told: it is neither silent nor, where demanded, green."""

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.contract.foreign import presence


@pytest.mark.parametrize(
    ("client", "reason"),
    [
        ("jsforce", "there is no node"),
        ("DavMail", "there is no java"),
        ("@salesforce/soql-common", "there is no node"),
        ("@googleapis/people", "there is no node"),
    ],
)
def test_a_client_without_its_runtime_is_absent(monkeypatch: pytest.MonkeyPatch, client: str, reason: str) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert presence.find_absence(client) == reason


def test_what_was_not_installed_is_absent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    for name in ("HERE", "DAVMAIL", "RECORDED"):
        monkeypatch.setattr(presence, name, tmp_path / "nothing")
    absences = [presence.find_absence(client) for client in ("jsforce", "DavMail", "cumulusci's recordings")]
    assert all(absence and ("make test" in absence or "apt-get install" in absence) for absence in absences)


def test_an_absent_client_fails_where_it_is_demanded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "find_absence", lambda _: "there is no node")
    monkeypatch.setenv("MAILSYNC_REQUIRE_FOREIGN", "1")
    with pytest.raises(pytest.fail.Exception, match="jsforce DID NOT RUN: there is no node"):
        presence.require("jsforce")
    monkeypatch.delenv("MAILSYNC_REQUIRE_FOREIGN")
    with pytest.raises(pytest.skip.Exception, match="jsforce DID NOT RUN: there is no node"):
        presence.require("jsforce")


def test_the_run_ends_in_red_lines_one_a_reason() -> None:
    written: list[tuple[str, dict[str, Any]]] = []

    def report(place: str, reason: str) -> SimpleNamespace:
        return SimpleNamespace(nodeid=place, longrepr=("presence.py", 1, f"Skipped: {reason}"))

    skipped = [
        report("tests/contract/foreign/test_jsforce.py::a", "jsforce DID NOT RUN: there is no node"),
        report("tests/contract/foreign/test_jsforce.py::b", "jsforce DID NOT RUN: there is no node"),
        report("tests/e2e/test_other.py::c", "of no concern"),
    ]
    reporter: Any = SimpleNamespace(
        stats={"skipped": skipped}, write_line=lambda text, **style: written.append((text, style))
    )
    presence.tell_absent(reporter)
    assert written == [("NOT CHECKED: jsforce DID NOT RUN: there is no node", {"red": True, "bold": True})]
