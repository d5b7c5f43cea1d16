"""From the JSON of a contact to values of the property store, held against the types of Microsoft's CSDL."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, cast

import orjson

from mailsync.sandbox.exchange.decoding import Assignments
from mailsync.sandbox.exchange.properties import BODY_HTML, BODY_TEXT
from mailsync.sandbox.exchange.values import write_time
from mailsync.sandbox.microsoft.contactfields import (
    ADDRESS_KEYS,
    BIRTHDAY,
    EMAIL_SLOTS,
    NOTES,
    READ_ONLY,
    SCALARS,
    SINGLE_EMAILS,
    SLOTS,
    TEXT_LISTS,
)
from mailsync.sandbox.microsoft.errors import Failed
from mailsync.sandbox.microsoft.extended import MULTIPLE, SINGLE, read_extended

_STAMP: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,7})?)?(?:Z|[+-]\d\d:\d\d)")
_CATEGORY_LIMIT: Final = 255


def read_object(body: bytes) -> Mapping[str, Any]:
    """The JSON object of a request's body. Raises Failed for anything else."""
    try:
        content: object = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Failed(
            "BadRequest",
            "Unable to read JSON request payload. Please ensure Content-Type header is set and "
            "payload is of valid JSON format.",
        ) from None
    if not isinstance(content, dict):
        raise Failed("BadRequest", "Write requests must contain the Content-Type header declaration and an object.")
    return cast(dict[str, Any], content)


def read_contact(content: Mapping[str, Any]) -> Assignments:
    """What a contact of a request wants of the store; None takes a property away. What is read-only is passed over.

    Raises Failed for unknown properties, wrong types, and more entries than there are places.
    """
    assignments: Assignments = {}
    singles = {name: value for name, value in content.items() if name in SINGLE_EMAILS}
    for name, value in content.items():
        if name in READ_ONLY or name in singles or "@odata." in name:
            continue
        assignments.update(_get_reader(name)(name, value))
    for name, value in singles.items():
        assignments.update(_read_single_email(name, value))
    return assignments


def refuse_unknown(name: str, kind: str) -> Failed:
    """The refusal of a property that a type hasn't."""
    return Failed(
        "RequestBodyRead",
        f"The property '{name}' does not exist on type 'microsoft.graph.{kind}'. Make sure to only use property names "
        "that are defined by the type or mark the type as open type.",
    )


def need_text(name: str, value: object) -> str:
    """A value that must be text. Raises Failed."""
    if not isinstance(value, str):
        shown = orjson.dumps(value).decode()
        raise Failed("RequestBodyRead", f"Cannot read the value '{shown}' of '{name}' as a quoted JSON string value.")
    return value


def _get_reader(name: str) -> Callable[[str, object], Assignments]:
    for names, reader in _READERS:
        if name in names:
            return reader
    raise refuse_unknown(name, "contact")


def _read_scalar(name: str, value: object) -> Assignments:
    return {SCALARS[name]: need_text(name, value) or None if value is not None else None}


def _need_texts(name: str, value: object) -> list[str]:
    if value is None:
        raise Failed(
            "RequestBodyRead",
            f"A null value was found for the property named '{name}', which has the "
            "expected type 'Collection(Edm.String)[Nullable=True]'. The expected type does not allow null.",
        )
    if not isinstance(value, list):
        raise Failed("RequestBodyRead", f"The value of '{name}' is no collection: a 'StartArray' node was expected.")
    return [need_text(name, text) for text in cast(list[object], value)]


def _check_count(name: str, count: int, most: int) -> None:
    if count > most:
        shown = name[0].upper() + name[1:]
        raise Failed(
            "ErrorInvalidProperty",
            f"The multi value property {shown} has {count} entries, that exceeds the max allowed value of {most}.",
        )


def _read_slots(name: str, value: object) -> Assignments:
    texts = [text for text in _need_texts(name, value) if text]
    keys = SLOTS[name]
    _check_count(name, len(texts), len(keys))
    return {key: texts[at] if at < len(texts) else None for at, key in enumerate(keys)}


def _read_list(name: str, value: object) -> Assignments:
    texts = tuple(dict.fromkeys(_need_texts(name, value)))
    if name == "categories" and any(not text.strip() or len(text) > _CATEGORY_LIMIT for text in texts):
        raise Failed("ErrorPropertyValidationFailure", "At least one property failed validation.")
    return {TEXT_LISTS[name]: texts or None}


def _read_emails(name: str, value: object) -> Assignments:
    if not isinstance(value, list):
        raise Failed("RequestBodyRead", f"The value of '{name}' is no collection: a 'StartArray' node was expected.")
    entries = cast(list[object], value)
    _check_count(name, len(entries), len(EMAIL_SLOTS))
    assignments: Assignments = {}
    for at, keys in enumerate(EMAIL_SLOTS):
        assignments.update(_place_email(keys, entries[at] if at < len(entries) else None))
    return assignments


def _read_single_email(name: str, value: object) -> Assignments:
    return _place_email(SINGLE_EMAILS[name], value)


def _place_email(keys: tuple[str, str, str], value: object) -> Assignments:
    if value is None:
        return dict.fromkeys(keys)
    entry = _need_parts("emailAddress", value, ("address", "name"))
    address = entry["address"] or ""
    if not address:
        return dict.fromkeys(keys)
    return dict(zip(keys, (address, entry["name"] or address, "SMTP"), strict=True))


def _need_parts(kind: str, value: object, names: tuple[str, ...]) -> dict[str, str | None]:
    if not isinstance(value, dict):
        raise Failed("RequestBodyRead", f"An object of type 'microsoft.graph.{kind}' was expected.")
    parts = dict[str, str | None].fromkeys(names)
    for name, text in cast(dict[str, object], value).items():
        if name not in names and "@odata." not in name:
            raise refuse_unknown(name, kind)
        parts[name] = None if text is None else need_text(name, text)
    return parts


def _read_address(name: str, value: object) -> Assignments:
    """null clears an address; of an object those parts are set that it has, as PATCH does with structures."""
    keys = ADDRESS_KEYS[name]
    if value is None:
        return dict.fromkeys(keys.values())
    parts = _need_parts("physicalAddress", value, tuple(keys))
    given = cast(dict[str, object], value)
    return {keys[part]: text or None for part, text in parts.items() if part in given and part in keys}


def _read_birthday(name: str, value: object) -> Assignments:
    if value is None:
        return {BIRTHDAY: None}
    text = need_text(name, value)
    try:
        if not _STAMP.fullmatch(text):
            raise ValueError(text)
        return {BIRTHDAY: write_time(datetime.fromisoformat(text).astimezone(UTC))}
    except (ValueError, OverflowError):
        raise Failed(
            "RequestBodyRead", f"Cannot convert the literal '{text}' to the expected type 'Edm.DateTimeOffset'."
        ) from None


def _read_notes(name: str, value: object) -> Assignments:
    return {BODY_TEXT: need_text(name, value) or None if value is not None else None, BODY_HTML: None}


_READERS: Final[tuple[tuple[frozenset[str], Callable[[str, object], Assignments]], ...]] = (
    (frozenset(SCALARS), _read_scalar),
    (frozenset(SLOTS), _read_slots),
    (frozenset(TEXT_LISTS), _read_list),
    (frozenset(ADDRESS_KEYS), _read_address),
    (frozenset({"emailAddresses"}), _read_emails),
    (frozenset({"birthday"}), _read_birthday),
    (frozenset({NOTES}), _read_notes),
    (frozenset({SINGLE, MULTIPLE}), read_extended),
)
