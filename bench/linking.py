"""Account linking (B5): 1,000 companies looked up among 100,000 Accounts, a third by exact name, a third by a part of
the name, a third unknown."""

from collections.abc import Mapping
from typing import Any

from bench.box import standing
from bench.row import Row
from bench.size import Size
from bench.warm import working
from bench.worlds import empty_world

NAMES_AT_ONCE, PARTS_AT_ONCE = 200, 100
"""What a query of 100,000 characters and a page of results carry: names in an IN, and LIKEs in one condition."""


def measure(size: Size) -> list[Row]:
    """Requests, and processor time."""
    names = [f"Company {n:06d} Trading" for n in range(size.organisations)]
    third = size.companies // 3
    exact, parts = names[:third], [name.removesuffix(" Trading") for name in names[third : 2 * third]]
    unknown = [f"Nowhere {n} Incorporated" for n in range(size.companies - 2 * third)]
    with standing(_world(names)) as box, working(box) as worker:
        worker.sync("ann")
        box.forget()
        sample = worker.ask(do="link", user="ann", companies=[*exact, *parts, *unknown])
        requests = sum(box.count().values())
    assert sample.told["found"] == 2 * third, sample.told
    least = -(-size.companies // NAMES_AT_ONCE) + -(-(len(parts) + len(unknown)) // PARTS_AT_ONCE)
    what = f"{size.companies:,} companies among {size.organisations:,} Accounts"
    return [
        Row("linking.requests", f"requests for {what}", "requests", requests, -(-least // 5) + 2, floor=-(-least // 5)),
        Row("linking.cpu", f"processor time for {what}", "CPU-ms", sample.cost.cpu * 1e3),
    ]


def _world(names: list[str]) -> Mapping[str, Any]:
    world = empty_world()
    stamp = "2026-01-12T09:30:00.000+0000"
    world["salesforce"]["records"] = {"Account": [{"Name": n, "OwnerId": "ann", "CreatedDate": stamp} for n in names]}
    return world
