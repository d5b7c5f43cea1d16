"""What the organisation keeps of Bulk API 2.0 jobs (vendors/salesforce.md §3, §10). Instants are UTC."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Sheet:
    """A CSV file as texts; every row is as long as the header."""

    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row: `error` is the vendor's text of a row that was refused, empty for a good one."""

    row: tuple[str, ...]
    id: str
    created: bool
    error: str


@dataclass(frozen=True, slots=True)
class Job:
    """A job; `kind` is ingest or query. `began` is when its data was complete, `due` when it will be done.

    `sheet` is what was uploaded, or the answer of a query; `outcomes` has a row's fate in the order of the upload.
    """

    id: str
    kind: str
    operation: str
    object: str
    creator: str
    version: str
    created: datetime
    modified: datetime
    state: str
    delimiter: str = "COMMA"
    line_ending: str = "LF"
    key: str | None = None
    query: str = ""
    content: bytes | None = None
    began: datetime | None = None
    due: datetime | None = None
    error: str | None = None
    sheet: Sheet = Sheet()
    outcomes: tuple[Outcome, ...] = ()


@dataclass(slots=True)
class Jobs:
    """All jobs by id, how many seconds the organisation takes for one, and what was used of the daily limits."""

    held: dict[str, Job] = field(default_factory=dict[str, Job])
    seconds: float = 0
    queries: deque[tuple[datetime, int]] = field(default_factory=deque[tuple[datetime, int]])
    batches: deque[tuple[datetime, int]] = field(default_factory=deque[tuple[datetime, int]])
