"""Fitting a value to what the side that gets it accepts: cut and marked, or refused with a reason (B13, B14)."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Final

from mailsync.core.meaning import choice_of, clean, email_text, lines, meaning, one_line
from mailsync.core.person import Address, FieldType, Limit, Value
from mailsync.core.phone import parse_phone


@dataclass(frozen=True, slots=True)
class Fit:
    """The value as it can be sent; whether it was cut; or why it can't be sent (then the value is as it was).

    `refused` is a sentence for a person: the rule and what to do, without the value itself. "": not refused.
    """

    value: Value
    cut: bool = False
    refused: str = ""


FIRST_DAY: Final = date(1700, 1, 1)
LAST_DAY: Final = date(4000, 12, 31)
"""Salesforce's dates (vendor's documentation of the date type)."""

_BAD_EMAIL: Final = (
    "This is no e-mail address that Salesforce takes: write one @, and after it a domain with a dot, "
    "without spaces, brackets or commas (B13)"
)
_BAD_DATE: Final = "This is no date: write it as year-month-day, 1980-02-29 (B13)"
_FAR_DATE: Final = "This date is outside the years 1700 to 4000 that Salesforce takes: correct the year (B13)"
_BAD_CHOICE: Final = (
    "Salesforce's restricted picklist has no such value: choose one of its values, "
    "or have an administrator add it (B14)"
)
_BAD_KIND: Final = "An address was found where a text belongs: correct the field mapping (E3)"
_EMAIL: Final = re.compile(r"[^\s@()<>\[\],;:\\\"]+@[^\s@()<>\[\],;:\\\".]+(?:\.[^\s@()<>\[\],;:\\\".]+)+")
_JOINERS: Final = frozenset("\u200d\ufe0e\ufe0f")


def _too_long(what: str, length: int) -> str:
    return f"This {what} is longer than the {length} characters that fit: shorten it; it is never cut (B13)"


def fit(value: Value, kind: FieldType, limit: Limit, region: str) -> Fit:
    """Fits a value to a limit. Raises nothing. What is not cut means what it meant (B11), and fits again unchanged.

    Text is cut at `limit.length`, phones lose their formatting before they are refused; e-mail addresses, dates,
    picklist values and links are refused rather than cut. Whether the field may be written at all is the caller's.
    """
    if isinstance(value, Address):
        return _fit_address(value, limit) if kind is FieldType.ADDRESS else Fit(value, refused=_BAD_KIND)
    if kind is FieldType.ADDRESS:
        return _fit_address(Address(value), limit) if value else Fit(value)
    return _fit_text(value, kind, limit, region) if value else Fit(value)


def fits_whole(value: Value, kind: FieldType, limit: Limit) -> bool:
    """Whether a text is so short that nothing of it can be cut: fitting makes none longer. Addresses are for `fit`."""
    return isinstance(value, str) and kind is not FieldType.ADDRESS and _fits(value, limit.length)


def _fit_text(value: str, kind: FieldType, limit: Limit, region: str) -> Fit:
    match kind:
        case FieldType.TEXT | FieldType.NAME:
            return Fit(*_fit_line(value, limit.length))
        case FieldType.MULTILINE | FieldType.ADDRESS:
            return Fit(*_fit_lines(value, limit.length))
        case FieldType.PHONE:
            return _fit_phone(value, limit.length, region)
        case FieldType.EMAIL:
            return _fit_email(value, limit.length)
        case FieldType.DATE:
            return _fit_date(value)
        case FieldType.PICKLIST:
            return _fit_choice(value, limit)
        case FieldType.URL:
            return _whole(value, one_line(value), limit.length, "link")


def _fits(text: str, length: int) -> bool:
    """Salesforce counts characters, not bytes or UTF-16 units; so does Python. A describe's 0 is no limit."""
    return length <= 0 or len(text) <= length


def _typed_line(text: str) -> str:
    """The text as typed, but on one line and trimmed, as Salesforce trims on save."""
    return clean(text).replace("\n", " ").strip()


def _fit_line(text: str, length: int) -> tuple[str, bool]:
    typed = _typed_line(text)
    return (typed, False) if _fits(typed, length) else _cut(one_line(text), length)


def _fit_lines(text: str, length: int) -> tuple[str, bool]:
    """Line ends are LF before anything is counted: none can be cut in two."""
    typed = clean(text).strip()
    return (typed, False) if _fits(typed, length) else _cut(lines(text), length)


def _cut(text: str, length: int) -> tuple[str, bool]:
    """The text, or its longest beginning that fits and ends between two characters as people see them."""
    if _fits(text, length):
        return text, False
    end = length
    while end > 0 and _joins(text[end - 1], text[end]):
        end -= 1
    return text[: end or length].rstrip(), True


def _joins(left: str, right: str) -> bool:
    """Whether two code points are one character to a person: accents, variation selectors, joined emoji, skin tones."""
    return (
        right in _JOINERS
        or left == "\u200d"
        or "\U0001f3fb" <= right <= "\U0001f3ff"
        or unicodedata.category(right) in {"Mn", "Me", "Mc"}
    )


def _fit_address(address: Address, limit: Limit) -> Fit:
    street, city, state, code, country = limit.parts or (limit.length,) * 5
    fitted = (
        _fit_lines(address.street, street),
        _fit_line(address.city, city),
        _fit_line(address.state, state),
        _fit_line(address.postal_code, code),
        _fit_line(address.country, country),
    )
    return Fit(Address(*(text for text, _ in fitted)), any(cut for _, cut in fitted))


def _whole(value: str, text: str, length: int, what: str) -> Fit:
    return Fit(text) if _fits(text, length) else Fit(value, refused=_too_long(what, length))


def _fit_phone(value: str, length: int, region: str) -> Fit:
    """As typed where it fits; else without formatting. The plain form is sent only if it means the same."""
    typed = _typed_line(value)
    if _fits(typed, length):
        return Fit(typed)
    plain = one_line(value)
    phone = parse_phone(plain, region)
    return _whole(value, phone.plain if phone.key and phone.plain else plain, length, "phone number")


def _fit_email(value: str, length: int) -> Fit:
    text = email_text(value)
    if text and not _EMAIL.fullmatch(text):
        return Fit(value, refused=_BAD_EMAIL)
    return _whole(value, text, length, "e-mail address")


def _fit_date(value: str) -> Fit:
    text = str(meaning(value, FieldType.DATE, ""))
    if not text:
        return Fit("")
    day = _read_date(text)
    if day is None:
        return Fit(value, refused=_BAD_DATE)
    if not FIRST_DAY <= day <= LAST_DAY:
        return Fit(value, refused=_FAR_DATE)
    return Fit(day.isoformat())


def _read_date(text: str) -> date | None:
    """Only the extended form: fromisoformat would also take 19800229 and 1980-W09-5, which no other side does."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None


def _fit_choice(value: str, limit: Limit) -> Fit:
    """To Salesforce the code; a side without choices of its own (the mailbox) gets the value as it is."""
    text = _typed_line(value)
    found = choice_of(text, limit.choices) if text else text
    if found is not None:
        return Fit(found)
    return Fit(value, refused=_BAD_CHOICE) if limit.restricted else _whole(value, text, limit.length, "value")
