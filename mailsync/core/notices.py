"""What a person is told and asked: issues, holds, and changes that are parked until something happens."""

from dataclasses import dataclass
from datetime import datetime

from mailsync.core.refs import ItemId, RecordId, Side, Version


@dataclass(frozen=True, slots=True)
class Issue:
    """Something wrong with one record or item, tried again by itself (B8)."""

    code: str
    rule: str
    message: str  # for a person: which field, what to do; no personal values
    record: RecordId | None = None
    item: ItemId | None = None
    field: str = ""


@dataclass(frozen=True, slots=True)
class Parked:
    """An observed change that was not carried out (A21); not looked at before `due`, unless the feed names it."""

    side: Side
    ref: str  # record or item id
    rule: str
    reason: str
    due: datetime | None = None
    print: str = ""  # fingerprint of what was refused (B8)
    in_scope: bool = False  # a record that counts for the scope though it has no pair


@dataclass(frozen=True, slots=True)
class HoldMember:
    """One record and item that a hold is about, with the versions it was asked about and what is bound to them."""

    record: RecordId | None
    item: ItemId | None
    crm_version: Version = Version("")
    mailbox_version: Version = Version("")
    note: str = ""  # e.g. the candidate Account, the fields


@dataclass(frozen=True, slots=True)
class Hold:
    """A change that waits for a person's answer (C7). The same question has the same `name` in every session."""

    name: str
    rule: str
    question: str
    on_approve: str
    on_reject: str
    members: tuple[HoldMember, ...]
    answer: str = ""  # "", approve, reject
    typed: str | None = None  # B12: the value that a person typed in place of both sides'
