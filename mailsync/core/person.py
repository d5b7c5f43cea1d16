"""One person in canonical terms: values by field, as typed; what a field is; and what values mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from mailsync.core.refs import FieldName


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address as one value (B11): the parts as typed, a street of several lines with LF."""

    street: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""


NOWHERE = Address()
"""The blank address: most contacts have one at least, and one object compares at once."""

Value = str | Address
"""As typed. Blank is "" or Address(). Dates are ISO 8601 (1980-02-29); picklists hold the code."""

Values = Mapping[FieldName, Value]
"""A person's values; a field that is absent is not known (hidden, not mapped), not blank."""


class FieldType(Enum):
    """How a value is compared, fitted and cut."""

    TEXT = "text"
    NAME = "name"
    PHONE = "phone"
    EMAIL = "email"
    DATE = "date"
    ADDRESS = "address"
    MULTILINE = "multiline"
    PICKLIST = "picklist"
    URL = "url"


class Flow(Enum):
    """The direction of one field: ↔ → ← or not at all."""

    BOTH = "both"
    UP = "up"
    DOWN = "down"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Field:
    """One mapped field."""

    name: FieldName
    type: FieldType
    flow: Flow


@dataclass(frozen=True, slots=True)
class Limit:
    """What one side accepts in a field. An address has `parts`: street, city, state, code, country."""

    length: int = 255
    parts: tuple[int, int, int, int, int] | None = None
    readable: bool = True
    createable: bool = True
    updateable: bool = True
    required: bool = False  # must be filled at creation and has no default of its own
    choices: tuple[tuple[str, str], ...] = ()  # (code, label) of a picklist
    restricted: bool = False  # only the choices are accepted


Limits = Mapping[FieldName, Limit]
"""Limits by field; a field that is absent can't be read or written on that side."""


def is_blank(value: Value | None) -> bool:
    """Whether a value is blank (or absent)."""
    if isinstance(value, Address):
        return not any((value.street, value.city, value.state, value.postal_code, value.country))
    return not value


def text(values: Values, name: str) -> str:
    """A field's text, "" where absent; addresses have none."""
    value = values.get(FieldName(name), "")
    return value if isinstance(value, str) else ""


def display_name(values: Values) -> str:
    """What the mailbox shows (A22): given, middle and family name, else company, e-mail address or phone number."""
    names = " ".join(filter(None, (text(values, n).strip() for n in ("FirstName", "MiddleName", "LastName"))))
    return names or next(filter(None, (text(values, n).strip() for n in ("Company", "Email", *PHONES))), "")


def file_as(values: Values) -> str:
    """How the mailbox files a contact (A22): "Family, Given", else its display name."""
    given = " ".join(filter(None, (text(values, n).strip() for n in ("FirstName", "MiddleName"))))
    family = text(values, "LastName").strip()
    return f"{family}, {given}" if family and given else display_name(values)


PHONES = ("Phone", "MobilePhone", "HomePhone", "OtherPhone", "AssistantPhone", "Fax")


def is_nobody(values: Values) -> bool:
    """Whether there is no name, e-mail, phone or company to know the person by (A12)."""
    return not display_name(values)
