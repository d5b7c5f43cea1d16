"""L2, L4, L5, B15: every row of the table at every kind of call of a busy session, with the real adapters over HTTP.

What is checked of each cell: no internal error; a failed session moves no cursor; what is missing is told; nothing is
deleted that the undisturbed session would not have deleted; the next sessions come to the same end, and then write
nothing. Each kind of mailbox meets its own rows; Salesforce's meet each kind in turn. One place of an operation is
taken in turn, and rows that can meet more than two meet every other one. MAILSYNC_PROVE_SECONDS takes the first, the
middle and the last place of each operation, and Salesforce's rows beside each kind.
"""

import os
from collections.abc import Callable

import pytest

from tests.crash.scene import KINDS
from tests.faults.busy import Busy, spoil
from tests.faults.rows import TABLE, Row
from tests.prove.selection import SECONDS

WHOLE = SECONDS in os.environ


def list_cells() -> list[tuple[str, str, Row, int]]:
    """The kind of mailbox, the vendor that fails, the row and its turn."""
    own = [(kind, kind, row, turn) for kind in KINDS for turn, row in enumerate(TABLE[kind])]
    beside = [
        (kind, "salesforce", row, turn)
        for turn, row in enumerate(TABLE["salesforce"])
        for number, kind in enumerate(KINDS)
        if WHOLE or turn % len(KINDS) == number
    ]
    return own + beside


CELLS = list_cells()


@pytest.mark.parametrize(("kind", "vendor", "row", "turn"), CELLS, ids=[f"{k}: {v}: {r.name}" for k, v, r, _ in CELLS])
def test_L2_L4_L5_B15_a_fault_at_every_kind_of_call(
    busy_with: Callable[[str], Busy],
    kind: str,
    vendor: str,
    row: Row,
    turn: int,
    record_property: Callable[[str, object], None],
) -> None:
    busy = busy_with(kind)
    wrong: list[str] = []
    places = list(busy.choose(vendor, row, turn, all_places=WHOLE))
    assert places, "no call of a busy session meets this row"
    for place in places:
        try:
            spoil(busy, row, place)
        except AssertionError as error:
            wrong.append(f"{place}: {error}")
    told = f"fault cells, {kind}" if vendor == kind else f"fault cells, {vendor} beside {kind}"
    record_property("figure", [told, len(places), len(places) - len(wrong)])
    assert not wrong, "\n\n".join(wrong)
