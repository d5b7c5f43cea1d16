"""Parts of the program on their own: decoding of EWS, planner, store. Their figures are made by the modules of those
names; here they become rows."""

import statistics
from collections.abc import Iterable

from bench import decoding, planner
from bench.row import Better, Row
from bench.size import Size


def measure_decoding(_size: Size) -> list[Row]:
    """Contacts a CPU-second, beside exchangelib's own on the same bytes."""
    found = decoding.measure()
    ours, theirs = (statistics.median(found[name]) for name in ("ours", "exchangelib"))
    factor = statistics.median(a / b for a, b in zip(found["ours"], found["exchangelib"], strict=True))
    whole = statistics.median(found["exchangelib, in one piece"])
    name = "exchangelib's own, same bytes"
    return [
        Row(
            "decoding.rate",
            "contacts of SyncFolderItems decoded",
            "a CPU-s",
            ours,
            8_000,
            Better.MORE,
            peer=theirs,
            rival=name,
        ),
        Row(
            "decoding.factor",
            "as fast as exchangelib",
            "times",
            factor,
            9,
            Better.MORE,
            detail=f"given whole: {whole:,.0f} a CPU-s",
        ),
    ]


def measure_planner(size: Size) -> list[Row]:
    """Milliseconds for plans of all pairs and of a few changes, up to a million pairs."""
    sizes = [n for n in (10_000, 100_000, 1_000_000) if n <= size.pairs]
    found = planner.measure_all(sizes)
    rows: list[Row] = []
    for case, by_size in found.items():
        if case == "floor":
            continue
        goals = {100_000: 250 if case.startswith("all") else 20}
        for count, spent in by_size.items():
            floor = found["floor"][count] if case.startswith("all") else None
            name = f"planner.{case.split(',')[0].split()[0]}.{count}"
            rows.append(Row(name, f"plan, {case}, {count:,} pairs", "CPU-ms", spent, goals.get(count), floor=floor))
    return rows


def measure_store(size: Size) -> list[Row]:
    """Pairs a CPU-second, and bytes a pair, on both databases."""
    from bench import store

    rows: list[Row] = []
    for kind in ("sqlite", "postgresql"):
        found, stored = store.measure_kind(kind, min(size.first, 50_000))
        rows += _rows_of_store(kind, found.items(), found["floor"].cpu)
        rows.append(Row(f"store.{kind}.size", f"{kind}: storage, with its indexes", "bytes a pair", stored))
    return rows


def _rows_of_store(kind: str, found: Iterable[tuple[str, object]], floor: float) -> list[Row]:
    rows: list[Row] = []
    for case, seen in found:
        if case == "floor":
            continue
        goal = 50_000 if case in ("written", "written again", "read, all") else None
        cpu, wall = getattr(seen, "cpu", 0.0), getattr(seen, "wall", 0.0)
        name = f"store.{kind}.{case.replace(' ', '-').replace(',', '')}"
        beside = floor if case == "written" else None
        rows.append(
            Row(
                name, f"{kind}: pairs {case}", "a CPU-s", cpu, goal, Better.MORE, beside, detail=f"{wall:,.0f} a second"
            )
        )
    return rows
