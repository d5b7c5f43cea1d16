"""Both sides' feeds: what they said since the last session, and whether a listing can be believed (A3, A18)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mailsync.core.changes import CrmChanges, FolderState, MailboxChanges
from mailsync.core.refs import FolderId
from mailsync.errors import AnswerBroken
from mailsync.ports.crm import Watch
from mailsync.session.agent import Agent, Keys
from mailsync.session.shared import Foresight, compare, foresee_changes, is_idle

SWEEP_EVERY = timedelta(hours=24)
"""What no event announces is found at the latest then (A18)."""


@dataclass(frozen=True, slots=True)
class Feeds:
    """What the two feeds said, and how they are to be taken."""

    crm: CrmChanges
    mailbox: MailboxChanges
    folder: FolderId
    refill: bool = False
    repairing: bool = False
    suspicious: bool = False
    position: list[int] | None = None  # how far the shared feed was looked at
    in_scope: int | None = None  # what Store.count_in_scope says, where it is known


def read_feeds(
    agent: Agent, folder: FolderId | None, state: Mapping[str, Any], *, refill: bool, in_parts: bool = True
) -> Feeds:
    """Both feeds: one Salesforce request and three EWS requests when idle; none at Salesforce where the organisation's
    shared feed rules out that anything concerns the user (decision 0028). A large scope that is read for the first time
    is read `in_parts` (decision 0036).

    Raises AnswerBroken for a listing that can't be believed (A3); VendorError.
    """
    repairing = bool(state.get(Keys.REPAIRING))
    known = None if repairing else state.get(Keys.CRM_CURSOR)
    begun = known is not None or not (repairing or state.get(Keys.STARTED))
    parts = agent.at_most if in_parts and begun else None
    watch = Watch(known, agent.scope, _sweep_due(agent, state), parts, identified=agent.shared is not None)
    cursor = None if repairing or refill else state.get(Keys.MAILBOX_CURSOR)
    foresight = foresee_changes(agent, state, watch)
    changes, items = _read_both(agent, watch, foresight, lambda: _read_mailbox(agent, folder, cursor))
    if changes.asked:
        compare(agent, watch, changes, foresight)
    return Feeds(changes, items, folder or FolderId(""), refill, repairing, position=foresight.position)


def _read_both(
    agent: Agent, watch: Watch, foresight: Foresight, read_mailbox: Callable[[], MailboxChanges]
) -> tuple[CrmChanges, MailboxChanges]:
    """In parallel; where the shared feed has nothing to tell, the mailbox first: if it has not either, nobody asks."""
    if foresight.quiet is None:
        return agent.scheduler.both(lambda: agent.crm.changes(watch), read_mailbox)
    items = read_mailbox()
    return (foresight.quiet if is_idle(items) else agent.crm.changes(watch)), items


def _read_mailbox(agent: Agent, folder: FolderId | None, cursor: str | None) -> MailboxChanges:
    if folder is None:
        return MailboxChanges((), (), (), complete=True, cursor="")
    return agent.mailbox.changes(folder, cursor)


def _sweep_due(agent: Agent, state: Mapping[str, Any]) -> bool:
    swept = state.get(Keys.SWEPT)
    return swept is None or agent.clock.now() - datetime.fromisoformat(swept) > SWEEP_EVERY


def check_listing(agent: Agent, feeds: Feeds, state: Mapping[str, Any]) -> bool:
    """A3: whether a full listing is implausible for the second time. Raises AnswerBroken the first time."""
    listing = feeds.mailbox
    if not listing.complete or listing.folder is FolderState.LOST or feeds.refill:
        return False
    inside = sum(1 for i in listing.seen if i.inside)
    contradicts = listing.total is not None and listing.total > inside
    empty = inside == 0 and _count_placed(agent) > 1
    if not (contradicts or empty):
        return False
    if state.get(Keys.LISTING_FAULT):
        return True
    what = "it is empty" if empty else "it contradicts the server's own count"
    raise AnswerBroken(
        "mailbox", f"the folder's listing can't be believed: {what}; nothing was done (A3)", code="LISTING_FAULT"
    )


def _count_placed(agent: Agent) -> int:
    """Pairs that should have an item in the folder: dormant ones have none (A18)."""
    return sum(1 for p in agent.store.pairs(agent.user) if p.item)
