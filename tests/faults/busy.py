"""A busy session that can be spoilt at any request: its undisturbed end, and what must hold of a spoilt one.

Played by ann on Exchange, bob at Gmail and cem on Microsoft 365 (tests/crash/scene.py), with pages of three rows.
"""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from mailsync import retry
from mailsync.bootstrap import open_setup
from mailsync.crm.salesforce import transport as salesforce_transport
from mailsync.mailbox.exchange import feed as exchange_feed
from mailsync.mailbox.exchange import search as exchange_search
from mailsync.mailbox.exchange import transport as exchange_transport
from mailsync.mailbox.google import feed as google_feed
from mailsync.mailbox.google import transport as google_transport
from mailsync.mailbox.microsoft import changes, feed, pages, tree
from mailsync.mailbox.microsoft import transport as microsoft_transport
from mailsync.sandbox.log import Entry
from mailsync.sandbox.world import read_world
from mailsync.session.agent import Keys
from tests.crash.ending import MARKS, PAST, Picture, differences, take_picture
from tests.crash.scenarios.life import everything_at_once
from tests.crash.scene import Moment, Scene
from tests.faults.rows import Row

MOST_SESSIONS = 4
"""Within so many sessions after the spoilt one everything is as if nothing had happened, and one writes nothing."""
IN_DOUBT = 601
"""Seconds after which a create that was not found was not carried out (B15)."""
COMMANDS = "store activity"
FEW = 2
PROBLEM_LABEL = '{"name": "Sync Error"}'
SMALL = 3
"""Rows of a page, so that reading takes several."""
TRANSPORTS = (salesforce_transport, exchange_transport, google_transport, microsoft_transport)


def skip_waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Lets nobody wait between two tries, while the waits still count against the deadline; they are listed."""
    waits: list[float] = []
    real = retry.Retrying

    def make(**options: Any) -> retry.Retrying:
        return real(**{**options, "sleep": waits.append})

    monkeypatch.setattr(retry, "Retrying", make)
    return waits


def take_small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the adapters ask for pages of few rows; Salesforce is told so by its world."""
    monkeypatch.setattr(exchange_feed, "PAGE", SMALL)
    monkeypatch.setattr(exchange_search, "PAGE", SMALL)
    monkeypatch.setattr(google_feed, "PAGE", SMALL)
    for module in (pages, feed, tree, changes):
        monkeypatch.setattr(module, "PREFER_PAGE", f"odata.maxpagesize={SMALL}")
    monkeypatch.setattr(feed, "TOP", SMALL)


def prepare(scene: Scene) -> None:
    """More of what a batch holds than `everything_at_once` has: three creations and updates each way."""
    scene.clear()
    world = read_world("empty")
    organisation = {**world["salesforce"]["organisation"], "largest_page": SMALL}
    scene.box.sandbox.reset({**world, "salesforce": {**world["salesforce"], "organisation": organisation}})
    scene.configure(auto_removal="allowed")
    everything_at_once(scene)
    for name in ("Ria", "Tia"):
        scene.org.create(FirstName=name, LastName="Down", Email=f"{name.lower()}@x.example")
    scene.person.create("Lea Up", Email="lea@x.example")
    scene.leave()


@dataclass(frozen=True, slots=True)
class Place:
    """A request of a session: the n-th of its operation. `actions` are what it does; where requests of an operation do
    different things, as Graph's batches, each kind counts as an operation of its own.
    """

    vendor: str
    operation: str
    position: int
    actions: frozenset[str]

    def __str__(self) -> str:
        return f"{self.operation} ({', '.join(sorted(self.actions))}), call {self.position + 1}"


@dataclass(frozen=True)
class Busy:
    """The scene before the session, and the end of one that nothing disturbed."""

    scene: Scene
    start: Moment
    end: Picture
    notices: Mapping[str, list[str]]
    places: Sequence[Place]

    def choose(self, vendor: str, row: Row, turn: int, *, all_places: bool) -> Iterator[Place]:
        """Where a row strikes: the first, the middle and the last call of each operation. Else one of these in turn,
        and rows that can meet more than a few operations meet every other one, by turns.
        """
        calls: dict[tuple[str, frozenset[str]], list[Place]] = {}
        for place in self.places:
            if place.vendor == vendor and row.meets(place.operation, place.actions):
                calls.setdefault((place.operation, place.actions), []).append(place)
        for number, found in enumerate(calls.values()):
            chosen = list(dict.fromkeys((found[0], found[len(found) // 2], found[-1])))
            if all_places:
                yield from chosen
            elif len(calls) <= FEW or (turn + number) % 2 == 0:
                yield chosen[(turn + number) // 2 % len(chosen)]


def open_busy(scene: Scene) -> Busy:
    """Prepares a world, and learns from an undisturbed session what it asks for and where it ends."""
    prepare(scene)
    start = scene.moment()
    scene.restore(start)
    scene.sync()
    logged = list_requests(scene)
    settle(scene)
    counts: dict[tuple[str, str], int] = {}
    places: list[Place] = []
    for entry in logged:
        key = (entry.vendor, entry.call.operation)
        places.append(Place(*key, counts.get(key, 0), frozenset(entry.call.actions)))
        counts[key] = counts.get(key, 0) + 1
    return Busy(scene, start, take_picture(scene), list_notices(scene), places)


def run_session(scene: Scene) -> dict[str, Any]:
    """The report of a session, however it ends."""
    return scene.run("sync", scene.user, code=None)["users"][0]


def list_requests(scene: Scene, vendor: str | None = None) -> list[Entry]:
    """What the vendors were asked since the log was cleared."""
    return [e for e in scene.box.sandbox.log.entries() if vendor in (None, e.vendor)]


def list_notices(scene: Scene) -> Mapping[str, list[str]]:
    """What is open: codes of issues, rules of holds."""
    told = scene.run("issues", scene.user)
    return {"issues": sorted(i["code"] for i in told["issues"]), "holds": sorted(h["rule"] for h in told["holds"])}


def settle(scene: Scene) -> None:
    """Sessions until one writes nothing."""
    for _ in range(MOST_SESSIONS):
        scene.forget_requests()
        scene.sync()
        if not scene.writes():
            return
    raise AssertionError(f"still writing in session {MOST_SESSIONS}: {scene.writes()}")


def read_cursors(scene: Scene) -> tuple[Any, Any]:
    """How far both sides have been read."""
    with open_setup(scene.config) as setup:
        state = setup.store.state(scene.user)
        return state.get(Keys.CRM_CURSOR), state.get(Keys.MAILBOX_CURSOR)


def list_deleted(scene: Scene) -> frozenset[str]:
    """Who is deleted: records in the recycle bin, items in Deleted Items; contacts in Google's trash, by their ids."""
    world = scene.box.sandbox.dump()
    (box,) = [b for b in world[scene.kind]["mailboxes"] if b["user"] == scene.user]
    records = [r for r in world["salesforce"]["records"]["Contact"] if r.get("IsDeleted")]
    items = box.get("default_folders", {}).get("deleteditems", {}).get("items", [])
    names = [i["Surname"] for i in items] + [c["id"] for c in box.get("deleted", [])]
    return frozenset([f"record {r['LastName']}" for r in records] + [f"item {n}" for n in names])


def show_vendors(end: Picture) -> Picture:
    """The part of an end that the vendors hold."""
    return {part: lines for part, lines in end.items() if not part.startswith("store ")}


def spoil(busy: Busy, row: Row, place: Place) -> None:
    """One session with one fault, and the sessions after it. Raises AssertionError for what does not hold."""
    scene = busy.scene
    scene.restore(busy.start)
    before = read_cursors(scene)
    fault = {"vendor": place.vendor, "operation": place.operation, "after": place.position, **row.fault}
    scene.box.sandbox.add_fault(fault)
    began = time.monotonic()
    with pytest.MonkeyPatch.context() as patched:
        for transport in TRANSPORTS if row.slow else ():
            patched.setattr(transport, "PEER", replace(transport.PEER, timeouts=(5.0, 1.0)))
        report = run_session(scene)
    assert time.monotonic() - began < 60, "a session that doesn't end"
    assert report["status"] in ("done", "held", "failed", "skipped"), report
    assert "internal error" not in report["reason"].lower(), report
    assert [e for e in list_requests(scene) if e.fault], "no request met the fault"
    if report["status"] in ("failed", "skipped"):
        assert report["reason"], report
        assert read_cursors(scene) == before, "a cursor was moved by a session that failed"
    told = report["reason"] or report["issues"] or report["holds"]
    assert told or row.quiet or _is_as_undisturbed(busy), f"something is missing, and nobody is told: {report}"
    scene.box.sandbox.lift_faults()
    converge(busy, again=row.again)


def _is_as_undisturbed(busy: Busy) -> bool:
    return not differences(show_vendors(busy.end), show_vendors(take_picture(busy.scene)))


def converge(busy: Busy, *, again: bool = False) -> None:
    """The sessions after one that was disturbed come to the undisturbed end, and then write nothing; nothing has been
    deleted, now or before, that is not deleted at that end."""
    scene = busy.scene
    gone = list_deleted(scene)
    scene.advance(IN_DOUBT)
    if again:
        scene.run("retry", scene.user)
    settle(scene)
    assert gone <= list_deleted(scene), f"deleted by mistake: {gone - list_deleted(scene)}"
    wrong = differences(compare_to(busy.end), compare_to(take_picture(scene)))
    assert not wrong, "\n".join(wrong)
    assert list_notices(scene) == busy.notices


def compare_to(end: Picture) -> Picture:
    """What a disturbed run's end is compared in: all but the history, which tells of what was tried in between, what
    people ordered, and Gmail's label for problems, which stays once it was needed (C1). A blank address is the same as
    no text."""
    kept = {part: lines for part, lines in end.items() if part not in (PAST, MARKS, COMMANDS)}
    shown = {p: [_blank(x) for x in lines if x != PROBLEM_LABEL] for p, lines in kept.items()}
    return {part: lines for part, lines in shown.items() if lines}


def _blank(line: str) -> str:
    return re.sub(r'(?<=":)( ?)\{\}', r'\1\\"\\"', line)
