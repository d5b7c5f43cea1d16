"""A Salesforce organisation as it holds contacts, and what people do there.

Vendor-like: stamps to the second, LastModifiedDate as version, the recycle bin and a list of deletions, merges, private
sharing, field security, list views, and rows that commit later than they are stamped.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from mailsync.core.match import address
from mailsync.core.person import Address, Limit, Limits, Value, Values, text
from mailsync.core.refs import AccountId, FieldName, OwnerId, RecordId, Version
from mailsync.ports.outcomes import Refusal

COMPANY = FieldName("Company")
READ_ONLY = Limit(255, createable=False, updateable=False)
LENGTHS = {
    **dict.fromkeys(("FirstName", "MiddleName", "Suffix", "Salutation"), 40),
    **dict.fromkeys(("LastName", "Email", "Department"), 80),
    **dict.fromkeys(("Phone", "MobilePhone", "HomePhone", "OtherPhone", "Fax", "AssistantPhone", "AssistantName"), 40),
    "Title": 128,
}


def describe(fields: tuple[FieldName, ...], addresses: frozenset[FieldName]) -> Limits:
    """What a Contact's fields accept, by the vendor's documentation of the object."""
    found = {n: Limit(LENGTHS.get(n, 255), required=n == "LastName") for n in fields}
    found |= {n: Limit(255, (255, 40, 80, 20, 80)) for n in addresses}
    return {**found, COMPANY: READ_ONLY}


@dataclass(frozen=True, slots=True)
class Row:
    """A Contact. `values` have all fields but Company; `uid` names whom it was made for, 0 a record made here."""

    id: RecordId
    values: Mapping[FieldName, Value]
    account: AccountId | None
    owner: str
    created: datetime
    creator: str
    modified: datetime
    stamp: datetime
    deleted: bool = False
    master: RecordId | None = None
    shared: frozenset[str] = frozenset()
    locked: frozenset[str] = frozenset()  # users who may read, not edit
    custom: Mapping[str, str] = field(default_factory=dict[str, str])  # what no mapping names


@dataclass(frozen=True, slots=True)
class Company:
    """An Account."""

    id: AccountId
    name: str
    created: datetime
    stamp: datetime
    creator: str = ""


@dataclass(frozen=True, slots=True)
class ListView:
    """Contacts whose field begins with a text."""

    id: str
    field: FieldName
    prefix: str
    label: str = ""


@dataclass(slots=True)
class Org:
    """The whole organisation. `now` is its clock."""

    fields: tuple[FieldName, ...]
    limits: Limits
    now: Callable[[], datetime]
    rows: dict[RecordId, Row] = field(default_factory=dict[RecordId, Row])
    purged: dict[RecordId, datetime] = field(default_factory=dict[RecordId, datetime])
    accounts: dict[AccountId, Company] = field(default_factory=dict[AccountId, Company])
    views: dict[str, ListView] = field(default_factory=dict[str, ListView])
    described: int = 0  # how often the description changed
    pending: list[tuple[datetime, Callable[[], None]]] = field(
        default_factory=list[tuple[datetime, Callable[[], None]]]
    )
    forbidden: dict[FieldName, str] = field(default_factory=dict[FieldName, str])  # validation: not with this in it
    unique_email: bool = False  # a duplicate rule that blocks
    forgotten: datetime | None = None  # deletions before are no longer known
    count: int = 0

    def number(self) -> int:
        """A number that nothing else here has."""
        self.count += 1
        return self.count

    def second(self) -> datetime:
        """The clock, to the second."""
        return self.now().replace(microsecond=0)

    def settle(self) -> None:
        """Commits what was late, and is due by now."""
        due = [apply for at, apply in self.pending if at <= self.now()]
        if due:
            self.pending = [(at, apply) for at, apply in self.pending if at > self.now()]
            for apply in due:
                apply()

    # Who sees what

    def sees(self, row: Row, user: str) -> bool:
        """Private sharing: one's own, and what is shared; the administrator sees all."""
        return not row.deleted and (row.owner == user or user in row.shared or user == "admin")

    def visible(self, user: str) -> Iterator[Row]:
        """What a user sees."""
        return (r for r in self.rows.values() if self.sees(r, user))

    def selects(self, view: str, row: Row, user: str) -> bool:
        """Whether a view that is not broken selects a row that the user sees."""
        if view == "all":
            return True
        if view == "mine":
            return row.owner == user
        chosen = self.views[view.removeprefix("view:")]
        return text(row.values, chosen.field).startswith(chosen.prefix)

    def is_broken(self, view: str) -> bool:
        """Whether a list view is gone."""
        return view not in ("all", "mine") and view.removeprefix("view:") not in self.views

    def company_of(self, row: Row) -> str:
        """The name of its Account."""
        return self.accounts[row.account].name if row.account else ""

    # What it takes

    def refuse(self, values: Values, record: RecordId | None = None) -> Refusal | None:
        """Why it does not take these values, of a record or of a new one: security, lengths, rules, duplicates."""
        for name, value in values.items():
            limit = self.limits.get(name)
            if limit is None or not limit.updateable:
                return Refusal("INVALID_FIELD_FOR_INSERT_UPDATE", f"{name} can't be written", (name,))
            if isinstance(value, str) and len(value) > limit.length:
                return Refusal("STRING_TOO_LONG", f"{name} is too long", (name,))
            if not isinstance(value, Address) and self.forbidden.get(name, "\0") in value:
                return Refusal("FIELD_CUSTOM_VALIDATION_EXCEPTION", f"{name} is not wanted like that", (name,))
        mail = text(values, "Email").casefold()
        twins = [r.id for r in self.rows.values() if not r.deleted and r.id != record and address(r.values) == mail]
        if self.unique_email and mail and twins:
            return Refusal("DUPLICATES_DETECTED", "you're creating a duplicate", duplicates=tuple(twins))
        return None

    # What people and the agent do: every change of a row goes through `put`

    def put(self, row: Row, *, late: float = 0, touched: bool = True) -> None:
        """Stores a row as modified now; with `late` so many seconds afterwards. `touched`: LastModifiedDate too."""
        stamp = self.second()
        row = replace(row, stamp=stamp, modified=stamp if touched else row.modified)
        if not late:
            self.rows[row.id] = row
            return

        def commit() -> None:
            known = self.rows.get(row.id)
            if row.id not in self.purged and (known is None or not known.deleted):
                self.rows[row.id] = row

        self.pending.append((self.now() + timedelta(seconds=late), commit))

    def add(
        self,
        user: str,
        values: Mapping[FieldName, Value],
        account: AccountId | None = None,
        *,
        late: float = 0,
        custom: Mapping[str, str] | None = None,
    ) -> RecordId:
        """A new Contact of a user's."""
        new = RecordId(f"003{self.number():012d}AAA")
        whole = {**dict.fromkeys(self.fields, ""), **{n: trim(v) for n, v in values.items() if n != COMPANY}}
        now = self.second()
        self.put(Row(new, whole, account, user, now, user, now, now, custom=custom or {}), late=late)
        return new

    def edit(self, record: RecordId, values: Mapping[FieldName, Value], *, late: float = 0, **more: object) -> None:
        """Changes values and whatever else a row has."""
        row = self.rows[record]
        values = {**row.values, **{n: trim(v) for n, v in values.items() if n != COMPANY}}
        self.put(replace(row, values=values, **more), late=late)  # type: ignore[arg-type]

    def share(self, record: RecordId, user: str, *, shared: bool) -> None:
        """Sharing touches no stamp."""
        row = self.rows[record]
        among = row.shared | {user} if shared else row.shared - {user}
        self.rows[record] = replace(row, shared=among)

    def delete(self, record: RecordId, master: RecordId | None = None) -> None:
        """To the recycle bin; with `master` merged away."""
        self.put(replace(self.rows[record], deleted=True, master=master), touched=False)

    def undelete(self, record: RecordId) -> None:
        """Back from the recycle bin."""
        self.put(replace(self.rows[record], deleted=False, master=None), touched=False)

    def purge(self, record: RecordId) -> None:
        """Out of the recycle bin: only the list of deletions knows it."""
        row = self.rows.pop(record)
        self.purged[record] = row.stamp

    def merge(self, winner: RecordId, loser: RecordId) -> None:
        """The loser goes, the winner is touched."""
        self.delete(loser, winner)
        self.edit(winner, {})

    def add_account(self, name: str, creator: str = "") -> AccountId:
        """A new Account."""
        new = AccountId(f"001{self.number():012d}AAA")
        self.accounts[new] = Company(new, name, self.second(), self.second(), creator)
        return new

    def rename_account(self, account: AccountId, name: str) -> None:
        """Renamed: its contacts are not touched."""
        self.accounts[account] = replace(self.accounts[account], name=name, stamp=self.second())

    def secure(self, name: FieldName, limit: Limit) -> None:
        """Field security, for everybody."""
        self.limits = {**self.limits, name: limit}
        self.described += 1

    def add_view(self, name: FieldName, prefix: str) -> str:
        """A new list view; its id."""
        new = f"00B{self.number():012d}AAA"
        self.views[new] = ListView(new, name, prefix)
        return new


def trim(value: Value) -> Value:
    """Salesforce trims on save."""
    if isinstance(value, Address):
        return value
    return value.strip()


def version_of(row: Row) -> Version:
    """LastModifiedDate as Salesforce writes it."""
    return Version(row.modified.strftime("%Y-%m-%dT%H:%M:%S.000+0000"))


def user_id(user: str) -> OwnerId:
    """A user's id."""
    return OwnerId(f"005{user:0>12}AAA")
