"""What a SOQL text says: the tree that parse() makes."""

from dataclasses import dataclass, field
from datetime import datetime

AGGREGATES = frozenset({"COUNT", "COUNT_DISTINCT", "MIN", "MAX", "SUM", "AVG"})
DATE_PARTS = frozenset(
    f"{prefix}_{part}"
    for prefix, parts in {
        "CALENDAR": ("YEAR", "QUARTER", "MONTH"),
        "FISCAL": ("YEAR", "QUARTER", "MONTH"),
        "DAY": ("ONLY", "IN_WEEK", "IN_MONTH", "IN_YEAR"),
        "WEEK": ("IN_MONTH", "IN_YEAR"),
        "HOUR": ("IN_DAY",),
    }.items()
    for part in parts
)
FUNCTIONS = AGGREGATES | DATE_PARTS | {"TOLABEL", "FORMAT", "CONVERTTIMEZONE", "CONVERTCURRENCY", "GROUPING"}


@dataclass(frozen=True, slots=True)
class Path:
    """A field as written: its names, the last one the field's."""

    names: tuple[str, ...]
    at: int = field(compare=False)

    @property
    def text(self) -> str:
        """The path as it was written."""
        return ".".join(self.names)


@dataclass(frozen=True, slots=True)
class Call:
    """A function of FUNCTIONS (upper case) on one term."""

    function: str
    argument: "Term"
    at: int = field(compare=False)
    text: str = field(compare=False)


Term = Path | Call


@dataclass(frozen=True, slots=True)
class Period:
    """A date literal: LAST_N_DAYS with 30, TODAY with None."""

    name: str
    count: int | None


@dataclass(frozen=True, slots=True)
class Value:
    """A literal. `kind`: string, number, boolean, null, date (ISO text), datetime (aware, UTC), period or pattern.

    A pattern is the string of a LIKE: its escapes of backslash, % and _ are kept as two characters.
    """

    kind: str
    value: str | int | float | datetime | Period | None
    text: str = field(compare=False)
    at: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Comparison:
    """`operator` is one of = != < <= > >= LIKE."""

    term: Term
    operator: str
    value: Value


@dataclass(frozen=True, slots=True)
class Membership:
    """`operator` is one of IN, NOT IN, INCLUDES, EXCLUDES; there is at least one value."""

    term: Term
    operator: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class SemiJoin:
    """`operator` is IN or NOT IN; the query selects one path and has at most a scope and a WHERE."""

    term: Term
    operator: str
    query: "Query"
    query_text: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class Negation:
    condition: "Condition"


@dataclass(frozen=True, slots=True)
class Group:
    """At least two conditions; `conjunction` is AND or OR: the two never mix without parentheses."""

    conjunction: str
    conditions: tuple["Condition", ...]


Condition = Comparison | Membership | SemiJoin | Negation | Group


@dataclass(frozen=True, slots=True)
class Selected:
    """A field or function of the SELECT list."""

    term: Term
    alias: str | None


@dataclass(frozen=True, slots=True)
class EveryField:
    """FIELDS(ALL), FIELDS(STANDARD) or FIELDS(CUSTOM): `which` in upper case."""

    which: str
    at: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Children:
    """A subquery of the SELECT list."""

    query: "Query"
    at: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class TypeOf:
    """TYPEOF of a polymorphic relationship: the fields per type, and those of ELSE."""

    relationship: str
    branches: tuple[tuple[str, tuple[Path, ...]], ...]
    otherwise: tuple[Path, ...]
    at: int = field(compare=False)


Item = Selected | EveryField | Children | TypeOf


@dataclass(frozen=True, slots=True)
class Ordering:
    term: Term
    descending: bool
    nulls_first: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query. `items` is empty for COUNT() alone; `text` is the whole text, to which every `at` refers.

    `where_text` is the condition as it was written, without the word WHERE; `scope` the word of USING SCOPE.
    """

    text: str = field(compare=False, repr=False)
    items: tuple[Item, ...]
    object: str
    object_at: int = field(compare=False)
    alias: str | None = None
    scope: str | None = None
    scope_at: int = field(default=0, compare=False)
    where: Condition | None = None
    where_text: str | None = field(default=None, compare=False)
    group: tuple[Term, ...] = ()
    totals: str | None = None  # ROLLUP or CUBE: which subtotals the groups have
    having: Condition | None = None
    order: tuple[Ordering, ...] = ()
    limit: int | None = None
    offset: int = 0

    @property
    def counts(self) -> bool:
        """Whether it is SELECT COUNT(), which answers a number and no records."""
        return not self.items
