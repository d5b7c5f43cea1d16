"""A first session over a large scope: in rounds, each of which closes its books (decision 0036)."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mailsync.bootstrap import Setup, agent_of, open_agent
from mailsync.core.refs import FolderId
from mailsync.sandbox.server import RunningSandbox, running_sandbox
from mailsync.session.agent import Agent, Keys
from mailsync.session.drive import drive
from mailsync.session.report import Report
from mailsync.session.run import Progress, TimeUp, preview, silent
from mailsync.session.work import Tally
from tests.e2e.kinds import PEOPLE, installed, make_world
from tests.e2e.people import OrgPerson

RECORDS, PAGE, AT_MOST = 20, 3, 10
ROUNDS = 4  # of two pages each, but for the last one


@pytest.fixture
def box() -> Iterator[RunningSandbox]:
    with running_sandbox(make_world(RECORDS, largest_page=PAGE)) as standing:
        yield standing


@pytest.fixture
def setup(box: RunningSandbox, tmp_path: Path) -> Iterator[Setup]:
    with installed(box, tmp_path) as opened:
        yield opened


def session(setup: Setup, kind: str, progress: Progress = silent, at_most: int = AT_MOST) -> Report:
    """One session whose rounds are small."""
    user = PEOPLE[kind]

    def ready() -> Agent:
        return replace(open_agent(setup, user), at_most=at_most)

    return drive(user, setup.store, ready, enabled=True, interval=timedelta(minutes=30), progress=progress)


def names_in(setup: Setup, kind: str) -> list[str]:
    """Everybody in the folder, as a new listing shows them."""
    with agent_of(setup, PEOPLE[kind]) as agent:
        home = setup.store.state(PEOPLE[kind])[Keys.FOLDER]
        return sorted(i.display_name for i in agent.mailbox.changes(FolderId(home), None).seen)


ALL = sorted(f"Doe {n}" for n in range(RECORDS))


@pytest.mark.parametrize("kind", PEOPLE)
def test_A14_a_large_scope_comes_down_in_rounds_within_one_session(setup: Setup, kind: str) -> None:
    shown: list[tuple[int, int]] = []

    def watch(what: str, done: int, total: int) -> None:
        if what == "creating in the mailbox":
            shown.append((done, total))

    first = session(setup, kind, watch)
    assert (first.status, first.tally.created, list(first.issues)) == ("done", RECORDS, [])
    assert shown == [(done, RECORDS) for done in (6, 12, 18, 20)]
    assert first.requests[0] == 1 + 2 * ROUNDS - 1  # who the user is; two pages a round, but one in the last
    assert names_in(setup, kind) == ALL
    assert setup.store.count_in_scope(PEOPLE[kind]) == RECORDS
    session(setup, kind)  # the echo of the last round
    idle = session(setup, kind)
    assert (idle.tally, idle.requests[0]) == (Tally(), 1)


@pytest.mark.parametrize("kind", PEOPLE)
def test_L2_A21_a_session_that_ends_between_or_amid_rounds_goes_on_where_it_stopped(setup: Setup, kind: str) -> None:
    created = sessions = 0
    while created < RECORDS:
        asked = sessions

        def stop(_what: str, _done: int, _all: int) -> None:
            nonlocal asked
            asked -= 1
            if asked == -1:
                raise TimeUp("no time left")

        report = session(setup, kind, stop)
        assert report.status == "done", report
        created, sessions = created + report.tally.created, sessions + 1
    assert created == RECORDS
    assert sessions > 3
    session(setup, kind)
    assert names_in(setup, kind) == ALL
    assert sorted(p.account_name for p in setup.store.pairs(PEOPLE[kind])) == [""] * RECORDS
    assert session(setup, kind).tally == Tally()


def test_D7_a_first_session_taken_up_again_learns_what_became_of_earlier_pairs(
    setup: Setup, box: RunningSandbox
) -> None:
    """Before the mark of its first part nothing else tells: no deletion, no list of members."""

    def stop(what: str, _done: int, _all: int) -> None:
        if what == "creating in the mailbox":
            raise TimeUp("no time left")  # the pairs are stored, the cursors are not

    assert session(setup, "exchange", stop).tally.created == 6
    gone = next(iter(setup.store.pairs("ann"))).record
    OrgPerson.log_in(box.url, "ann").delete(gone)
    box.sandbox.advance(1200)  # no overlap of a later reading tells of it, either
    again = session(setup, "exchange").tally
    assert (again.created, again.removed) == (RECORDS - 6, 1)
    assert len(names_in(setup, "exchange")) == RECORDS - 1
    assert gone not in setup.store.paired("ann")


def test_E7_a_plan_amid_rounds_shows_all_that_is_left(setup: Setup) -> None:
    with agent_of(setup, "ann") as agent:
        assert len(preview(replace(agent, at_most=AT_MOST)).actions) == RECORDS

    def stop(_what: str, done: int, _all: int) -> None:
        if done == 6:
            raise TimeUp("no time left")

    assert session(setup, "exchange", stop).tally.created == 6
    with agent_of(setup, "ann") as agent:
        assert len(preview(replace(agent, at_most=AT_MOST)).actions) == RECORDS - 6


def test_a_scope_that_fits_is_one_round(setup: Setup) -> None:
    report = session(setup, "exchange", at_most=RECORDS)
    assert (report.tally.created, report.requests[0]) == (RECORDS, 1 + 7)
    assert json.loads(setup.store.state("ann")[Keys.CRM_CURSOR]).get("after") is None
