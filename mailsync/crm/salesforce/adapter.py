"""Salesforce as the CRM port: one user's records, read and written with that user's rights."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from mailsync.core.account import Candidates
from mailsync.core.changes import CrmChanges, Record, Trace
from mailsync.core.person import Limits
from mailsync.core.refs import AccountId, OwnerId, RecordId, widen
from mailsync.crm.salesforce import accounts, feed, lookups, undelete, views, writing
from mailsync.crm.salesforce.answers import as_object
from mailsync.crm.salesforce.connection import Answer, Connection
from mailsync.crm.salesforce.describe import limits_of
from mailsync.crm.salesforce.login import SalesforceLogin
from mailsync.crm.salesforce.memory import Memory, learn_description
from mailsync.crm.salesforce.standing import knows_user, remember
from mailsync.crm.salesforce.transport import VENDOR
from mailsync.errors import LoginRefused, PermissionMissing, VendorError
from mailsync.mapping.table import Table
from mailsync.ports.crm import Budget, Crm, CrmUser, MatchKeys, RecordDraft, RecordEdit, Remembered, Scope, View, Watch
from mailsync.ports.outcomes import Outcome

T = TypeVar("T")


def open_salesforce(login: SalesforceLogin, table: Table, *, sleep: Callable[[float], None] = time.sleep) -> Crm:
    """One user's Salesforce; nothing is sent before it is asked something. Raises SettingsError."""
    return Salesforce(login, table, sleep)


class Salesforce:
    """The port `Crm`; its methods raise as the port says."""

    def __init__(self, login: SalesforceLogin, table: Table, sleep: Callable[[float], None]) -> None:
        """Sends nothing. Raises SettingsError."""
        self._connection = Connection(login, sleep)
        self._table = table
        self._external_id = login.external_id
        self._memory = Memory()

    @property
    def requests(self) -> int:
        """The requests that reached Salesforce."""
        return self._connection.requests

    @property
    def budget(self) -> Budget | None:
        """By the latest answer."""
        return self._connection.budget

    @property
    def now(self) -> datetime:
        """By the latest answer, UTC; asks who the user is where there was none yet."""
        if self._connection.date is None:
            self.identify()
        if self._connection.date is None:
            raise VendorError(VENDOR, "Salesforce's answers have no Date")
        return self._connection.date

    def identify(self) -> CrmUser:
        """The token's user. Raises LoginRefused."""
        try:
            content = self._connection.ask("GET", "/services/oauth2/userinfo", read=_object)
        except PermissionMissing as error:
            # This endpoint answers a bad token with 403 Bad_OAuth_Token.
            raise LoginRefused(VENDOR, "Salesforce refused the token", code=error.code, remedy=error.remedy) from None
        user = OwnerId(widen(str(content.get("user_id") or "")))
        self._memory.user = user
        username = str(content.get("preferred_username") or "")
        return CrmUser(user, username, widen(str(content.get("organization_id") or "")))

    def views(self) -> Sequence[View]:
        """The Contact list views that this user sees and that can be synced."""
        return views.list_views(self._connection)

    def limits(self) -> Limits:
        """What the mapped fields accept, by the describe."""
        return limits_of(learn_description(self._connection, self._table, self._memory), self._table)

    def changes(self, watch: Watch) -> CrmChanges:
        """What changed since the cursor; one request when idle."""
        if watch.identified and self._memory.user is None and not knows_user(watch.cursor):
            self.identify()
        return feed.observe(self._connection, self._table, watch, self._memory)

    def remembered(self, watch: Watch) -> Remembered | None:
        """What the cursor itself knows, without a request."""
        return remember(watch, self._table)

    def read(self, records: Collection[RecordId], scope: Scope) -> Mapping[RecordId, Record | None]:
        """Records by id, keyed as given."""
        return self._described(
            lambda: lookups.read_records(self._connection, self._table, self._memory, records, scope)
        )

    def fates(self, records: Collection[RecordId]) -> Mapping[RecordId, Trace]:
        """What is proven of records, keyed by 18-character ids."""
        return lookups.read_fates(self._connection, self._memory, records)

    def candidates(self, keys: MatchKeys) -> Sequence[Record]:
        """Visible contacts by address or name; `in_scope` is False throughout."""
        return self._described(lambda: lookups.find_candidates(self._connection, self._table, self._memory, keys))

    def accounts(self, companies: Collection[str], min_substring: int) -> Mapping[str, Candidates]:
        """Candidates for each company, keyed as given."""
        known = learn_description(self._connection, self._table, self._memory)
        return accounts.find_accounts(self._connection, known, companies, min_substring)

    def own_creates(self, since: datetime) -> Sequence[Record]:
        """What the user created since then; `in_scope` is False throughout."""
        user = self._memory.user or self.identify().id
        return self._described(lambda: lookups.find_own(self._connection, self._table, self._memory, user, since))

    def own_accounts(self, names: Collection[str], since: datetime) -> Mapping[str, AccountId]:
        """Accounts that the user created since then, by name."""
        known = learn_description(self._connection, self._table, self._memory)
        user = self._memory.user or self.identify().id
        return accounts.find_own_accounts(self._connection, known, names, user, since)

    def create(self, drafts: Sequence[RecordDraft]) -> Sequence[Outcome]:
        """Creates; sent once unless there is an external-id field."""
        return writing.create_records(self._connection, self._table, drafts, self._external_id)

    def update(self, edits: Sequence[RecordEdit]) -> Sequence[Outcome]:
        """Conditional updates."""
        return writing.update_records(self._connection, self._table, edits)

    def delete(self, records: Sequence[RecordId]) -> Sequence[Outcome]:
        """To the recycle bin."""
        return writing.delete_records(self._connection, self._table, records)

    def undelete(self, records: Sequence[RecordId]) -> Sequence[Outcome]:
        """Out of the recycle bin."""
        return undelete.undelete_records(self._connection, self._table, records)

    def create_account(self, name: str) -> AccountId:
        """A new Account; sent once."""
        return writing.create_account(self._connection, name)

    def close(self) -> None:
        """Closes its connections."""
        self._connection.close()

    def _described(self, call: Callable[[], T]) -> T:
        """Calls, and once more with a fresh description where a field was hidden meanwhile."""
        try:
            return call()
        except VendorError as error:
            if error.code != "INVALID_FIELD":
                raise
        self._memory.description = None
        return call()


def _object(reply: Answer) -> dict[str, Any]:
    return as_object(reply.content)
