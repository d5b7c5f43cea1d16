"""What can be answered (C7): the question of each rule, and what approve and reject do."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from enum import Enum
from hashlib import blake2b

from mailsync.core.notices import Hold, HoldMember
from mailsync.core.refs import Side


class Answer(Enum):
    """A person's answer to a hold."""

    OPEN = "open"
    APPROVED = "approve"
    REJECTED = "reject"


@dataclass(frozen=True, slots=True)
class Question:
    """The words of one rule's hold."""

    asks: str
    on_approve: str
    on_reject: str


_DUPLICATE = Question(
    "this contact may already be in Salesforce",
    "pair it with the record shown (if that has an item: merge into that one, this one to Deleted Items)",
    "create it as new",
)

QUESTIONS: Mapping[str, Question] = {
    "A1": Question(
        "the two sides differ and neither is known to be newer", "take Salesforce's value", "take the mailbox's value"
    ),
    "A5": Question("these contacts were marked before activation", "sync them", "exclude them"),
    "A11": _DUPLICATE,
    "B2": _DUPLICATE,
    "B4": Question(
        "the two sides differ and only one direction is on",
        "write the value in the direction that is on",
        "keep both as they are",
    ),
    "B15": _DUPLICATE,
    "A13": Question("this contact is private", "sync it", "exclude it; if it is paired: unpair, nothing is deleted"),
    "A18": Question("many contacts would be removed at once", "carry them out", "keep and freeze"),
    "B9": Question("the company was edited in the mailbox", "relink to the Account shown", "keep the link"),
    "B12": Question(
        "the same field was edited on both sides",
        "take Salesforce's value",
        "take the mailbox's value; with --value TEXT both sides get that text",
    ),
    "B17": Question("the record was deleted in Salesforce; its contact is left over", "create it again", "exclude it"),
    "C5": Question(
        "many contacts come back again and again; does another sync tool run on this mailbox?",
        "go on",
        "stop until asked",
    ),
    "D1": Question("deleted in the mailbox", "delete in Salesforce", "re-create in the mailbox"),
    "D3": Question(
        "deleted in the mailbox, but changed in Salesforce since", "delete in Salesforce", "re-create in the mailbox"
    ),
    "D6": _DUPLICATE,
    "D8": Question(
        "many changes at once",
        "carry them out",
        "deletions: re-create in the mailbox; removals: keep and freeze; overwrites: keep the old values",
    ),
}


def hold_name(rule: str, *refs: str) -> str:
    """The stable name of a question: the rule and a short digest of what it is about."""
    digest = blake2b("\x00".join(refs).encode(), digest_size=4).hexdigest()
    return f"{rule}-{digest}" if refs else rule


def new_hold(rule: str, name: str, members: tuple[HoldMember, ...], detail: str = "") -> Hold:
    """A hold in the words of its rule; `detail` is appended (never personal values)."""
    question = QUESTIONS[rule]
    asks = f"{question.asks}: {detail}" if detail else question.asks
    return Hold(name, rule, asks, question.on_approve, question.on_reject, members)


def answer_of(hold: Hold | None, members: tuple[HoldMember, ...]) -> Answer:
    """A stored answer, bound to the versions seen: it counts only while each member is as it was asked about."""
    if hold is None or not hold.answer or not all(any(_is_as_asked(m, k) for k in hold.members) for m in members):
        return Answer.OPEN
    return Answer.APPROVED if hold.answer == "approve" else Answer.REJECTED


def _is_as_asked(now: HoldMember, asked: HoldMember) -> bool:
    """Same references, note and versions; a version that is not known (our own last write) can't have moved on.

    A question about an item alone (a twin whose elder had no record yet) is answered whatever its record is by now.
    """
    same = now.item == asked.item and (asked.record is None or (now.record, now.note) == (asked.record, asked.note))
    versions = ((now.crm_version, asked.crm_version), (now.mailbox_version, asked.mailbox_version))
    return same and all(a == b or not a or not b for a, b in versions)


ABOUT_NEWCOMERS = frozenset({"A11", "B2", "B17", "D6"})
"""Questions about an item without a pair. The record that is shown may be another item's pair, or be mirrored by a
later session: deciding about the record alone decides nothing about the item."""


def is_decided(rule: str, member: HoldMember, looked: Set[tuple[Side, str]]) -> bool:
    """Whether a plan that looked at these references has decided anew what a member of a hold is about."""
    by_item = (Side.MAILBOX, member.item) in looked
    if rule in ABOUT_NEWCOMERS and member.item:
        return by_item
    return by_item or (Side.CRM, member.record) in looked
