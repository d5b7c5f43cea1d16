"""A large scope that is read for the first time is read in parts (decision 0036)."""

from collections.abc import Generator

import pytest

from mailsync.core.changes import CrmChanges
from mailsync.crm.salesforce.cursor import load
from mailsync.ports.crm import Scope, Watch
from tests.contract.crm.bench import Bench, bench, organisation


@pytest.fixture(name="small")
def _small() -> Generator[Bench]:
    """Seven contacts, in pages of two."""
    with bench(organisation(7, organisation={"largest_page": 2})) as found:
        yield found


def _read_all(small: Bench, at_most: int = 6) -> list[CrmChanges]:
    seen = [small.changes(None, at_most=at_most)]
    while seen[-1].rest:
        seen.append(small.changes(seen[-1].cursor, at_most=at_most))
    return seen


def test_A14_the_parts_are_the_whole_scope_each_record_once(small: Bench) -> None:
    whole = [r.id for r in small.changes(None).records]
    parts = _read_all(small)
    assert [p.rest for p in parts] == [3, 0]
    assert [r.id for p in parts for r in p.records] == whole
    assert [(p.complete, p.members, p.count) for p in parts] == [(False, None, 7)] * 2
    assert not any(p.traced for p in parts)


def test_a_part_costs_its_own_pages_and_no_more(small: Bench) -> None:
    before = small.crm.requests
    small.changes(None, at_most=4)
    assert small.crm.requests == before + 1
    small.changes(None, at_most=6)
    assert small.crm.requests == before + 3


def test_a_part_asks_for_nothing_else(small: Bench) -> None:
    cursor = small.changes(None, at_most=4).cursor
    small.forget()
    small.changes(cursor, at_most=18, sweep=True)
    asked = [p["url"] for p in small.parts() if not p["url"].endswith("/describe")]
    assert len(asked) == 2
    assert all("/query?" in url for url in asked)


def test_A21_what_changes_meanwhile_is_told_after_the_last_part(small: Bench) -> None:
    first = small.changes(None, at_most=6)
    small.advance(1200)
    edited, gone = first.records[0].id, first.records[1].id
    small.ann.update(edited, Title="CTO")
    small.ann.delete(gone)
    new = small.ann.create(LastName="New")
    last = small.changes(first.cursor, at_most=18)
    assert last.rest == 0
    assert edited not in {r.id for r in last.records}
    after = small.changes(last.cursor)
    assert {edited, new} <= {r.id for r in after.records}
    assert gone in {t.id for t in after.traces if t.deleted}
    assert after.rest is None


def test_a_scope_that_fits_is_read_at_once(small: Bench) -> None:
    seen = small.changes(None, at_most=7)
    assert (seen.complete, seen.rest, len(seen.records)) == (True, None, 7)
    assert seen.members == {r.id for r in seen.records}


def test_a_preview_reads_what_is_left_in_one_go(small: Bench) -> None:
    first = small.changes(None, at_most=4)
    last = small.changes(first.cursor)
    assert len(last.records) == 5
    assert last.rest == 0


def test_A18_a_cursor_amid_a_scope_stands_for_no_reading(small: Bench) -> None:
    first = small.changes(None, "all", at_most=6)
    last = small.changes(first.cursor, "all", at_most=18)
    assert (first.rest, last.rest) == (3, 0)
    assert small.crm.remembered(Watch(first.cursor, Scope("all"))) is None
    assert small.crm.remembered(Watch(last.cursor, Scope("all"))) is not None


def test_A18_the_first_sweep_looks_back_to_the_first_part(small: Bench) -> None:
    parts = _read_all(small)
    swept = [load(p.cursor) for p in parts]
    assert all(c is not None and c.swept == swept[0].mark for c in swept)


@pytest.mark.parametrize("other", ["all", ""])
def test_what_makes_everything_be_read_anew_ends_the_parts(small: Bench, other: str) -> None:
    first = small.changes(None, at_most=6)
    if not other:
        small.admin.act("field_security", object="Contact", field="Title", user="ann", read=False, edit=False)
        small.advance(60)
        first = small.changes(None, at_most=6)
        small.admin.act("field_security", object="Contact", field="Title", user="ann", read=True, edit=True)
        small.advance(60)
    again = small.changes(first.cursor, other or "mine", at_most=6)
    assert (again.complete, again.rest, len(again.records)) == (True, None, 7)
    assert load(again.cursor).after == ""


def test_a_damaged_cursor_reads_everything_in_one_go(small: Bench) -> None:
    seen = small.changes("{", at_most=6)
    assert (seen.complete, len(seen.records)) == (True, 7)
