"""One session: observe both sides -> plan -> check -> carry out -> report."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from mailsync.core.actions import Plan
from mailsync.core.changes import FolderState
from mailsync.core.gate import is_short
from mailsync.core.marks import Sorted, sort_marks
from mailsync.core.notices import Issue
from mailsync.core.planner import plan as make_plan
from mailsync.core.planner import questions
from mailsync.core.policy import Policy
from mailsync.core.sight import Answers, Sight
from mailsync.errors import BudgetSpent, MailsyncError
from mailsync.ports.crm import MatchKeys, Watch
from mailsync.ports.ledger import Batch
from mailsync.session.agent import Agent, Keys
from mailsync.session.belonging import confirm_organisation, settle_organisation
from mailsync.session.counting import expected_count, is_compared, known_count
from mailsync.session.execute import carry_out, close_books, is_decided
from mailsync.session.feeds import Feeds, check_listing, read_feeds
from mailsync.session.folder import confirm_mark, ensure_folder, foresee, is_in_place, relocate
from mailsync.session.observe import locate, look_closer
from mailsync.session.pending import recover_writes
from mailsync.session.recover import Recovered, recover
from mailsync.session.refusals import withhold
from mailsync.session.work import Tally, Work

LONGEST = timedelta(hours=1)
"""A session stops after this and the next one goes on where it stopped (A2)."""
SWEPT_AT_ONCE = 2000
"""Views up to this size are swept whenever their count differs (A18)."""

Progress = Callable[[str, int, int], None]


class TimeUp(MailsyncError):
    """The session has run for its hour; nothing is wrong."""


def silent(_what: str, _done: int, _all: int) -> None:
    """Progress that nobody watches."""


def run(agent: Agent, fence: int, progress: Progress = silent, tally: Tally | None = None) -> tuple[str, ...]:
    """Runs one session under a fence; what it has to say. A large scope that is read for the first time takes several
    rounds, each of which closes its books (decision 0036). Raises MailsyncError; whatever was carried out until then is
    recorded, and counted in `tally`."""
    started, tally = agent.clock.now(), tally or Tally()

    def alive() -> None:
        if agent.clock.now() - started > LONGEST:
            raise TimeUp("the session's hour is over; the next one goes on where it stopped")

    def advance(what: str, done: int, total: int) -> None:
        progress(what, done, total)
        alive()

    notes: list[str] = []
    unread: int | None = None
    while unread is None or unread > 0:
        said, unread = _play_round(agent, fence, alive, advance, tally)
        notes += said
    return tuple(dict.fromkeys(notes))


def _play_round(
    agent: Agent, fence: int, alive: Callable[[], None], advance: Progress, tally: Tally
) -> tuple[Sequence[str], int]:
    """Both sides as far as they are read at once, planned and carried out: nearly always the whole session. What it has
    to say, and how many records are left for the next round."""
    state = dict(agent.store.state(agent.user))
    settle_organisation(agent, fence, state)
    folder, refill = ensure_folder(agent, fence, state)
    recovered = recover(agent, state)
    if recovered.batch != Batch():
        agent.store.commit(agent.user, fence, recovered.batch, agent.clock.now())
    advance("reading both sides", 0, 0)
    read_at = agent.clock.now()
    feeds = read_feeds(agent, folder, state, refill=refill)
    if feeds.mailbox.folder is FolderState.LOST:
        folder, refill = relocate(agent, fence, state)
        feeds = read_feeds(agent, folder, state, refill=refill)
    seen = _see(agent, fence, feeds, recovered, state)
    if _is_unconfirmed(agent, seen) and not is_in_place(agent, folder, state):
        folder, refill = relocate(agent, fence, state)
        seen = _see(agent, fence, read_feeds(agent, folder, state, refill=refill), recovered, state)
    feeds, plan = seen.feeds, seen.plan
    work = Work(agent, seen.policy, seen.sight, folder, fence, advance, issues=told(feeds), tally=tally)
    work.earlier, work.later, work.cursor = tally.created, feeds.crm.rest or 0, feeds.mailbox.cursor
    work.leaving |= recovered.leaving | recovered.hidden
    work.awaited |= recovered.awaited
    work.moving += recovered.moving
    carry_out(work, plan, alive)
    work.commit(close_books(work, plan, {**next_state(agent, feeds, state), Keys.MAILBOX_READ: read_at.isoformat()}))
    return plan.notes, work.later


@dataclass(frozen=True, slots=True)
class _Seen:
    """Both sides as they were read, and the plan for them."""

    feeds: Feeds
    policy: Policy
    sight: Sight
    plan: Plan


def _see(agent: Agent, fence: int, feeds: Feeds, recovered: Recovered, state: dict[str, Any]) -> _Seen:
    """What the feeds say, believed (A1, A3, C4), looked at closer and planned."""
    confirm_mark(agent, feeds.folder, feeds.mailbox.mark, state)
    _check_budget(agent)
    feeds = _believe(agent, fence, feeds, state)
    batch = recover_writes(agent, recovered, feeds.mailbox)
    if batch != Batch():
        agent.store.commit(agent.user, fence, batch, agent.clock.now())
    policy = agent.policy(feeds.crm.limits)
    counted = known_count(state, fence) if recovered.waiting.is_settled else None
    feeds, sight = survey(agent, feeds, recovered, state, policy, counted)
    return _Seen(feeds, policy, sight, decide(agent, sight, policy))


def _is_unconfirmed(agent: Agent, seen: _Seen) -> bool:
    """Whether something is about to be written without the folder's mark having been seen in this session (A1)."""
    reported = seen.feeds.mailbox.mark is not None or bool(agent.mailbox.capabilities.mark_in_feed)
    return bool(seen.plan.actions) and not reported


def told(feeds: Feeds) -> list[Issue]:
    """What the feeds themselves have to say: a broken view (A16), two folders of that name (A4)."""
    faults = [Issue("VIEW_BROKEN", "A16", feeds.crm.fault, field="view")] if feeds.crm.fault else []
    return [*faults, *(Issue("FOLDER", "A4", note) for note in feeds.mailbox.notes)]


def preview(
    agent: Agent,
    policy_of: Callable[[Policy], Policy] | None = None,
    assumed: Mapping[str, Any] | None = None,
) -> Plan:
    """What the next session would do, and all that waits for an answer; writes nothing, stores no cursor.

    `policy_of` tries another policy, `assumed` another state (E7)."""
    state = {**agent.store.state(agent.user), **(assumed or {})}
    confirm_organisation(agent, state)
    folder, refill = foresee(agent, state)
    recovered = recover(agent, state)
    feeds = read_feeds(agent, folder, state, refill=refill, in_parts=False)
    feeds = replace(feeds, suspicious=check_listing(agent, feeds, state))
    recover_writes(agent, recovered, feeds.mailbox)
    policy = agent.policy(feeds.crm.limits)
    policy = policy_of(policy) if policy_of else policy
    _, sight = survey(agent, feeds, recovered, state, policy)
    plan = decide(agent, sight, policy)
    asked = {h.name for h in plan.holds}
    open_still = [h for n, h in sight.holds.items() if n not in asked and not is_decided(h, plan.looked_at)]
    notes = (*plan.notes, ASTRAY) if refill and feeds.mailbox.folder is FolderState.PRESENT else plan.notes
    return replace(plan, holds=(*plan.holds, *open_still), notes=notes)


ASTRAY = (
    "A3: the folder is not where it was. If it lies in Deleted Items the session moves it back with its contacts, and "
    "does less than is shown here; else it is made again and refilled"
)


def survey(
    agent: Agent,
    feeds: Feeds,
    recovered: Recovered,
    state: Mapping[str, Any],
    policy: Policy,
    counted: int | None = None,
) -> tuple[Feeds, Sight]:
    """What the feeds say, read as deep as a plan needs; with a sweep where the counts differ (A18). `counted`: what the
    store would count, where that is known."""
    sight = look_closer(agent, feeds, recovered, state, policy)
    if counted is None and is_compared(feeds, policy):
        counted = agent.store.count_in_scope(agent.user)
    feeds = replace(feeds, in_scope=counted)
    swept = _sweep_if_counts_differ(agent, feeds, sight, state, policy)
    if swept is None:
        return feeds, sight
    return swept, look_closer(agent, swept, recovered, state, policy)


def _believe(agent: Agent, fence: int, feeds: Feeds, state: dict[str, Any]) -> Feeds:
    """A3: an implausible listing is a fault once; the second time what is missing becomes one hold."""
    try:
        suspicious = check_listing(agent, feeds, state)
    except MailsyncError:
        agent.store.commit(agent.user, fence, Batch(state={Keys.LISTING_FAULT: True}), agent.clock.now())
        raise
    return replace(feeds, suspicious=suspicious)


def _check_budget(agent: Agent) -> None:
    """C4: with few calls left the session ends politely."""
    budget = agent.crm.budget
    if budget is None:
        return
    left = budget.allowed - budget.used
    if is_short(budget.used, budget.allowed, agent.budget_calls, agent.budget_percent):
        raise BudgetSpent("salesforce", f"only {left} of {budget.allowed} daily API calls are left", code="BUDGET")


def _sweep_if_counts_differ(
    agent: Agent, feeds: Feeds, sight: Sight, state: Mapping[str, Any], policy: Policy
) -> Feeds | None:
    """A18: what no event announces shows in the count; then all ids are asked for in this same session."""
    crm = feeds.crm
    if not is_compared(feeds, policy) or expected_count(sight, feeds.in_scope or 0) == crm.count:
        return None
    if crm.count > SWEPT_AT_ONCE and state.get(Keys.SWEPT):
        return None
    swept = agent.crm.changes(Watch(crm.cursor, agent.scope, sweep=True))
    merged = replace(swept, records=(*crm.records, *swept.records), traces=(*crm.traces, *swept.traces))
    described = crm.described or swept.described  # the first reading's cursor knows the description already
    return replace(feeds, crm=replace(merged, accounts={**crm.accounts, **swept.accounts}, described=described))


def decide(agent: Agent, sight: Sight, policy: Policy) -> Plan:
    """The plan for what was seen, after Salesforce was asked what it still needs to know."""
    found = sort_marks(sight)
    answers = ask(agent, sight, policy, found)
    seen = _with_rivals(agent, sight, answers)
    plan = make_plan(seen, answers, policy, found if seen is sight else sort_marks(seen))
    return withhold(agent, plan, seen, policy)


def _with_rivals(agent: Agent, sight: Sight, answers: Answers) -> Sight:
    """A10, B2(2): a re-created item that may have to give way is read in this session, with its record."""
    known = {*sight.items, *sight.gone, *sight.hidden}
    rivals = [p for p in answers.paired.values() if p.recreated and p.item and p.item not in known]
    if not rivals:
        return sight
    found = locate(agent, [p.item for p in rivals if p.item])
    records = agent.crm.read([p.record for p in rivals if p.record not in sight.records], agent.scope)
    seen = {p.record for p in sight.pairs}
    return replace(
        sight,
        pairs=(*sight.pairs, *(p for p in rivals if p.record not in seen)),
        items={**sight.items, **found.inside},
        outside=(*sight.outside, *found.outside.values()),
        gone=sight.gone | found.gone,
        hidden=sight.hidden | found.hidden,
        records={**sight.records, **{r: record for r, record in records.items() if record}},
    )


def ask(agent: Agent, sight: Sight, policy: Policy, found: Sorted) -> Answers:
    """Asks Salesforce what the planner wants to know; no request where it wants nothing."""
    asked = questions(sight, policy, found)
    if not asked:
        return Answers()
    candidates = agent.crm.candidates(MatchKeys(asked.emails, asked.names)) if asked.emails or asked.names else ()
    known = [*(r.id for r in candidates), *(r.id for r in sight.unexplained)]
    paired = {p.record: p for p in agent.store.pairs_of(agent.user, known, [])}
    paired |= {p.record: p for p in sight.pairs if p.record in known}
    if not asked.companies:
        return Answers(tuple(candidates), paired)
    return Answers(tuple(candidates), paired, agent.crm.accounts(asked.companies, policy.min_substring))


def next_state(agent: Agent, feeds: Feeds, state: Mapping[str, Any]) -> dict[str, Any]:
    """What the next session starts from (A21: stored last)."""
    named = feeds.crm.members is not None or feeds.crm.rest == 0  # all members of the scope, be it in parts
    swept = agent.clock.now().isoformat() if named else state.get(Keys.SWEPT)
    return {
        Keys.MAILBOX_CURSOR: feeds.mailbox.cursor,
        Keys.CRM_CURSOR: feeds.crm.cursor,
        **({Keys.FEED: feeds.position} if feeds.position else {}),
        Keys.SWEPT: swept,
        Keys.COUNTED: feeds.in_scope,
        Keys.STARTED: True,
        **{key: False for key in ONCE if state.get(key)},
    }


ONCE = (
    *(Keys.REPAIRING, Keys.EDITED, Keys.THEIRS),
    *(Keys.REFILL, Keys.LISTING_FAULT, Keys.HOLD_DELETIONS, Keys.SCOPE_APPROVED),
)
"""What counts for one complete session that began with it; what a person sets meanwhile is for the next one."""
