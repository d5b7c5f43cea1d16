"""The CRM port: one user's Salesforce."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from mailsync.core.account import Candidates
from mailsync.core.changes import CrmChanges, Record, Trace
from mailsync.core.person import Limits, Values
from mailsync.core.refs import AccountId, Key, OwnerId, RecordId, Version
from mailsync.ports.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class CrmUser:
    """Who the agent is in the organisation."""

    id: OwnerId
    username: str
    organisation: str


@dataclass(frozen=True, slots=True)
class Scope:
    """What the user's view selects (A14): `view` is "mine", "all", or a list view by id, DeveloperName or label."""

    view: str


@dataclass(frozen=True, slots=True)
class Watch:
    """What to ask for: an opaque cursor (None: read everything once), the scope, and whether to sweep: name all ids in
    scope, and tell again what was changed since the last sweep (A18)."""

    cursor: str | None
    scope: Scope
    sweep: bool = False
    at_most: int | None = None  # records of a first reading; of a scope that holds more, parts of half as many
    identified: bool = False  # the cursor shall know who the user is, for one more request where it does not yet


@dataclass(frozen=True, slots=True)
class Reach:
    """Which records a scope can hold, as far as that can be told without asking. `owner`: those of this user alone
    (None: anybody's). `parents`: its conditions may speak of Accounts. `view`, `digest`: the list view, "" for none,
    and a digest of what it selects."""

    owner: OwnerId | None
    parents: bool = False
    view: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a reading that finds nothing new would say (`asked` is False), made of the cursor alone."""

    changes: CrmChanges
    reach: Reach


@dataclass(frozen=True, slots=True)
class RecordDraft:
    """A Contact to create; values are already fitted. `defaults` are vendor field names from settings (B1)."""

    key: Key
    values: Values
    account: AccountId | None = None
    defaults: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class RecordEdit:
    """Changed values of a Contact, sent only if it is still at `version`. `account` sets AccountId (B9 relink), ""
    takes the link off."""

    record: RecordId
    version: Version
    values: Values
    account: AccountId | None = None


@dataclass(frozen=True, slots=True)
class MatchKeys:
    """What candidates are looked up by (B2): folded e-mail addresses, and (first, last) names."""

    emails: frozenset[str] = frozenset()
    names: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class View:
    """A list view as an administrator picks it."""

    id: str
    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Budget:
    """Sforce-Limit-Info: calls used and allowed in the organisation's 24 hours."""

    used: int
    allowed: int


class Crm(Protocol):
    """One user's Salesforce. Everything is read and written with that user's own rights."""

    @property
    def requests(self) -> int: ...
    @property
    def budget(self) -> Budget | None: ...
    @property
    def now(self) -> datetime:
        """The vendor's time by its latest Date header."""
        ...

    def identify(self) -> CrmUser:
        """Who the token belongs to (userinfo). Raises LoginRefused."""
        ...

    def views(self) -> Sequence[View]:
        """The Contact list views that this user sees."""
        ...

    def limits(self) -> Limits:
        """What a Contact's fields accept for this user (describe)."""
        ...

    def changes(self, watch: Watch) -> CrmChanges:
        """What changed since the cursor: one request when idle. A cursor of another scope, or too old, reads all. With
        `at_most` a larger scope is read in parts: the cursor goes on where a part ended, and `rest` tells (decision
        0036)."""
        ...

    def remembered(self, watch: Watch) -> Remembered | None:
        """What the cursor itself knows, without a request; None where it can't stand for a reading: there is none, or
        it was written for another scope or mapping, by a reading that met a fault, or by a part of one."""
        ...

    def read(self, records: Collection[RecordId], scope: Scope) -> Mapping[RecordId, Record | None]:
        """Records by id, read afresh, each with whether it is in scope; None where the user can't read it."""
        ...

    def fates(self, records: Collection[RecordId]) -> Mapping[RecordId, Trace]:
        """What is proven of records that can't be read: deleted or merged. Unproven ones are absent (D7)."""
        ...

    def candidates(self, keys: MatchKeys) -> Sequence[Record]:
        """Visible Contacts with one of the e-mail addresses or names (B2), in no order."""
        ...

    def accounts(self, companies: Collection[str], min_substring: int) -> Mapping[str, Candidates]:
        """What B5 needs for each company (keys as given): batched, never one request a company."""
        ...

    def own_creates(self, since: datetime) -> Sequence[Record]:
        """Contacts that this user created since then, all fields (B15)."""
        ...

    def own_accounts(self, names: Collection[str], since: datetime) -> Mapping[str, AccountId]:
        """The Accounts of these names that this user created since then, the earliest of each (B7, B15), keyed as
        given; a name that has none is absent."""
        ...

    def create(self, drafts: Sequence[RecordDraft]) -> Sequence[Outcome]:
        """Creates, 200 a collection. Never repeated. Raises OutcomeUnknown."""
        ...

    def update(self, edits: Sequence[RecordEdit]) -> Sequence[Outcome]:
        """Conditional updates, 25 a composite."""
        ...

    def delete(self, records: Sequence[RecordId]) -> Sequence[Outcome]:
        """To the recycle bin, 200 a request."""
        ...

    def undelete(self, records: Sequence[RecordId]) -> Sequence[Outcome]:
        """Out of the recycle bin. Missing: it is in none – gone for good, or there already: read it to know which."""
        ...

    def create_account(self, name: str) -> AccountId:
        """A new Account (B7). Raises OutcomeUnknown; PermissionMissing."""
        ...

    def close(self) -> None: ...
