"""What nobody expected: one line without personal values, exit 1, and the other users go on."""

import os
import subprocess
import sys

import pytest

from mailsync import bootstrap
from mailsync.errors import StoreError
from mailsync.worker import turn
from tests.e2e.cli.desk import Desk


def explode(*_: object, **__: object) -> None:
    raise KeyError("Gwen Archer")


def test_L9_a_bug_in_a_session_fails_it_and_names_its_place(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn, "drive", explode)
    (report,) = desk.json("sync", code=1)["users"]
    assert report["status"] == "failed"
    assert "internal error KeyError at" in report["reason"]
    assert "Archer" not in report["reason"]


def test_L9_a_bug_in_a_command_is_one_line(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "resolve", explode)
    outcome = desk.run("get", "ann")
    assert outcome.code == 1
    assert len(outcome.err.splitlines()) == 1
    assert "internal error KeyError at bootstrap.py:" in outcome.err
    assert "Archer" not in outcome.err


def test_a_store_that_fails_is_a_sentence_with_its_remedy(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise StoreError("the disk is full", "make room")

    monkeypatch.setattr(bootstrap, "resolve", full)
    assert desk.run("get", "ann").err == "mailsync: the disk is full. make room\n"


@pytest.mark.parametrize("words", [["history", "ann", "--json"], ["get", "ann"]])
def test_a_reader_that_goes_away_gets_no_complaint(desk: Desk, words: list[str]) -> None:
    desk.sync()
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "mailsync", "--config", str(desk.config), *words]
    with os.fdopen(writing, "w") as gone:
        ended = subprocess.run(command, stdout=gone, stderr=subprocess.PIPE, text=True, timeout=30, check=False)
    assert (ended.returncode, ended.stderr) == (1, "")


def test_D9_history_is_kept_for_the_days_that_are_set(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, object] = {}
    desk.run("set", "ann", "history_days=7", "tombstone_days=3")
    with desk.setup() as setup:
        monkeypatch.setattr(type(setup.store), "purge", lambda _store, _now, **options: asked.update(options))
        desk.sync()
    assert {k: getattr(v, "days", v) for k, v in asked.items()} == {"history": 7, "tombstones": 3, "user": "ann"}
