"""The planner: questions(what must be looked up) -> answers -> plan. Pure: the same sight gives the same plan (L6)."""

from dataclasses import dataclass, replace

from mailsync.core.account import Step, company_key, company_keys, link_any
from mailsync.core.actions import Action, PairUp, Plan, RemoveItem, Stamp, UpdateRecord, Why
from mailsync.core.arrivals import may_be_asked_about, newcomers_of, plan_arrivals
from mailsync.core.changes import Item
from mailsync.core.draft import Draft, member
from mailsync.core.guard import brake
from mailsync.core.holds import Answer
from mailsync.core.marks import Sorted, sort_marks
from mailsync.core.match import addresses, folded_name
from mailsync.core.merge import COMPANY
from mailsync.core.mirror import plan_mirrors
from mailsync.core.pair import Pair, PairState
from mailsync.core.pairs import plan_pairs
from mailsync.core.person import text
from mailsync.core.policy import CompanyChange, Direction, Policy
from mailsync.core.refs import AccountId, ItemId
from mailsync.core.sight import Answers, Sight
from mailsync.core.stamps import change_nothing
from mailsync.core.states import is_approved_private


@dataclass(frozen=True, slots=True)
class Questions:
    """What Salesforce must be asked before a plan can be made."""

    emails: frozenset[str]  # case folded
    names: frozenset[tuple[str, str]]  # first and last, as typed
    companies: frozenset[str]  # company keys (B5)

    def __bool__(self) -> bool:
        return bool(self.emails or self.names or self.companies)


def questions(sight: Sight, policy: Policy, found: Sorted | None = None) -> Questions:
    """What must be looked up for the items that have no pair, and for edited companies (B2, B5, B9); nothing of what is
    private before a person allowed it (A13). `found`: what `sort_marks` makes of the sight, where that is known."""
    found = found or sort_marks(sight)
    fresh = newcomers_of(found)
    unpaired = [*fresh, *found.left_over, *(i for i, _ in found.returned)]
    newcomers = [i for i in unpaired if may_be_asked_about(i, sight, policy, fresh)]
    strip = policy.strip_company_suffix
    companies = {k for i in newcomers for k in company_keys(text(i.values, COMPANY), strip=strip)}
    companies |= _edited_companies(sight, found, policy)
    return Questions(
        frozenset(a for i in newcomers for a in addresses(i)),
        frozenset(_name(i) for i in newcomers if any(folded_name(i.values))),
        frozenset(c for c in companies if c),
    )


def _name(item: Item) -> tuple[str, str]:
    return text(item.values, "FirstName").strip(), text(item.values, "LastName").strip()


def _edited_companies(sight: Sight, found: Sorted, policy: Policy) -> set[str]:
    if policy.company_change is CompanyChange.IGNORE:
        return set()
    changed: set[str] = set()
    for pair in found.restless:
        own = found.own.get(pair.record)
        if own is not None and own.values.get(COMPANY) != pair.mailbox.values.get(COMPANY):
            now, was = text(own.values, COMPANY), text(pair.mailbox.values, COMPANY)
            told = is_approved_private(pair) or may_be_asked_about(own, sight, policy, ())
            changed |= {now} if told and company_key(now) != company_key(was) else set()
    return {k for now in changed for k in company_keys(now, strip=policy.strip_company_suffix)}


def plan(sight: Sight, answers: Answers, policy: Policy, found: Sorted | None = None) -> Plan:
    """The whole plan of a session. `found`: what `sort_marks` makes of the sight, where that is known."""
    found = found or sort_marks(sight)
    sight, finishing = _finish(sight)
    draft = Draft(sight, answers, policy)
    draft.actions += finishing
    for item in sight.gone:
        draft.look(None, item)
    plan_pairs(draft, found)
    plan_arrivals(draft, found)
    _plan_relinks(draft)
    _plan_open_relinks(draft)
    plan_mirrors(draft, found.unpaired)
    brake(draft)
    idle = _idle_stamps(draft)
    draft.actions = [a for a in draft.actions if not (isinstance(a, Stamp) and a.item.id in idle)]
    return draft.plan()


def _finish(sight: Sight) -> tuple[Sight, list[Action]]:
    """Removals that were begun are finished, and nothing else becomes of their items."""
    if not sight.leaving:
        return sight, []
    begun = [i for i in sight.items.values() if i.id in sight.leaving]
    rest = {i: item for i, item in sight.items.items() if i not in sight.leaving}
    removals: list[Action] = [RemoveItem(i, Why(sight.leaving[i.id], "a removal that was begun")) for i in begun]
    return replace(sight, items=rest), removals


def _idle_stamps(draft: Draft) -> set[ItemId]:
    """Items that bear the marks already which all their stamps together make (L1)."""
    stamps: dict[ItemId, list[Stamp]] = {}
    for action in draft.actions:
        if isinstance(action, Stamp):
            stamps.setdefault(action.item.id, []).append(action)
    return {item for item, actions in stamps.items() if change_nothing(actions)}


def _plan_relinks(draft: Draft) -> None:
    """B9: an edited Company suggests, or makes, another link; never in direction down (E1)."""
    for pair, item, company in draft.relinks if draft.policy.direction is not Direction.DOWN else ():
        policy = draft.policy
        chosen = link_any(
            company, draft.answers.accounts, min_substring=policy.min_substring, strip=policy.strip_company_suffix
        )
        if chosen.account is None or chosen.account == pair.account:
            continue
        match draft.policy.company_change:
            case CompanyChange.RELINK:
                _unsettle(draft, pair)
                _relink(draft, pair, chosen.account, chosen.name, chosen.step, typed=company)
            case CompanyChange.SUGGEST:
                draft.ask("B9", member(pair, None, item, f"{chosen.account} {chosen.name}"))
            case CompanyChange.IGNORE:
                pass


def _plan_open_relinks(draft: Draft) -> None:
    """B9 asked before: the mailbox's base took the text already, so the hold itself carries the Account."""
    asking = [h for h in draft.sight.holds.values() if h.rule == "B9" and h.name not in draft.holds]
    pairs = {p.record: p for p in draft.sight.pairs} if asking else {}
    for hold in asking:
        asked = hold.members[0]
        pair = pairs.get(asked.record) if asked.record else None
        account, _, name = asked.note.partition(" ")
        if pair is None or not _can_relink(draft, pair, AccountId(account)):
            continue
        match hold.answer:
            case Answer.APPROVED.value:
                _relink(draft, pair, AccountId(account), name, Step.EXACT)
            case Answer.REJECTED.value:
                pass
            case _:
                draft.holds[hold.name] = hold


def _can_relink(draft: Draft, pair: Pair, account: AccountId) -> bool:
    """Whether the question still stands: the record is there, and nobody has changed its Account since."""
    record = draft.sight.records.get(pair.record)
    lost = pair.record in draft.sight.fates or pair.record in draft.sight.unreadable
    moved = record is not None and record.account != pair.account
    one_way = draft.policy.direction is Direction.DOWN
    return not (lost or moved or one_way or pair.account == account or pair.state is PairState.DORMANT)


def _unsettle(draft: Draft, pair: Pair) -> None:
    """The base takes the text of an edited Company only together with the Account that is set for it: a session that
    ends in between must see the edit again."""
    base = next(p.mailbox for p in draft.sight.pairs if p.record == pair.record)
    for n, action in enumerate(draft.actions):
        if isinstance(action, PairUp) and action.pair.record == pair.record:
            values = {**action.pair.mailbox.values, COMPANY: base.values[COMPANY]}
            earlier = replace(action.pair, mailbox=replace(action.pair.mailbox, values=values))
            left = {name: value for name, value in action.left.items() if name != COMPANY}
            draft.actions[n] = replace(action, pair=earlier, left=left)


def _relink(draft: Draft, pair: Pair, account: AccountId, name: str, step: Step, typed: str = "") -> None:
    """Sets the Account, together with whatever else goes up for the pair: one conditional update a record."""
    why = Why("B9", f"relinked to another Account ({step.value})")
    for n, action in enumerate(draft.actions):
        if isinstance(action, UpdateRecord) and action.pair.record == pair.record and action.advance:
            draft.actions[n] = replace(action, account=account, account_name=name, company=typed)
            return
    draft.actions.append(UpdateRecord(pair, {}, why, account=account, account_name=name, company=typed))
