"""Inputs of one kind in requests of so many, and what Google says of each of them as an outcome."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from mailsync.core.refs import FieldName
from mailsync.errors import OutcomeUnknown, PermissionMissing, VendorError
from mailsync.mailbox.google.answers import Fault, Full, Rejected
from mailsync.mailbox.google.merging import Fields
from mailsync.mailbox.google.properties import find_slot
from mailsync.mapping.table import Table
from mailsync.ports.outcomes import Missing, Outcome, Refusal, Stale, Written

STALE = frozenset({"FAILED_PRECONDITION", "failedPrecondition"})

T = TypeVar("T")


def send_parts(
    inputs: Sequence[T],
    at_once: int,
    send: Callable[[Sequence[T]], None],
    refuse: Callable[[T, Fault], None],
    outcomes: dict[int, Outcome],
    place: Callable[[T], int],
) -> None:
    """All inputs, part by part. Raises for the first part that writes nothing, and OutcomeUnknown always; once
    something was written, what failed after it is told in the outcomes of the inputs concerned.
    """
    for start in range(0, len(inputs), at_once):
        try:
            split(inputs[start : start + at_once], send, refuse)
        except OutcomeUnknown:
            raise
        except VendorError as error:
            if not any(isinstance(o, Written) for o in outcomes.values()):
                raise
            again = not isinstance(error, PermissionMissing | Full)
            undone = Refusal(error.code or "ERROR", str(error), transient=again)
            for one in inputs:
                outcomes.setdefault(place(one), undone)
            return


def split(part: Sequence[T], send: Callable[[Sequence[T]], None], refuse: Callable[[T, Fault], None]) -> None:
    """One request; halved where one bad input makes Google refuse all of it."""
    try:
        send(part)
    except Rejected as error:
        if len(part) == 1:
            refuse(part[0], error.fault)
            return
        middle = len(part) // 2
        split(part[:middle], send, refuse)
        split(part[middle:], send, refuse)


def is_stale(fault: Fault) -> bool:
    """Whether the etag that was sent is not the present one; other preconditions fail for other reasons."""
    return bool((fault.reasons | {fault.code}) & STALE) and "etag" in fault.message


def judge(table: Table, fault: Fault, fields: Fields) -> Outcome:
    if is_stale(fault):
        return Stale()
    if fault.status == 404:
        return Missing()
    named = _find_fields(table, fault, fields)
    about = f"{', '.join(named)}: " if named else ""
    text = f"Google refused it: {about}{fault.message or fault.name}"
    transient = fault.status == 429 or fault.status >= 500 or fault.code == "ABORTED"
    return Refusal(fault.name, text, named, transient=transient, forbidden=fault.status == 403)


def refuse(table: Table, name: str, message: str) -> Refusal:
    return Refusal("INVALID_VALUE", message, tuple(r.field.name for r in table.live if name in r.held_by("google")))


def _find_fields(table: Table, fault: Fault, fields: Fields) -> tuple[FieldName, ...]:
    """The mapped fields that Google names: by the paths at fault, else by the person's field in its message."""
    said = " ".join((*fault.violations, fault.message))
    names = {f for f in fields if f in said}
    held = {row.field.name: {find_slot(n).field for n in row.held_by("google")} for row in table.live}
    return tuple(name for name, places in held.items() if places & names)
