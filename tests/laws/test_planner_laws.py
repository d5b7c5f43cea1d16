"""L1, L3, L4, L5 and L6 over generated histories: what the planner must keep whatever people do."""

from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailsync.core.actions import (
    Action,
    CreateItem,
    CreateRecord,
    DeleteRecord,
    EndPair,
    MoveIn,
    PairUp,
    Plan,
    RemoveItem,
    Stamp,
    UpdateItem,
    UpdateRecord,
    ids,
)
from mailsync.core.changes import Item
from mailsync.core.divergence import differs
from mailsync.core.merge import COMPANY
from mailsync.core.pair import Pair, PairState
from mailsync.core.person import Field, Flow
from mailsync.core.planner import plan
from mailsync.core.policy import AutoRemoval, Direction, Policy
from mailsync.core.refs import FieldName, RecordId, Side
from mailsync.core.sight import Sight
from tests.laws.acts import Drawn, acts, edits, make_private, perform, rules, switch_privacy
from tests.laws.planning import World, answers, converged, run, see
from tests.unit.core.builders import make_policy

LAWFUL = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
TITLE = FieldName("Title")
History = list[list[Drawn]]
histories = st.lists(acts, min_size=1, max_size=3)
SETTLING = 4
"""Sessions after which no open question may be settled by the agent's own writes any more."""


def lived(history: History, policy: Policy) -> World:
    """A world after sessions, and then once more changed by people."""
    world = converged(3)
    for drawn in history[:-1]:
        perform(world, drawn)
        run(world, policy)
    perform(world, history[-1])
    return world


@LAWFUL
@given(histories, rules)
def test_L1_a_session_without_edits_since_the_last_one_writes_nothing(history: History, chosen: dict[str, Any]) -> None:
    policy = make_policy(**chosen)
    world = lived(history, policy)
    for _ in range(SETTLING):
        # What a session itself wrote may settle a question: another name or address is now in Salesforce.
        _, made = run(world, policy)
        if not made.holds and not any(p.due for p in made.parked):
            break
    _, last = run(world, policy)
    assert [_shape(a) for a in last.actions] == []


@LAWFUL
@given(histories, rules)
def test_L4_no_record_is_deleted_without_base_proof_and_permission(history: History, chosen: dict[str, Any]) -> None:
    policy = make_policy(**chosen)
    world = lived(history, policy)
    sight, made = run(world, policy)
    outside = {i.id for i in sight.outside} | {i.record for i in sight.outside}
    for action in made.actions:
        if isinstance(action, DeleteRecord):
            pair = action.pair
            assert policy.auto_removal is AutoRemoval.ALLOWED
            assert policy.direction is not Direction.DOWN
            assert pair.item is not None
            assert pair.item in sight.gone or pair.item in outside or pair.record in outside
            assert sight.records[pair.record].in_scope or pair.pinned


SECRET = "known to its person alone"


@LAWFUL
@given(histories, st.lists(st.integers(0, 11), min_size=1, max_size=3), acts, rules)
def test_L3_nothing_of_a_private_item_is_sent_or_stored_unless_a_person_approved_it(
    history: History, chosen_items: list[int], later: list[Drawn], chosen: dict[str, Any]
) -> None:
    policy = make_policy(**chosen)
    world = lived(history, policy)
    for n in chosen_items:
        make_private(world, n, SECRET)
    perform(world, [a for a in later if a[0] != switch_privacy.__name__])
    for _ in range(2):  # in the second one pairs are frozen
        _, made = run(world, policy)
        assert [a for a in made.actions if SECRET in _told(a)] == []


def _told(action: Action) -> list[object]:
    """All values that the other side, the table of pairs or the history gets by it."""
    match action:
        case CreateRecord(values=values, sources=sources):
            return [*values.values(), *sources.values()]
        case UpdateRecord(moved=moved) | UpdateItem(moved=moved):
            return [v for m in moved.values() for v in (m.sent, m.source, m.before)]
        case PairUp(pair=pair):
            known = pair.crm.values, pair.mailbox.values, action.left, action.left_crm
            return [v for values in known for v in values.values()]
        case RemoveItem(item=item, pair=pair):
            return [*action.lost.values(), *(() if pair else item.values.values())]
        case CreateItem() | Stamp() | MoveIn() | DeleteRecord() | EndPair():
            return []


REMOVALS = {"D4", "A18", "B16", "B2", "D6"}


@LAWFUL
@given(histories, rules)
def test_L4_no_item_is_removed_without_a_rule_and_its_proof(history: History, chosen: dict[str, Any]) -> None:
    policy = make_policy(**chosen)
    world = lived(history, policy)
    sight, made = run(world, policy)
    for action in made.actions:
        if isinstance(action, RemoveItem):
            assert action.why.rule in REMOVALS
            assert action.item.inside
            assert _is_proven(action, sight, policy)


def _is_proven(action: RemoveItem, sight: Sight, policy: Policy) -> bool:
    pair = action.pair
    match action.why.rule:
        case "D4" | "B16":
            proven = pair is not None and (sight.fates[pair.record].deleted or pair.record in sight.records)
            return proven and policy.direction is not Direction.UP
        case "A18":
            assert pair is not None
            out = pair.record in sight.unreadable or not sight.records[pair.record].in_scope
            return out and pair.made_item and not pair.pinned and action.after is not None
        case _:
            own = next(p for p in sight.pairs if p.item == action.item.id)
            return own.recreated > 0 and own.made_item and not own.edited


@LAWFUL
@given(histories, rules, st.randoms(use_true_random=False))
def test_L6_the_order_of_what_was_seen_is_nothing(history: History, chosen: dict[str, Any], random: Random) -> None:
    policy = make_policy(**chosen)
    world = lived(history, policy)
    known = answers(world)
    shuffled = list(known.candidates)
    random.shuffle(shuffled)
    one = plan(see(world), known, policy)
    other = plan(see(world, random), replace(known, candidates=tuple(shuffled)), policy)
    assert _unordered(one) == _unordered(other)


def _unordered(made: Plan) -> tuple[list[str], ...]:
    holds = [(h.name, sorted(map(repr, h.members))) for h in made.holds]
    return (
        sorted(map(_shape, made.actions)),
        sorted(map(repr, holds)),
        sorted(map(repr, made.issues)),
        sorted({repr(p) for p in made.parked}),
    )


def _shape(action: Action) -> str:
    record, item = ids(action)
    return f"{type(action).__name__} {record} {item} {action.why} {action!r}"


@LAWFUL
@given(edits, rules)
def test_L5_no_edit_is_lost(drawn: list[Drawn], chosen: dict[str, Any]) -> None:
    policy = make_policy(**chosen)
    world = converged(3)
    perform(world, drawn)
    sight = see(world)
    made = plan(sight, answers(world), policy)
    for pair in sight.pairs:
        assert pair.item is not None
        item, record = sight.items[pair.item], sight.records[pair.record]
        for f in policy.fields:
            if f.flow is Flow.OFF:
                continue
            here, there = item.values[f.name], record.values[f.name]
            if differs(f, here, {f.name: there}, policy):
                if differs(f, here, pair.mailbox.values, policy):
                    assert _is_kept(f, pair, made, Side.MAILBOX), (f.name, here, there)
                if differs(f, there, pair.crm.values, policy):
                    assert _is_kept(f, pair, made, Side.CRM), (f.name, here, there)


def _is_kept(f: Field, pair: Pair, made: Plan, edited: Side) -> bool:
    """Whether an edit reaches the other side, is in the history, or waits with an issue or a hold."""
    waits = any(i.record == pair.record and i.field == f.name for i in made.issues)
    waits |= any(i.record == pair.record and i.code == "REQUIRED_FIELD" for i in made.issues)
    waits |= any(
        m.record == pair.record and (f.name in m.note or h.rule == "D8") for h in made.holds for m in h.members
    )
    return waits or any(_keeps(action, f, pair.record, edited) for action in made.actions)


def _keeps(action: Action, f: Field, record: RecordId, edited: Side) -> bool:
    match action:
        case UpdateRecord(pair=pair, moved=moved) | UpdateItem(pair=pair, moved=moved) if pair.record == record:
            towards = Side.CRM if isinstance(action, UpdateRecord) else Side.MAILBOX
            return f.name in moved and (towards is not edited or moved[f.name].lost)
        case PairUp(pair=pair, left=left, left_crm=left_crm) if pair.record == record:
            # A blank link never blanks Company (B9): there is no value to keep.
            blanked = f.name == COMPANY and edited is Side.CRM and not pair.crm.values[f.name]
            return f.name in (left if edited is Side.MAILBOX else left_crm) or blanked
        case _:
            return False


@LAWFUL
@given(edits, rules)
def test_L5_in_step_again_both_sides_hold_the_same(drawn: list[Drawn], chosen: dict[str, Any]) -> None:
    policy = make_policy(**chosen)
    world = converged(3)
    perform(world, drawn)
    _, made = run(world, policy)
    if policy.direction is not Direction.BOTH or made.holds or made.issues:
        return
    for pair in world.pairs.values():
        item: Item = world.items[pair.item] if pair.item else world.items[next(iter(world.items))]
        for f in policy.fields:
            if f.flow is Flow.BOTH and pair.state is PairState.ACTIVE:
                assert not differs(f, item.values[f.name], world.records[pair.record].values, policy), f.name


@LAWFUL
@given(edits, st.sampled_from(["edit_record", "edit_item"]), rules)
def test_B10_what_one_side_alone_edited_is_no_conflict(
    drawn: list[Drawn], editing: str, chosen: dict[str, Any]
) -> None:
    """Each side against its own base, also where these differ since long, as where one holds the other's value cut."""
    policy = make_policy(**chosen)
    world = converged(3)
    for pair in world.pairs.values():
        record = world.records[pair.record]
        longer = {**record.values, TITLE: f"{record.values[TITLE]} of everything"}
        world.records[pair.record] = replace(record, values=longer)
        world.pairs[pair.record] = replace(pair, crm=replace(pair.crm, values=longer))
    perform(world, [(name, n, text) for name, n, text in drawn if name.startswith(editing)])
    made = plan(see(world), answers(world), policy)
    updates = [a for a in made.actions if isinstance(a, UpdateRecord | UpdateItem)]
    assert [n for a in updates for n, m in a.moved.items() if m.lost] == []
    assert [h.name for h in made.holds if h.rule == "B12"] == []
