"""The words of a SOQL text."""

import re
from dataclasses import dataclass

# A name holds its dots: parent paths and object prefixes are one word. Anything that starts like a number and isn't
# one (1.5e3, a datetime without seconds or zone) is one bad word, so that the message can quote it whole.
_WORD = re.compile(
    r"""
    [ \t\r\n\f]*
    (?:
      (?P<name>[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)*(?P<count>[ \t\r\n]*:[ \t\r\n]*[0-9]+)?)
    | (?P<string>'(?:[^'\\\n\r]|\\[^\n\r])*')
    | (?P<datetime>[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?
        (?:[Zz]|[+-][0-9]{2}:?[0-9]{2})(?![0-9A-Za-z_.:+-]))
    | (?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9A-Za-z_.:+-]))
    | (?P<number>[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?![0-9A-Za-z_.:+-]))
    | (?P<symbol><=|>=|!=|<>|[=<>(),;])
    | (?P<bad>[0-9][0-9A-Za-z_.:+-]*|.)
    | (?P<end>\Z)
    )
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word: `kind` name, period, string, number, date, datetime, symbol, bad or end; `at` counts characters from 0.

    `word` is what grammar compares: names in upper case, symbols as they are, empty for literals.
    """

    kind: str
    text: str
    at: int
    word: str


def scan(text: str) -> tuple[Token, ...]:
    """All words of a text, closed by an end token. Reading stops at the first bad word, which no grammar accepts."""
    tokens: list[Token] = []
    place = 0
    while True:
        match = _WORD.match(text, place)
        if match is None or match.lastgroup is None:
            tokens.append(Token("bad", text[place : place + 1], place, ""))
            return tokens_closed(tokens, len(text))
        kind = match.lastgroup
        word = match.group(kind)
        if kind == "name" and match.group("count") is not None:
            kind = "period"
        named = word.upper() if kind == "name" else word if kind == "symbol" else ""
        tokens.append(Token(kind, word, match.start(match.lastgroup), named))
        if kind == "end":
            return tuple(tokens)
        if kind == "bad":
            return tokens_closed(tokens, len(text))
        place = match.end()


def tokens_closed(tokens: list[Token], length: int) -> tuple[Token, ...]:
    """The words read so far with the end token after them."""
    return (*tokens, Token("end", "", length, ""))
