"""References: a Salesforce id can't pass for an item id."""

from enum import Enum
from typing import NewType

RecordId = NewType("RecordId", str)
"""An 18-character Salesforce id of a Contact (15-character ids are widened where they come in)."""

AccountId = NewType("AccountId", str)
OwnerId = NewType("OwnerId", str)
"""An 18-character Salesforce id of a User."""

ItemId = NewType("ItemId", str)
"""The mailbox's id of an item. EWS: opaque, case-sensitive, changes when the item is moved."""

FolderId = NewType("FolderId", str)
Version = NewType("Version", str)
"""What a conditional write carries: EWS ChangeKey, or Salesforce's LastModifiedDate. Empty: not known."""

Key = NewType("Key", str)
"""A correlation key: names one intended create, so that it is found again after a crash (B15)."""

FieldName = NewType("FieldName", str)
"""A field by its Salesforce name; address blocks are MailingAddress and OtherAddress, Account.Name is Company."""


class Side(Enum):
    """The two sides, always in this order."""

    CRM = "salesforce"
    MAILBOX = "mailbox"

    __hash__ = object.__hash__  # each is one object; Enum's own hash runs in Python, and sets of references are large


def widen(record_id: str) -> str:
    """The 18-character form of a Salesforce id; ids of another length are returned as they are.

    Source: the last three characters tell which of each five characters are upper case (A = bit 0).
    """
    if len(record_id) != 15:
        return record_id
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    chunks = (record_id[start : start + 5] for start in (0, 5, 10))
    return record_id + "".join(letters[sum(1 << n for n, c in enumerate(chunk) if "A" <= c <= "Z")] for chunk in chunks)
