"""Field masks: which fields are read or replaced, refused in Google's words where one is missing or unknown."""

from collections.abc import Collection
from typing import Final

from mailsync.sandbox.google.errors import invalid
from mailsync.sandbox.google.schema import READABLE, UPDATABLE
from mailsync.sandbox.google.service import Ask

_REST: Final = "https://developers.google.com/people/api/rest/v1"
_GROUP_FIELDS: Final = frozenset({"clientData", "groupType", "memberCount", "metadata", "name"})
_GROUP_DEFAULT: Final = frozenset({"groupType", "memberCount", "metadata", "name"})
_SOURCES: Final = frozenset({"READ_SOURCE_TYPE_CONTACT", "READ_SOURCE_TYPE_PROFILE"})


def read_person_fields(ask: Ask, method: str) -> tuple[str, ...]:
    """personFields, or the older requestMask.includeField. Raises ApiError where neither names a field."""
    text = ask.text("personFields")
    if not text:
        older = ask.text("requestMask.includeField").split(",")
        text = ",".join(part.strip().removeprefix("person.") for part in older if part.strip())
    return read_mask(text, "personFields", method, READABLE)


def read_optional(text: str, name: str, method: str, default: Collection[str]) -> tuple[str, ...]:
    """A mask of persons' fields that may be left out."""
    return read_mask(text, name, method, READABLE) if text else tuple(sorted(default))


def read_update_mask(text: str, name: str, method: str) -> tuple[str, ...]:
    """The fields that an update replaces. Raises ApiError."""
    return read_mask(text, name, method, UPDATABLE)


def read_mask(text: str, name: str, method: str, valid: Collection[str]) -> tuple[str, ...]:
    """The names in a mask, in order, each once. Raises ApiError for an empty mask or a name that isn't valid."""
    paths = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    documented = f"Valid paths are documented at {_REST}/{method}."
    if not paths:
        raise invalid(f"{name} mask is required. Please specify one or more valid paths. {documented}", name)
    for path in paths:
        if path not in valid:
            raise invalid(f'Invalid {name} mask path: "{path}". {documented}', name)
    return paths


def read_group_fields(text: str, name: str, *, counted: bool = True) -> tuple[str, ...]:
    """The fields of a group that are answered. Raises ApiError."""
    if not text:
        return tuple(sorted(_GROUP_DEFAULT if counted else _GROUP_DEFAULT - {"memberCount"}))
    return read_mask(text, name, "contactGroups", _GROUP_FIELDS)


def check_sources(sources: Collection[str]) -> bool:
    """Whether contacts are among the sources asked for; nothing asked for means all. Raises ApiError."""
    known = set(sources) - {"READ_SOURCE_TYPE_UNSPECIFIED"}
    if known and "READ_SOURCE_TYPE_PROFILE" in known and known == {"READ_SOURCE_TYPE_PROFILE"}:
        return False
    return not known or bool(known & _SOURCES)
