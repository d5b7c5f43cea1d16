"""Accounts that are created for Contacts (B7): once per name, announced before, never repeated blindly (B15)."""

from collections.abc import Sequence
from dataclasses import replace

from mailsync.core.account import Link
from mailsync.core.actions import NEW_ACCOUNT, CreateRecord, Why
from mailsync.core.entries import ACCOUNT, ACCOUNT_ID, Change
from mailsync.core.notices import Issue
from mailsync.core.refs import AccountId, Side
from mailsync.errors import AnswerBroken, OutcomeUnknown, PermissionMissing, VendorError
from mailsync.ports.ledger import Batch, Pending
from mailsync.session.agent import Agent
from mailsync.session.recover import SETTLED_AFTER
from mailsync.session.work import Work, leave_in_doubt

IN_DOUBT = "the answer to its Account's creation was lost; it is looked for again in the next session"


def with_accounts(work: Work, actions: Sequence[CreateRecord]) -> list[CreateRecord]:
    """The creates with the Accounts that they need, made where the settings say so. All who share one know it as it was
    written then, so that the company which each of them typed stays (B5). Those whose Account is in doubt wait."""
    made: dict[str, tuple[AccountId, str]] = {}
    result: list[CreateRecord] = []
    for action in actions:
        folded = action.create_account.casefold()
        if folded and folded not in made and folded not in work.awaited:
            created = _create_account(work, action, action.create_account)
            made |= {folded: (created, action.create_account)} if created else {}
        if folded in work.awaited:
            leave_in_doubt(work, action.item.id, IN_DOUBT)
            continue
        account = made.get(folded)
        link = Link(*account, action.link.step, "created for it (B7)") if account else action.link
        result.append(replace(action, link=link))
    return result


def _create_account(work: Work, action: CreateRecord, name: str) -> AccountId | None:
    """None where Salesforce refused it, so that the Contact is created without an Account (B5.4), with an issue; and
    where the answer was lost: then those of that name are awaited."""
    announced = _announce(work, action, name)
    work.commit(Batch(pending=(announced,)))
    try:
        account = work.agent.crm.create_account(name)
    except (OutcomeUnknown, AnswerBroken):
        work.awaited.add(name.casefold())
        return None
    except VendorError as error:
        work.commit(Batch(settled=(announced.key,)))  # refused, or never sent: nothing is in doubt
        if type(error) not in (VendorError, PermissionMissing):
            raise
        place = work.place(action.item.id)
        work.issues.append(Issue("ACCOUNT_NOT_CREATED", "B7", _with_remedy(error), None, place, "Company"))
        return None
    work.tally.crm_created += 1
    work.commit(Batch(entries=(_carried_out(announced, account).entry,), settled=(announced.key,)))
    return account


def _announce(work: Work, action: CreateRecord, name: str) -> Pending:
    fields = {ACCOUNT: Change("", name)}
    entry = work.entry(Why("B7", NEW_ACCOUNT), Side.CRM, "create", None, work.place(action.item.id), fields)
    return Pending(work.agent.clock.key(), name, entry, begun=work.agent.crm.now)


def _with_remedy(error: VendorError) -> str:
    return f"{error}; {error.remedy}" if error.remedy else str(error)


def makes_account(write: Pending) -> bool:
    """Whether a write that was announced makes an Account."""
    return write.begun is not None


def _carried_out(write: Pending, account: AccountId) -> Pending:
    fields = {**write.entry.fields, ACCOUNT_ID: Change("", account)}
    return replace(write, entry=replace(write.entry, fields=fields))


def look_for_accounts(agent: Agent, announced: Sequence[Pending]) -> tuple[list[Pending], list[Pending]]:
    """The announced Accounts that are there: this user's own of that name, not older than the announcement; and those
    that may still become visible (B15). Raises VendorError."""
    asked = [(w, w.begun) for w in announced if w.begun is not None]
    if not asked:
        return [], []
    found = agent.crm.own_accounts({w.ref for w, _ in asked}, min(begun for _, begun in asked))
    made = [_carried_out(w, found[w.ref]) for w, _ in asked if w.ref in found]
    awaited = [w for w, begun in asked if w.ref not in found and agent.crm.now - begun < SETTLED_AFTER]
    return made, awaited
