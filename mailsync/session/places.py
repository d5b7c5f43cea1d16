"""Moves, pairs and marks: the first stages of carrying a plan out (A7, A8, A9, A19)."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import replace

from mailsync.core.actions import EndPair, MoveIn, PairUp, Plan, RemoveItem, Stamp, UpdateItem, UpdateRecord
from mailsync.core.changes import Item
from mailsync.core.entries import FOLDER_ID, MARK, Change, Entry
from mailsync.core.notices import Issue, Parked
from mailsync.core.pair import RETURNING, Pair, PairState, Tombstone
from mailsync.core.policy import CATEGORY
from mailsync.core.refs import ItemId, RecordId, Side
from mailsync.core.stamps import Marks, apply
from mailsync.ports.ledger import Batch, Pending
from mailsync.ports.mailbox import ItemEdit
from mailsync.ports.outcomes import Missing, Outcome, Refusal, Stale, Written
from mailsync.session.pending import MOVE, announce_removal
from mailsync.session.work import RETRY, Work

BEGUN = "the session ended before both sides were in step"
FOLLOWED = "its mailbox contact has another id, and the session that saw it did not come to its end"


def move_in(work: Work, actions: Sequence[MoveIn]) -> None:
    """Moves items into the folder; their new ids count from here on. What hangs on one that stays where it is must
    wait with it: paired outside the folder it would be read as moved out (A9, decision 0004).
    """
    _finish_moves(work, {a.item.id for a in actions})
    if not actions:
        return
    reviving = [work.known[a.pair.record] for a in actions if a.pair and a.pair.record in work.known]
    marked = tuple(replace(p, frozen_for=RETURNING) for p in reviving if p.state is PairState.DORMANT)
    announced = _announce_moves(work, actions)
    if marked or announced:  # found in the folder by the next session, it must not be taken for a person's doing (A19)
        work.commit(Batch(pairs=marked, pending=announced))
    outcomes = work.agent.mailbox.move([work.place(a.item.id) for a in actions], work.folder)
    taken = _find_taken(work, actions, outcomes)
    entries: list[Entry] = []
    for action, outcome in zip(actions, outcomes, strict=True):
        if not isinstance(outcome, Written) or outcome.id in taken:
            _stay(work, action, outcome)
            continue
        new = ItemId(outcome.id)
        if new != action.item.id:
            work.moved[action.item.id] = new
        work.versions[new] = outcome.version or action.item.version
        work.tally.moved += 1
        fields = {FOLDER_ID: Change("" if _is_thrown(work, action) else action.item.folder, work.folder)}
        entries.append(work.entry(action.why, Side.MAILBOX, "move", action.item.record, new, fields))
    told = zip(actions, outcomes, strict=True)
    half = {a.item.id for a, o in told if isinstance(o, Refusal) and o.transient}  # its copy may be there
    work.commit(Batch(entries=tuple(entries), settled=tuple(w.key for w in announced if w.ref not in half)))


def _find_taken(work: Work, actions: Sequence[MoveIn], outcomes: Sequence[Outcome]) -> Set[str]:
    """Other ids that pairs have already (B15, I3). Where a move makes a copy, its first one may be put back before the
    copy names its record, and be found moved again: pairing the copy once more would make a second record."""
    told = zip(actions, outcomes, strict=True)
    others = [ItemId(o.id) for a, o in told if isinstance(o, Written) and o.id != a.item.id]
    reviving = {a.pair.record for a in actions if a.pair}
    known = work.agent.store.pairs_of(work.agent.user, [], others)
    return {p.item for p in known if p.item and p.record not in reviving}


def _is_thrown(work: Work, action: MoveIn) -> bool:
    return action.item.id in {i.id for i in work.sight.discarded.values()}


def _announce_moves(work: Work, actions: Sequence[MoveIn]) -> tuple[Pending, ...]:
    """Moves out of Deleted Items, where nobody sees what a move that was cut off left behind (decision 0015)."""
    if work.agent.mailbox.capabilities.whole_moves:
        return ()
    thrown = [a for a in actions if _is_thrown(work, a)]
    entries = [work.entry(a.why, Side.MAILBOX, MOVE, a.item.record, a.item.id) for a in thrown]
    return tuple(Pending(work.agent.clock.key(), a.item.id, e) for a, e in zip(thrown, entries, strict=True))


def _finish_moves(work: Work, planned: Set[ItemId]) -> None:
    """Finishes what an earlier session announced and may have left half done; what is `planned` finishes by itself."""
    if not work.moving:
        return
    left = [ItemId(w.ref) for w in work.moving if w.ref not in planned]
    open_still = work.agent.mailbox.finish(left, work.folder)
    work.commit(Batch(settled=tuple(w.key for w in work.moving if w.ref not in open_still)))
    work.moving = []


def _stay(work: Work, action: MoveIn, outcome: Outcome) -> None:
    work.unmoved.add(action.item.id)
    due = work.now()
    if isinstance(outcome, Refusal):
        message = f"it could not be moved into the folder ({outcome.code}); nothing else was done with it"
        work.issues.append(Issue(outcome.code, action.why.rule, message, action.item.record, action.item.id))
        due = due if outcome.transient else due + RETRY
    work.park(Side.MAILBOX, action.item.id, action.why.rule, "it could not be moved", due)


def store_pairs(work: Work, actions: Sequence[PairUp | EndPair], plan: Plan) -> None:
    """Stores pairs that advance without any write, and ends those that are over, in one transaction; with what would be
    forgotten after it: the session's questions, since what a base has taken is not asked about again (B9, B17); the
    removals of items that give way to others (D6); which items a person has excluded, since an excluded one that is
    not remembered was moved out and in again (A23); and which pairs follow items that have other ids by now, or are
    still to be written (A21).
    """
    pairs: dict[RecordId, Pair] = {}
    ended: list[RecordId] = []
    stones: list[Tombstone] = []
    entries: list[Entry] = []
    followed = _park_followed(work, actions)
    for action in actions:
        match action:
            case PairUp():
                pair = _placed(work, action.pair)
                pairs[pair.record] = pair
                ended += [action.replaces] if action.replaces else []
                entries += _entries(work, action, pair)
            case EndPair():
                ended.append(action.pair.record)
                stones += [action.tombstone] if action.tombstone else []
                entries.append(work.entry(action.why, Side.CRM, "unpair", action.pair.record, action.pair.item))
                pairs.pop(action.pair.record, None)
    alone = [
        a
        for a in plan.actions
        if isinstance(a, RemoveItem) and a.pair is None and a.item.record not in work.waiting  # its successor is in
    ]
    excluded = tuple(p for p in plan.parked if p.rule == "A23")
    if actions or alone or excluded:
        stored = tuple(pairs.values())
        work.leaving |= {work.place(a.item.id): announce_removal(work, a) for a in alone}
        told = Batch(pairs=stored, ended=tuple(ended), tombstones=tuple(stones), entries=tuple(entries))
        begun = _park_begun(work, plan, stored)
        told = replace(told, parked=(*excluded, *followed, *begun), unparked=tuple((p.side, p.ref) for p in excluded))
        work.commit(replace(told, holds=plan.holds, pending=tuple(work.leaving.values())))


def _park_followed(work: Work, actions: Sequence[PairUp | EndPair]) -> tuple[Parked, ...]:
    """Pairs whose items a person moved or put back, so that they have other ids: until the cursors are stored (A21) no
    feed need ever name these, since a server folds what comes and goes between two readings into nothing. What the
    agent itself places is told by its entries."""
    ups = [a.pair for a in actions if isinstance(a, PairUp) and not a.new]
    theirs = [p.item for p in ups if p.item and _is_followed(work, p, p.item)]
    work.followed.update(theirs)
    return tuple(Parked(Side.MAILBOX, i, "A21", FOLLOWED, work.now()) for i in theirs)


def _is_followed(work: Work, pair: Pair, item: ItemId) -> bool:
    known = work.known.get(pair.record)
    return known is not None and known.item != item and work.place(item) == item


def _park_begun(work: Work, plan: Plan, stored: Sequence[Pair]) -> Iterator[Parked]:
    """Pairs that are new, or awake again, and still to be written: until they are no feed need tell of them (A21), for
    their records were read by id, or after a count, and a marked item comes back as an echo (L8). The end of the
    session looks at them all, and so forgets this."""
    written = {a.pair.record for a in plan.actions if isinstance(a, UpdateItem | UpdateRecord)}
    for pair in stored:
        known = work.known.get(pair.record)
        if pair.record in written and (known is None or known.state is not PairState.ACTIVE):
            yield Parked(Side.CRM, pair.record, "A21", BEGUN, work.now())


def _placed(work: Work, pair: Pair) -> Pair:
    return replace(pair, item=work.place(pair.item)) if pair.item else pair


def _entries(work: Work, action: PairUp, pair: Pair) -> list[Entry]:
    entries = [work.entry(action.why, Side.CRM, "pair", pair.record, pair.item)] if action.new else []
    if action.parted:
        entries.append(work.entry(action.why, Side.CRM, "unpair", pair.record, work.place(action.parted)))
    if action.left:
        left = {str(n): Change("", "", v) for n, v in action.left.items()}
        entries.append(work.entry(action.why, Side.MAILBOX, "left", pair.record, pair.item, left))
    if action.left_crm:
        left = {str(n): Change("", "", v) for n, v in action.left_crm.items()}
        entries.append(work.entry(action.why, Side.CRM, "left", pair.record, pair.item, left))
    return entries


def stamp(work: Work, actions: Sequence[Stamp]) -> frozenset[ItemId]:
    """Makes marks right, one update an item; what does not differ is not written. The items where it failed, parked."""
    wanted: dict[ItemId, tuple[Stamp, Marks]] = {}
    for action in actions:
        place = work.place(action.item.id)
        before = wanted[place][1] if place in wanted else work.marks_now(action.item)
        wanted[place] = (action, apply(before, action))
    changed = [(i, s, m) for i, (s, m) in wanted.items() if m != work.marks_now(s.item)]
    if not changed:
        return frozenset()
    edits = [edit_marks(work, s.item, m) for _, s, m in changed]
    counted = {work.place(a.item.id) for a in actions if a.counted}
    entries: list[Entry] = []
    pairs: list[Pair] = []
    failed: list[ItemId] = []
    for (place, action, marks), outcome in zip(changed, work.agent.mailbox.update(edits), strict=True):
        match outcome:
            case Written():
                before = work.marks_now(action.item)
                work.versions[place] = outcome.version or work.version(action.item)
                work.marks[place] = marks
                if place in counted and _category(marks) != _category(before):
                    work.tally.categorised += 1
                    mark = {MARK: Change(_category(before), _category(marks))}
                    entries.append(work.entry(action.why, Side.MAILBOX, "categorise", action.item.record, place, mark))
                pairs += _with_version(work, place, action.item)
            case Stale() | Missing():
                failed.append(place)
                work.park(Side.MAILBOX, place, action.why.rule, "it was changed meanwhile", work.now())
            case Refusal(code=code):
                failed.append(place)
                message = f"its categories could not be set ({code}); the next session tries again"
                work.issues.append(Issue(code, action.why.rule, message, action.item.record, place))
                work.park(Side.MAILBOX, place, action.why.rule, f"its marks were refused ({code})", work.now())
    work.commit(Batch(pairs=tuple(pairs), entries=tuple(entries)))
    return frozenset(failed)


def _category(marks: Marks) -> str:
    return next((c for c in marks.categories if c.casefold() == CATEGORY.casefold()), "")


def edit_marks(work: Work, item: Item, marks: Marks) -> ItemEdit:
    """The edit that gives an item these marks."""
    before = work.marks_now(item)
    return ItemEdit(
        work.place(item.id),
        work.version(item),
        categories=marks.categories if marks.categories != before.categories else None,
        record=marks.record if marks.record != before.record else None,
        excluded=marks.excluded if marks.excluded != before.excluded else None,
        web_page=_page(work, item, marks) if marks.record != before.record else None,
    )


def _page(work: Work, item: Item, marks: Marks) -> str | None:
    """C2: the link to the record, only where the field was empty or held our own link; None: left alone."""
    prefix = work.policy.record_url
    ours = bool(prefix) and item.web_page.startswith(prefix)
    if not prefix or (item.web_page and not ours):
        return None
    wanted = f"{prefix}{marks.record}" if marks.record else ""
    return wanted if wanted != item.web_page else None


def _with_version(work: Work, place: ItemId, item: Item) -> list[Pair]:
    """Our own write must not come back as a change (L8): the base of the item's pair takes the new version. A pair
    that ended in this session stays ended, though the item names its record still (B16)."""
    record = RecordId(work.marks_now(item).record)
    pair = work.pairs.get(record) or (None if record in work.ended else work.known.get(record))
    if pair is None or not pair.item or work.place(pair.item) != place:
        return []
    return [replace(pair, item=place, mailbox=replace(pair.mailbox, version=work.versions[place]))]
