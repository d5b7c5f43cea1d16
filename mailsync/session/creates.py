"""Creates on both sides: announced, sent, recorded – never repeated blindly (B15, B1-B8, A17, D1)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from mailsync.core.account import Step
from mailsync.core.actions import CreateItem, CreateRecord, Stamp, Why
from mailsync.core.changes import Record
from mailsync.core.entries import ACCOUNT_ID, Change, Entry
from mailsync.core.match import Same, match
from mailsync.core.meaning import fingerprint
from mailsync.core.notices import Issue
from mailsync.core.pair import LOST, UNDONE, Base, Pair, PairState
from mailsync.core.pairing import approval
from mailsync.core.person import Value, display_name, file_as, text
from mailsync.core.policy import Several
from mailsync.core.refs import FieldName, ItemId, RecordId, Side
from mailsync.errors import OutcomeUnknown, Throttled, Unreachable, VendorError
from mailsync.ports.crm import RecordDraft
from mailsync.ports.ledger import Batch, Intent
from mailsync.ports.mailbox import ItemDraft
from mailsync.ports.outcomes import Outcome, Refusal, Written
from mailsync.session.accounts import with_accounts
from mailsync.session.places import stamp
from mailsync.session.work import RETRY, Work, as_changes, leave_in_doubt

UP_AT_ONCE = 1000
"""Creates up in one request: five collections of 200 in one composite."""
ONE_COLLECTION = 200
"""Up to so many records a request is carried out or refused as a whole: one part, one answer."""
COMPANY = FieldName("Company")
IN_DOUBT = "the answer to this contact's creation was lost; it is looked for again in the next session"
NOBODY = RecordId("")


def create_records(work: Work, actions: Sequence[CreateRecord]) -> None:
    """Creates Contacts, then stamps their items; a lost answer leaves its creates in doubt and the rest goes on."""
    actions = with_accounts(work, actions)
    for start in range(0, len(actions), UP_AT_ONCE):
        part = actions[start : start + UP_AT_ONCE]
        intents = [_intent_up(work, a) for a in part]
        work.commit(Batch(intents=tuple(intents)))
        drafts = [_draft_up(i, a) for i, a in zip(intents, part, strict=True)]
        try:
            outcomes = work.agent.crm.create(drafts)
        except OutcomeUnknown:
            for action in part:
                leave_in_doubt(work, action.item.id, IN_DOUBT)
            continue
        except (Throttled, Unreachable):
            # Refused as a whole, or never sent: nothing is in doubt (B15).
            if len(part) <= ONE_COLLECTION:
                work.commit(Batch(settled=tuple(i.key for i in intents)))
            raise
        _record_ups(work, part, intents, outcomes)
        work.progress("creating in Salesforce", start + len(part), len(actions))


def _intent_up(work: Work, action: CreateRecord) -> Intent:
    sources = action.sources
    crm: dict[FieldName, Value] = {n: action.values.get(n, "") for n in sources if n in work.policy.crm_limits}
    crm[COMPANY] = action.link.name
    if action.link.step is Step.FIXED:
        # A fixed Account's name is not known here: without a base the Company that was typed stays (B5).
        del crm[COMPANY]
    pair = Pair(
        NOBODY,
        work.place(action.item.id),
        Base({**crm, **action.values}),
        Base(sources, work.version(action.item)),
        pinned=True,
        origin=Side.MAILBOX,
        made_item=False,
        account=action.link.account,
        account_name=action.link.name,
        frozen_for=approval(action.item),  # private and yet here; its own echo must not freeze it again
        link_note=f"{action.link.step.value}: {action.link.reason}",
    )
    return Intent(work.agent.clock.key(), Side.CRM, pair, work.agent.crm.now, work.fence, action.why.rule)


def _draft_up(intent: Intent, action: CreateRecord) -> RecordDraft:
    return RecordDraft(intent.key, action.values, action.link.account, action.defaults)


def _record_ups(
    work: Work, actions: Sequence[CreateRecord], intents: Sequence[Intent], outcomes: Sequence[Outcome]
) -> None:
    pairs: list[Pair] = []
    entries: list[Entry] = []
    stamps: list[Stamp] = []
    refused: list[tuple[CreateRecord, Refusal]] = []
    for action, intent, outcome in zip(actions, intents, outcomes, strict=True):
        match outcome:
            case Written(id=new, version=version):
                pair = replace(intent.pair, record=RecordId(new), crm=replace(intent.pair.crm, version=version))
                pairs.append(pair)
                fields = as_changes({}, action.values)
                fields |= {ACCOUNT_ID: Change("", action.link.account)} if action.link.account else {}
                entries.append(work.entry(action.why, Side.CRM, "create", pair.record, pair.item, fields))
                stamps.append(Stamp(action.item, action.why, category=True, record=new, error="", counted=True))
                work.tally.crm_created += 1
            case Refusal():
                refused.append((action, outcome))
            case _:
                work.park(Side.MAILBOX, work.place(action.item.id), "B15", "it was not created", work.now())
    work.commit(Batch(pairs=tuple(pairs), settled=tuple(i.key for i in intents), entries=tuple(entries)))
    stamp(work, [*stamps, *(_refused(work, action, outcome) for action, outcome in refused)])


def _refused(work: Work, action: CreateRecord, refusal: Refusal) -> Stamp:
    """B8: the item stays, with an issue and its error categories; tried again daily, or when something changes."""
    if refusal.duplicates and (adopted := _only_duplicate(work, action, refusal)):
        return adopted
    place = work.place(action.item.id)
    rule = "B3" if refusal.code == "DUPLICATES_DETECTED" else "B8"
    field_name = refusal.fields[0] if refusal.fields else ""
    work.issues.append(Issue(refusal.code, rule, refusal.message, None, place, field_name))
    seal = fingerprint(action.item.values, work.policy.fields, work.policy.region)
    due = work.now() if refusal.transient else work.now() + RETRY
    work.park(Side.MAILBOX, place, rule, refusal.code, due, seal)
    why = Why(rule, f"Salesforce refused it ({refusal.code})")
    return Stamp(action.item, why, category=True, error=f"refused ({refusal.code})")


def _only_duplicate(work: Work, action: CreateRecord, refusal: Refusal) -> Stamp | None:
    """B3: exactly one candidate of Salesforce's own duplicate rule that passes B2(2) is paired in the next session."""
    found = [r for r in work.agent.crm.read(refusal.duplicates, work.agent.scope).values() if r is not None]
    paired = {p.record: p for p in work.agent.store.pairs_of(work.agent.user, [r.id for r in found], [])}
    chosen = match(action.item, found, paired, Several.HOLD)
    if not isinstance(chosen, Same):
        return None
    why = Why("B3", "Salesforce's duplicate rule names this record")
    pair = _matched(work, action, chosen.record)
    work.commit(Batch(pairs=(pair,), entries=(work.entry(why, Side.CRM, "pair", pair.record, pair.item),)))
    return Stamp(action.item, why, category=True, record=pair.record, error="", counted=True)


def _matched(work: Work, action: CreateRecord, record: Record) -> Pair:
    """Bases hold what both sides have alike; the next session merges the rest as on any first pairing (B4)."""
    item = work.place(action.item.id)
    equal = {n: v for n, v in action.item.values.items() if record.values.get(n) == v}
    work.park(Side.MAILBOX, item, "B4", "paired by a duplicate rule; differences are merged next", work.now())
    return Pair(
        record.id,
        item,
        Base(equal, record.version),
        Base(equal, work.version(action.item)),
        pinned=True,
        in_scope=record.in_scope,
        origin=Side.MAILBOX,
        made_item=False,
        frozen_for=approval(action.item),
        account=record.account,
        account_name=text(record.values, "Company"),
    )


def create_items(work: Work, actions: Sequence[CreateItem]) -> None:
    """Creates items for records, a request at once; each is found again by its key if the answer is lost."""
    at_once = work.agent.mailbox.capabilities.at_once
    for start in range(0, len(actions), at_once):
        part = actions[start : start + at_once]
        intents = [_intent_down(work, a) for a in part]
        work.commit(Batch(intents=tuple(intents), pairs=tuple(_without_items(work, part))))
        drafts = list(_drafts_down(work, part, intents))
        try:
            outcomes: Sequence[Outcome | None] = work.agent.mailbox.create(drafts, work.folder)
        except OutcomeUnknown:
            outcomes = _find_created(work, intents)
        except VendorError:
            # None of them was created: nothing is in doubt (B15).
            work.commit(Batch(settled=tuple(i.key for i in intents)))
            raise
        known = [n for n, o in enumerate(outcomes) if o is not None]
        _record_downs(work, [part[n] for n in known], [intents[n] for n in known], [o for o in outcomes if o])
        _leave_items_in_doubt(work, [a for a, o in zip(part, outcomes, strict=True) if o is None])
        created, wanted = work.earlier + start + len(part), work.earlier + len(actions) + work.later
        work.progress("creating in the mailbox", created, wanted)


def _without_items(work: Work, actions: Sequence[CreateItem]) -> Iterator[Pair]:
    """A1, A3: where an item is made again because it was lost, its pair rests without one until it is there. Else, if
    the creation is refused or stays in doubt, a session after the repair would take the lost item for a deletion."""
    for action in actions:
        if action.pair is not None and action.why.rule in LOST:
            resting = replace(work.pair(action.pair), item=None, state=PairState.DORMANT, frozen_for=action.why.rule)
            yield resting


def _find_created(work: Work, intents: Sequence[Intent]) -> Sequence[Outcome | None]:
    """What is found by its key. Where the mailbox reads its own writes the rest was not created; else it stays in doubt
    (None), its intent open (B15).
    """
    found = work.agent.mailbox.find_keys([i.key for i in intents])
    lost = Refusal("ANSWER_LOST", "the mailbox did not create it; it is created in the next session", transient=True)
    rest = lost if work.agent.mailbox.capabilities.own_writes else None
    return [Written(found[i.key].id, found[i.key].version) if i.key in found else rest for i in intents]


def _leave_items_in_doubt(work: Work, actions: Sequence[CreateItem]) -> None:
    for action in actions:
        record = action.record.id
        message = "the answer to its creation in the mailbox was lost; it is looked for again in the next session"
        work.issues.append(Issue("IN_DOUBT", "B15", message, record, None))
        work.park(Side.CRM, record, "B15", message, work.now())


def _intent_down(work: Work, action: CreateItem) -> Intent:
    record = action.record
    known = action.pair and work.pair(action.pair)
    crm = Base({f.name: record.values[f.name] for f in work.policy.fields if f.name in record.values}, record.version)
    mailbox = Base({name: action.values.get(name, "") for name in crm.values})
    account, company = record.account, text(record.values, COMPANY)
    if known is None:
        pair = Pair(record.id, None, crm, mailbox, in_scope=record.in_scope, account=account, account_name=company)
        if action.why.rule == UNDONE and not record.in_scope:
            pair = replace(pair, pinned=True)
    else:
        again = known.recreated + (1 if action.why.rule in ("D1", "D3", "D8", "B16") else 0)
        pair = replace(known, crm=crm, mailbox=mailbox, item=None, recreated=again, in_scope=record.in_scope)
        pair = replace(pair, state=PairState.ACTIVE, frozen_for="", made_item=True, edited=False)
        pair = replace(pair, account=account, account_name=company)
    if action.frozen:
        pair = replace(pair, state=PairState.FROZEN, frozen_for=UNDONE)
    return Intent(work.agent.clock.key(), Side.MAILBOX, pair, work.agent.mailbox.now, work.fence, action.why.rule)


def _drafts_down(work: Work, actions: Sequence[CreateItem], intents: Sequence[Intent]) -> Iterator[ItemDraft]:
    for action, intent in zip(actions, intents, strict=True):
        page = f"{work.policy.record_url}{action.record.id}" if work.policy.record_url else ""
        shown, filed = display_name(action.values), file_as(action.values)
        yield ItemDraft(intent.key, action.values, action.record.id, shown, filed, page)


def _record_downs(
    work: Work, actions: Sequence[CreateItem], intents: Sequence[Intent], outcomes: Sequence[Outcome]
) -> None:
    pairs: list[Pair] = []
    entries: list[Entry] = []
    for action, intent, outcome in zip(actions, intents, outcomes, strict=True):
        match outcome:
            case Written(id=new, version=version):
                mailbox = Base(intent.pair.mailbox.values, version)
                pair = replace(intent.pair, item=ItemId(new), mailbox=mailbox)
                pairs.append(pair)
                fields = as_changes({}, action.values)
                entries.append(work.entry(action.why, Side.MAILBOX, "create", pair.record, pair.item, fields))
                work.tally.created += 1
            case Refusal():
                record = action.record.id
                work.issues.append(Issue(outcome.code, "B8", outcome.message, record, None))
                due = work.now() if outcome.transient else work.now() + RETRY
                work.park(Side.CRM, record, "B8", outcome.code, due, outcome.code)
            case _:
                work.park(Side.CRM, action.record.id, "B15", "it was not created", work.now())
    work.commit(Batch(pairs=tuple(pairs), settled=tuple(i.key for i in intents), entries=tuple(entries)))
