"""The sandbox's Salesforce in the words of an Org: what people see and do there, through the vendor's own API."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from mailsync.core.person import Address, Limit, Limits, Value, text
from mailsync.core.refs import AccountId, FieldName, RecordId
from mailsync.sandbox.salesforce.org import Org as Estate
from mailsync.sandbox.server import RunningSandbox
from tests.e2e.people import OrgPerson
from tests.fakes.org import COMPANY, Company, Org, Row
from tests.laws.histories.people import BACK
from tests.laws.histories.wirerules import Validation, Views
from tests.laws.histories.world import CRM_LIMITS, FIELDS

PARTS = {
    FieldName("MailingAddress"): "Mailing",
    FieldName("OtherAddress"): "Other",
}
PIECES = ("Street", "City", "State", "PostalCode", "Country")


def write_values(values: Mapping[FieldName, Value]) -> dict[str, Any]:
    """API names; null takes a value away."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name in PARTS:
            where = value if isinstance(value, Address) else Address()
            parts = (where.street, where.city, where.state, where.postal_code, where.country)
            found |= {f"{PARTS[name]}{p}": v or None for p, v in zip(PIECES, parts, strict=True)}
        elif name != COMPANY:
            found[name] = value or None
    return found


def read_values(row: Mapping[str, Any]) -> dict[FieldName, Value]:
    """What the mapped fields hold."""
    found: dict[FieldName, Value] = {}
    for name in FIELDS:
        if name in PARTS:
            parts = [str(row.get(f"{PARTS[name]}{p}") or "") for p in PIECES]
            found[name] = Address(*parts) if any(parts) else ""
        elif name != COMPANY:
            found[name] = str(row.get(name) or "")
    return found


@dataclass
class WireOrg:
    """The organisation in the sandbox."""

    running: RunningSandbox
    cache: dict[int, tuple[Any, Row]] = field(default_factory=dict[int, tuple[Any, Row]])
    count: int = 0
    pending: list[Any] = field(default_factory=list[Any])
    described: int = 0  # the sandbox knows by itself
    forgotten: datetime | None = None  # list of deletions, since when it is no longer told
    limits: Limits = field(default_factory=lambda: CRM_LIMITS)
    forbidden: Validation = field(init=False)
    views: Views = field(init=False)
    blocked: bool = False  # twins by e-mail

    number, visible, company_of, sees = Org.number, Org.visible, Org.company_of, Org.sees

    def __post_init__(self) -> None:
        view = {"object": "Contact", "name": "L names", "where": f"{BACK.field} LIKE '{BACK.prefix}%'"}
        made = self.running.sandbox.act("ann", "create_view", view)["id"]
        self.forbidden, self.views = Validation(self.running), Views(self.running, made)

    @property
    def view(self) -> str:
        """The list view's id."""
        return self.views.view

    @property
    def unique_email(self) -> bool:
        """Whether a duplicate rule blocks twins."""
        return self.blocked

    @unique_email.setter
    def unique_email(self, blocked: bool) -> None:
        rule = {"object": "Contact", "field": "Email", "action": "block" if blocked else "off"}
        self.running.sandbox.act("admin", "duplicate_rule", rule)
        self.blocked = blocked

    def secure(self, name: FieldName, limit: Limit) -> None:
        """Field security of ann."""
        access = {"object": "Contact", "field": name, "user": "ann", "read": limit.readable, "edit": limit.updateable}
        self.running.sandbox.act("admin", "field_security", access)
        self.limits = {**self.limits, name: limit}

    def settle(self) -> None:
        """Nothing is late."""

    @property
    def estate(self) -> Estate:
        """The sandbox's own books."""
        return self.running.sandbox.vendor("salesforce")._org  # type: ignore[attr-defined]

    @cached_property
    def people(self) -> Mapping[str, OrgPerson]:
        """Logged in."""
        return {n: OrgPerson.log_in(self.running.url, n) for n in ("ann", "bob", "admin")}

    @property
    def rows(self) -> dict[RecordId, Row]:
        """All contacts, deleted ones too, as long as they are not purged."""
        estate = self.estate
        names = {p.id: n for n, p in estate.people.items()}
        shared = {r for (r, who) in estate.shares if names.get(who, who) == "ann"}
        found: dict[RecordId, Row] = {}
        for record, row in estate.records.get("Contact", {}).items():
            known = self.cache.get(id(row))
            made = known[1] if known and known[0] is row else self._row(row, names)
            self.cache[id(row)] = (row, made)
            if record in shared:
                made = _share(made)
            found[RecordId(record)] = made
        return found

    def _row(self, row: Mapping[str, Any], names: Mapping[str, str]) -> Row:
        moment: dict[str, datetime] = {n: row[n] for n in ("CreatedDate", "LastModifiedDate", "SystemModstamp")}
        account = row.get("AccountId")
        master = row.get("MasterRecordId")
        return Row(
            RecordId(row["Id"]),
            read_values(row),
            AccountId(account) if account else None,
            names[row["OwnerId"]],
            moment["CreatedDate"],
            names[row["CreatedById"]],
            moment["LastModifiedDate"],
            moment["SystemModstamp"],
            bool(row.get("IsDeleted")),
            RecordId(master) if master else None,
        )

    @property
    def accounts(self) -> dict[AccountId, Company]:
        """Those that are not deleted."""
        found = self.estate.records.get("Account", {}).values()
        return {
            AccountId(a["Id"]): Company(AccountId(a["Id"]), a["Name"], a["CreatedDate"], a["SystemModstamp"])
            for a in found
            if not a.get("IsDeleted")
        }

    def is_broken(self, view: str) -> bool:
        """Whether a list view is gone."""
        return view not in ("all", "mine") and view.removeprefix("view:") not in self.estate.views

    def selects(self, view: str, row: Row, user: str) -> bool:
        """Whether a view selects a row."""
        if view in ("all", "mine"):
            return view == "all" or row.owner == user
        chosen = self.views[BACK.id]
        return text(row.values, chosen.field).casefold().startswith(chosen.prefix.casefold())

    # What people do

    def add(self, user: str, values: Mapping[FieldName, Value], account: AccountId | None = None, **_: Any) -> RecordId:
        """A new contact."""
        more = {"AccountId": account} if account else {}
        sent = {k: v for k, v in write_values(values).items() if v is not None}
        return RecordId(self.people[user].create(**sent, **more))

    def edit(self, record: RecordId, values: Mapping[FieldName, Value], **more: Any) -> None:
        """Values, owner, Account; the administrator does it."""
        sent = write_values(values)
        if "owner" in more:
            sent["OwnerId"] = self.estate.people[more["owner"]].id
        if "account" in more:
            sent["AccountId"] = more["account"]
        self.people["admin"].update(
            record, **(sent or {"Department": self.rows[record].values[FieldName("Department")]})
        )
        if "shared" in more and "ann" in more["shared"] and more.get("owner") != "ann":
            self.share(record, "ann", shared=True)

    def share(self, record: RecordId, user: str, *, shared: bool) -> None:
        """By the administrator."""
        if (record in self.rows) and ("ann" in self.rows[record].shared) == shared:
            return
        self.running.sandbox.act("admin", "share" if shared else "unshare", {"record": record, "user": user})

    def delete(self, record: RecordId) -> None:
        """To the recycle bin."""
        self.people["admin"].delete(record)

    def undelete(self, record: RecordId) -> None:
        """Back again."""
        self.people["admin"].undelete(record)

    def purge(self, record: RecordId) -> None:
        """For good."""
        self.running.sandbox.act("admin", "purge", {"record": record})

    def merge(self, winner: RecordId, loser: RecordId) -> None:
        """By the administrator."""
        self.people["admin"].merge(winner, loser)

    def add_account(self, name: str) -> AccountId:
        """A new Account."""
        return AccountId(self.people["ann"].create("Account", Name=name))

    def rename_account(self, account: AccountId, name: str) -> None:
        """Its contacts are not touched."""
        self.people["admin"].update(account, "Account", Name=name)


def _share(row: Row) -> Row:
    return replace(row, shared=frozenset({"ann"}))
