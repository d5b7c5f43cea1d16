"""State and country picklists: codes beside the texts of every address, and what Salesforce refuses (§4).

Names go into MailingState and MailingCountry, ISO codes into MailingStateCode and MailingCountryCode; writing one sets
the other. The errors are those that vendors/salesforce.md §4 quotes; names are found in any case (a choice made here).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from mailsync.sandbox.salesforce.refusal import ApiError
from mailsync.sandbox.salesforce.schema import FieldSpec, ObjectSpec, flagged_field, insert_fields

_CODE_LENGTH = 10
_BAD_PLACE = (
    "There's a problem with this {kind}, even though it may appear correct. Please select a {kind} from the list of "
    "valid {plural}.: [{field}]"
)
_PLURALS = {"country": "countries", "state": "states"}


@dataclass(frozen=True, slots=True)
class Country:
    """A country with its states, each as code and name."""

    code: str
    name: str
    states: tuple[tuple[str, str], ...]


@cache
def known_countries() -> Mapping[str, Country]:
    """The countries by their codes, in the order of their names, as the picklist lists them."""
    text = files("mailsync.sandbox.salesforce").joinpath("countries.txt").read_text(encoding="utf-8")
    found: list[tuple[str, str, list[tuple[str, str]]]] = []
    for line in text.splitlines():
        if line.startswith("  "):
            found[-1][2].extend(_split(part.strip()) for part in line.split(";"))
        elif line and not line.startswith("#"):
            found.append((*_split(line), []))
    ordered = sorted(found, key=lambda country: country[1])
    return {code: Country(code, name, tuple(states)) for code, name, states in ordered}


def add_codes(spec: ObjectSpec) -> ObjectSpec:
    """The object with the fields for codes, right behind the texts of each of its addresses."""
    for prefix in _prefixes(spec):
        country = spec.fields[f"{prefix}country".lower()]
        spec = insert_fields(spec, country.name, _code_fields(spec, prefix, country.compound))
    return spec


def settle_places(spec: ObjectSpec, row: dict[str, Any], given: Mapping[str, Any]) -> None:
    """Brings text and code of each address into line in `row`, which holds `given` already.

    Raises ApiError for places that Salesforce doesn't know, and for a state without its country.
    """
    for prefix in _prefixes(spec):
        if f"{prefix}countrycode".lower() in spec.fields:
            _settle(spec, prefix, row, given)


def _split(text: str) -> tuple[str, str]:
    code, _, name = text.partition(" ")
    return code, name


def _prefixes(spec: ObjectSpec) -> tuple[str, ...]:
    """Mailing, Other …: what the addresses of an object are called; '' for the one of a Lead."""
    found = (field.name.removesuffix("Address") for field in spec.fields.values() if field.type == "address")
    return tuple(found)


def _code_fields(spec: ObjectSpec, prefix: str, compound: str | None) -> tuple[FieldSpec, FieldSpec]:
    countries = known_countries().values()
    states = [(code, name, place) for place, one in enumerate(countries) for code, name in one.states]
    texts = (spec.fields[f"{prefix}{part}".lower()] for part in ("State", "Country"))
    state, country = (
        replace(
            flagged_field(f"{text.name}Code", "picklist", _CODE_LENGTH, "cunfsgrp", f"{text.label} Code"),
            compound=compound,
        )
        for text in texts
    )
    return (
        replace(
            state,
            values=tuple(code for code, _, _ in states),
            labels=tuple(name for _, name, _ in states),
            controls=tuple(place for _, _, place in states),
            controller=country.name,
        ),
        replace(
            country,
            values=tuple(one.code for one in countries),
            labels=tuple(one.name for one in countries),
        ),
    )


def _settle(spec: ObjectSpec, prefix: str, row: dict[str, Any], given: Mapping[str, Any]) -> None:
    names = {part: f"{prefix}{part}" for part in ("Country", "CountryCode", "State", "StateCode")}
    if not any(name in given for name in names.values()):
        return
    countries = [(one.code, one.name) for one in known_countries().values()]
    _integrate(spec, names["Country"], row, given, countries, "country")
    country = known_countries().get(row.get(names["CountryCode"]) or "")
    if country is None:
        _refuse_lone_state(names["State"], row, given)
        return
    try:
        _integrate(spec, names["State"], row, given, list(country.states), "state")
    except ApiError:
        if names["Country"] in given or names["CountryCode"] in given:
            raise
        value = given.get(names["State"]) or given.get(names["StateCode"])
        raise _integrity(
            f'The existing country/territory doesn\'t recognize the state value named "{value}". '
            f"If you save without the correct state value, the address is incomplete.: [{names['State']}]",
            names["State"],
        ) from None


def _integrate(
    spec: ObjectSpec,
    field: str,
    row: dict[str, Any],
    given: Mapping[str, Any],
    known: list[tuple[str, str]],
    kind: str,
) -> None:
    """Sets text and code by whichever was written; what stays is held against `known`, too."""
    code_field = f"{field}Code"
    text, code = _wanted(field, row, given)
    if text is None and code is None:
        row[field] = row[code_field] = None
        return
    for known_code, name in known:
        if code in (None, known_code) and (text is None or text.casefold() == name.casefold()):
            row[field], row[code_field] = name, known_code
            return
    if code is not None and code not in spec.fields[code_field.lower()].values:
        label = spec.fields[code_field.lower()].label
        message = f"{label}: bad value for restricted picklist field: {code}"
        raise ApiError("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, (code_field,))
    raise _integrity(_BAD_PLACE.format(kind=kind, plural=_PLURALS[kind], field=field), field)


def _wanted(field: str, row: Mapping[str, Any], given: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Text and code to look for. What is written alone clears or replaces the other."""
    code_field = f"{field}Code"
    if field in given and code_field in given:
        return given[field], given[code_field]
    if field in given:
        return given[field], None
    if code_field in given:
        return None, given[code_field]
    return row.get(field), row.get(code_field)


def _refuse_lone_state(field: str, row: dict[str, Any], given: Mapping[str, Any]) -> None:
    text, code = _wanted(field, row, given)
    if text is not None or code is not None:
        message = f"A country/territory must be specified before specifying a state value for field: [{field}]"
        raise _integrity(message, field)
    row[field] = row[f"{field}Code"] = None


def _integrity(message: str, field: str) -> ApiError:
    return ApiError("FIELD_INTEGRITY_EXCEPTION", message, (field,))
