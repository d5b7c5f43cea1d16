"""A busy session that can be spoilt at any request: its undisturbed end, and what must hold of a spoilt one."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from mailsync import retry
from mailsync.bootstrap import open_setup
from mailsync.session.agent import Keys
from tests.crash.world import Snapshot, picture, prepare_busy
from tests.e2e.stage import Stage
from tests.faults.rows import Row

MOST_SESSIONS = 4
"""Within so many sessions after the spoilt one everything is as if nothing had happened, and one writes nothing."""
IN_DOUBT = 601
"""Seconds after which a create that was not found was not carried out (B15)."""
WORLD: Mapping[str, Any] = {
    "salesforce": {"organisation": {"largest_page": 3}},
    "exchange": {"mailboxes": [{"user": "ann", "address": "ann@acme.example"}]},
}
"""Small pages, so that reading Salesforce takes several."""


def skip_waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Lets nobody wait between two tries, while the waits still count against the deadline; they are listed."""
    waits: list[float] = []
    real = retry.Retrying

    def make(**options: Any) -> retry.Retrying:
        return real(**{**options, "sleep": waits.append})

    monkeypatch.setattr(retry, "Retrying", make)
    return waits


def prepare(scene: Stage) -> None:
    """More of what a batch holds than `prepare_busy` has: three creations and updates each way."""
    prepare_busy(scene)
    for name in ("Ria", "Tia"):
        scene.org.create(FirstName=name, LastName="Down", Email=f"{name.lower()}@x.example")
    scene.ann.create(scene.ann.folder, "Lea", "Up", email="lea@x.example")


@dataclass(frozen=True, slots=True)
class Place:
    """The n-th request of one operation of a vendor; `actions` are what requests of that operation do there."""

    vendor: str
    operation: str
    position: int
    actions: frozenset[str]

    def __str__(self) -> str:
        return f"{self.operation}, call {self.position + 1}"


@dataclass(frozen=True)
class Busy:
    """The scene before the session, and the end of one that nothing disturbed."""

    scene: Stage
    start: Snapshot
    end: Mapping[str, list[str]]
    notices: Mapping[str, list[str]]
    places: Sequence[Place]

    def choose(self, vendor: str, row: Row, turn: int, *, all_places: bool) -> Iterator[Place]:
        """Where a row strikes: the first, the middle and the last call of each operation, or one of them in turn."""
        calls: dict[str, list[Place]] = {}
        for place in self.places:
            if place.vendor == vendor and row.meets(place.operation, place.actions):
                calls.setdefault(place.operation, []).append(place)
        for number, found in enumerate(calls.values()):
            chosen = list(dict.fromkeys((found[0], found[len(found) // 2], found[-1])))
            yield from chosen if all_places else [chosen[(turn + number) % len(chosen)]]


def open_busy(scene: Stage) -> Busy:
    """Prepares a world, and learns from an undisturbed session what it asks for and where it ends."""
    prepare(scene)
    start = Snapshot.take(scene)
    start.restore(scene)
    scene.sync()
    logged = scene.requests()
    settle(scene)
    counts: dict[tuple[str, str], int] = {}
    places: list[Place] = []
    for entry in logged:
        key = (entry["vendor"], entry["operation"])
        places.append(Place(*key, counts.get(key, 0), frozenset(entry["actions"])))
        counts[key] = counts.get(key, 0) + 1
    return Busy(scene, start, picture(scene), notices(scene), places)


def notices(scene: Stage) -> Mapping[str, list[str]]:
    """What is open: codes of issues, rules of holds."""
    told = scene.run("issues", "ann")
    return {"issues": sorted(i["code"] for i in told["issues"]), "holds": sorted(h["rule"] for h in told["holds"])}


def settle(scene: Stage) -> None:
    """Sessions until one writes nothing."""
    for _ in range(MOST_SESSIONS):
        scene.forget_requests()
        report = scene.sync(None)
        assert report["status"] in ("done", "held"), report
        if not scene.writes():
            return
    raise AssertionError(f"still writing in session {MOST_SESSIONS}: {scene.writes()}")


def cursors(scene: Stage) -> tuple[Any, Any]:
    """How far both sides have been read."""
    with open_setup(scene.config) as setup:
        state = setup.store.state("ann")
        return state.get(Keys.CRM_CURSOR), state.get(Keys.MAILBOX_CURSOR)


def deleted(scene: Stage) -> frozenset[str]:
    """Who is deleted: records in the recycle bin or gone, items in Deleted Items."""
    world = scene.box.sandbox.dump()
    rows = world["salesforce"]["records"]["Contact"]
    items = world["exchange"]["mailboxes"][0].get("default_folders", {}).get("deleteditems", {}).get("items", [])
    return frozenset(
        [f"record {r['LastName']}" for r in rows if r.get("IsDeleted")] + [f"item {i['Surname']}" for i in items]
    )


def spoil(busy: Busy, row: Row, place: Place) -> None:
    """One session with one fault, and the sessions after it. Raises AssertionError for what does not hold."""
    scene = busy.scene
    busy.start.restore(scene)
    before = cursors(scene)
    scene.fault(vendor=place.vendor, operation=place.operation, after=place.position, **row.fault)
    began = time.monotonic()
    report = scene.sync(None)
    assert time.monotonic() - began < 60, "a session that doesn't end"
    assert report["status"] in ("done", "held", "failed", "skipped"), report
    assert "internal error" not in report["reason"].lower(), report
    assert [e for e in scene.requests() if e["fault"]], "no request met the fault"
    if report["status"] in ("failed", "skipped"):
        assert report["reason"], report
        assert cursors(scene) == before, "a cursor was moved by a session that failed"
    told = report["reason"] or report["issues"] or report["holds"]
    assert told or row.quiet or picture(scene) == busy.end, f"something is missing, and nobody is told: {report}"
    scene.box.sandbox.lift_faults()
    converge(busy, again=row.again)


def converge(busy: Busy, *, again: bool = False) -> None:
    """The sessions after one that was disturbed come to the undisturbed end, and then write nothing; nothing has been
    deleted, now or before, that is not deleted at that end."""
    scene = busy.scene
    gone = deleted(scene)
    scene.advance(IN_DOUBT)
    if again:
        scene.run("retry", "ann")
    settle(scene)
    assert gone <= deleted(scene), f"deleted by mistake: {gone - deleted(scene)}"
    assert picture(scene) == busy.end
    assert notices(scene) == busy.notices
