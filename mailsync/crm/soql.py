"""SOQL as safe text: every value that reaches a query goes through here, and other people's queries are cut up here.

A literal built by `quote` or `containing` can't end early, whatever the text holds; ids are checked, not escaped;
field names and objects come from tables and describes and are checked as well.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

LONGEST_LITERAL = 4000
"""Characters of one string literal (vendors' limits: SOQL string literals hold 4,000)."""

LONGEST_QUERY = 100_000
"""Characters of a whole query (SOQL statements hold 100,000)."""

# The string escapes that SOQL knows; an unknown escape or a raw line break is a parse error.
_ESCAPES = str.maketrans(
    {"\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
)
# Escapes that are legal in LIKE only; elsewhere they are a parse error.
_WILDCARDS = str.maketrans({"%": "\\%", "_": "\\_"})
_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)?")
_TOKEN = re.compile(r"'(?:[^'\\]|\\.)*'|[A-Za-z_][A-Za-z0-9_.:]*|\S", re.DOTALL)


def quote(text: str) -> str:
    """A string literal that means exactly `text` (a lone surrogate, which no wire carries, becomes "?")."""
    return f"'{_carried(text).translate(_ESCAPES)}'"


def containing(text: str) -> str:
    """A literal for LIKE that finds what contains `text`; % _ \\ and ' in it are no wildcards (B5)."""
    return f"'%{_carried(text).translate(_ESCAPES).translate(_WILDCARDS)}%'"


def instant(moment: datetime) -> str:
    """A date-time literal in UTC, whole seconds (rounded down). Raises ValueError for a naive time."""
    if moment.tzinfo is None:
        raise ValueError("a naive time has no place in a query")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def one_of(field: str, texts: Iterable[str]) -> str:
    """`field IN ('a', 'b')`. Raises ValueError for no texts at all: `IN ()` is a parse error."""
    literals = ", ".join(quote(text) for text in texts)
    if not literals:
        raise ValueError("a list in a query can't be empty")
    return f"{field_name(field)} IN ({literals})"


def ids(field: str, values: Iterable[str]) -> str:
    """`field IN ('003…')`. Raises ValueError for what is no Salesforce id, or for none at all."""
    found = list(values)
    wrong = [value for value in found if not is_id(value)]
    if wrong:
        raise ValueError(f"{len(wrong)} of {len(found)} references are no Salesforce ids")
    return one_of(field, found)


def is_id(text: str) -> bool:
    """Whether a text has the form of a Salesforce id of 15 or 18 characters."""
    return _ID.fullmatch(text) is not None


def field_name(name: str) -> str:
    """The name of a field, or of a field of a parent, unchanged. Raises ValueError for anything else."""
    if not _NAME.fullmatch(name):
        raise ValueError("not a field's name")
    return name


@dataclass(frozen=True, slots=True)
class Selection:
    """What a query selects, whatever it shows: FROM, the word after USING SCOPE, and WHERE, each as written."""

    source: str = "Contact"
    scope: str = ""
    where: str = ""


def select(
    fields: Sequence[str],
    selection: Selection,
    *conditions: str,
    order: Sequence[str] = (),
    limit: int | None = None,
) -> str:
    """A query for `fields` of what `selection` selects and all `conditions` allow; empty conditions are left out.

    Each condition is put in parentheses: mixing AND and OR without them is a parse error, and would be a trap.
    """
    wanted = [f"({text})" for text in (selection.where, *conditions) if text]
    parts = [
        "SELECT",
        ", ".join(field if field == "COUNT()" else field_name(field) for field in fields),
        "FROM",
        selection.source,
        f"USING SCOPE {selection.scope}" if selection.scope else "",
        "WHERE " + " AND ".join(wanted) if wanted else "",
        "ORDER BY " + ", ".join(order) if order else "",
        f"LIMIT {limit}" if limit is not None else "",
    ]
    return " ".join(part for part in parts if part)


_ENDS = frozenset({"ORDER", "LIMIT", "OFFSET", "FOR"})
_FOREIGN = frozenset({"WITH", "GROUP", "HAVING", "UPDATE", "TYPEOF"})


def split(query: str) -> Selection:
    """What a query selects: FROM, USING SCOPE and WHERE verbatim; its SELECT, ORDER BY and LIMIT are dropped.

    Raises ValueError for what is no such query: open strings or parentheses, clauses out of order, grouping.
    """
    found = _clauses(query)
    words = [word for _, word in found]
    order = [word for word in ("SELECT", "FROM", "USING", "WHERE") if word in words]
    if [word for word in words if word not in _ENDS] != order or words[:2] != ["SELECT", "FROM"]:
        raise ValueError("the query's clauses are not SELECT, FROM, USING SCOPE, WHERE in this order")
    ends = [*(position for position, _ in found[1:]), len(query)]
    texts = {word: query[start + len(word) : end].strip() for (start, word), end in zip(found, ends, strict=True)}
    scope = re.fullmatch(r"(?i:scope)\s+(\w+)", texts.get("USING", "")) if "USING" in texts else None
    if not texts["FROM"] or ("USING" in texts and scope is None) or ("WHERE" in texts and not texts["WHERE"]):
        raise ValueError("a clause of the query is empty")
    return Selection(texts["FROM"], scope[1] if scope else "", texts.get("WHERE", ""))


def _clauses(query: str) -> list[tuple[int, str]]:
    """Where each clause begins, with its first word in upper case, up to the first one that is not kept."""
    found: list[tuple[int, str]] = []
    for position, token in _outer_words(query.rstrip().removesuffix(";")):
        word = token.upper()
        if word in _FOREIGN:
            raise ValueError("the query groups or restricts in a way that can't be kept")
        if word in ("SELECT", "FROM", "USING", "WHERE") or word in _ENDS:
            found.append((position, word))
        if word in _ENDS:
            return found
    return found


def _outer_words(query: str) -> Iterator[tuple[int, str]]:
    """The words outside strings and parentheses, with their positions. Raises ValueError where either stays open."""
    depth = 0
    for match in _TOKEN.finditer(query):
        word = match[0]
        if word == "'":  # only an unterminated literal leaves a lone quote
            raise ValueError("a string in the query has no end")
        depth += (word == "(") - (word == ")")
        if depth < 0:
            raise ValueError("a parenthesis of the query is closed twice")
        if depth == 0 and (word[0].isalpha() or word[0] == "_"):
            yield match.start(), word
    if depth:
        raise ValueError("a parenthesis of the query stays open")


def _carried(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
