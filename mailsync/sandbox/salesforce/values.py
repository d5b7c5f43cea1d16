"""Values between JSON and storage: what each field type takes, and how it is shown."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from mailsync.sandbox.salesforce.ids import full_id
from mailsync.sandbox.salesforce.refusal import ApiError
from mailsync.sandbox.salesforce.schema import TEXTUAL, FieldSpec, ObjectSpec

_EMAIL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_ADDRESS = {
    "city": "City",
    "country": "Country",
    "countryCode": "CountryCode",
    "geocodeAccuracy": "GeocodeAccuracy",
    "latitude": "Latitude",
    "longitude": "Longitude",
    "postalCode": "PostalCode",
    "state": "State",
    "stateCode": "StateCode",
    "street": "Street",
}


class WrongType(Exception):
    """A JSON value that the field's type does not take; `expected` is the type in the vendor's words."""

    def __init__(self, field: str, expected: str, value: object) -> None:
        super().__init__(field)
        self.field = field
        self.expected = expected
        self.value = value


def read_value(field: FieldSpec, value: object) -> Any:
    """The stored form of a JSON value: text trimmed, empty text null, ids in 18 characters, instants in UTC.

    Raises WrongType for a JSON type the field does not take, ApiError for text that is no value of it.
    """
    if value is None:
        return False if field.type == "boolean" else None
    if field.type in TEXTUAL:
        return _read_text(field, value)
    match field.type:
        case "reference" | "id":
            return _read_id(field, value)
        case "boolean":
            return _read_boolean(field, value)
        case "date":
            return _read_date(field, value)
        case "datetime":
            return _read_instant(field, value)
        case _:
            return _read_number(field, value)


def _read_text(field: FieldSpec, value: object) -> str | None:
    if not isinstance(value, str):
        raise WrongType(field.name, "string", value)
    text = value.strip() or None
    if text is None:
        return None
    if len(text) > field.length:
        raise ApiError(
            "STRING_TOO_LONG",
            f"{field.label}: data value too large: {text} (max length={field.length})",
            (field.name,),
        )
    if field.type == "multipicklist":
        return _order_choices(field, text)
    if field.type == "email" and not _EMAIL.fullmatch(text):
        raise ApiError("INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {text}", (field.name,))
    return text


def _order_choices(field: FieldSpec, text: str) -> str:
    """The chosen values between semicolons, each once, known ones first and in the order of the field."""
    chosen = list(dict.fromkeys(part.strip() for part in text.split(";") if part.strip()))
    places = {value: place for place, value in enumerate(field.values)}
    return ";".join(sorted(chosen, key=lambda value: places.get(value, len(places))))


def _read_id(field: FieldSpec, value: object) -> str | None:
    if not isinstance(value, str):
        raise WrongType(field.name, "reference", value)
    if not value:
        return None
    record_id = full_id(value)
    if record_id is None:
        raise ApiError("MALFORMED_ID", f"{field.label}: id value of incorrect type: {value}", (field.name,))
    return record_id


def _read_boolean(field: FieldSpec, value: object) -> bool:
    if not isinstance(value, bool):
        raise WrongType(field.name, "boolean", value)
    return value


def _read_date(field: FieldSpec, value: object) -> str:
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            pass
    raise WrongType(field.name, "date", value)


def _read_instant(field: FieldSpec, value: object) -> datetime:
    found = parse_instant(value) if isinstance(value, str) else None
    if found is None:
        raise WrongType(field.name, "datetime", value)
    return found


def _read_number(field: FieldSpec, value: object) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise WrongType(field.name, "int" if field.type == "int" else "double", value)
    if field.type == "int":
        if isinstance(value, float) and not value.is_integer():
            raise WrongType(field.name, "int", value)
        return int(value)
    return _fit_number(field, float(value))


def _fit_number(field: FieldSpec, value: float) -> float:
    """Rounds to the field's decimals; a whole part of too many digits is refused."""
    if field.scale is None:
        return value
    rounded = round(value, field.scale)
    if abs(rounded) >= 10 ** (field.precision - field.scale):
        message = f"{field.label}: value outside of valid range on numeric field: {value}"
        raise ApiError("NUMBER_OUTSIDE_VALID_RANGE", message, (field.name,))
    return rounded


def parse_instant(text: str) -> datetime | None:
    """An ISO 8601 instant with a zone, as UTC without fractions; None for anything else."""
    try:
        found = datetime.fromisoformat(text)
        return None if found.tzinfo is None else found.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        return None


def show_instant(moment: datetime) -> str:
    """The REST form of an instant, as 2026-11-22T08:59:12.000+0000."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def show_value(value: Any) -> Any:
    return show_instant(value) if isinstance(value, datetime) else value


def show_record(spec: ObjectSpec, names: Iterable[str], row: Mapping[str, Any], path: str) -> dict[str, Any]:
    """A record as single reads and collections show it: attributes, then the named fields, nulls included."""
    attributes = {"type": spec.name, "url": f"{path}/sobjects/{spec.name}/{row['Id']}"}
    return {"attributes": attributes, **{name: show_value(row.get(name)) for name in names}}


def compose_fields(spec: ObjectSpec, row: dict[str, Any]) -> None:
    """Sets what Salesforce derives: a person's full name (without salutation), addresses and geolocations."""
    if "lastname" in spec.fields and (spec.name != "Account" or row.get("IsPersonAccount")):
        parts = (row.get(part) for part in ("FirstName", "MiddleName", "LastName", "Suffix"))
        row["Name"] = " ".join(part for part in parts if part)
    for compound in spec.compounds:
        parts = _parts_of(spec, compound)
        whole = {key: row.get(part) for key, part in parts.items()}
        row.pop(compound, None)
        if any(value is not None for value in whole.values()):
            row[compound] = whole


def _parts_of(spec: ObjectSpec, compound: str) -> Mapping[str, str]:
    """The keys of a compound value and the fields they come from; codes are there where the organisation has them."""
    if compound.endswith("__c"):
        stem = compound.removesuffix("__c")
        return {"latitude": f"{stem}__Latitude__s", "longitude": f"{stem}__Longitude__s"}
    prefix = compound.removesuffix("Address")
    return {key: prefix + part for key, part in _ADDRESS.items() if f"{prefix}{part}".lower() in spec.fields}
