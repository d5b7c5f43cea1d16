"""Where the ladder of B2 ends for an item, and what waits for a lost answer first (B2, B15)."""

from mailsync.core.actions import Why
from mailsync.core.changes import Item, Record
from mailsync.core.draft import Draft, member
from mailsync.core.holds import Answer, hold_name
from mailsync.core.match import Doubtful, Nobody, Same, Taken, match
from mailsync.core.notices import Issue
from mailsync.core.returns import merge_into, take_place
from mailsync.core.unpaired import create, pair_with


def settle_doubt(draft: Draft, item: Item) -> bool:
    """B15: whether nothing is in doubt about an item. While the answer to its create is lost, nothing is repeated; an
    own create that nothing explains is a question."""
    known = draft.sight.holds.get(hold_name("B15", item.id))
    if known is None and item.id not in draft.sight.in_doubt:
        return True
    shown = _unexplained(draft, known.members[0].record if known else None)
    if shown is None:
        return not _wait(draft, item)
    answer = draft.ask("B15", member(None, shown, item), detail="a Contact of yours appeared while an answer was lost")
    if answer is Answer.APPROVED:
        pair_with(draft, item, shown, Why("B15", "approved by a person"))
    return answer is Answer.REJECTED


def _unexplained(draft: Draft, asked: str | None) -> Record | None:
    """The record to be asked about: the one that was asked about before, else the eldest that nothing speaks for."""
    paired = {*draft.answers.paired, *draft.paired}
    strangers = sorted(draft.sight.unexplained, key=lambda r: (r.created, r.id))
    known = [r for r in (*strangers, *draft.sight.records.values()) if r.id == asked and r.id not in paired]
    free = [r for r in strangers if r.id not in paired and r.id not in draft.claimed]
    return next(iter((*known, *free)), None)


def _wait(draft: Draft, item: Item) -> bool:
    if item.id not in draft.sight.in_doubt:
        return False
    draft.park(None, item.id, "B15", "the answer to its creation was lost")
    message = "the answer to this contact's creation was lost; it is looked for again in the next session"
    draft.issues.append(Issue("IN_DOUBT", "B15", message, None, item.id))
    return True


def plan_match(draft: Draft, item: Item) -> None:
    """The ladder of B2 for one item, and what follows from where it ends."""
    match match(item, draft.answers.candidates, draft.answers.paired, draft.policy.several):
        case Same(record, _) | Doubtful(record, _) if record.id in draft.claimed:
            _ask_duplicate(draft, item, record, "another new contact of this session is the same")
        case Same(record, reason):
            pair_with(draft, item, record, Why("B2", reason))
        case Taken(pair, record):
            take_place(draft, item, pair, record, "B2")
        case Doubtful(record, reason):
            _ask_duplicate(draft, item, record, reason)
        case Nobody():
            create(draft, item)


def _ask_duplicate(draft: Draft, item: Item, record: Record, reason: str) -> None:
    # B2(3): the question is bound to the record's version too, so that an answer never meets another person.
    answer = draft.ask("B2", member(None, record, item, reason), detail=reason)
    match answer:
        case Answer.APPROVED if record.id in draft.paired:
            # The record gets its item in this session: the next one merges the two.
            draft.keep_asking("B2", item.id)
        case Answer.OPEN:
            pass
        case Answer.APPROVED:
            pair = draft.answers.paired.get(record.id)
            if pair is None:
                pair_with(draft, item, record, Why("B2", "approved by a person"))
            else:
                merge_into(draft, item, pair, record, "B2")
        case Answer.REJECTED:
            create(draft, item)
