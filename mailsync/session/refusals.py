"""Refused updates (B8, B13): not sent again until the value, what it would replace or the description changed, a day
has passed, or a person asks for it. A plan that leaves them out is what a preview shows and a session carries out."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

from mailsync.core.actions import Action, Plan, Stamp, UpdateItem, UpdateRecord
from mailsync.core.meaning import fingerprint
from mailsync.core.merge import Moved
from mailsync.core.notices import Issue, Parked
from mailsync.core.person import Values
from mailsync.core.policy import Policy
from mailsync.core.refs import FieldName, Side
from mailsync.core.sight import Sight
from mailsync.session.agent import Agent

Update = UpdateRecord | UpdateItem


@dataclass(frozen=True, slots=True)
class Seal:
    """What a parked refusal remembers: which values were refused, and a fingerprint of what they would have replaced.
    `whole`: they were refused together, for no field was named, or a required one failed the record (B13)."""

    target: str
    fields: Mapping[str, str]
    whole: bool


def write_seal(target: Values, refused: Mapping[FieldName, Moved], policy: Policy, *, whole: bool) -> str:
    """The text kept with the parked change; digests, no values (L9)."""
    fields = {str(n): _digest(m) for n, m in refused.items()}
    return json.dumps({"target": fingerprint(target, policy.fields, policy.region), "fields": fields, "whole": whole})


def read_seal(text: str) -> Seal | None:
    """None for what is no seal of an update: refused creates keep a bare fingerprint."""
    return Seal(**json.loads(text)) if text.startswith("{") else None


def add_seals(older: str, newer: str) -> str:
    """One seal for the fields of two refusals of the same session, of which the newer was that of the rest."""
    first, second = read_seal(older), read_seal(newer)
    if first is None or second is None or first.whole:
        return newer
    return json.dumps({"target": second.target, "fields": {**first.fields, **second.fields}, "whole": second.whole})


def withhold(agent: Agent, plan: Plan, sight: Sight, policy: Policy) -> Plan:
    """The plan without updates that would only be refused again; they stay parked, and told of, as they were."""
    if sight.described or not any(isinstance(a, Update) for a in plan.actions):
        return plan
    waiting = _waiting(agent, sight)
    kept: list[Action] = []
    held: list[tuple[Update, Parked]] = []
    for action in plan.actions:
        rest: Action | None = action
        for known in waiting.get(_place_of(action), ()) if isinstance(action, Update) else ():
            sent = rest
            rest = _rest(sent, known, sight, policy) if isinstance(sent, Update) else None
            if isinstance(action, Update) and rest is not sent:
                held.append((action, known))
        kept += [rest] if rest is not None else []
    if not held:
        return plan
    actions = tuple(_keep_error(a, held) for a in kept)
    issues = _still_told(agent, held)
    return replace(plan, actions=actions, issues=(*plan.issues, *issues), parked=(*plan.parked, *(p for _, p in held)))


def _waiting(agent: Agent, sight: Sight) -> Mapping[tuple[Side, str], Sequence[Parked]]:
    """The refusals of each place: single fields (B13) before a whole record (B8), which was refused without them."""
    found: dict[tuple[Side, str], list[Parked]] = {}
    for parked in sorted(agent.store.parked(agent.user), key=lambda p: p.rule == "B8"):
        if _is_waiting(parked, sight):
            found.setdefault((parked.side, parked.ref), []).append(parked)
    return found


def _is_waiting(parked: Parked, sight: Sight) -> bool:
    later = parked.due is not None and sight.now is not None and parked.due > sight.now
    return later and parked.print.startswith("{")


def _place_of(action: Update) -> tuple[Side, str]:
    if isinstance(action, UpdateRecord):
        return Side.CRM, action.pair.record
    return Side.MAILBOX, action.pair.item or ""


def _rest(action: Update, parked: Parked, sight: Sight, policy: Policy) -> Action | None:
    """What of an update is still worth sending: the action itself if nothing of it was refused, None if all was."""
    seal = read_seal(parked.print)
    if seal is None or seal.target != fingerprint(_target_of(action, sight), policy.fields, policy.region):
        return action
    same = {n for n, m in action.moved.items() if seal.fields.get(n) == _digest(m)}
    if not same or (seal.whole and not len(same) == len(action.moved) == len(seal.fields)):
        return action
    rest = {n: m for n, m in action.moved.items() if n not in same}
    relinks = isinstance(action, UpdateRecord) and action.account is not None
    return replace(action, moved=rest) if rest or relinks else None


def _target_of(action: Update, sight: Sight) -> Values:
    if isinstance(action, UpdateRecord):
        record = sight.records.get(action.pair.record)
        return record.values if record else action.pair.crm.values
    return action.item.values if action.item else action.pair.mailbox.values


def _digest(moved: Moved) -> str:
    return blake2b(repr(moved.sent).encode(), digest_size=8).hexdigest()


def _keep_error(action: Action, held: Sequence[tuple[Update, Parked]]) -> Action:
    """C1: error categories are taken off once mended, which this is not."""
    items = {update.pair.item for update, parked in held if parked.rule == "B8"}
    if isinstance(action, Stamp) and action.error == "" and action.item.id in items:
        return replace(action, error=None)
    return action


def _still_told(agent: Agent, held: Sequence[tuple[Update, Parked]]) -> list[Issue]:
    told = {(update.pair.record, parked.reason) for update, parked in held}
    return [i for i in agent.store.issues(agent.user) if (i.record, i.code) in told]
