"""What values mean: two that mean the same are never rewritten for their form (B11)."""

import re
import unicodedata
from collections.abc import Hashable, Iterable
from hashlib import blake2b
from typing import Final

from mailsync.core.countries import country_code
from mailsync.core.person import Address, Field, FieldType, Flow, Value, Values
from mailsync.core.phone import parse_phone

Choices = tuple[tuple[str, str], ...]
"""(code, label) of a picklist."""

_LINE_ENDS: Final = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_UNSENDABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_DAY: Final = re.compile(r"(\d{4}-\d\d-\d\d)(?:T.*)?", re.ASCII)
_URL: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)?([^/?#]*)(.*)", re.DOTALL)


def clean(text: str) -> str:
    """The text with LF line ends and without what no side can hold: control characters other than tab and LF
    (XML 1.0 forbids them), lone surrogates, noncharacters.
    """
    if text.isprintable():
        return text
    return _UNSENDABLE.sub("", _LINE_ENDS.sub("\n", text))


def compose(text: str) -> str:
    """The text in NFC: é is one character, however it was typed."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def one_line(text: str) -> str:
    """The text as one line: clean, NFC, trimmed, white space collapsed."""
    return " ".join(compose(clean(text)).split())


def lines(text: str) -> str:
    """A note: clean, NFC, without trailing spaces in lines, blank lines around it, or white space before it."""
    return "\n".join(line.rstrip() for line in compose(clean(text)).split("\n")).strip()


def email_text(text: str) -> str:
    """An e-mail address as it can be sent: trimmed, without the invisible characters that copying brings along."""
    return _INVISIBLE.sub("", clean(text)).strip()


def choice_of(text: str, choices: Choices) -> str | None:
    """The code of a picklist's value given by code or label, whatever its case; None where it has no such value."""
    wanted = one_line(text).casefold()
    by_code = (code for code, _ in choices if one_line(code).casefold() == wanted)
    by_label = (code for code, label in choices if one_line(label).casefold() == wanted)
    return next(by_code, next(by_label, None))


def _fold(text: str) -> str:
    return compose(unicodedata.normalize("NFD", text).casefold())


def _url(text: str) -> str:
    found = _URL.fullmatch(one_line(text))
    assert found is not None  # every part may be empty
    scheme, host, rest = found.groups(default="")
    path = rest if "?" in rest or "#" in rest else rest.rstrip("/ ")
    return f"{scheme.casefold()}{_fold(host if path else host.rstrip())}{path}"


def _day(text: str) -> str:
    plain = one_line(text)
    found = _DAY.fullmatch(plain)
    return found[1] if found else plain


def _address(address: Address) -> Hashable:
    """The street as its lines that are not blank; the country by code, so that a name and its code are equal."""
    street = tuple(line for line in map(one_line, clean(address.street).split("\n")) if line)
    country = one_line(address.country)
    rest = (one_line(address.city), one_line(address.state), one_line(address.postal_code))
    parts = (street, *rest, country_code(country) or country)
    return parts if any(parts) else ""


def _text_meaning(text: str, kind: FieldType, region: str) -> str:
    match kind:
        case FieldType.TEXT | FieldType.NAME:
            return one_line(text)
        case FieldType.PICKLIST:
            return _fold(one_line(text))
        case FieldType.PHONE:
            plain = one_line(text)
            return parse_phone(plain, region).key or plain
        case FieldType.EMAIL:
            return _fold(email_text(text))
        case FieldType.DATE:
            return _day(text)
        case FieldType.MULTILINE | FieldType.ADDRESS:
            return lines(text)
        case FieldType.URL:
            return _url(text)


def meaning(value: Value, kind: FieldType, region: str, choices: Choices = ()) -> Hashable:
    """What a value means, "" for every kind of blank. Equal meanings are one value, however typed (B11).

    `region` is the user's (phones without country code); `choices` those of Salesforce for a picklist, whose values
    are equal by code or label (B14). Raises nothing.
    """
    if isinstance(value, Address):
        return _address(value)
    if kind is FieldType.ADDRESS:
        return _address(Address(value))
    if kind is FieldType.PICKLIST:
        found = choice_of(value, choices)
        value = value if found is None else found
    return _text_meaning(value, kind, region)


def same(one: Value | None, other: Value | None, kind: FieldType, region: str, choices: Choices = ()) -> bool:
    """Whether two values mean the same (B11). Blank, absent, "" and Address() are one."""
    return one == other or meaning(one or "", kind, region, choices) == meaning(other or "", kind, region, choices)


def fingerprint(values: Values, fields: Iterable[Field], region: str) -> str:
    """32 hexadecimal digits that change only if the meaning of one of the fields does. Fields that are off, and the
    order of fields, do not count; a blank value is as good as an absent one. Picklists count by what is written.
    """
    digest = blake2b(digest_size=16)
    for f in sorted(fields, key=lambda f: f.name):
        meant = "" if f.flow is Flow.OFF else meaning(values.get(f.name, ""), f.type, region)
        if meant:
            digest.update(repr((f.name, meant)).encode())
    return digest.hexdigest()
