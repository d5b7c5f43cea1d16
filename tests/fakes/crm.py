"""The CRM port on an Org."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from mailsync.core.account import Account, Candidates, company_key, searchable
from mailsync.core.changes import CrmChanges, Record, Trace
from mailsync.core.match import address, folded_name
from mailsync.core.person import Limits, Value, is_blank
from mailsync.core.refs import AccountId, FieldName, RecordId
from mailsync.ports.crm import (
    Budget,
    CrmUser,
    MatchKeys,
    Reach,
    RecordDraft,
    RecordEdit,
    Remembered,
    Scope,
    View,
    Watch,
)
from mailsync.ports.outcomes import Missing, Outcome, Refusal, Stale, Written
from tests.fakes.cursors import part_of, read_cursor, write_cursor
from tests.fakes.org import COMPANY, Org, Row, user_id, version_of

OVERLAP = timedelta(minutes=10)
OLDEST = timedelta(days=14)
REMEMBERED = timedelta(days=15)
CREATES_AT_ONCE = 1000


class FakeCrm:
    """Implements ports.crm.Crm for one user."""

    def __init__(self, org: Org, user: str = "ann") -> None:
        self._org = org
        self._user = user
        self.requests = 0
        self.spent: Budget | None = None

    @property
    def budget(self) -> Budget | None:
        """As set."""
        return self.spent

    @property
    def now(self) -> datetime:
        """The vendor's time, to the second."""
        return self._org.second()

    def _ask(self) -> Org:
        self.requests += 1
        self._org.settle()
        return self._org

    def identify(self) -> CrmUser:
        """The user."""
        self.requests += 1
        return CrmUser(user_id(self._user), f"{self._user}@acme.example", "00D000000000001AAA")

    def views(self) -> Sequence[View]:
        """All list views."""
        return [View(v.id, v.id, v.label) for v in self._ask().views.values()]

    def limits(self) -> Limits:
        """What the user may read."""
        return {n: limit for n, limit in self._org.limits.items() if limit.readable}

    # The feed

    def changes(self, watch: Watch) -> CrmChanges:
        """One request. Everything in scope at first, or for another scope; else what was stamped since, less ten
        minutes; with a sweep all ids, and what was stamped since the last one."""
        org, view = self._ask(), watch.scope.view
        known = read_cursor(watch.cursor)
        selection = "" if org.is_broken(view) else self._selection(view)
        mark = self._mark(known, view)
        hidden = [str(n) for n, limit in org.limits.items() if not limit.readable]
        gained = known is not None and any(n not in hidden for n in known["hidden"])
        full = mark is None or known is None or not known["selection"] or gained
        moved = known is not None and known["selection"] != selection
        start = None if mark is None else mark - OVERLAP
        rows = [r for r in org.visible(self._user) if selection and org.selects(view, r, self._user)]
        full |= moved and bool(known and known["after"])
        part = part_of(watch, known, {r.id for r in rows}, full=full) if selection else None
        swept = bool(selection) and part is None and (full or watch.sweep or moved)
        last = datetime.fromisoformat(known["swept"]) if known and known["swept"] else None
        since = min(start, last - OVERLAP) if swept and start and last else start
        told = [r for r in rows if (r.id in part.records if part else full or since is None or r.stamp >= since)]
        last = self.now if swept or (part and last is None) else last
        begun = self.now if mark is None or not part else mark
        return CrmChanges(
            records=tuple(self._record(r, in_scope=True) for r in told),
            traces=tuple(self._traces(start)) if start and not part else (),
            count=len(rows),
            members=frozenset(r.id for r in rows) if swept else None,
            accounts={a.id: a.name for a in org.accounts.values() if start and not part and a.stamp >= start},
            limits=self.limits(),
            complete=full and bool(selection) and part is None,
            cursor=write_cursor(begun, view, selection, org.described, hidden, last, (part and part.last) or ""),
            now=self.now,
            fault="" if selection else "the list view is deleted, or not shared with this user",
            described=known is not None and known["d"] != org.described,
            traced=start is not None and not part,
            rest=part.rest if part else None,
        )

    def remembered(self, watch: Watch) -> Remembered | None:
        """What the cursor says; no request."""
        known = read_cursor(watch.cursor)
        if known is None or known["view"] != watch.scope.view or not known["selection"] or known["after"]:
            return None
        mine = watch.scope.view == "mine"
        limits = {n: limit for n, limit in self._org.limits.items() if str(n) not in known["hidden"]}
        mark = datetime.fromisoformat(known["mark"])
        changes = CrmChanges((), (), 0, None, {}, limits, False, watch.cursor or "", mark, asked=False)
        listed = (watch.scope.view, known["selection"]) if watch.scope.view.startswith("view:") else ("", "")
        return Remembered(changes, Reach(user_id(self._user) if mine else None, True, *listed))

    def _selection(self, view: str) -> str:
        chosen = self._org.views.get(view.removeprefix("view:"))
        return json.dumps(asdict(chosen)) if chosen else view

    def _mark(self, known: Mapping[str, Any] | None, view: str) -> datetime | None:
        if known is None or known["view"] != view:
            return None
        mark = datetime.fromisoformat(known["mark"])
        forgotten = self._org.forgotten is not None and self._org.forgotten > mark
        return None if forgotten or self.now - mark > OLDEST or mark - self.now > OVERLAP else mark

    def _traces(self, start: datetime) -> list[Trace]:
        org = self._org
        shown = (r for r in org.rows.values() if r.stamp >= start and (r.deleted or org.sees(r, self._user)))
        purged = (Trace(r, deleted=True) for r, at in org.purged.items() if at >= start)
        return [*(self._trace(r) for r in shown), *purged]

    def _trace(self, row: Row) -> Trace:
        """With the last winner of a chain of merges; without one where the last winner was deleted itself."""
        master, seen = row.master if row.deleted else None, {row.id}
        while master is not None and master in self._org.rows and self._org.rows[master].deleted and master not in seen:
            seen.add(master)
            master = self._org.rows[master].master
        return Trace(row.id, row.deleted, None if master in seen else master)

    def _record(self, row: Row, *, in_scope: bool) -> Record:
        org = self._org
        values: dict[FieldName, Value] = {n: v for n, v in row.values.items() if org.limits[n].readable}
        if org.limits[COMPANY].readable:
            values[COMPANY] = org.company_of(row)
        owners = user_id(row.owner), user_id(row.creator)
        return Record(
            row.id, version_of(row), values, owners[0], row.account, row.created, owners[1], in_scope, row.modified
        )

    # What is asked for by name

    def read(self, records: Collection[RecordId], scope: Scope) -> Mapping[RecordId, Record | None]:
        """None where the user does not see it; with a broken view none is inside."""
        if not records:
            return {}
        org, broken = self._ask(), self._org.is_broken(scope.view)
        found: dict[RecordId, Record | None] = dict.fromkeys(records)
        for record in records:
            row = org.rows.get(record)
            if row is not None and org.sees(row, self._user):
                inside = not broken and org.selects(scope.view, row, self._user)
                found[record] = self._record(row, in_scope=inside)
        return found

    def fates(self, records: Collection[RecordId]) -> Mapping[RecordId, Trace]:
        """The recycle bin, and the list of deletions for fifteen days."""
        if not records:
            return {}
        org = self._ask()
        binned = {r: self._trace(org.rows[r]) for r in records if r in org.rows and org.rows[r].deleted}
        since = self.now - REMEMBERED
        return binned | {r: Trace(r, deleted=True) for r in records if r in org.purged and org.purged[r] >= since}

    def candidates(self, keys: MatchKeys) -> Sequence[Record]:
        """By address or name; whether they are in scope is not looked up."""
        org = self._ask()
        names = {tuple(" ".join(n.split()).casefold() for n in pair) for pair in keys.names if pair[1]}
        rows = (
            r for r in org.visible(self._user) if address(r.values) in keys.emails or folded_name(r.values) in names
        )
        return [self._record(r, in_scope=False) for r in rows]

    def accounts(self, companies: Collection[str], min_substring: int) -> Mapping[str, Candidates]:
        """All Accounts are visible."""
        self._ask()
        return {c: self._candidates(company_key(c), min_substring) for c in companies}

    def _candidates(self, key: str, min_substring: int) -> Candidates:
        if not searchable(key):
            return Candidates()
        listed = [Account(a.id, a.name, a.created) for a in self._org.accounts.values()]
        exact = tuple(a for a in listed if company_key(a.name).casefold() == key.casefold())
        within = [a for a in listed if key.casefold() in a.name.casefold()] if len(key) >= min_substring else []
        return Candidates(exact, () if exact else tuple(within[:2]))

    def own_creates(self, since: datetime) -> Sequence[Record]:
        """By creator and CreatedDate, which has no fractions."""
        start = since.replace(microsecond=0)
        rows = [r for r in self._ask().visible(self._user) if r.creator == self._user and r.created >= start]
        return [self._record(r, in_scope=False) for r in rows]

    def own_accounts(self, names: Collection[str], since: datetime) -> Mapping[str, AccountId]:
        """By creator and CreatedDate, which has no fractions; the earliest of a name."""
        start = since.replace(microsecond=0)
        self._ask()
        mine = [a for a in self._org.accounts.values() if a.creator == self._user and a.created >= start]
        first = {company_key(a.name).casefold(): a.id for a in sorted(mine, key=lambda a: (a.created, a.id))[::-1]}
        folded = {n: company_key(n).casefold() for n in names}
        return {n: first[f] for n, f in folded.items() if f in first}

    # Writes

    def create(self, drafts: Sequence[RecordDraft]) -> Sequence[Outcome]:
        """1,000 a request."""
        self._ask()
        self.requests += -(-len(drafts) // CREATES_AT_ONCE) - 1
        return [self._create(d) for d in drafts]

    def _create(self, draft: RecordDraft) -> Outcome:
        org = self._org
        values = {**{FieldName(k): v for k, v in draft.defaults.items()}, **draft.values}
        refused = org.refuse(values)
        if refused is not None:
            return refused
        if is_blank(values.get(FieldName("LastName"))):
            return Refusal("REQUIRED_FIELD_MISSING", "LastName is missing", (FieldName("LastName"),))
        new = org.add(self._user, values, draft.account)
        return Written(new)  # Salesforce does not tell the version

    def update(self, edits: Sequence[RecordEdit]) -> Sequence[Outcome]:
        """If-Unmodified-Since: refused where the record was modified after the version seen."""
        self._ask()
        return [self._update(e) for e in edits]

    def _update(self, edit: RecordEdit) -> Outcome:
        org, row = self._org, self._org.rows.get(edit.record)
        if not edit.version:
            return Stale()
        if row is None or not org.sees(row, self._user):
            return Missing()
        if version_of(row) > edit.version:
            return Stale()
        if not edit.values and edit.account is None:
            return Written(row.id)
        if self._user in row.locked:
            return Refusal("INSUFFICIENT_ACCESS_OR_READONLY", "you may not edit it", forbidden=True)
        refused = org.refuse(edit.values, row.id)
        if refused is not None:
            return refused
        last = FieldName("LastName")
        if last in edit.values and is_blank(edit.values[last]):
            return Refusal("REQUIRED_FIELD_MISSING", "LastName is missing", (last,))
        org.edit(row.id, edit.values, account=row.account if edit.account is None else edit.account or None)
        return Written(row.id)

    def delete(self, records: Sequence[RecordId]) -> Sequence[Outcome]:
        """To the recycle bin."""
        self._ask()
        return [self._delete(r) for r in records]

    def _delete(self, record: RecordId) -> Outcome:
        row = self._org.rows.get(record)
        if row is None or not self._org.sees(row, self._user):
            return Missing()
        if self._user in row.locked:
            return Refusal("INSUFFICIENT_ACCESS_OR_READONLY", "you may not delete it", forbidden=True)
        self._org.delete(record)
        return Written(record)

    def undelete(self, records: Sequence[RecordId]) -> Sequence[Outcome]:
        """Out of the recycle bin."""
        self._ask()
        return [self._undelete(r) for r in records]

    def _undelete(self, record: RecordId) -> Outcome:
        row = self._org.rows.get(record)
        if row is None or not row.deleted:
            return Missing()
        self._org.undelete(record)
        return Written(record)

    def create_account(self, name: str) -> AccountId:
        """A new Account."""
        return self._ask().add_account(name, self._user)

    def close(self) -> None:
        """Nothing is held."""
