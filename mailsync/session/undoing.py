"""The session of an undo: what was written is read again on both sides, planned, and carried out like any plan."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mailsync.core.actions import Action, MoveIn, PairUp, Plan, RemoveItem, stage
from mailsync.core.changes import FolderState
from mailsync.core.deeds import Deed, deeds_of
from mailsync.core.entries import FOLDER_ID, Change, Entry
from mailsync.core.notices import Parked
from mailsync.core.pair import Pair
from mailsync.core.refs import FolderId, ItemId, RecordId, Side
from mailsync.core.undo import UNDO, Kept, MoveOut, Present, Undo
from mailsync.core.undoing import take_back
from mailsync.errors import MailsyncError
from mailsync.ports.ledger import Batch
from mailsync.ports.outcomes import Outcome, Written
from mailsync.session.agent import Agent
from mailsync.session.belonging import confirm_organisation, settle_organisation
from mailsync.session.execute import carry_out
from mailsync.session.feeds import Feeds, read_feeds
from mailsync.session.folder import confirm_mark, ensure_folder, foresee
from mailsync.session.pending import recover_writes
from mailsync.session.recover import recover
from mailsync.session.restoring import create_anew, undelete
from mailsync.session.undoreport import undo_json
from mailsync.session.undosight import look
from mailsync.session.work import Tally, Work

Progress = Callable[[str, int, int], None]


class WorldMoved(MailsyncError):
    """Both sides are not any more what the undo was shown from; nothing was written."""


class FolderAway(MailsyncError):
    """The folder is not where its id says; a session moves it back or makes it again (A3)."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a person wants undone: a session, or what it did to one contact; and whether records may be deleted."""

    session: int
    record: RecordId | None = None
    item: ItemId | None = None
    delete: bool = False


@dataclass(frozen=True, slots=True)
class Undone:
    """An undo as it was planned, and what could not be carried out of it."""

    undo: Undo
    present: Present
    kept: tuple[Kept, ...] = ()
    notes: tuple[str, ...] = field(default=())


def find_deeds(agent: Agent, order: Order, found: Sequence[Entry] = ()) -> tuple[Sequence[Deed], Sequence[Entry]]:
    """What the session did, by contact; and its entries. `found`: those that are not stored yet."""
    entries = [e for e in (*agent.store.history(agent.user), *found) if e.session == order.session]
    deeds = deeds_of(entries)
    if order.record is None and order.item is None:
        return deeds, entries
    chosen = [d for d in deeds if (order.record and d.record == order.record) or order.item in d.items]
    return chosen, []


def preview_undo(agent: Agent, order: Order) -> Undone:
    """What an undo would do; writes nothing. Raises VendorError, FolderTaken."""
    state = dict(agent.store.state(agent.user))
    confirm_organisation(agent, state)
    folder, _ = foresee(agent, state)
    feeds = _read_feeds(agent, folder, state)
    recovered = recover(agent, state)
    written = recover_writes(agent, recovered, feeds.mailbox)
    deeds, entries = find_deeds(agent, order, written.entries)
    policy = agent.policy(feeds.crm.limits)
    present = look(agent, feeds, policy, deeds, delete=order.delete, recovered=recovered)
    return Undone(take_back(deeds, entries, present), present)


def run_undo(agent: Agent, fence: int, order: Order, expected: Undo | None, progress: Progress, tally: Tally) -> Undone:
    """Carries an undo out under a fence. `expected`: the one that a person saw. Raises WorldMoved, MailsyncError;
    whatever was carried out until then is recorded, and the same undo can be run again."""
    state = dict(agent.store.state(agent.user))
    settle_organisation(agent, fence, state)
    folder, _ = ensure_folder(agent, fence, state)
    recovered = recover(agent, state)
    agent.store.commit(agent.user, fence, recovered.batch, agent.clock.now())
    feeds = _read_feeds(agent, folder, state)
    confirm_mark(agent, folder, feeds.mailbox.mark, state)
    # A write that an interrupted run announced is settled before this one moves the bases on (L2).
    agent.store.commit(agent.user, fence, recover_writes(agent, recovered, feeds.mailbox), agent.clock.now())
    policy = agent.policy(feeds.crm.limits)
    deeds, entries = find_deeds(agent, order)
    present = look(agent, feeds, policy, deeds, delete=order.delete)
    undo = take_back(deeds, entries, present)
    if expected is not None and not _are_alike(undo, expected):
        raise WorldMoved("something changed while the undo was shown; nothing was written", "run it again")
    work = Work(agent, policy, present.sight, folder, fence, progress, tally=tally)
    failed: list[Kept] = []
    if undo.restores:
        buried = undelete(work, undo.restores, failed)
        create_anew(work, [r for r in undo.restores if r.record in buried], failed)
        present = look(agent, feeds, policy, deeds, delete=order.delete)
        undo = replace(take_back(deeds, entries, present), restores=[])
        work = Work(agent, policy, present.sight, folder, fence, progress, tally=tally, issues=work.issues)
    work.moving += recovered.moving
    _carry(work, undo, failed)
    return Undone(undo, present, (*undo.kept, *failed))


def _read_feeds(agent: Agent, folder: FolderId | None, state: dict[str, Any]) -> Feeds:
    feeds = read_feeds(agent, folder, state, refill=False)
    if feeds.mailbox.folder is FolderState.LOST:
        raise FolderAway("the folder is not where it was", f"run first: mailsync sync {agent.user}")
    return feeds


def _are_alike(one: Undo, other: Undo) -> bool:
    """Whether two plans do the same to the same; versions and times don't matter."""
    return undo_json(one) == undo_json(other)


def _carry(work: Work, undo: Undo, failed: list[Kept]) -> None:
    """Edits first, while pairs are as they were; then what came or went, in the usual stages."""

    def alive() -> None:
        work.progress("taking back", 0, 0)

    moves = [a for a in undo.actions if isinstance(a, MoveIn)]
    carry_out(work, Plan(tuple(sorted((*undo.edits, *moves), key=stage))), alive)
    # An item is remembered as excluded before it is marked so, or a session in between would let it in again (A23).
    work.commit(Batch(parked=tuple(_placed(work, p) for p in undo.parked)))
    rest = [_rebased(work, a) for a in undo.actions if a not in moves]
    carry_out(work, Plan(tuple(sorted(rest, key=stage))), alive)
    _move_out(work, undo.homes, failed)
    work.commit(Batch(parked=tuple(work.parked), issues=tuple(work.issues)))


def _rebased(work: Work, action: Action) -> Action:
    """What came or went is stored with the bases that the edits before it moved on."""
    match action:
        case PairUp(pair=pair):
            return replace(action, pair=_with_bases(work, pair))
        case RemoveItem(after=after) if after is not None:
            return replace(action, after=_with_bases(work, after))
        case _:
            return action


def _with_bases(work: Work, pair: Pair) -> Pair:
    now = work.pairs.get(pair.record)
    return replace(pair, crm=now.crm, mailbox=now.mailbox) if now else pair


def _placed(work: Work, parked: Parked) -> Parked:
    return replace(parked, ref=work.place(ItemId(parked.ref))) if parked.side is Side.MAILBOX else parked


def _move_out(work: Work, homes: Sequence[MoveOut], failed: list[Kept]) -> None:
    for folder in dict.fromkeys(h.folder for h in homes):
        part = [h.item for h in homes if h.folder == folder]
        outcomes = work.agent.mailbox.move([work.place(i.id) for i in part], folder)
        entries: list[Entry] = []
        left: list[tuple[Side, str]] = []
        for item, outcome in zip(part, outcomes, strict=True):
            if isinstance(outcome, Written):
                work.tally.moved += 1
                left.append((Side.MAILBOX, work.place(item.id)))
                fields = {FOLDER_ID: Change(work.folder, folder)}
                entries.append(work.entry(UNDO, Side.MAILBOX, "move", item.record, ItemId(outcome.id), fields))
            else:
                failed.append(Kept(item.record, item.id, "", _stays(outcome)))
        work.commit(Batch(entries=tuple(entries), unparked=tuple(left)))


def _stays(outcome: Outcome) -> str:
    return f"it could not be moved back where it was, and stays in the folder on its own ({type(outcome).__name__})"
