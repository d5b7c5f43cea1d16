"""Why nothing happens with a contact: what keeps it, by which rule, and what a person can do about it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mailsync.core.notices import Hold, Issue, Parked
from mailsync.core.pair import Pair, PairState, Tombstone
from mailsync.ports.ledger import Intent
from mailsync.session.agent import Keys


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that keeps a contact from being synced, and its remedy."""

    rule: str
    why: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of one contact of a user. `on`: whether contacts are synced at all (A15)."""

    user: str
    refs: frozenset[str]
    pair: Pair | None
    stone: Tombstone | None
    holds: Sequence[Hold]
    parked: Sequence[Parked]
    issues: Sequence[Issue]
    intents: Sequence[Intent]
    state: Mapping[str, Any]
    on: bool = True


PUT_BACK = "put the contact back into the folder, or create one there"
FROZEN: Mapping[str, tuple[str, str]] = {
    "A13": ("the mailbox contact is private, so nothing flows", "take its private mark off, or answer its hold"),
    "A18": (
        "its record left the view or can't be read, so nothing flows; the mailbox contact stays",
        "nothing to do if that is meant; else bring the record back into the view, or set on_leave_scope=keep",
    ),
    "D8": (
        "a person kept it when many were to be removed at once, so nothing flows",
        "it goes on when its record is back in the view",
    ),
    "C5": ("a person stopped it from being created again and again", PUT_BACK),
    "undo": ("an undo brought it back while its record is out of reach", "it goes on when the record is within reach"),
}
DORMANT: Mapping[str, tuple[str, str]] = {
    "undo": ("an undo took it out of the mailbox, and no rule mirrors it again", f"undo the undo, or {PUT_BACK}"),
    "D1": (
        "its mailbox contact was deleted while its record was out of the view",
        "it comes back by itself when the record is back in the view",
    ),
}
RESTS = (
    "its record left the view or can't be read, so its mailbox contact was removed",
    "it comes back by itself when the record is back in the view; putting the contact back into the folder pins it",
)
ENDED: Mapping[str, tuple[str, str]] = {
    "D1": ("the mailbox contact was deleted, so the pair ended", "create or drag the contact into the folder"),
    "D4": ("the record was deleted in Salesforce, so the mailbox contact was removed", "undelete the record"),
    "D5": ("it is gone on both sides", "nothing to do"),
    "B16": ("its record was merged into another one, which has its own contact", "nothing to do"),
    "B17": ("the record was deleted in Salesforce and the mailbox contact is left over", "answer its hold"),
    "A13": ("the private contact was unpaired by a person", "take the private mark off, then move it out and in again"),
    "undo": ("an undo took the record back out of Salesforce", "undo the undo"),
}
PARKED: Mapping[str, tuple[str, str]] = {
    "A23": ("it is excluded: a person rejected it", "move it out of the folder and in again after the next session"),
    "A20": ("its address or domain is on the block list", "take it off: mailsync set {user} block=…"),
    "E1": ("only Salesforce writes to the mailbox here", "mailsync set {user} direction=both"),
    "A16": ("the view is broken or gone, so nothing comes or leaves", "mailsync set {user} view=…"),
    "B15": ("it was changed meanwhile, or an answer was lost", "nothing to do: the next session looks again"),
}


def reasons_of(known: Known) -> list[Reason]:
    """All that keeps a contact from being synced, the widest first; empty where it is simply in step. Pure."""
    found = [*_about_user(known), *_about_pair(known), *_about_holds(known)]
    found += [*_about_parked(known), *_about_doubt(known), *_about_issues(known, {r.rule for r in found})]
    return list(dict.fromkeys(found))


def _about_user(known: Known) -> Iterator[Reason]:
    user = known.user
    if not known.on:
        yield Reason("A15", f"the sync of {user}'s contacts is off", f"mailsync set {user} contacts=on")
    if known.state.get(Keys.PAUSED):
        yield Reason("E5", f"{user} is paused", f"mailsync resume {user}")
    match known.state.get(Keys.SUSPENDED):
        case None | "":
            return
        case "needs_login":
            yield Reason("C3", "a log-in was refused again and again", f"log in anew: mailsync connect {user} …")
        case _:
            yield Reason(
                "C3", "sessions failed again and again", f"mailsync check {user}, then: mailsync resume {user}"
            )


def _about_pair(known: Known) -> Iterator[Reason]:
    pair, stone = known.pair, known.stone
    if pair is None:
        if stone is not None:
            why, remedy = ENDED.get(stone.rule, ("the pair ended", PUT_BACK))
            yield Reason(stone.rule, why, remedy)
        return
    match pair.state:
        case PairState.ACTIVE:
            return
        case PairState.FROZEN:
            rule = pair.frozen_for or "A18"
            yield Reason(rule, *FROZEN.get(rule, FROZEN["A18"]))
        case PairState.DORMANT:
            rule = pair.frozen_for or "A18"
            yield Reason(rule, *DORMANT.get(rule, RESTS))


def _about_holds(known: Known) -> Iterator[Reason]:
    for hold in known.holds:
        if hold.answer:
            yield Reason(hold.rule, f"{hold.question}: answered", "the next session carries the answer out")
        else:
            yield Reason(hold.rule, hold.question, f"mailsync approve {known.user} {hold.name}, or reject")


def _about_parked(known: Known) -> Iterator[Reason]:
    asked = {h.rule for h in known.holds}
    for parked in known.parked:
        if parked.rule in asked or (known.pair is not None and parked.rule == known.pair.frozen_for):
            continue
        why, remedy = PARKED.get(parked.rule, (parked.reason, ""))
        if not remedy:
            again = f"mailsync retry {known.user} {parked.ref}"
            when = f"at {parked.due:%Y-%m-%d %H:%M}Z" if parked.due else "when it is changed on either side"
            remedy = f"it is tried again {when}; at once: {again}"
        yield Reason(parked.rule, why, remedy.format(user=known.user))


def _about_doubt(known: Known) -> Iterator[Reason]:
    if any({i.pair.record, i.pair.item} & known.refs for i in known.intents):
        yield Reason(
            "B15",
            "the answer to its creation was lost, so nobody knows yet whether it was carried out",
            "nothing to do: it is looked for in each session, and created only once it is certain that it is not there",
        )


def _about_issues(known: Known, told: set[str]) -> Iterator[Reason]:
    parked = {p.rule for p in known.parked}
    for issue in known.issues:
        if issue.rule not in told | parked:
            yield Reason(issue.rule, issue.message, "correct it on the side that is wrong; it is tried again by itself")
