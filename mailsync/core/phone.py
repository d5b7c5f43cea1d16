"""Phone numbers: what a typed text means, as E.164 and extension, or why it is no number."""

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat

LONGEST = 15
"""Digits of an E.164 number at most, country code included (ITU-T E.164)."""

SHORTEST = 4
"""Digits of a national number at least: Niue and Saint Helena have four; below that are short codes (112, 911)."""


@dataclass(frozen=True, slots=True)
class Phone:
    """A number as it can be called, with its extension; or why the text is none (`unusable`, else "").

    `exact` tells that the text says nothing beside the number, so that the number is its whole meaning: "home: …" and
    "1-800-FLOWERS" are usable and not exact. A number that no plan assigns but that has the right length is unusable
    and may still be exact.
    """

    e164: str = ""
    extension: str = ""
    unusable: str = ""
    exact: bool = False

    @property
    def key(self) -> str:
        """What numbers are compared by (B11): "+16502534343;ext=12"; "" where the text is all there is."""
        return _join(self.e164, self.extension, ";ext=") if self.exact else ""

    @property
    def plain(self) -> str:
        """The number without formatting, as people and vendors read it: "+16502534343 x12"; "" if unusable."""
        return "" if self.unusable else _join(self.e164, self.extension, " x")


def _join(e164: str, extension: str, mark: str) -> str:
    return f"{e164}{mark}{extension}" if e164 and extension else e164


NO_NUMBER = "it holds no phone number"
SEVERAL = "it holds several numbers; keep one in each field"
NO_REGION = "it has no country code, and the user's country is not known; write it with +"
TOO_LONG = "it has too many digits for one number"
TOO_SHORT = "it has too few digits, as short codes have"
UNASSIGNED = "no numbering plan knows such a number; check its digits and its country code"

_MARKS = frozenset({"", "x", "ext", "extn", "extension", "tel", "telext"})
_PIECES = re.compile(r"[/;,|]|\s(?:or|and|oder|und|ou|et)\s", re.IGNORECASE)
_WHOLE = 7  # digits from which a piece between separators is a number of its own: area codes have up to 6


@lru_cache(maxsize=32768)
def parse_phone(text: str, region: str) -> Phone:
    """Reads a number as a person of `region` (two letters, "" unknown) typed it. Raises nothing.

    phonenumbers' E.164 drops extensions (measure.md 0.9): they are kept beside it. Numbers in + form are recognised
    whatever the region.
    """
    plain = " ".join(text.split())
    if _is_several(plain):
        return Phone(unusable=SEVERAL)
    try:
        number = phonenumbers.parse(plain, region.upper())
    except NumberParseException as error:
        return Phone(unusable=_explain(error, plain))
    return _judge(number, plain)


def _is_several(text: str) -> bool:
    return sum(1 for piece in _PIECES.split(text) if sum(map(str.isdigit, piece)) >= _WHOLE) > 1


def _explain(error: NumberParseException, text: str) -> str:
    match error.error_type:
        case NumberParseException.TOO_LONG if sum(map(str.isdigit, text)) > LONGEST:
            return TOO_LONG
        case NumberParseException.INVALID_COUNTRY_CODE if "+" not in text:
            return NO_REGION
        case NumberParseException.INVALID_COUNTRY_CODE:
            return UNASSIGNED
        case NumberParseException.TOO_SHORT_NSN | NumberParseException.TOO_SHORT_AFTER_IDD:
            return TOO_SHORT
        case _:
            return NO_NUMBER


def _judge(number: PhoneNumber, text: str) -> Phone:
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    extension = number.extension or ""
    if len(e164) > LONGEST + 1:
        return Phone(unusable=TOO_LONG)
    if len(str(number.national_number)) < SHORTEST:
        return Phone(unusable=TOO_SHORT)
    exact = _says_only_number(text, extension)
    if phonenumbers.is_valid_number(number):
        return Phone(e164, extension, "", exact)
    if not phonenumbers.is_possible_number(number):
        return Phone(unusable=UNASSIGNED)
    # A full-length number that no plan assigns: the vendor's own formatting of it must not count as an edit
    # (vendors/salesforce.md §6: the UI reformats 10 and 11 digits).
    return Phone(e164, extension, UNASSIGNED, exact and _is_stable(e164))


def _says_only_number(text: str, extension: str) -> bool:
    letters = "".join(c for c in text if c.isalpha()).casefold()
    return letters in _MARKS if extension else letters in {"", "tel"}


def _is_stable(e164: str) -> bool:
    try:
        again = phonenumbers.parse(e164, None)
    except NumberParseException:
        return False
    return phonenumbers.format_number(again, PhoneNumberFormat.E164) == e164
