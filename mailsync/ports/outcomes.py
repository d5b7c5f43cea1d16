"""What a vendor says of one write: outcomes are values, not exceptions."""

from dataclasses import dataclass

from mailsync.core.refs import FieldName, RecordId, Version


@dataclass(frozen=True, slots=True)
class Written:
    """Carried out. `id` is the new or unchanged id; `version` is empty where the vendor does not tell it."""

    id: str
    version: Version = Version("")


@dataclass(frozen=True, slots=True)
class Stale:
    """Not carried out: the version has moved on (B15)."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Not carried out: there is no such record or item (any more) for this user."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Not carried out: the vendor says why. `fields` names the fields at fault where the vendor or the code tells."""

    code: str
    message: str
    fields: tuple[FieldName, ...] = ()
    duplicates: tuple[RecordId, ...] = ()  # DUPLICATES_DETECTED: the candidates (B3)
    transient: bool = False  # worth trying again in a later session unchanged (UNABLE_TO_LOCK_ROW …)
    forbidden: bool = False  # the user may not do this (INSUFFICIENT_ACCESS …)


Outcome = Written | Stale | Missing | Refusal
