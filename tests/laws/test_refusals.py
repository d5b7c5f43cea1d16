"""What is refused in a session (A13, B3, B8, B15): what is remembered of it, and when it is tried again."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from mailsync.core.changes import Sensitivity
from mailsync.core.refs import FieldName, ItemId
from mailsync.errors import Throttled
from mailsync.ports.crm import RecordDraft
from mailsync.ports.outcomes import Outcome
from mailsync.session.run import silent
from mailsync.session.undoing import Order, run_undo
from mailsync.session.work import Tally
from tests.fakes.crm import FakeCrm
from tests.fakes.post import BIN
from tests.laws.histories.world import USER, World
from tests.laws.mirrored import LAST, make_mirrored, next_session, pair_of

TITLE, EMAIL, COMPANY = (FieldName(n) for n in ("Title", "Email", "Company"))


@pytest.fixture
def world() -> World:
    return make_mirrored()


def test_B8_a_new_description_counts_in_a_session_that_sweeps_too(world: World) -> None:
    """The sweep is a second reading, after which nothing is new of the description."""
    world.store.save_settings(USER, {"view": "all"})
    next_session(world)
    world.org.forbidden[TITLE] = "x"
    doe = pair_of(world, "Doe")
    world.post.edit(doe.item or ItemId(""), {TITLE: "Boxer"})
    next_session(world)
    assert world.org.rows[doe.record].values[TITLE] == ""
    world.org.forbidden.clear()
    world.org.described += 1
    old = world.org.add("bob", {LAST: "Zoe"})
    long_ago = world.org.rows[old].stamp.replace(year=2020)
    world.org.rows[old] = replace(world.org.rows[old], stamp=long_ago, modified=long_ago)
    world.org.share(old, USER, shared=True)  # the count alone tells
    world.session()
    assert pair_of(world, "Zoe").record == old
    assert (world.org.rows[doe.record].values[TITLE], world.store.parked(USER)) == ("Boxer", [])


class Racing(FakeCrm):
    """Somebody creates the same contact right before the agent does."""

    def create(self, drafts: Sequence[RecordDraft]) -> Sequence[Outcome]:
        self._org.add(USER, drafts[0].values)
        return super().create(drafts)


def test_A13_B3_an_approval_holds_where_a_duplicate_rule_names_the_record(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.org.unique_email = True
    private = {"sensitivity": Sensitivity.PRIVATE}
    item = world.post.add(world.store.state(USER)["folder"], {LAST: "Zoe", EMAIL: "z@x.example"}, **private)
    next_session(world)
    (hold,) = world.store.holds(USER)
    world.store.answer(USER, hold.name, "approve")
    monkeypatch.setattr(world, "open_crm", lambda: Racing(world.org))
    for _ in range(2):
        next_session(world)
        assert (pair_of(world, "Zoe").item, world.store.holds(USER)) == (item.id, [])


class Busy(FakeCrm):
    """Creates nothing now."""

    def create(self, drafts: Sequence[RecordDraft]) -> Sequence[Outcome]:
        raise Throttled("salesforce", "asks to wait")


def test_B15_a_creation_anew_that_was_refused_as_a_whole_is_not_in_doubt(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In doubt, it would be told of as one that may have been carried out, and the same undo would wait for it."""
    world.store.save_settings(USER, {"auto_removal": "allowed"})
    doe = pair_of(world, "Doe")
    world.post.move(doe.item or ItemId(""), BIN)
    next_session(world)
    deleted = world.store.history(USER)[-1]
    world.org.purge(doe.record)
    fence = world.store.begin(USER, world.clock.now())
    monkeypatch.setattr(world, "open_crm", lambda: Busy(world.org))
    with pytest.raises(Throttled):
        run_undo(world.agent(world.make_gate({})), fence, Order(deleted.session), None, silent, Tally())
    assert (deleted.kind, world.store.intents(USER)) == ("delete", [])


def test_B9_B10_a_company_typed_on_a_record_that_may_not_be_changed_is_told_of_and_left(world: World) -> None:
    world.store.save_settings(USER, {"company_change": "relink"})
    acme, _ = world.org.add_account("Acme"), world.org.add_account("Initech")
    zoe = world.org.add(USER, {LAST: "Zoe"}, account=acme)
    next_session(world)
    world.org.rows[zoe] = replace(world.org.rows[zoe], locked=frozenset({USER}))
    for typed in ({COMPANY: "Initech"}, {TITLE: "Boss"}):
        world.post.edit(pair_of(world, "Zoe").item or ItemId(""), typed)
        next_session(world)
    left = [{n: c.lost for n, c in e.fields.items()} for e in world.store.history(USER) if e.kind == "left"]
    assert (left, world.org.rows[zoe].account) == ([{"Company": "Initech"}, {"Title": "Boss"}], acme)
    assert pair_of(world, "Zoe").mailbox.values[COMPANY] == "Initech"
