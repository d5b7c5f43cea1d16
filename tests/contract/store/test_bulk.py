"""Many rows at once: the same as one by one, in few statements, and as a whole or not at all."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event

from mailsync.core.notices import Issue, Parked
from mailsync.core.pair import Base
from mailsync.core.refs import FieldName, Side
from mailsync.errors import StoreError
from mailsync.ports.ledger import Batch
from mailsync.store import SqlStore
from mailsync.store.bulk import CHUNK
from tests.contract.store.people import NOW, item, make_entry, make_pair, record

MANY = 1200
USER = "ann"


@contextmanager
def counted(store: SqlStore) -> Generator[list[str]]:
    """The statements that run meanwhile, but for a COPY of PostgreSQL's, which stands for rows without number."""
    told: list[str] = []
    engine = store._engine

    def note(*about: object) -> None:
        told.append(str(about[2]))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield told
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_A21_many_pairs_are_replaced_in_few_statements(store: SqlStore) -> None:
    fence = store.begin(USER, NOW)
    pairs = tuple(make_pair(n) for n in range(MANY))
    store.commit(USER, fence, Batch(pairs=pairs), NOW)
    moved = tuple(replace(p, edited=True, mailbox=Base(p.mailbox.values)) for p in pairs)
    with counted(store) as told:
        store.commit(USER, fence, Batch(pairs=moved), NOW)
    assert len(told) <= 3 + -(-MANY // CHUNK) + 1, told
    with counted(store) as told:
        assert list(store.pairs(USER)) == list(moved)
        assert store.pairs_of(USER, [p.record for p in pairs], []) == list(moved)
    assert len(told) <= 2 * (-(-MANY // 1000) + 1) + 2 + -(-MANY // CHUNK), told


def test_A21_notices_of_all_that_was_looked_at_end_in_few_statements(store: SqlStore) -> None:
    """A full reading looks at every pair; of their notices there are few."""
    fence = store.begin(USER, NOW)
    parked = tuple(Parked(Side.MAILBOX, item(n), "B8", "refused") for n in (5, 700))
    issues = (Issue("X", "B8", "refused", None, item(5)), Issue("X", "B8", "refused", record(9), None))
    kept = Parked(Side.CRM, "elsewhere", "B8", "refused")
    store.commit(USER, fence, Batch(parked=(*parked, kept), issues=issues), NOW)
    unparked = tuple((Side.MAILBOX, item(n)) for n in range(MANY))
    mended = tuple((None, item(n)) for n in range(MANY))
    with counted(store) as told:
        store.commit(USER, fence, Batch(unparked=unparked, mended=mended), NOW)
    assert len(told) <= 8, told
    assert store.parked(USER) == [kept]
    assert [i.record for i in store.issues(USER)] == [record(9)]


@pytest.mark.parametrize("count", [1, MANY])
def test_items_may_pass_between_pairs_of_one_batch(store: SqlStore, count: int) -> None:
    fence = store.begin(USER, NOW)
    pairs = [make_pair(n) for n in range(count + 1)]
    store.commit(USER, fence, Batch(pairs=tuple(pairs)), NOW)
    passed = [replace(p, item=pairs[n - 1].item) for n, p in enumerate(pairs)]
    store.commit(USER, fence, Batch(pairs=tuple(passed)), NOW)
    assert list(store.pairs(USER)) == passed


def test_of_many_pairs_with_one_item_nothing_is_stored(store: SqlStore) -> None:
    fence = store.begin(USER, NOW)
    shared = tuple(replace(make_pair(n), item=item(n % (MANY - 1))) for n in range(MANY))
    with pytest.raises(StoreError, match="share one mailbox item"):
        store.commit(USER, fence, Batch(pairs=shared), NOW)
    assert store.count(USER) == 0
    store.commit(USER, fence, Batch(pairs=(make_pair(1),)), NOW)
    assert store.count(USER) == 1


def test_L9_what_no_database_holds_is_kept_in_bulk_as_one_by_one(store: SqlStore) -> None:
    odd = "a\x00b\ud800c é"
    fence = store.begin(USER, NOW)
    bases = Base({FieldName("LastName"): odd})
    entries = tuple(make_entry("update", Side.CRM, NOW + timedelta(seconds=n)) for n in range(20))
    pairs = tuple(replace(make_pair(n), crm=bases, mailbox=bases, account_name=odd) for n in range(20))
    store.commit(USER, fence, Batch(pairs=pairs, entries=entries), NOW)
    for found in store.pairs(USER):
        assert found.crm.values == bases.values
        assert found.account_name == "a\ufffdb\ufffdc é"
    assert [e.time for e in store.history(USER)] == [e.time for e in entries]
