"""Texts of people and vendors that no database can hold are kept without what it can't."""

from mailsync.core.notices import Issue
from mailsync.ports.ledger import Batch
from mailsync.store import SqlStore
from tests.contract.store.people import NOW, record

ODD = "a\x00b \ud800 c"


def test_L5_an_error_in_impossible_characters_is_told_all_the_same(store: SqlStore) -> None:
    """Code, field and message are the vendor's; told again, it takes its own place, and mended it is gone."""
    fence = store.begin("ann", NOW)
    issue = Issue(ODD, "B8", ODD, record(1), None, ODD)
    for _ in range(2):
        store.commit("ann", fence, Batch(issues=(issue,), state={"odd": ODD}), NOW)
        (kept,) = store.issues("ann")
        assert (kept.code, kept.field, kept.message) == ("a\ufffdb \ufffd c",) * 3
        assert store.state("ann")["odd"] == ODD
    store.commit("ann", fence, Batch(mended=((record(1), None),)), NOW)
    assert list(store.issues("ann")) == []
