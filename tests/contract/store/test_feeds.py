"""The shared feed's rows (decision 0028), on either database: one reader at a time, numbers, and whom they concern."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from mailsync.core.notices import HoldMember, Parked
from mailsync.core.pair import Tombstone
from mailsync.core.refs import AccountId, OwnerId, RecordId, Side
from mailsync.ports.crm import Reach
from mailsync.ports.feeds import KEPT, LEASE, Candidate, Found, Kind, Position
from mailsync.ports.ledger import Batch
from mailsync.store import SqlStore
from tests.contract.store.people import NOW, make_hold, make_pair

ORG = "salesforce acme"
MINUTE = timedelta(minutes=1)
ME, OTHER = OwnerId("005000000000001AAA"), OwnerId("005000000000002AAA")
MINE, ANY = Reach(ME), Reach(None)


def contact(ref: str, owner: OwnerId | None = OTHER, stamp: timedelta = -MINUTE) -> Candidate:
    return Candidate(Kind.CONTACT, ref, NOW + stamp, owner)


def account(ref: str) -> Candidate:
    return Candidate(Kind.ACCOUNT, ref, NOW - MINUTE)


def read(store: SqlStore, *found: Candidate, at: timedelta = timedelta(0), fresh: bool = False) -> Position:
    """One reading at a time after NOW; the place it ends at."""
    lease = store.feeds.take(ORG, NOW + at)
    assert lease
    assert store.feeds.keep(ORG, lease, Found(found, f"cursor {at}", NOW + at, fresh), NOW + at)
    return head(store)


def head(store: SqlStore) -> Position:
    standing = store.feeds.standing(ORG)
    assert standing
    return standing.head


@pytest.fixture
def feed(store: SqlStore) -> SqlStore:
    """Read once, by which nothing is known but where to go on."""
    read(store, fresh=True)
    return store


def test_nothing_is_known_of_a_feed_that_nobody_reads(store: SqlStore) -> None:
    assert store.feeds.standing(ORG) is None
    assert store.feeds.view(ORG, "00B") is None
    lease = store.feeds.take(ORG, NOW)
    assert lease
    assert lease.cursor == ""


def test_one_reader_at_a_time(feed: SqlStore) -> None:
    first = feed.feeds.take(ORG, NOW)
    assert first
    assert feed.feeds.take(ORG, NOW + MINUTE) is None
    assert feed.feeds.take("salesforce other", NOW + MINUTE)
    second = feed.feeds.take(ORG, NOW + LEASE)  # the first one was killed, or is slow
    assert second
    late = Found((contact("003a"),), "late", NOW)
    assert not feed.feeds.keep(ORG, first, late, NOW)
    assert head(feed) == Position(1, 0)
    feed.feeds.give_up(ORG, first, "Unreachable")
    assert feed.feeds.take(ORG, NOW + LEASE) is None  # what is given up is not the second one's
    assert feed.feeds.keep(ORG, second, replace(late, cursor="on"), NOW)
    third = feed.feeds.take(ORG, NOW + LEASE)
    assert third
    assert third.cursor == "on"


def test_a_reading_that_failed_is_told_and_gives_way(feed: SqlStore) -> None:
    lease = feed.feeds.take(ORG, NOW)
    assert lease
    feed.feeds.give_up(ORG, lease, "Unreachable")
    standing = feed.feeds.standing(ORG)
    assert standing
    assert (standing.trouble, standing.read) == ("Unreachable", NOW)
    read(feed, at=MINUTE)
    standing = feed.feeds.standing(ORG)
    assert standing
    assert (standing.trouble, standing.read, standing.since) == ("", NOW + MINUTE, NOW)


def test_what_is_read_again_keeps_its_number_and_what_is_touched_again_gets_another(feed: SqlStore) -> None:
    assert read(feed, contact("003a"), contact("003b")) == Position(1, 2)
    assert read(feed, contact("003a"), contact("003b"), at=MINUTE) == Position(1, 2)
    assert read(feed, contact("003a", stamp=timedelta(seconds=-1)), contact("003b"), at=2 * MINUTE) == Position(1, 3)


def test_the_same_second_may_hold_another_change(feed: SqlStore) -> None:
    """Read within the second of its stamp, it may have been touched once more in that second."""
    fresh = contact("003a", stamp=timedelta(seconds=60))
    assert read(feed, fresh, at=MINUTE) == Position(1, 1)
    assert read(feed, fresh, at=2 * MINUTE) == Position(1, 2)
    assert read(feed, fresh, at=3 * MINUTE) == Position(1, 2)


def test_the_latest_of_several_counts(feed: SqlStore) -> None:
    """Told by the query and by the list of deletions; the owner's id is not lost."""
    assert read(feed, contact("003a", ME), contact("003a", None, -2 * MINUTE)) == Position(1, 1)
    assert feed.feeds.concerns("ann", ORG, Position(1, 0), MINE)


def test_a_new_numbering_forgets_the_old_one(feed: SqlStore) -> None:
    read(feed, contact("003a"))
    assert read(feed, at=MINUTE, fresh=True) == Position(2, 0)
    assert not feed.feeds.concerns("ann", ORG, Position(2, 0), ANY)


def test_L9_what_is_old_is_forgotten_and_no_place_before_it_counts(feed: SqlStore) -> None:
    read(feed, contact("003a"), contact("003b"))
    read(feed, contact("003c"), at=MINUTE)
    read(feed, at=KEPT + MINUTE / 2)
    standing = feed.feeds.standing(ORG)
    assert standing
    assert (standing.head, standing.floor) == (Position(1, 3), 2)
    assert feed.feeds.lacks(ORG, {RecordId("003a"): NOW - MINUTE})
    assert not feed.feeds.lacks(ORG, {RecordId("003c"): NOW - MINUTE})


@pytest.mark.parametrize(
    ("found", "reach", "concerned"),
    [
        (contact("003a", ME), MINE, True),
        (contact("003a"), MINE, False),
        (contact("003a"), ANY, True),
        (account("001a"), MINE, False),
        (account("001a"), ANY, False),
        (account("001a"), Reach(ME, parents=True), True),
        (Candidate(Kind.DESCRIPTION, "Contact", NOW), MINE, True),
    ],
)
def test_what_lies_within_reach(feed: SqlStore, found: Candidate, reach: Reach, *, concerned: bool) -> None:
    before = head(feed)
    after = read(feed, found)
    assert feed.feeds.concerns("ann", ORG, before, reach) is concerned
    assert not feed.feeds.concerns("ann", ORG, after, reach)
    assert not feed.feeds.concerns("ann", "salesforce other", before, reach)


def known(store: SqlStore) -> Sequence[str]:
    """Somebody's pair with an Account, tombstone, parked change and question; their ids."""
    pair = replace(make_pair(1), account=AccountId("001a"))
    fence = store.begin("ann", NOW)
    batch = Batch(
        pairs=(pair,),
        tombstones=(Tombstone(RecordId("003stone"), None, "D1"),),
        parked=(Parked(Side.CRM, "003parked", "B2", "held"), Parked(Side.MAILBOX, "003item", "B2", "held")),
        holds=(make_hold("B2-x", HoldMember(RecordId("003asked"), None)),),
    )
    store.commit("ann", fence, batch, NOW)
    return (pair.record, "003stone", "003parked", "003asked")


def test_what_somebody_knows_concerns_them_and_nobody_else(feed: SqlStore) -> None:
    for ref in known(feed):
        before = head(feed)
        read(feed, contact(ref))
        assert feed.feeds.concerns("ann", ORG, before, MINE), ref
        assert not feed.feeds.concerns("bob", ORG, before, MINE), ref
    before = head(feed)
    read(feed, account("001a"))
    assert feed.feeds.concerns("ann", ORG, before, MINE)
    before = head(feed)
    read(feed, contact("003item"), account("001b"))
    assert not feed.feeds.concerns("ann", ORG, before, MINE)


def test_a_feed_that_lacks_a_change_is_doubted(feed: SqlStore) -> None:
    read(feed, contact("003a"))
    seen = {RecordId("003a"): NOW - 2 * MINUTE}
    assert not feed.feeds.lacks(ORG, seen)
    assert feed.feeds.lacks(ORG, {**seen, RecordId("003b"): NOW - 2 * MINUTE})
    assert feed.feeds.lacks(ORG, {RecordId("003a"): NOW})
    feed.feeds.doubt(ORG, NOW + MINUTE)
    standing = feed.feeds.standing(ORG)
    assert standing
    assert standing.doubted == NOW + MINUTE


def test_what_a_view_selects_is_what_was_said_last(store: SqlStore) -> None:
    store.feeds.describe_view(ORG, "00B", "one", NOW)
    store.feeds.describe_view(ORG, "00B", "two", NOW + MINUTE)
    store.feeds.describe_view(ORG, "00C", "three", NOW)
    found = store.feeds.view(ORG, "00B")
    assert found
    assert (found.digest, found.at) == ("two", NOW + MINUTE)


def test_many_candidates_are_kept(feed: SqlStore) -> None:
    many = [contact(f"003{n}") for n in range(2500)]
    assert read(feed, *many) == Position(1, 2500)
    assert read(feed, *many, at=MINUTE) == Position(1, 2500)
