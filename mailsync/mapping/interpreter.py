"""The one interpreter of a table, both ways: a vendor's flat properties to a person's values and back."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailsync.core.person import NOWHERE, Address, FieldType, Flow, Limit, Limits, Value, Values
from mailsync.core.refs import FieldName
from mailsync.mapping.table import Row, Table, Vendor


@dataclass(frozen=True, slots=True)
class PropertyLimit:
    """What a vendor says of one property (Salesforce: describe). `choices` are (code, label)."""

    length: int = 255
    readable: bool = True
    createable: bool = True
    updateable: bool = True
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    restricted: bool = False


def read(table: Table, vendor: Vendor, flat: Mapping[str, str]) -> Values:
    """The values that properties hold. A property that is absent makes its field absent, "" makes it blank; an
    address is there as soon as one of its parts is. Line ends become LF, an instant of a date field its day.
    """
    values: dict[FieldName, Value] = {}
    for row in table.live:
        names = row.held_by(vendor)
        if row.field.type is FieldType.ADDRESS:
            if any(name in flat for name in names):
                texts = [_plain_lines(flat.get(name, "")) for name in names]
                values[row.field.name] = Address(*texts) if any(texts) else NOWHERE
        elif (text := flat.get(names[0])) is not None:
            plain = _plain_lines(text)
            values[row.field.name] = read_day(plain) if row.field.type is FieldType.DATE else plain
    return values


def _plain_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*", re.ASCII)
_HALF_A_DAY = timedelta(hours=12)


def read_day(text: str) -> str:
    """The day that an instant stands for, as 1980-02-29; any other text as it is.

    The nearest midnight in UTC: Outlook stores a birthday as local midnight of the user's zone or as 11:59
    (vendors/mailbox.md B3), so the UTC date alone is a day early east of Greenwich.
    """
    if not _INSTANT.fullmatch(text):
        return text
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=None) - (moment.utcoffset() or timedelta())
        return (moment + _HALF_A_DAY).date().isoformat()
    except (ValueError, OverflowError):
        return text


def write(table: Table, vendor: Vendor, values: Values) -> dict[str, str]:
    """The properties that values become in that vendor's system; "" clears one. Dates are written as 1980-02-29.

    A field that does not flow to that side (Company to Salesforce, E3) or that the table does not have is left out.
    """
    towards = Flow.UP if vendor == "salesforce" else Flow.DOWN
    flat: dict[str, str] = {}
    for row in table.live:
        if row.field.flow in (Flow.BOTH, towards) and (value := values.get(row.field.name)) is not None:
            names = row.held_by(vendor)
            if isinstance(value, str) and len(names) == 1:
                flat[names[0]] = value
            else:
                flat.update(zip(names, _list_parts(value), strict=False))
    return flat


def _list_parts(value: Value) -> tuple[str, ...]:
    address = value if isinstance(value, Address) else Address(value)
    return (address.street, address.city, address.state, address.postal_code, address.country)


def limits(table: Table, vendor: Vendor, properties: Mapping[str, PropertyLimit]) -> Limits:
    """Limits by field from what the vendor says of its properties. A field of which it has none is absent; an
    address can be read and written only if all its parts can.
    """
    found: dict[FieldName, Limit] = {}
    for row in table.rows:
        parts = [properties[name] for name in row.held_by(vendor) if name in properties]
        if len(parts) == len(row.held_by(vendor)):
            found[row.field.name] = _join(row, parts)
    return found


def _join(row: Row, parts: list[PropertyLimit]) -> Limit:
    lengths = tuple(part.length for part in parts)
    return Limit(
        length=max(lengths),
        parts=_five(lengths) if row.field.type is FieldType.ADDRESS else None,
        readable=all(part.readable for part in parts),
        createable=all(part.createable for part in parts),
        updateable=all(part.updateable for part in parts),
        required=any(part.required for part in parts),
        choices=parts[0].choices,
        restricted=parts[0].restricted,
    )


def _five(lengths: tuple[int, ...]) -> tuple[int, int, int, int, int]:
    street, city, state, code, country = lengths
    return street, city, state, code, country


def mailbox_limits(table: Table) -> Limits:
    """What the mailbox takes, by the table: Exchange has no describe. 255 characters a name, phone, address part
    (vendors/mailbox.md B3, mappings.md), far above Salesforce's.
    """
    lengths = {name: PropertyLimit(row.mailbox_length) for row in table.rows for name in row.mailbox}
    return limits(table, table.mailbox, lengths)
