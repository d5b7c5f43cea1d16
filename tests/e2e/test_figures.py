"""What changes cost in requests beyond an idle session: batches of the vendors' limits, never a request for each."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
import requests

from mailsync.bootstrap import Setup, agent_of
from mailsync.core.refs import FieldName
from mailsync.ports.mailbox import ItemEdit
from mailsync.sandbox.server import RunningSandbox, running_sandbox
from mailsync.session.report import Report
from mailsync.worker.turn import take_turn
from tests.e2e.kinds import PEOPLE, installed, make_world

PAIRS, CHANGED = 120, 60
IDLE = {"exchange": (1, 3), "google": (1, 1), "microsoft": (1, 1)}
DOWN = {
    "exchange": 1,  # UpdateItem, 100 at once
    "google": 3,  # the labels, what is to be updated (200 at once), the update (200 at once)
    "microsoft": 6,  # what is to be updated and the update, 20 each
}
UP = {
    "exchange": 0,  # the changes come with the feed
    "google": 2,  # the feed tells ids; 200 values at once, and the label's mark before anything is written (A1)
    "microsoft": 3,  # the feed tells ids; 20 values at once
}


@pytest.fixture(scope="module")
def box() -> Iterator[RunningSandbox]:
    with running_sandbox(make_world(PAIRS)) as standing:
        yield standing


@pytest.fixture
def setup(box: RunningSandbox, tmp_path: Path) -> Iterator[Setup]:
    with installed(box, tmp_path) as opened:
        yield opened


def session(setup: Setup, kind: str) -> Report:
    report = take_turn(setup, PEOPLE[kind])
    assert report.status == "done", report
    return report


@pytest.mark.parametrize("kind", PEOPLE)
def test_L1_B15_changes_cost_batches_beyond_the_idle_session(box: RunningSandbox, setup: Setup, kind: str) -> None:
    for _ in range(3):
        session(setup, kind)
    crm, mailbox = session(setup, kind).requests
    assert (crm, mailbox) == IDLE[kind]
    edit_records(box, kind)
    down = session(setup, kind)
    assert down.tally.updated == CHANGED
    assert down.requests == (crm, mailbox + DOWN[kind])
    session(setup, kind)  # the echo
    edit_items(setup, kind)
    up = session(setup, kind)
    assert up.tally.crm_updated == CHANGED
    assert up.requests == (crm + 3, mailbox + UP[kind])  # conditional updates, 25 at once
    session(setup, kind)
    assert session(setup, kind).requests == (crm, mailbox)


def edit_records(box: RunningSandbox, kind: str) -> None:
    headers = {"Authorization": f"Bearer sandbox-{PEOPLE[kind]}"}
    root = f"{box.url}/services/data/v68.0"
    query = {"q": f"SELECT Id FROM Contact USING SCOPE mine LIMIT {CHANGED}"}  # noqa: S608 - a number
    found = requests.get(f"{root}/query", query, headers=headers, timeout=30).json()["records"]
    records = [{"attributes": {"type": "Contact"}, "id": row["Id"], "Title": "Engineer"} for row in found]
    body = {"allOrNone": True, "records": records}
    assert requests.patch(f"{root}/composite/sobjects", json=body, headers=headers, timeout=30).ok


def edit_items(setup: Setup, kind: str) -> None:
    """As a person does at another program: the agent's next session knows nothing of it."""
    with agent_of(setup, PEOPLE[kind]) as agent:
        names = [p.item for p in islice(setup.store.pairs(PEOPLE[kind]), CHANGED) if p.item]
        items = [i for i in agent.mailbox.read(names).values() if i is not None]
        title = FieldName("Title")
        assert len(agent.mailbox.update([ItemEdit(i.id, i.version, {title: "Head"}) for i in items])) == CHANGED
