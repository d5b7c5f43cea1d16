"""The planner: questions(what must be looked up) -> answers -> plan. Pure: the same sight gives the same plan (L6)."""

from dataclasses import dataclass

from mailsync.core.account import Step, company_key, link
from mailsync.core.actions import Plan, Stamp, UpdateRecord, Why
from mailsync.core.arrivals import plan_arrivals
from mailsync.core.changes import Item
from mailsync.core.draft import Draft, member
from mailsync.core.guard import brake, brake_storm
from mailsync.core.holds import Answer
from mailsync.core.marks import Sorted, sort_marks
from mailsync.core.match import addresses, folded_name
from mailsync.core.merge import COMPANY
from mailsync.core.mirror import plan_mirrors
from mailsync.core.pair import Pair
from mailsync.core.pairs import plan_pairs
from mailsync.core.person import text
from mailsync.core.policy import CompanyChange, Policy
from mailsync.core.refs import AccountId
from mailsync.core.sight import Answers, Sight
from mailsync.core.stamps import changes_nothing


@dataclass(frozen=True, slots=True)
class Questions:
    """What Salesforce must be asked before a plan can be made."""

    emails: frozenset[str]  # case folded
    names: frozenset[tuple[str, str]]  # first and last, as typed
    companies: frozenset[str]  # company keys (B5)

    def __bool__(self) -> bool:
        return bool(self.emails or self.names or self.companies)


def questions(sight: Sight, policy: Policy) -> Questions:
    """What must be looked up for the items that have no pair, and for edited companies (B2, B5, B9)."""
    found = sort_marks(sight)
    newcomers = [
        *found.arrivals,
        *found.copies_in,
        *found.readmitted,
        *found.left_over,
        *(i for i, _ in found.returned),
    ]
    newcomers = [i for i in newcomers if i.id not in sight.in_doubt]
    companies = {company_key(text(i.values, COMPANY)) for i in newcomers}
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
    pairs = {p.record: p for p in sight.pairs}
    edited = {(text(i.values, COMPANY), text(pairs[r].mailbox.values, COMPANY)) for r, i in found.own.items()}
    return {company_key(now) for now, base in edited if company_key(now) != company_key(base)}


def plan(sight: Sight, answers: Answers, policy: Policy) -> Plan:
    """The whole plan of a session."""
    draft = Draft(sight, answers, policy)
    found = sort_marks(sight)
    plan_pairs(draft, found)
    plan_arrivals(draft, found)
    _plan_relinks(draft)
    _plan_answered_relinks(draft)
    plan_mirrors(draft)
    brake_storm(draft)
    brake(draft)
    draft.actions = [a for a in draft.actions if not (isinstance(a, Stamp) and changes_nothing(a))]
    return draft.plan()


def _plan_relinks(draft: Draft) -> None:
    """B9: an edited Company suggests, or makes, another link."""
    for pair, item, company in draft.relinks:
        found = draft.answers.accounts.get(company_key(company))
        chosen = link(company, found, min_substring=draft.policy.min_substring) if found else None
        if chosen is None or chosen.account is None or chosen.account == pair.account:
            continue
        match draft.policy.company_change:
            case CompanyChange.RELINK:
                _relink(draft, pair, chosen.account, chosen.name, chosen.step)
            case CompanyChange.SUGGEST:
                draft.ask("B9", member(pair, None, item, f"{chosen.account} {chosen.name}"))
            case CompanyChange.IGNORE:
                pass


def _plan_answered_relinks(draft: Draft) -> None:
    """B9 approved: the mailbox's base took the text already, so the hold itself carries the Account."""
    pairs = {p.record: p for p in draft.sight.pairs}
    for hold in draft.sight.holds.values():
        if hold.rule != "B9" or not hold.answer or hold.name in draft.holds:
            continue
        asked = hold.members[0]
        pair = pairs.get(asked.record) if asked.record else None
        account, _, name = asked.note.partition(" ")
        if hold.answer == Answer.APPROVED.value and pair is not None and pair.account != account:
            _relink(draft, pair, AccountId(account), name, Step.EXACT)


def _relink(draft: Draft, pair: Pair, account: AccountId, name: str, step: Step) -> None:
    why = Why("B9", f"relinked to another Account ({step.value})")
    draft.actions.append(UpdateRecord(pair, {}, why, account=account, account_name=name))
