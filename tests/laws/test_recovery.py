"""Recovery (B15, I16) of what was announced and whose answer was lost, case by case."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mailsync.core.changes import Item, MailboxChanges, Sensitivity
from mailsync.core.entries import UNFOUND, Change, Entry
from mailsync.core.notices import Parked
from mailsync.core.pair import Base, Pair
from mailsync.core.person import Value, Values
from mailsync.core.refs import FieldName, FolderId, ItemId, Key, RecordId, Side, Version
from mailsync.core.returns import GIVES_WAY
from mailsync.ports.ledger import Batch, Intent, Pending
from mailsync.ports.mailbox import Ability, Capabilities
from mailsync.session.agent import Agent
from mailsync.session.pending import PRIVATE, STAYS, UNCERTAIN, recover_writes
from mailsync.session.recover import Recovered, recover
from tests.fakes.mailbox import FakeMailbox
from tests.fakes.post import CONTACTS
from tests.laws.histories.world import MAILBOX_LIMITS, USER, World, make_world


def person(**given: str) -> dict[FieldName, Value]:
    return {FieldName(n): v for n, v in given.items()}


NAMED = person(FirstName="Ann", LastName="Doe", Email="ann@x.example")
SENT = NAMED | person(Phone="+1 206 555 0100", Title="Buyer")
BY_HAND = NAMED | person(Title="Boss")
NOTHING_NEW = MailboxChanges((), (), (), complete=False, cursor="")
KEY = Key("k1")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def world() -> World:
    return make_world(0)


def open_agent(world: World) -> Agent:
    return world.agent(world.make_gate({}))


def look_up(agent: Agent) -> Recovered:
    return recover(agent, agent.store.state(USER))


def announce(world: World, batch: Batch) -> int:
    """What a session stored before its answers were lost; its number."""
    session = world.store.begin(USER, world.clock.now())
    world.store.commit(USER, session, batch, world.clock.now())
    world.store.finish(USER, session, {}, world.clock.now())
    return session


def create_up(world: World) -> Intent:
    pair = Pair(RecordId(""), ItemId("item1"), Base(SENT), Base(SENT), origin=Side.MAILBOX)
    return Intent(KEY, Side.CRM, pair, world.clock.time, 1, "A7")


@pytest.mark.parametrize("made", [(BY_HAND, SENT), (SENT, BY_HAND)], ids=["by hand first", "by hand last"])
def test_B15_of_several_own_records_the_one_that_holds_what_was_sent_is_ours(
    world: World, made: Sequence[Values]
) -> None:
    announce(world, Batch(intents=(create_up(world),)))
    rows: list[RecordId] = []
    for values in made:
        rows.append(world.org.add(USER, values))
        world.clock.advance(5)
    ours, other = rows if made[0] is SENT else rows[::-1]
    found = look_up(open_agent(world))
    assert [p.record for p in found.pairs] == [ours]
    assert [r.id for r in found.unexplained] == [other]
    assert found.settled == [KEY]


@pytest.mark.parametrize(("seconds", "ours"), [(0, False), (1, True)], ids=["of that second", "made later"])
def test_B15_what_is_as_old_as_the_intent_is_ours_only_under_the_name_that_was_sent(
    world: World, seconds: int, ours: bool
) -> None:
    world.clock.time = world.clock.time.replace(microsecond=0)
    intent = create_up(world)
    announce(world, Batch(intents=(replace(intent, begun=intent.begun + timedelta(seconds=0.5)),)))
    world.clock.advance(seconds)
    record = world.org.add(USER, SENT | person(FirstName="Bea", LastName="Roe"))
    found = look_up(open_agent(world))
    assert [p.record for p in found.pairs] == ([record] if ours else [])
    assert [r.id for r in found.unexplained] == ([] if ours else [record])


class Lagging(FakeMailbox):
    """Lists that learn of a write late, as Google's."""

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(own_writes=Ability("lists lag"))


def create_down(world: World) -> Intent:
    pair = Pair(RecordId("003A"), None, Base(SENT), Base(SENT))
    return Intent(KEY, Side.MAILBOX, pair, world.clock.time, 7, "A17")


def test_I16_a_create_that_gmail_never_shows_is_told_of_when_nobody_waits_for_it_any_more(world: World) -> None:
    announce(world, Batch(intents=(create_down(world),)))
    agent = replace(open_agent(world), mailbox=Lagging(world.post, MAILBOX_LIMITS))
    world.clock.advance(599)
    early = look_up(agent)
    assert (early.settled, early.entries, early.in_doubt_down) == ([], [], {RecordId("003A")})
    world.clock.advance(1)
    late = look_up(agent)
    assert (late.settled, late.pairs, late.in_doubt_down) == ([KEY], [], frozenset())
    (entry,) = late.entries
    assert (entry.session, entry.rule, entry.side, entry.kind) == (7, "A17", Side.MAILBOX, "create")
    assert (entry.record, entry.item, entry.reason) == (RecordId("003A"), None, UNFOUND)
    assert entry.fields["Email"] == Change("", "ann@x.example")


def test_B15_where_the_mailbox_reads_its_own_writes_what_is_not_there_was_not_made(world: World) -> None:
    announce(world, Batch(intents=(create_down(world),)))
    found = look_up(open_agent(world))
    assert (found.settled, found.entries, found.in_doubt_down) == ([KEY], [], frozenset())


def test_I16_a_create_that_gmail_shows_late_is_told_of_as_found(world: World) -> None:
    announce(world, Batch(intents=(create_down(world),)))
    stored = world.post.add(CONTACTS, SENT, key=KEY)
    found = look_up(replace(open_agent(world), mailbox=Lagging(world.post, MAILBOX_LIMITS)))
    assert [p.item for p in found.pairs] == [stored.id]
    assert [e.reason for e in found.entries] == ["found again after its answer was lost"]


def updated(world: World) -> tuple[Pair, Pending]:
    """A pair whose item got another title, the answer lost; and what the session had announced."""
    old, title = SENT | person(Title="Assistant"), person(Title="Buyer")
    item = world.post.add(CONTACTS, SENT).id
    record = world.org.add(USER, SENT)
    before = Pair(record, item, Base(old, Version("r1")), Base(old, Version("i1")))
    after = replace(before, crm=Base(SENT, Version("r2")), mailbox=Base(SENT, Version("")))
    told = {"Title": Change("Assistant", "Buyer")}
    entry = Entry(1, world.clock.time, "B10", Side.MAILBOX, "update", record, item, told)
    return before, Pending(KEY, item, entry, title, pair=after)


def test_B10_an_update_found_done_advances_its_pair_as_it_is_by_now(world: World) -> None:
    pair, write = updated(world)
    phone = person(Phone="+1 206 555 0199")
    since = replace(pair, crm=replace(pair.crm, values=SENT | person(Title="Assistant") | phone), account_name="Acme")
    announce(world, Batch(pairs=(since,), pending=(write,)))
    agent = open_agent(world)
    batch = recover_writes(agent, look_up(agent), NOTHING_NEW)
    (kept,) = batch.pairs
    assert [b.values[FieldName("Title")] for b in (kept.crm, kept.mailbox)] == ["Buyer", "Buyer"]
    assert (kept.crm.values[FieldName("Phone")], kept.account_name) == ("+1 206 555 0199", "Acme")
    assert (batch.settled, [e.kind for e in batch.entries]) == ((KEY,), ["update"])


def test_B10_a_pair_that_ended_since_stays_ended_when_its_update_is_found_done(world: World) -> None:
    _, write = updated(world)
    announce(world, Batch(pending=(write,)))
    agent = open_agent(world)
    found = look_up(agent)
    batch = recover_writes(agent, found, NOTHING_NEW)
    assert (batch.pairs, found.pairs) == ((), [])
    assert (batch.settled, [e.kind for e in batch.entries]) == ((KEY,), ["update"])


def test_B10_what_is_seen_of_an_update_is_the_base_also_where_another_of_its_fields_was_edited_since(
    world: World,
) -> None:
    pair, write = updated(world)
    phone = person(Phone="+1 206 555 0199")
    after = replace(write.pair or pair, crm=Base(SENT | phone), mailbox=Base(SENT | phone))
    told = write.entry.fields | {"Phone": Change("+1 206 555 0100", "+1 206 555 0199")}
    both = replace(write, values={**write.values, **phone}, pair=after, entry=replace(write.entry, fields=told))
    announce(world, Batch(pairs=(pair,), pending=(both,)))
    world.post.edit(ItemId(write.ref), person(Phone="+1 206 555 0142"))
    agent = open_agent(world)
    batch = recover_writes(agent, look_up(agent), NOTHING_NEW)
    (kept,) = batch.pairs
    for base in (kept.crm, kept.mailbox):
        assert base.values == SENT, "the title was written, the telephone is what it was before"
    assert (batch.settled, [e.reason for e in batch.entries]) == ((KEY,), [UNCERTAIN])


MERGED = "approved by a person: merged into the record's own item"


def removal(item: ItemId, reason: str, record: RecordId | None = None) -> Pending:
    entry = Entry(1, NOON, "D6", Side.MAILBOX, "remove", record or RecordId("003A"), item, {}, reason)
    return Pending(KEY, item, entry, SENT)


@pytest.mark.parametrize(("reason", "stays"), [(GIVES_WAY, True), (MERGED, False)])
def test_A13_D6_an_item_that_was_to_give_way_and_is_private_by_now_stays_and_is_looked_at_again(
    world: World, reason: str, *, stays: bool
) -> None:
    item = world.post.add(CONTACTS, SENT).id
    announce(world, Batch(pending=(removal(item, reason),)))
    world.post.put(replace(world.post.items[item], sensitivity=Sensitivity.PRIVATE))
    agent = open_agent(world)
    found = look_up(agent)
    batch = recover_writes(agent, found, agent.mailbox.changes(FolderId(CONTACTS), None))
    assert (list(found.leaving), batch.settled) == (([], (KEY,)) if stays else ([item], ()))
    assert [(p.ref, p.reason, p.due) for p in batch.parked] == ([(item, PRIVATE, world.clock.now())] if stays else [])
    assert (batch.entries, found.parked) == ((), list(batch.parked))


class Shy(FakeMailbox):
    """Neither shows nor denies what it holds."""

    def read(self, items: Collection[ItemId]) -> Mapping[ItemId, Item | None]:
        return {}


def test_I16_an_item_that_is_not_shown_now_does_not_count_as_removed(world: World) -> None:
    item = world.post.add(CONTACTS, SENT).id
    write = removal(item, "deleted in Salesforce")
    announce(world, Batch(pending=(write,)))
    agent = replace(open_agent(world), mailbox=Shy(world.post, MAILBOX_LIMITS))
    found = look_up(agent)
    batch = recover_writes(agent, found, NOTHING_NEW)
    assert (batch, found.hidden, found.leaving) == (Batch(), {item: write}, {}), "it is open still"


def test_I16_what_was_looked_up_once_is_not_told_of_again(world: World) -> None:
    """A session looks twice where the folder was lost, and its feed had not told so."""
    pair, write = updated(world)
    announce(world, Batch(pairs=(pair,), pending=(write,)))
    agent = open_agent(world)
    found = look_up(agent)
    batch = recover_writes(agent, found, NOTHING_NEW)
    assert [e.kind for e in batch.entries] == ["update"]
    assert recover_writes(agent, found, NOTHING_NEW) == Batch()


@pytest.mark.parametrize(
    ("direction", "reason", "stays"),
    [("both", GIVES_WAY, False), ("down", GIVES_WAY, False), ("up", GIVES_WAY, True), ("up", MERGED, False)],
)
def test_E1_D6_an_item_that_was_to_give_way_stays_once_the_direction_is_up_and_is_looked_at_again(
    world: World, direction: str, reason: str, *, stays: bool
) -> None:
    item = world.post.add(CONTACTS, SENT).id
    entry = Entry(1, world.clock.time, "B2", Side.MAILBOX, "remove", RecordId("003A"), item, {}, reason)
    announce(world, Batch(pending=(Pending(KEY, item, entry, SENT),)))
    world.store.save_settings(USER, {"direction": direction})
    agent = open_agent(world)
    found = look_up(agent)
    batch = recover_writes(agent, found, agent.mailbox.changes(FolderId(CONTACTS), None))
    assert (list(found.leaving), batch.settled) == (([], (KEY,)) if stays else ([item], ()))
    parked = Parked(Side.MAILBOX, item, "B2", STAYS, world.clock.now())
    assert (batch.parked, batch.entries) == ((parked,) if stays else (), ()), "no history tells of what was not done"
