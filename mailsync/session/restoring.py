"""Records that an undo has back: out of the recycle bin, else created anew with another id (B15: never twice)."""

from collections.abc import Sequence
from dataclasses import replace

from mailsync.core.changes import Record
from mailsync.core.entries import ACCOUNT_ID, APART, NEW_ID, Change
from mailsync.core.fit import fit
from mailsync.core.merge import COMPANY
from mailsync.core.notices import Issue
from mailsync.core.pair import UNDONE, Base, Pair, PairState
from mailsync.core.person import FieldType, Value, Values, is_blank
from mailsync.core.refs import AccountId, FieldName, RecordId, Side
from mailsync.core.undo import ANEW, UNDO, Kept, Restore
from mailsync.errors import OutcomeUnknown, Throttled, Unreachable
from mailsync.ports.crm import RecordDraft
from mailsync.ports.ledger import Batch, Entry, Intent, Pending
from mailsync.ports.outcomes import Missing, Outcome, Refusal, Written
from mailsync.session.pending import record_done
from mailsync.session.work import Work

AT_ONCE = 200
NOBODY = RecordId("")


def undelete(work: Work, restores: Sequence[Restore], kept: list[Kept]) -> frozenset[RecordId]:
    """Takes records out of the recycle bin; returns those that lie in none. What is refused is told in `kept`."""
    buried: set[RecordId] = set()
    for start in range(0, len(restores), AT_ONCE):
        part = restores[start : start + AT_ONCE]
        announced = [_announce(work, r) for r in part]
        work.commit(Batch(pending=tuple(announced)))
        outcomes = work.agent.crm.undelete([r.record for r in part])
        missing = {r.record for r, o in zip(part, outcomes, strict=True) if isinstance(o, Missing)}
        # A repetition after a lost answer finds in no bin what the first request took out of it.
        there = work.agent.crm.read(missing, work.agent.scope) if missing else dict[RecordId, Record | None]()
        buried |= {r for r in missing if there.get(r) is None}
        done = [w for w, o in zip(announced, outcomes, strict=True) if isinstance(o, Written) or there.get(_of(w))]
        work.tally.crm_created += len(done)
        work.commit(record_done(done, announced))
        told = zip(part, outcomes, strict=True)
        kept += [Kept(r.record, r.item, "", _refusal(o)) for r, o in told if not isinstance(o, Written | Missing)]
        work.progress("restoring in Salesforce", start + len(part), len(restores))
    return frozenset(buried)


def _announce(work: Work, wanted: Restore) -> Pending:
    entry = work.entry(UNDO, Side.CRM, "restore", wanted.record, wanted.item, wanted.fields)
    return Pending(work.agent.clock.key(), wanted.record, entry)


def _of(write: Pending) -> RecordId:
    return RecordId(write.ref)


def _refusal(outcome: Outcome) -> str:
    said = f"{outcome.code}: {outcome.message}" if isinstance(outcome, Refusal) else "it was changed meanwhile"
    return f"Salesforce refused to restore it ({said})"


def create_anew(work: Work, restores: Sequence[Restore], kept: list[Kept]) -> None:
    """Creates what no recycle bin holds any more; announced first, with the pair that is to be."""
    for start in range(0, len(restores), AT_ONCE):
        part = restores[start : start + AT_ONCE]
        intents = [_intent(work, r) for r in part]
        work.commit(Batch(intents=tuple(intents)))
        drafts = [RecordDraft(i.key, i.pair.crm.values, i.pair.account, work.policy.defaults) for i in intents]
        try:
            outcomes = work.agent.crm.create(drafts)
        except OutcomeUnknown:
            message = "the answer to its creation was lost; run the same undo again in ten minutes"
            work.issues += [Issue("IN_DOUBT", "B15", message, r.record, None) for r in part]
            kept += [Kept(r.record, r.item, "", message) for r in part]
            continue
        except (Throttled, Unreachable):
            # One collection, refused as a whole or never sent: nothing is in doubt (B15).
            work.commit(Batch(settled=tuple(i.key for i in intents)))
            raise
        _record(work, part, intents, outcomes, kept)
        work.progress("creating in Salesforce", start + len(part), len(restores))


def _intent(work: Work, wanted: Restore) -> Intent:
    linked = wanted.fields.get(ACCOUNT_ID)
    account = AccountId(str(linked.before)) if linked and linked.before else None
    company = wanted.fields.get(COMPANY)
    pair = Pair(
        NOBODY,
        wanted.item,  # told of in the history; the pair has none before it is brought back
        Base(_fitted(work, wanted)),
        Base({}),
        PairState.DORMANT,
        UNDONE,
        pinned=True,
        account=account,
        account_name=str(company.before) if company and account else "",
        link_note=f"{ANEW}{wanted.record}",
    )
    return Intent(work.agent.clock.key(), Side.CRM, pair, work.agent.crm.now, work.fence, UNDONE)


def _fitted(work: Work, wanted: Restore) -> Values:
    """What the record held, as far as it may still be written."""
    policy = work.policy
    sent: dict[FieldName, Value] = {}
    for f in policy.fields:
        change, limit = wanted.fields.get(f.name), policy.crm_limits.get(f.name)
        if change is None or limit is None or not limit.createable or f.name in APART | {COMPANY}:
            continue
        if isinstance(change.before, str) and f.type is FieldType.ADDRESS:
            continue
        fitted = fit(change.before, f.type, limit, policy.region)
        if not fitted.refused and not is_blank(fitted.value):
            sent[f.name] = fitted.value
    return sent


def _record(
    work: Work, part: Sequence[Restore], intents: Sequence[Intent], outcomes: Sequence[Outcome], kept: list[Kept]
) -> None:
    pairs: list[Pair] = []
    entries: list[Entry] = []
    for wanted, intent, outcome in zip(part, intents, outcomes, strict=True):
        if not isinstance(outcome, Written):
            kept.append(Kept(wanted.record, wanted.item, "", _refusal(outcome)))
            continue
        crm = replace(intent.pair.crm, version=outcome.version)
        pair = replace(intent.pair, record=RecordId(outcome.id), item=None, crm=crm)
        fields = {str(n): Change("", v) for n, v in pair.crm.values.items()}
        fields |= {ACCOUNT_ID: Change("", pair.account)} if pair.account else {}
        fields[NEW_ID] = Change(wanted.record, pair.record)
        pairs.append(pair)
        entries.append(work.entry(UNDO, Side.CRM, "create", pair.record, wanted.item, fields))
        work.tally.crm_created += 1
    work.commit(Batch(pairs=tuple(pairs), settled=tuple(i.key for i in intents), entries=tuple(entries)))
