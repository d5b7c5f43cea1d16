"""The shared feed's word on whether a user has anything to ask Salesforce (decision 0028). It only ever spares a
question: what is there to be seen, each user's own reading says."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from mailsync.core.changes import CrmChanges, FolderState, MailboxChanges
from mailsync.ports.crm import Reach, Watch
from mailsync.ports.feeds import Position, Standing
from mailsync.session.agent import Agent, Keys, Shared
from mailsync.session.recover import read_waiting

VIEW_FOR = timedelta(hours=1)
"""How long it counts what somebody read a list view to select."""
DOUBTED_FOR = timedelta(days=1)
_LAG = timedelta(minutes=10)  # rows commit later than their stamps say
_REMEMBERED = timedelta(days=1)  # well within what the feed keeps
_OPEN = (Keys.REPAIRING, Keys.REFILL, Keys.LISTING_FAULT, Keys.HOLD_DELETIONS, Keys.SCOPE_APPROVED, Keys.ALL_DUE)


@dataclass(frozen=True, slots=True)
class Foresight:
    """What the feed says before a session asks. `quiet`: what Salesforce would say, where that is nothing."""

    standing: Standing | None = None
    quiet: CrmChanges | None = None

    @property
    def position(self) -> list[int] | None:
        """What the user's state keeps: everything up to there has been seen by the end of this session."""
        head = self.standing.head if self.standing else None
        return [head.epoch, head.number] if head else None


def foresee_changes(agent: Agent, state: Mapping[str, Any], watch: Watch) -> Foresight:
    """Asked before anything else: a candidate that is found later counts for the next session. Raises StoreError."""
    if agent.shared is None:
        return Foresight()
    standing = _usable(agent.shared, agent.clock.now())
    if standing is None or watch.cursor is None or watch.sweep or _waits(agent, agent.shared, state):
        return Foresight(standing)
    known, position = agent.crm.remembered(watch), position_of(state)
    if known is None or position is None or position.epoch != standing.head.epoch or position.number < standing.floor:
        return Foresight(standing)
    feeds, organisation = agent.shared.feeds, agent.shared.organisation
    if not _knows_view(agent, agent.shared, known.reach):
        return Foresight(standing)
    moved = position != standing.head
    if moved and feeds.concerns(agent.user, organisation, position, known.reach):
        return Foresight(standing)
    return Foresight(standing, known.changes)


def position_of(state: Mapping[str, Any]) -> Position | None:
    """The user's own place in the feed; None where they have none."""
    match state.get(Keys.FEED):
        case [int() as epoch, int() as number]:
            return Position(epoch, number)
        case _:
            return None


def is_idle(items: MailboxChanges) -> bool:
    """Whether the mailbox has nothing to say that Salesforce would have to be asked about."""
    return not (items.complete or items.seen or items.gone or items.outside) and items.folder is FolderState.PRESENT


def compare(agent: Agent, watch: Watch, changes: CrmChanges, foresight: Foresight) -> None:
    """After Salesforce was asked: what its list view selects is told to the others, and a feed that lacks what this
    user sees is doubted. Raises StoreError."""
    if agent.shared is None:
        return
    shared, now = agent.shared, agent.clock.now()
    known = agent.crm.remembered(replace(watch, cursor=changes.cursor))
    if known is not None and known.reach.view:
        shared.feeds.describe_view(shared.organisation, known.reach.view, known.reach.digest, now)
    standing = foresight.standing
    if (
        standing is None
        or changes.complete
        or changes.rest is not None
        or standing.since is None
        or standing.mark is None
    ):
        return
    first, last = max(standing.since, standing.mark - _REMEMBERED), standing.mark - _LAG
    seen = {r.id: r.modified for r in changes.records if r.modified and first < r.modified < last}
    if seen and shared.feeds.lacks(shared.organisation, seen):
        shared.feeds.doubt(shared.organisation, now + DOUBTED_FOR)


def _usable(shared: Shared, now: datetime) -> Standing | None:
    standing = shared.feeds.standing(shared.organisation)
    if standing is None or standing.read is None or abs(now - standing.read) > shared.oldest:
        return None
    return None if standing.doubted and now < standing.doubted else standing


def _waits(agent: Agent, shared: Shared, state: Mapping[str, Any]) -> bool:
    """Whether anything is begun, due, answered or in doubt that Salesforce has to be asked about, or a person waits."""
    now = agent.clock.now()
    if not state.get(Keys.STARTED) or any(state.get(key) for key in _OPEN):
        return True
    left = read_waiting(agent, state)
    due = any(p.due is not None and p.due <= now for p in left.parked)
    answered = any(h.answer for h in left.holds)
    return bool(left.placed or due or answered or not left.is_settled) or shared.is_awaited()


def _knows_view(agent: Agent, shared: Shared, reach: Reach) -> bool:
    """Whether somebody has read lately that the list view selects what the user's cursor was read with."""
    if not reach.view:
        return True
    said = shared.feeds.view(shared.organisation, reach.view)
    return said is not None and said.digest == reach.digest and agent.clock.now() - said.at < VIEW_FOR
