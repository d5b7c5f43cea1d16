"""A person as a client gives it, made into what Google keeps: output-only parts dropped, limits and groups checked."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, Final, cast

import orjson

from mailsync.sandbox.google.errors import ApiError, invalid
from mailsync.sandbox.google.ids import read_group
from mailsync.sandbox.google.records import JOINABLE, MY_CONTACTS, SYSTEM_GROUPS, Fields, Mailbox
from mailsync.sandbox.google.schema import MESSAGES, SINGLETONS, UPDATABLE, Field

# support.google.com/contacts/answer/148779
MOST_CONTACTS: Final = 25_000
_MOST_BYTES: Final = 128 * 1024
_MOST_CHARACTERS: Final = 1_024
_MOST_FIELDS: Final = 500
_STORED: Final = UPDATABLE - {"memberships"}
_EMPTY: Final[tuple[object, ...]] = ("", None, [], {})
# Words that say what kind of value it is; alone they are none.
_LABELS: Final = frozenset({"type", "contentType", "current", "protocol"})


def read_fields(person: Mapping[str, Any], mask: Collection[str]) -> Fields:
    """The values of the mask's fields as they are kept, fields without a value left out. Raises ApiError."""
    fields: Fields = {}
    for name in sorted(_STORED.intersection(mask)):
        values = [_clean(value, name) for value in person.get(name, [])]
        kept = [value for value in values if value.keys() - _LABELS]
        if len(person.get(name, [])) > 1 and name in SINGLETONS:
            raise invalid(
                f"Field person.{name} is a singleton for contact sources: specify at most one.", f"person.{name}"
            )
        if kept:
            fields[name] = kept
    for name in fields.keys() & {"names", "birthdays", "events", "organizations"}:
        fields[name] = [_COMPLETE[name](value, f"person.{name}[{at}]") for at, value in enumerate(fields[name])]
    return fields


def check_size(fields: Fields) -> None:
    """Raises ApiError for a contact that is larger than an account takes."""
    if sum(map(len, fields.values())) > _MOST_FIELDS:
        raise invalid(f"A contact has at most {_MOST_FIELDS} fields.", "person")
    for name, values in fields.items():
        for at, value in enumerate(values):
            for part, text in value.items():
                if isinstance(text, str) and len(text) > _MOST_CHARACTERS:
                    place = f"person.{name}[{at}].{part}"
                    raise invalid(f"{place} is longer than {_MOST_CHARACTERS} characters.", place)
    if len(orjson.dumps(fields)) > _MOST_BYTES:
        raise invalid(f"A contact has at most {_MOST_BYTES // 1024} KB.", "person")


def check_room(box: Mailbox, more: int) -> None:
    """Raises ApiError where the account has no room for that many more contacts."""
    if sum(1 for contact in box.contacts.values() if not contact.now.deleted) + more > MOST_CONTACTS:
        raise ApiError("FAILED_PRECONDITION", "MY_CONTACTS_OVERFLOW_COUNT")


def read_groups(box: Mailbox, person: Mapping[str, Any], held: Collection[str] = ()) -> tuple[str, ...]:
    """The groups of the person's memberships; `held`: those it is in already, which it may stay in. Raises ApiError."""
    groups: list[str] = []
    for at, membership in enumerate(cast(list[dict[str, Any]], person.get("memberships", []))):
        place = f"person.memberships[{at}].contact_group_membership.contact_group_resource_name"
        given = membership.get("contactGroupMembership")
        if given is None:
            continue  # domain memberships are output only
        name = str(given.get("contactGroupResourceName", ""))
        group = read_group(name)
        if group is None or not is_group(box, group):
            raise invalid(f'Contact group "{name}" was not found.', place)
        if group in SYSTEM_GROUPS and group not in JOINABLE and group not in held:
            raise invalid(f'Contacts can\'t be added to the system contact group "{name}".', place)
        groups.append(group)
    return tuple(dict.fromkeys(groups))


def read_new_groups(box: Mailbox, person: Mapping[str, Any]) -> tuple[str, ...]:
    """The groups of a new contact: those it names, else My Contacts. Raises ApiError."""
    return read_groups(box, person) or (MY_CONTACTS,)


def is_group(box: Mailbox, identifier: str) -> bool:
    """Whether there is such a group: one that every account has, or its owner's."""
    if identifier in SYSTEM_GROUPS:
        return True
    group = box.groups.get(identifier)
    return group is not None and not group.deleted


def _clean(value: Mapping[str, Any], name: str) -> dict[str, Any]:
    fields = MESSAGES[MESSAGES["Person"][name].kind]
    return {
        key: _trim(content, fields[key])
        for key, content in value.items()
        if key != "metadata" and not fields[key].output_only and content not in _EMPTY
    }


def _trim(content: Any, known: Field) -> Any:
    if known.kind != "Date":
        return content
    return {part: number for part, number in content.items() if number}


def _complete_name(value: dict[str, Any], _place: str) -> dict[str, Any]:
    """A free-form name is taken apart where no part of it is given."""
    text = str(value.get("unstructuredName", "")).strip()
    parts = {"givenName", "familyName", "middleName", "honorificPrefix", "honorificSuffix"}
    if not text or parts & value.keys():
        return {key: content for key, content in value.items() if key != "unstructuredName"}
    given, _, family = text.rpartition(" ")
    rest = {key: content for key, content in value.items() if key != "unstructuredName"}
    return {**rest, **({"givenName": given.strip(), "familyName": family} if given else {"givenName": family})}


def _complete_dates(value: dict[str, Any], place: str) -> dict[str, Any]:
    for part in ("date", "startDate", "endDate"):
        if part in value and not _is_date(value[part]):
            raise invalid(f"{place}.{part} is not a valid date.", f"{place}.{part}")
    return value


def _is_date(value: Mapping[str, int]) -> bool:
    """A whole date, a month and day, a year and month, or a year (google.type.Date)."""
    year, month, day = (value.get(part, 0) for part in ("year", "month", "day"))
    if not 0 <= year <= 9999 or not 0 <= month <= 12 or (day and not month) or not (year or (month and day)):
        return False
    try:
        date(year or 2000, month or 1, day or 1)
    except ValueError:
        return False
    return True


_COMPLETE: Final = {
    "names": _complete_name,
    "birthdays": _complete_dates,
    "events": _complete_dates,
    "organizations": _complete_dates,
}
