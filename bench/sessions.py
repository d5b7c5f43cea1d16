"""A book of 10,000 on each kind of mailbox: first session, idle ones, 1 % changed, an idle `mailsync sync` as a
process; beside the vendors' clients alone and what people would use instead, all in turns."""

import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench import peers
from bench.box import Box, standing
from bench.cost import MB, Cost, median, run_measured
from bench.peers import Peer
from bench.row import Row
from bench.size import Size
from bench.warm import Sample, Worker, looping, working
from bench.worlds import KINDS, PEOPLE, make_world

NAMES = {"exchange": "Exchange", "google": "Gmail", "microsoft": "Microsoft 365"}
CREATED_AT_ONCE = {"exchange": 100, "google": 200, "microsoft": 20}
REMOTE, FILES = "vdirsyncer with Radicale", "vdirsyncer"


def measure(size: Size) -> list[Row]:
    """The rows of this page."""
    with ExitStack() as stack:
        box = stack.enter_context(standing(make_world({PEOPLE[kind]: size.usual for kind in KINDS})))
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mailsync-peers-")))
        others = _open_peers(stack, home, size)
        worker = stack.enter_context(working(box))
        rows, sent = _measure_first(box, worker, others, size)
        idle_peer, rows_of_idle = _measure_idle(stack, box, worker, others, size)
        rows += rows_of_idle
        rows += _measure_changes(box, worker, others, size)
        rows += _measure_process(box, others, idle_peer, size)
        floors = {f"first.{kind}": _replay(box, entries) for kind, entries in sent.items()}
    return [replace(row, floor=floors.get(row.name, row.floor)) for row in rows]


def _replay(box: Box, entries: Sequence[Mapping[str, Any]]) -> float:
    """CPU-seconds of the same requests by the vendor's client alone. Last of all, as it makes all contacts twice."""
    with looping(box, entries) as loop:
        return loop.ask().cost.cpu


def _open_peers(stack: ExitStack, home: Path, size: Size) -> dict[str, Peer]:
    names = [name for name in peers.ALL if peers.is_installed(name)]
    return {n: stack.enter_context(peers.standing(n, home / str(k), size.usual)) for k, n in enumerate(names)}


def _measure_first(
    box: Box, worker: Worker, others: Mapping[str, Peer], size: Size
) -> tuple[list[Row], dict[str, list[Mapping[str, Any]]]]:
    """10,000 down, once on each kind and by each peer, and what was sent for it; then the session of their echo."""
    pulled = {name: peer.sync(first=True) for name, peer in others.items()}
    rival = pulled.get(REMOTE)
    rows: list[Row] = []
    sent: dict[str, list[Mapping[str, Any]]] = {}
    for kind in KINDS:
        box.forget()
        sample = worker.sync(PEOPLE[kind])
        creates = [r for r in box.log(bodies=True) if r["vendor"] == kind and "create" in r["actions"]]
        told = tell_requests(box)
        sent[kind] = _contacts_alone(kind, creates)
        rows.append(
            Row(
                f"first.{kind}",
                f"first session, {size.usual:,} contacts down, {NAMES[kind]}",
                "CPU-s",
                sample.cost.cpu,
                rival.cpu if rival else None,
                peer=rival.cpu if rival else None,
                rival=f"{REMOTE}, pull",
                detail=f"{told}; wall {sample.cost.wall:.0f} s; {tell_growth(sample)}",
            )
        )
        rows.append(_row_of_creates(kind, len(creates), size))
        worker.sync(PEOPLE[kind])
    others_told = {n: c for n, c in pulled.items() if n != REMOTE}
    rows += [
        Row(f"first.{n}", f"first run, {size.usual:,} cards, {n}", "CPU-s", c.cpu, detail=f"peak {c.peak / MB:.0f} MB")
        for n, c in others_told.items()
    ]
    return rows, sent


def _contacts_alone(kind: str, creates: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Requests that create contacts, without those that make the folder."""
    folders = ("CreateFolder", "contactGroups.create")
    return [r for r in creates if r["operation"] not in folders][1 if kind == "microsoft" else 0 :]


def _row_of_creates(kind: str, sent: int, size: Size) -> Row:
    least = -(-size.usual // CREATED_AT_ONCE[kind])
    what = f"requests that create {size.usual:,} items (and the folder), {NAMES[kind]}"
    return Row(f"first.requests.{kind}", what, "requests", sent, least + 2, floor=least)


def _measure_idle(
    stack: ExitStack, box: Box, worker: Worker, others: Mapping[str, Peer], size: Size
) -> tuple[dict[str, Cost], list[Row]]:
    loops: dict[str, Worker] = {}
    told: dict[str, str] = {}
    for kind in KINDS:
        for _ in range(2):
            worker.sync(PEOPLE[kind])
        box.forget()
        worker.sync(PEOPLE[kind])
        told[kind] = tell_requests(box)
        loops[kind] = stack.enter_context(looping(box, box.log(bodies=True)))
        for _ in range(3):
            loops[kind].ask()
    runs: dict[str, list[Cost]] = {name: [] for name in (*KINDS, *(f"bare {k}" for k in KINDS), *others)}
    for _ in range(size.rounds):
        for kind in KINDS:
            for _ in range(4):
                runs[kind].append(worker.sync(PEOPLE[kind]).cost)
                runs[f"bare {kind}"].append(loops[kind].ask().cost)
        for name, peer in others.items():
            runs[name].append(peer.sync())
    idle = {name: median(costs) for name, costs in runs.items()}
    rival = idle.get(REMOTE)
    rows = [
        Row(
            f"idle.{kind}",
            f"idle session in a warm worker, {size.usual:,} pairs, {NAMES[kind]}",
            "CPU-ms",
            idle[kind].cpu * 1e3,
            15,
            floor=idle[f"bare {kind}"].cpu * 1e3,
            peer=rival.cpu * 1e3 if rival else None,
            rival=f"{REMOTE}, a process each time",
            detail=f"{told[kind]}; wall {idle[kind].wall * 1e3:.0f} ms",
        )
        for kind in KINDS
    ]
    return {name: idle[name] for name in others}, rows


def _measure_changes(box: Box, worker: Worker, others: Mapping[str, Peer], size: Size) -> list[Row]:
    """1 % edited in Salesforce, then 1 % in the mailbox; and of the peers' cards."""
    count = max(1, size.usual // 100)
    runs: dict[str, list[Cost]] = {}
    told: dict[str, str] = {}
    for turn in range(3):
        for kind in KINDS:
            for way, edit in (("down", _edit_records), ("up", _edit_items)):
                edit(box, worker, kind, count, f"T{turn} {way}")
                box.forget()
                sample = worker.sync(PEOPLE[kind])
                told[f"{way} {kind}"] = tell_requests(box)
                runs.setdefault(f"{way} {kind}", []).append(sample.cost)
                worker.sync(PEOPLE[kind])  # the echo
        for name, peer in others.items():
            peer.edit(count, f"Turn {turn}")
            runs.setdefault(name, []).append(peer.sync())
    spent = {name: median(costs) for name, costs in runs.items()}
    rival = spent.get(REMOTE)
    return [
        Row(
            f"changed.{way}.{kind}",
            f"{count:,} of {size.usual:,} changed, {way}, {NAMES[kind]}",
            "CPU-s",
            spent[f"{way} {kind}"].cpu,
            0.3,
            peer=rival.cpu if rival else None,
            rival=f"{REMOTE}, pull",
            detail=told[f"{way} {kind}"],
        )
        for kind in KINDS
        for way in ("down", "up")
    ] + [Row(f"changed.{n}", f"{count:,} of {size.usual:,} changed, {n}", "CPU-s", spent[n].cpu) for n in others]


def _edit_records(box: Box, _worker: Worker, kind: str, count: int, title: str) -> None:
    headers = {"Authorization": f"Bearer sandbox-{PEOPLE[kind]}"}
    path = "/services/data/v68.0"
    found = box.ask("GET", f"{path}/query?q=SELECT+Id+FROM+Contact+USING+SCOPE+mine+LIMIT+{count}", headers=headers)
    names = [row["Id"] for row in found["records"]]
    for start in range(0, len(names), 200):
        records = [{"attributes": {"type": "Contact"}, "id": n, "Title": title} for n in names[start : start + 200]]
        body = {"allOrNone": True, "records": records}
        box.ask("PATCH", f"{path}/composite/sobjects", body, headers)


def _edit_items(_box: Box, worker: Worker, kind: str, count: int, title: str) -> None:
    edited = worker.ask(do="edit", user=PEOPLE[kind], count=count, title=title)
    assert edited.told["edited"] == count, edited.told


def _measure_process(box: Box, others: Mapping[str, Peer], idle: Mapping[str, Cost], size: Size) -> list[Row]:
    """An idle `mailsync sync USER` as a whole process, in turns with vdirsyncer."""
    runs: dict[str, list[Cost]] = {name: [] for name in (*KINDS, *others)}
    ways: dict[str, Callable[[], Cost]] = {
        kind: lambda kind=kind: run_measured(
            [sys.executable, "-m", "mailsync", "--config", str(box.config), "sync", PEOPLE[kind]]
        )
        for kind in KINDS
    }
    ways |= {name: peer.sync for name, peer in others.items()}
    for _ in range(size.rounds):
        for name, way in ways.items():
            runs[name].append(way())
    spent = {name: median(costs) for name, costs in runs.items()}
    rival = spent.get(FILES)
    rows = [
        Row(
            f"process.{kind}",
            f"idle `mailsync sync` of {size.usual:,} pairs, whole process, {NAMES[kind]}",
            "CPU-s",
            spent[kind].cpu,
            rival.cpu if rival else None,
            peer=rival.cpu if rival else None,
            rival=f"{FILES}, folders",
            detail=f"peak {spent[kind].peak / MB:.0f} MB" + (f" (peer {rival.peak / MB:.0f} MB)" if rival else ""),
        )
        for kind in KINDS
    ]
    told = {name: statistics.median([c.cpu for c in runs[name]] + [idle[name].cpu]) for name in others}
    return rows + [
        Row(
            f"process.{n}",
            f"idle run of {size.usual:,} cards, {n}",
            "CPU-s",
            told[n],
            detail=f"peak {spent[n].peak / MB:.0f} MB",
        )
        for n in others
    ]


def tell_growth(sample: Sample) -> str:
    """The peak of the worker's memory over what it had before."""
    return f"peak {(sample.cost.peak - sample.before) / MB:.0f} MB above idle"


def tell_requests(box: Box) -> str:
    """How many requests each vendor answered since the log was cleared."""
    return ", ".join(f"{count} {vendor}" for vendor, count in sorted(box.count().items(), reverse=True))
