"""What administrators decide: names, direction, scope, auto-removal, winners, limits – as closed values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from mailsync.core.person import Field, Limits
from mailsync.core.refs import AccountId, FieldName

FOLDER = "Salesforce Contacts"
CATEGORY = "Salesforce"
ERROR_CATEGORY = "Sync Error"


class Direction(Enum):
    """E1."""

    BOTH = "both"
    UP = "up"
    DOWN = "down"


class AutoRemoval(Enum):
    """D1, D2."""

    NOT_ALLOWED = "not-allowed"
    ALLOWED = "allowed"


class Winner(Enum):
    """B12."""

    SALESFORCE = "salesforce"
    MAILBOX = "mailbox"
    ASK = "ask"


class OnLeaveScope(Enum):
    """A18."""

    REMOVE = "remove"
    FREEZE = "freeze"
    KEEP = "keep"


class CompanyChange(Enum):
    """B9."""

    SUGGEST = "suggest"
    RELINK = "relink"
    IGNORE = "ignore"


class Several(Enum):
    """B2(3): what to do with several possible matches."""

    HOLD = "hold"
    MOST_RECENT = "most_recent"
    OLDEST = "oldest"


class LastNameFallback(Enum):
    """B1."""

    ISSUE = "issue"
    GIVEN = "given"
    FILE_AS = "file_as"
    COMPANY = "company"


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything that decides a plan beside the two sides themselves. Sets of addresses are case-folded."""

    fields: tuple[Field, ...]
    crm_limits: Limits
    mailbox_limits: Limits
    region: str = "US"
    direction: Direction = Direction.BOTH
    auto_removal: AutoRemoval = AutoRemoval.NOT_ALLOWED
    winner: Winner = Winner.SALESFORCE
    winners: Mapping[FieldName, Winner] = field(default_factory=dict[FieldName, Winner])
    on_leave_scope: OnLeaveScope = OnLeaveScope.REMOVE
    company_change: CompanyChange = CompanyChange.SUGGEST
    several: Several = Several.HOLD
    last_name_fallback: LastNameFallback = LastNameFallback.ISSUE
    min_substring: int = 1
    strip_company_suffix: bool = False  # B6
    fixed_account: AccountId | None = None
    auto_create_account: bool = False
    hold_shared_deletions: bool = False
    block: frozenset[str] = frozenset()  # addresses and domains (A20)
    defaults: Mapping[str, str] = field(default_factory=dict[str, str])  # vendor field -> value (B1)
    required: frozenset[FieldName] = frozenset()
    guard_count: int = 10
    guard_percent: int = 10
    first_run_limit: int = 10  # A5
    storm_limit: int = 20  # C5
    record_url: str = ""  # prefix of the link to a record (C2)

    @property
    def mirrors(self) -> bool:
        """Whether records come down at all (E1)."""
        return self.direction is not Direction.UP

    def winner_of(self, name: FieldName) -> Winner:
        """The side that wins a conflict in a field (B12)."""
        return self.winners.get(name, self.winner)
