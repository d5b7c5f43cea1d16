"""L2, L4, L5, B15: every row of the table at every kind of call of a busy session, with the real adapters over HTTP.

What is checked of each cell: no internal error; a failed session moves no cursor; what is missing is told; nothing is
deleted that the undisturbed session would not have deleted; the next sessions come to the same end, and then write
nothing. One place of each operation is taken in turn; MAILSYNC_PROVE_SECONDS takes the first, middle and last of each.
"""

import os
from collections.abc import Callable
from dataclasses import replace

import pytest

from mailsync.crm.salesforce import transport as salesforce_transport
from mailsync.mailbox.exchange import transport as exchange_transport
from tests.faults.busy import Busy, spoil
from tests.faults.rows import TABLE, Row
from tests.prove.selection import SECONDS

CELLS = [(vendor, row, turn) for vendor, rows in TABLE.items() for turn, row in enumerate(rows)]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second of patience for an answer."""
    monkeypatch.setattr(salesforce_transport, "PEER", replace(salesforce_transport.PEER, timeouts=(5.0, 1.0)))
    monkeypatch.setattr(exchange_transport, "PEER", replace(exchange_transport.PEER, timeouts=(5.0, 1.0)))


@pytest.mark.parametrize(("vendor", "row", "turn"), CELLS, ids=[f"{v}: {r.name}" for v, r, _ in CELLS])
def test_L2_L4_L5_B15_a_fault_at_every_kind_of_call(
    busy: Busy, vendor: str, row: Row, turn: int, record_property: Callable[[str, object], None]
) -> None:
    wrong: list[str] = []
    places = list(busy.choose(vendor, row, turn, all_places=SECONDS in os.environ))
    assert places, "no call of a busy session meets this row"
    for place in places:
        try:
            spoil(busy, row, place)
        except AssertionError as error:
            wrong.append(f"{place}: {error}")
    record_property("figure", ["fault cells", len(places), len(places) - len(wrong)])
    assert not wrong, "\n\n".join(wrong)
