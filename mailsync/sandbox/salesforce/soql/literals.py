"""Literals of SOQL: strings and their escapes, numbers, dates, date literals."""

from datetime import UTC, date, datetime

from mailsync.sandbox.salesforce.soql.cursor import Cursor
from mailsync.sandbox.salesforce.soql.periods import is_period
from mailsync.sandbox.salesforce.soql.refusals import malformed
from mailsync.sandbox.salesforce.soql.syntax import Period, Value
from mailsync.sandbox.salesforce.soql.tokens import Token

# vendors/salesforce.md, section 3: at most 4,000 characters a literal.
_LONGEST = 4_000
# Whole numbers of more digits than Salesforce's long are read as decimals.
_WHOLE = 18
# vendors/salesforce.md, section 5: these escapes everywhere, letters in either case; \% and \_ in LIKE only.
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_WORDS: dict[str, tuple[str, bool | None]] = {
    "TRUE": ("boolean", True),
    "FALSE": ("boolean", False),
    "NULL": ("null", None),
}


def parse_value(cursor: Cursor, *, pattern: bool = False) -> Value:
    """Takes one literal; `pattern` reads a string as the right side of LIKE. Raises SoqlError."""
    token = cursor.token
    match token.kind:
        case "string":
            value = _read_string(cursor.text, token, pattern)
        case "number":
            value = Value("number", _read_number(token.text), token.text, token.at)
        case "date" | "datetime":
            value = _read_moment(cursor, token)
        case "name" | "period":
            value = _read_word(cursor, token)
        case _:
            raise cursor.unexpected()
    cursor.take()
    return value


def _read_string(text: str, token: Token, pattern: bool) -> Value:
    body = token.text[1:-1]
    value = _unescape(text, token, body, pattern) if "\\" in body else body
    if len(value) > _LONGEST:
        raise malformed(text, token.at, f"a string literal has {len(value)} characters; at most {_LONGEST} are allowed")
    return Value("pattern" if pattern else "string", value, token.text, token.at)


def _unescape(text: str, token: Token, body: str, pattern: bool) -> str:
    """The characters that a string's body stands for; a pattern keeps its own escapes (Value)."""
    parts: list[str] = []
    place = 0
    while (found := body.find("\\", place)) >= 0:
        parts.append(body[place:found])
        escaped = body[found + 1]
        if pattern and escaped in "%_\\":
            parts.append("\\" + escaped)
        elif escaped.lower() in _ESCAPES:
            parts.append(_ESCAPES[escaped.lower()])
        else:
            raise malformed(
                text, token.at + 1 + found, f"Invalid string literal. Illegal character sequence '\\{escaped}'"
            )
        place = found + 2
    parts.append(body[place:])
    return "".join(parts)


def _read_number(text: str) -> int | float:
    return int(text) if "." not in text and len(text) <= _WHOLE else float(text)


def _read_moment(cursor: Cursor, token: Token) -> Value:
    try:
        if token.kind == "date":
            return Value("date", date.fromisoformat(token.text).isoformat(), token.text, token.at)
        moment = datetime.fromisoformat(token.text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise malformed(cursor.text, token.at, f"Invalid {token.kind}: {token.text}") from None
    return Value("datetime", moment, token.text, token.at)


def _read_word(cursor: Cursor, token: Token) -> Value:
    if token.word in _WORDS:
        kind, value = _WORDS[token.word]
        return Value(kind, value, token.text, token.at)
    name, _, count = (part.strip() for part in token.text.upper().partition(":"))
    if not is_period(name, counted=bool(count)):
        raise cursor.unexpected()
    if len(count) > _WHOLE:
        raise malformed(cursor.text, token.at, f"the number of the date literal '{name}' is too large")
    return Value("period", Period(name, int(count) if count else None), token.text, token.at)


def parse_count(cursor: Cursor) -> int:
    """Takes the whole number of LIMIT or OFFSET. Raises SoqlError for anything else."""
    token = cursor.token
    if token.kind != "number" or not token.text.isdigit() or len(token.text) > _WHOLE:
        raise cursor.unexpected()
    cursor.take()
    return int(token.text)
