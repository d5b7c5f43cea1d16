"""Salesforce record ids: 15 case-sensitive characters, and the 18-character form that survives folded case.

The three extra characters say which of the 15 are upper case, five at a time, as bits into A–Z0–5.
"""

from string import ascii_letters, ascii_uppercase, digits

_BITS = ascii_uppercase + "012345"
_ALPHABET = digits + ascii_uppercase + ascii_uppercase.lower()
_ALLOWED = frozenset(ascii_letters + digits)
_POD = "Ib"  # instance part of every id that the sandbox hands out


def checksum(short: str) -> str:
    """The three characters that make a 15-character id an 18-character one."""
    chunks = (short[start : start + 5] for start in (0, 5, 10))
    return "".join(_BITS[sum(1 << at for at, char in enumerate(chunk) if char in ascii_uppercase)] for chunk in chunks)


def new_id(prefix: str, number: int) -> str:
    """The 18-character id of the nth record of an object."""
    text = ""
    while number:
        number, digit = divmod(number, len(_ALPHABET))
        text = _ALPHABET[digit] + text
    short = f"{prefix}{_POD}{text.rjust(10, '0')}"
    return short + checksum(short)


def number_of(record_id: str) -> int:
    """The number that `new_id` made the id from; 0 for an id that it did not make."""
    if record_id[3:5] != _POD:
        return 0
    number = 0
    for char in record_id[5:15]:
        number = number * len(_ALPHABET) + _ALPHABET.index(char)
    return number


def full_id(text: object) -> str | None:
    """The 18-character id for either form, or None for what is no id.

    A 15-character id counts as written; an 18-character one is read in any case, because its tail restores it.
    """
    if not isinstance(text, str) or len(text) not in (15, 18) or not _ALLOWED.issuperset(text):
        return None
    if len(text) == 15:
        return text + checksum(text)
    return _restore(text[:15], text[15:].upper())


def _restore(short: str, tail: str) -> str | None:
    if any(char not in _BITS for char in tail):
        return None
    chars: list[str] = []
    for at, char in enumerate(short):
        upper = _BITS.index(tail[at // 5]) >> at % 5 & 1
        chars.append(char.upper() if upper else char.lower())
    restored = "".join(chars)
    return restored + tail if checksum(restored) == tail else None
