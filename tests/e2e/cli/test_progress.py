"""E4: whoever watches a first sync sees how far it is, and one that is stopped goes on where it was."""

import os
import pty
import select
import subprocess
import sys
import threading
import time

import requests

from mailsync.bootstrap import open_setup
from mailsync.worker.turn import take_turn
from tests.e2e.cli.desk import USER, Desk

CONTACTS = 450


def fill(desk: Desk) -> int:
    """Contacts of ann's, in more batches than one; how many come down with those of the world."""
    people = [{"attributes": {"type": "Contact"}, "LastName": f"Doe {n:04}"} for n in range(CONTACTS)]
    place = f"{desk.box.url}/services/data/v68.0/composite/sobjects"
    for start in range(0, CONTACTS, 200):
        body = {"allOrNone": True, "records": people[start : start + 200]}
        answer = requests.post(place, json=body, headers={"Authorization": f"Bearer sandbox-{USER}"}, timeout=30)
        answer.raise_for_status()
        assert all(made["success"] for made in answer.json())
    return CONTACTS + 12


def test_E4_a_first_sync_tells_how_far_it_is_and_goes_on_where_it_was_stopped(desk: Desk) -> None:
    expected, steps, stopping = fill(desk), list[tuple[str, int, int]](), threading.Event()

    def watch(stage: str, done: int, total: int) -> None:
        steps.append((stage, done, total))
        if stage == "creating in the mailbox" and done >= total / 2:
            stopping.set()

    with open_setup(desk.config) as setup:
        report = take_turn(setup, USER, watch, stopping)
        assert report.reason.startswith("stopped on request")
        made = setup.store.count(USER)
        assert expected / 2 <= made < expected
        stopping.clear()
        again = take_turn(setup, USER, lambda stage, done, total: steps.append((stage, done, total)))
        assert again.status == "done"
        assert setup.store.count(USER) == expected
        assert again.tally.created == expected - made
    creating = [(done, total) for stage, done, total in steps if stage == "creating in the mailbox"]
    assert len(creating) > 4
    first = [done for done, total in creating if total == expected]
    assert first == sorted(first)
    assert creating[-1] == (expected - made, expected - made)
    assert "reading both sides" in [stage for stage, _, _ in steps]


def test_E4_a_terminal_shows_the_progress_of_a_first_sync(desk: Desk) -> None:
    expected = fill(desk)
    desk.box.sandbox.add_fault(
        {"vendor": "exchange", "operation": "CreateItem", "kind": "delay", "seconds": 1.5, "times": 2}
    )
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "mailsync", "--config", str(desk.config), "sync", USER]
    environ = {**os.environ, "TERM": "xterm", "COLUMNS": "200"}
    shown = bytearray()
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=theirs, env=environ) as run:
        os.close(theirs)
        until = time.monotonic() + 60
        while time.monotonic() < until and run.poll() is None:
            if select.select([ours], [], [], 0.2)[0]:
                try:
                    shown += os.read(ours, 65536)
                except OSError:  # the other end is closed
                    break
        out = run.stdout.read().decode() if run.stdout else ""
    os.close(ours)
    text = shown.decode(errors="replace")
    assert "creating in the mailbox" in text
    assert f"/{expected}" in text
    assert f"{expected} created" in out
