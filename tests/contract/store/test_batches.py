"""What a batch writes is what is read, all of it or nothing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailsync.core.changes import FolderMark
from mailsync.core.notices import HoldMember, Issue, Parked
from mailsync.core.pair import Base, PairState, Tombstone
from mailsync.core.person import Address
from mailsync.core.refs import AccountId, FieldName, Key, Side, Version
from mailsync.errors import FenceLost, StoreError
from mailsync.ports.ledger import Batch, Change, Entry, Intent, Pending
from mailsync.ports.store import Store
from mailsync.store import SqlStore
from tests.contract.store.people import NOW, item, make_entry, make_hold, make_pair, record, reopen
from tests.fakes.store import FakeStore
from tests.services.statements import counted


@pytest.fixture(params=["sqlite", "postgresql", "fake"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore | FakeStore]:
    """What a batch does is the same on either database and on the fake."""
    if request.param == "fake":
        yield FakeStore(FolderMark("inst-1", 1))
        return
    if request.param == "postgresql":
        (tmp_path / "store.url").write_text(request.getfixturevalue("postgres").fresh())
    opened = reopen(tmp_path)
    yield opened
    opened.close()


UNUSUAL = make_pair(
    7,
    item=None,
    state=PairState.DORMANT,
    frozen_for="A18",
    pinned=True,
    in_scope=False,
    origin=Side.MAILBOX,
    made_item=False,
    edited=True,
    account=AccountId("001000000000001AAA"),
    account_name="Acme & Söhne",
    recreated=2,
    link_note="exact",
)


def test_the_store_is_one_of_the_port(store: SqlStore) -> None:
    port: Store = store
    assert port.users() == []


def test_pairs_come_back_as_they_were(store: SqlStore) -> None:
    fence = store.begin("ann", NOW)
    pairs = tuple(make_pair(n) for n in (3, 1, 2))
    store.commit("ann", fence, Batch(pairs=(*pairs, UNUSUAL)), NOW)
    assert list(store.pairs("ann")) == [*sorted(pairs, key=lambda p: p.record), UNUSUAL]
    assert list(store.pairs("bob")) == []
    assert store.count("ann") == 4


VALUES = st.dictionaries(
    st.sampled_from(["FirstName", "Phone", "MailingAddress"]).map(FieldName),
    st.text(st.characters(), max_size=20)
    | st.builds(Address, street=st.text(max_size=9), city=st.text(max_size=9), country=st.text(max_size=9)),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(crm=VALUES, mailbox=VALUES)
def test_any_values_come_back_as_they_were(store: SqlStore, crm: dict, mailbox: dict) -> None:
    fence = store.begin("ann", NOW)
    pair = make_pair(1, crm=Base(crm, Version("1")), mailbox=Base(mailbox, Version("")))
    store.commit("ann", fence, Batch(pairs=(pair,)), NOW)
    store.finish("ann", fence, {}, NOW)
    assert list(store.pairs("ann")) == [pair]


def test_values_that_no_encoding_can_hold_come_back(store: SqlStore) -> None:
    fence = store.begin("ann", NOW)
    odd = make_pair(1, crm=Base({FieldName("LastName"): "a\ud800b\x00"}, Version("")))
    store.commit("ann", fence, Batch(pairs=(odd,)), NOW)
    assert list(store.pairs("ann")) == [odd]


def test_a_pair_is_replaced_by_its_record(store: SqlStore) -> None:
    fence = store.begin("ann", NOW)
    store.commit("ann", fence, Batch(pairs=(make_pair(1), make_pair(2))), NOW)
    moved = make_pair(1, item=item(9))
    store.commit("ann", fence, Batch(pairs=(moved,)), NOW)
    assert list(store.pairs("ann")) == [moved, make_pair(2)]
    assert store.pairs_of("ann", [], [item(1)]) == []


def test_items_change_hands_within_one_batch(store: SqlStore) -> None:
    fence = store.begin("ann", NOW)
    store.commit("ann", fence, Batch(pairs=(make_pair(1), make_pair(2), make_pair(3))), NOW)
    swapped = (make_pair(1, item=item(2)), make_pair(2, item=item(3)))
    store.commit("ann", fence, Batch(pairs=swapped, ended=(record(3),)), NOW)
    assert list(store.pairs("ann")) == list(swapped)


def test_two_pairs_never_share_an_item_and_nothing_of_such_a_batch_is_kept(store: SqlStore) -> None:
    fence = store.begin("ann", NOW)
    store.commit("ann", fence, Batch(pairs=(make_pair(1),)), NOW)
    with pytest.raises(StoreError, match="share one mailbox item") as caught:
        store.commit("ann", fence, Batch(pairs=(make_pair(2, item=item(1)),), state={"crm_cursor": "new"}), NOW)
    assert "reset" in caught.value.remedy
    assert item(1) not in str(caught.value)
    assert store.state("ann") == {}
    assert list(store.pairs("ann")) == [make_pair(1)]
    other = store.begin("bob", NOW)
    store.commit("bob", other, Batch(pairs=(make_pair(2, item=item(1)),)), NOW)  # another user's mailbox


def test_many_references_are_asked_for_at_once(store: SqlStore) -> None:
    fence = store.begin("ann", NOW)
    pairs = [make_pair(n) for n in range(2_000)]
    with counted() as written:
        store.commit("ann", fence, Batch(pairs=tuple(pairs)), NOW)
    with counted() as asked:
        found = store.pairs_of("ann", [p.record for p in pairs[:1200]], [item(n) for n in range(1000, 5000)])
    assert found == pairs
    assert isinstance(store, FakeStore) or 0 < len(written) <= 20, written[:30]  # none for each pair
    assert isinstance(store, FakeStore) or 0 < len(asked) <= 20, asked[:30]
    assert list(store.pairs("ann")) == pairs


def test_pages_of_pairs_end_where_the_table_ends(store: SqlStore) -> None:
    fence = store.begin("ann", NOW)
    for size in (999, 1000, 1001):
        store.commit("ann", fence, Batch(pairs=tuple(make_pair(n) for n in range(size))), NOW)
        assert [p.record for p in store.pairs("ann")] == [record(n) for n in range(size)]


def test_pairs_are_written_while_they_are_streamed(store: SqlStore) -> None:
    fence = store.begin("ann", NOW)
    store.commit("ann", fence, Batch(pairs=tuple(make_pair(n) for n in range(1500))), NOW)
    for pair in store.pairs("ann"):
        if pair.record == record(1200):
            store.commit("ann", fence, Batch(pairs=(replace(pair, edited=True),)), NOW)
    assert store.pairs_of("ann", [record(1200)], [])[0].edited


def test_pairs_in_accounts(store: SqlStore) -> None:
    fence = store.begin("ann", NOW)
    store.commit("ann", fence, Batch(pairs=(UNUSUAL, make_pair(1))), NOW)
    assert store.pairs_in("ann", [AccountId("001000000000001AAA")]) == [UNUSUAL]
    assert store.pairs_in("ann", [AccountId("001000000000002AAA")]) == []


def test_the_scope_counts_each_record_once(store: SqlStore) -> None:
    fence = store.begin("ann", NOW)
    parked = (
        Parked(Side.CRM, record(50), "B8", "refused", in_scope=True),
        Parked(Side.CRM, record(50), "B15", "stale", in_scope=True),
        Parked(Side.CRM, record(1), "B15", "stale", in_scope=True),  # has a pair
        Parked(Side.CRM, record(51), "B8", "refused"),
        Parked(Side.MAILBOX, item(1), "A23", "excluded"),
    )
    pairs = (make_pair(1), make_pair(2), make_pair(3, in_scope=False))
    store.commit("ann", fence, Batch(pairs=pairs, parked=parked), NOW)
    assert store.count_in_scope("ann") == 3


def test_A18_what_a_sweep_is_held_against_is_each_pairs_record_and_whether_it_rests(store: SqlStore) -> None:
    fence = store.begin("ann", NOW)
    others = (make_pair(2, in_scope=False), make_pair(3, item=None, state=PairState.DORMANT))
    frozen = make_pair(4, state=PairState.FROZEN, frozen_for="A18")
    store.commit("ann", fence, Batch(pairs=(make_pair(1), *others, frozen)), NOW)
    store.commit("bob", store.begin("bob", NOW), Batch(pairs=(make_pair(9),)), NOW)
    assert store.paired("ann") == {record(1): True, record(2): False, record(3): False, record(4): False}


def test_parked_changes_are_due_by_time_alone(store: SqlStore) -> None:
    fence = store.begin("ann", NOW)
    later = Parked(Side.CRM, record(2), "B8", "refused", NOW + timedelta(days=1), "print")
    ready = Parked(Side.MAILBOX, item(1), "B15", "stale", NOW)
    waits = Parked(Side.MAILBOX, item(2), "A13", "private")
    store.commit("ann", fence, Batch(parked=(later, ready, waits)), NOW)
    assert set(store.parked("ann")) == {later, ready, waits}
    assert store.parked("ann", NOW) == [ready]
    again = replace(waits, reason="still private")
    store.commit("ann", fence, Batch(parked=(again,), unparked=((Side.CRM, record(2)), (Side.MAILBOX, item(2)))), NOW)
    assert set(store.parked("ann")) == {ready, again}


def test_issues_are_replaced_and_mended_by_either_reference(store: SqlStore) -> None:
    fence = store.begin("ann", NOW)
    whole = Issue("VIEW", "A16", "the view is gone")
    of_record = Issue("LONG", "B13", "Title is too long", record(1), None, "Title")
    of_both = Issue("REFUSED", "B8", "no", record(1), item(1))
    of_item = Issue("NOBODY", "A12", "no name", None, item(2))
    store.commit("ann", fence, Batch(issues=(whole, of_record, of_both, of_item)), NOW)
    clearer = replace(of_record, message="Title holds 128 characters")
    store.commit("ann", fence, Batch(issues=(clearer,)), NOW)
    assert set(store.issues("ann")) == {whole, clearer, of_both, of_item}
    store.commit("ann", fence, Batch(mended=((None, item(1)), (None, item(2)))), NOW)
    assert set(store.issues("ann")) == {whole, clearer}
    store.commit("ann", fence, Batch(mended=((record(1), None),), issues=(of_both,)), NOW)
    assert set(store.issues("ann")) == {whole, of_both}
    store.commit("ann", fence, Batch(mended=((None, None),)), NOW)
    assert store.issues("ann") == [of_both]


def test_intents_are_open_until_they_are_settled(store: SqlStore) -> None:
    fence = store.begin("ann", NOW)
    down = Intent(Key("k1"), Side.MAILBOX, make_pair(1, item=None), NOW, fence, "A17")
    up = Intent(Key("k2"), Side.CRM, make_pair(2, record=""), NOW - timedelta(seconds=1), fence, "A7")
    store.commit("ann", fence, Batch(intents=(down, up)), NOW)
    assert store.intents("ann") == [up, down]
    store.commit("ann", fence, Batch(settled=(Key("k1"),), pairs=(make_pair(1),)), NOW)
    assert store.intents("ann") == [up]


def test_pending_writes_come_back_whole_and_are_no_intents(store: SqlStore) -> None:
    fence = store.begin("ann", NOW)
    home = Address("Main St 1", "Berlin")
    fields = {"Title": Change("CEO", "CTO", "CEO"), "MailingAddress": Change("", home)}
    told = Entry(fence, NOW, "B12", Side.CRM, "update", record(1), item(1), fields, "because")
    values = {FieldName("Title"): "CTO", FieldName("MailingAddress"): home}
    update = Pending(Key("p1"), record(1), told, values, AccountId("001"), make_pair(1))
    later = NOW + timedelta(seconds=1)
    gone = Entry(fence, later, "D4", Side.MAILBOX, "remove", record(2), item(2))
    stone = Tombstone(record(2), None, "D4", {FieldName("LastName"): "Müller"})
    removal = Pending(Key("p2"), item(2), gone, ended=record(2), stone=stone)
    latest = NOW + timedelta(seconds=2)
    made = Entry(fence, latest, "B7", Side.CRM, "create", None, item(3), {"Account": Change("", "Hooli")})
    account = Pending(Key("p3"), "Hooli", made, begun=NOW - timedelta(hours=1))
    store.commit("ann", fence, Batch(pending=(removal, update, account)), NOW)
    assert store.pending("ann") == [update, removal, account]
    assert store.intents("ann") == []
    store.commit("ann", fence, Batch(settled=(Key("p1"),), entries=(told,)), NOW)
    assert store.pending("ann") == [removal, account]


def test_tombstones_are_found_by_record(store: SqlStore) -> None:
    fence = store.begin("ann", NOW)
    stone = Tombstone(record(1), item(1), "B17", {FieldName("LastName"): "Müller"})
    bare = Tombstone(record(2), None, "D1")
    store.commit("ann", fence, Batch(tombstones=(stone, bare)), NOW)
    assert store.tombstones("ann", [record(1), record(3)]) == [stone]
    assert store.tombstones("ann", [record(2)]) == [bare]


def test_state_is_merged_by_key(store: SqlStore) -> None:
    fence = store.begin("ann", NOW)
    store.commit("ann", fence, Batch(state={"crm_cursor": "a", "nested": {"x": [1, None]}}), NOW)
    store.commit("ann", fence, Batch(state={"crm_cursor": None, "started": True}), NOW)
    assert store.state("ann") == {"crm_cursor": None, "nested": {"x": [1, None]}, "started": True}
    store.save_state("ann", {"paused": True})
    assert store.state("ann")["paused"] is True


MEMBER = HoldMember(record(1), item(1), Version("v1"), Version("c1"), "001 Acme")


def test_an_answer_outlives_the_question_asked_again(store: SqlStore) -> None:
    fence = store.begin("ann", NOW)
    hold = make_hold("B9-12ab", MEMBER, HoldMember(None, item(2)))
    store.commit("ann", fence, Batch(holds=(hold,)), NOW)
    store.answer("ann", "B9-12ab", "approve")
    turned = replace(hold, members=hold.members[::-1], question="is it so, still?")
    store.commit("ann", fence, Batch(holds=(turned,)), NOW)
    assert store.holds("ann") == [replace(turned, answer="approve")]


def test_B12_a_typed_value_is_kept_with_its_answer_and_goes_with_the_hold(store: SqlStore) -> None:
    fence = store.begin("ann", NOW)
    hold = make_hold("B12-a", MEMBER)
    store.commit("ann", fence, Batch(holds=(hold,)), NOW)
    assert store.holds("ann")[0].typed is None
    store.answer("ann", "B12-a", "reject", "")
    assert store.holds("ann") == [replace(hold, answer="reject", typed="")]
    store.answer("ann", "B12-a", "reject", "Chief Buyer")
    store.commit("ann", fence, Batch(holds=(hold,)), NOW)
    assert store.holds("ann") == [replace(hold, answer="reject", typed="Chief Buyer")]
    store.answer("ann", "B12-a", "approve")
    assert store.holds("ann") == [replace(hold, answer="approve")]


@pytest.mark.parametrize(
    "members",
    [(replace(MEMBER, crm_version=Version("v2")),), (MEMBER, HoldMember(record(2), None)), ()],
    ids=["another version", "one more", "none"],
)
def test_an_answer_falls_when_members_changed(store: SqlStore, members: tuple[HoldMember, ...]) -> None:
    fence = store.begin("ann", NOW)
    store.commit("ann", fence, Batch(holds=(make_hold("D8-x", MEMBER),)), NOW)
    store.answer("ann", "D8-x", "reject")
    store.commit("ann", fence, Batch(holds=(make_hold("D8-x", *members),)), NOW)
    assert store.holds("ann") == [make_hold("D8-x", *members)]


def test_a_released_hold_takes_its_answer_along(store: SqlStore) -> None:
    fence = store.begin("ann", NOW)
    store.commit("ann", fence, Batch(holds=(make_hold("D1-a", MEMBER), make_hold("D1-b", MEMBER))), NOW)
    store.answer("ann", "D1-a", "approve")
    store.commit("ann", fence, Batch(released=("D1-a",)), NOW)
    assert [h.name for h in store.holds("ann")] == ["D1-b"]
    store.commit("ann", fence, Batch(holds=(make_hold("D1-a", MEMBER),)), NOW)
    assert store.holds("ann")[0].answer == ""


def test_only_open_holds_are_answered_and_only_by_yes_or_no(store: SqlStore) -> None:
    with pytest.raises(StoreError, match="D1-z") as caught:
        store.answer("ann", "D1-z", "approve")
    assert "mailsync issues ann" in caught.value.remedy
    with pytest.raises(StoreError, match="no answer"):
        store.answer("ann", "D1-z", "maybe")


def test_history_is_found_by_record_or_item(store: SqlStore) -> None:
    fence = store.begin("ann", NOW)
    first = make_entry("update", Side.CRM, fields={"Title": Change("Dr", "Prof", "Dr")})
    second = replace(first, record=None, item=item(2), kind="categorise", side=Side.MAILBOX, fields={})
    third = replace(first, record=record(3), item=None, kind="delete")
    store.commit("ann", fence, Batch(entries=(first, second)), NOW)
    store.commit("ann", fence, Batch(entries=(third,)), NOW)
    assert store.history("ann") == [first, second, third]
    assert store.history("ann", record=record(3)) == [third]
    assert store.history("ann", item=item(2)) == [second]
    assert store.history("ann", record=record(1), item=item(2)) == [first, second]
    assert store.history("bob") == []


@pytest.mark.rule("D8")
def test_D8_counts_by_side_what_was_carried_out_since(store: SqlStore) -> None:
    fence = store.begin("ann", NOW)
    blanks = {"Title": Change("Dr", ""), "Phone": Change("1", ""), "Fax": Change("", ""), "Email": Change("a", "b")}
    entries = (
        make_entry("delete", Side.CRM),
        make_entry("delete", Side.CRM, NOW - timedelta(hours=25)),
        make_entry("remove", Side.MAILBOX, fields={"LastName": Change("Müller", "")}),
        make_entry("remove", Side.MAILBOX, NOW - timedelta(hours=24)),
        make_entry("update", Side.CRM, fields=blanks),
        make_entry("update", Side.MAILBOX, fields={"Title": Change("Dr", "")}),
        make_entry("left", Side.MAILBOX, fields={"Title": Change("Dr", "")}),
    )
    store.commit("ann", fence, Batch(entries=entries), NOW)
    assert store.guarded("ann", NOW - timedelta(hours=24)) == {
        "delete": 1,
        "remove": 2,
        "blank": 3,
        "blank salesforce": 2,
        "blank mailbox": 1,
    }
    assert store.guarded("bob", NOW)["blank"] == 0


def test_an_older_fence_writes_nothing(store: SqlStore) -> None:
    old = store.begin("ann", NOW)
    later = NOW + timedelta(seconds=61)
    new = store.begin("ann", later)
    for batch in (Batch(), Batch(pairs=(make_pair(1),), state={"crm_cursor": "x"})):
        with pytest.raises(FenceLost):
            store.commit("ann", old, batch, later)
    with pytest.raises(FenceLost):
        store.renew("ann", old, later)
    with pytest.raises(FenceLost):
        store.finish("ann", old, {}, later)
    assert store.count("ann") == 0
    assert store.state("ann") == {}
    store.commit("ann", new, Batch(pairs=(make_pair(1),)), later)
    assert store.count("ann") == 1
