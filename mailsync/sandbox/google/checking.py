"""Requests held against the messages of the API, and refused in the words of Google's JSON reader."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

import orjson

from mailsync.sandbox.google.errors import ApiError, bad_request
from mailsync.sandbox.google.schema import MESSAGES, Field

_SNAKE: Final = re.compile(r"(?<=[a-z0-9])([A-Z])")
_INTEGER: Final = re.compile(r"-?\d{1,10}")
_INT32: Final = range(-(2**31), 2**31)
_TYPES: Final = {"string": "TYPE_STRING", "int32": "TYPE_INT32", "bool": "TYPE_BOOL", "bytes": "TYPE_BYTES"}
_PACKAGE: Final = "type.googleapis.com/google.people.v1"


@dataclass(slots=True)
class _Reading:
    problems: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def refuse(self, path: str, kind: str, value: object) -> None:
        shown = orjson.dumps(value).decode()
        self.problems.append((path, f"Invalid value at '{path}' ({_TYPES.get(kind, kind)}), {shown}"))


def parse_body(body: bytes) -> object:
    """The JSON value of a body, an empty object for an empty one. Raises ApiError for anything else."""
    if not body.strip():
        return {}
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        text = f"Invalid JSON payload received. {error.msg[:1].upper()}{error.msg[1:]}.\n{_excerpt(body, error.colno)}"
        raise bad_request((("", text),)) from None


def read_message(value: object, message: str, path: str = "") -> dict[str, Any]:
    """The JSON value as that message: names in camel case, nulls left out, numbers as numbers.

    `path` is the message's own place in the request. Raises ApiError, naming each field that is wrong.
    """
    reading = _Reading()
    if not isinstance(value, dict):
        text = 'Invalid JSON payload received. Unknown name "": Root element must be a message.'
        raise bad_request((("", text),))
    read = _read_object(reading, cast(dict[str, object], value), message, path)
    if reading.problems:
        raise bad_request(reading.problems)
    return read


def read_integer(text: str, path: str) -> int:
    """A number in a query. Raises ApiError."""
    if not _INTEGER.fullmatch(text) or int(text) not in _INT32:
        reading = _Reading()
        reading.refuse(path, "int32", text)
        raise bad_request(reading.problems)
    return int(text)


def to_camel(name: str) -> str:
    """The JSON name of a proto field; JSON names stay as they are."""
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


def to_snake(name: str) -> str:
    """The proto name of a JSON field, by which Google's errors call it."""
    return _SNAKE.sub(r"_\1", name).lower()


def refuse_value(path: str, kind: str, value: object) -> ApiError:
    """The refusal of a value that is of another type."""
    reading = _Reading()
    reading.refuse(path, kind, value)
    return bad_request(reading.problems)


def _read_object(reading: _Reading, value: Mapping[str, object], message: str, path: str) -> dict[str, Any]:
    fields = MESSAGES[message]
    read: dict[str, Any] = {}
    for name, content in value.items():
        known = fields.get(name) or fields.get(to_camel(name))
        if known is None:
            place = f" at '{path}'" if path else ""
            text = f'Invalid JSON payload received. Unknown name "{name}"{place}: Cannot find field.'
            reading.problems.append((path, text))
        elif content is not None:
            inner = f"{path}.{to_snake(known.name)}" if path else to_snake(known.name)
            read[known.name] = _read_field(reading, content, known, message, inner)
    return read


def _read_field(reading: _Reading, value: object, known: Field, message: str, path: str) -> Any:
    if known.repeated:
        items = cast(list[object], value) if isinstance(value, list) else [value]
        return [_read_value(reading, item, known, message, f"{path}[{at}]") for at, item in enumerate(items)]
    if isinstance(value, list):
        text = f"Invalid JSON payload received. Unknown name \"{known.name}\" at '{path.rpartition('.')[0]}': "
        reading.problems.append((path, f"{text}Proto field is not repeating, cannot start list."))
        return None
    if known.keyed:
        if not isinstance(value, dict):
            reading.refuse(path, f"{_PACKAGE}.{message}.{known.name}", value)
            return None
        entries = cast(dict[str, object], value)
        return {
            key: _read_value(reading, item, known, message, f"{path}[{at}].value")
            for at, (key, item) in enumerate(entries.items())
        }
    return _read_value(reading, value, known, message, path)


def _read_value(reading: _Reading, value: object, known: Field, message: str, path: str) -> Any:
    match known.kind:
        case "string" | "mask" | "time":
            return _read_text(reading, value, known.kind, path)
        case "int32":
            return _read_number(reading, value, path)
        case "bool":
            return _read_bool(reading, value, path)
        case "bytes":
            return _read_bytes(reading, value, path)
        case "enum":
            return _read_enum(
                reading, value, known, f"{_PACKAGE}.{message}.{known.name[:1].upper()}{known.name[1:]}", path
            )
        case name:
            return _read_inner(reading, value, name, path)


def _read_text(reading: _Reading, value: object, kind: str, path: str) -> str:
    if not isinstance(value, str):
        reading.refuse(path, _WELL_KNOWN.get(kind, kind), value)
    return str(value)


def _read_bool(reading: _Reading, value: object, path: str) -> bool:
    if not isinstance(value, bool):
        reading.refuse(path, "bool", value)
    return value is True


def _read_inner(reading: _Reading, value: object, message: str, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        reading.refuse(path, f"{_PACKAGE}.{message}", value)
        return {}
    return _read_object(reading, cast(dict[str, object], value), message, path)


def _read_number(reading: _Reading, value: object, path: str) -> int:
    number: object = value
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        number = int(value)
    if isinstance(value, float) and value.is_integer():
        number = int(value)
    if isinstance(number, bool) or not isinstance(number, int) or number not in _INT32:
        reading.refuse(path, "int32", value)
        return 0
    return number


def _read_bytes(reading: _Reading, value: object, path: str) -> bytes:
    if isinstance(value, str):
        text = value.replace("-", "+").replace("_", "/")
        try:
            return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
        except (binascii.Error, ValueError):
            pass
    reading.refuse(path, "bytes", value if isinstance(value, str) else None)
    return b""


def _read_enum(reading: _Reading, value: object, known: Field, kind: str, path: str) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(known.values):
        return known.values[value]
    if value not in known.values:
        reading.refuse(path, kind, value)
    return str(value)


def _excerpt(body: bytes, column: int) -> str:
    text = body.decode(errors="replace")
    return f"{text[max(0, column - 20) : column + 20]}\n^"


_WELL_KNOWN: Final = {
    "mask": "type.googleapis.com/google.protobuf.FieldMask",
    "time": "type.googleapis.com/google.protobuf.Timestamp",
}
