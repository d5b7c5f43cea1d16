"""What B5 needs for many companies at once: exact names, then names that contain the rest."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from mailsync.core.account import Account, Candidates, company_key, searchable
from mailsync.core.refs import AccountId, OwnerId, widen
from mailsync.crm import soql
from mailsync.crm.salesforce.answers import as_time
from mailsync.crm.salesforce.connection import Connection
from mailsync.crm.salesforce.describe import Description
from mailsync.crm.salesforce.queries import Batch, Query, Row, ask_batches, batches_of

_COLUMNS = ("Id", "Name", "CreatedDate")
_ACCOUNT = soql.Selection("Account")
_ENOUGH = 2  # names containing a company: two are as good as many
_TOGETHER = 100  # companies whose substrings are looked for in one query; what is too much for Salesforce is halved
_FEW = 2000  # rows of such a query, one page; if it has more, it is asked again without the names that are settled


def find_accounts(
    connection: Connection, known: Description, companies: Collection[str], min_substring: int
) -> Mapping[str, Candidates]:
    """Candidates for each company, keyed as given. Names that Salesforce can't hold are not searched (B6).

    A substring search that is too much for Salesforce counts as no match.
    """
    keys = {company: company_key(company) for company in companies}
    asked = sorted({key.casefold(): key for key in keys.values() if searchable(key)}.values())
    if not asked or not known.accounts:
        return {company: Candidates() for company in companies}
    exact = _by_name(_find_exact(connection, known, asked))
    rest = [key for key in asked if key.casefold() not in exact and len(key) >= min_substring]
    containing = _find_containing(connection, known, rest)
    return {
        company: Candidates(exact.get(key.casefold(), ()), containing.get(key.casefold(), ()))
        for company, key in keys.items()
    }


def find_own_accounts(
    connection: Connection, known: Description, names: Collection[str], user: OwnerId, since: datetime
) -> Mapping[str, AccountId]:
    """Which Account of each name, keyed as given, this user created first since then (B7, B15)."""
    keys = {name: company_key(name) for name in names}
    asked = sorted({key for key in keys.values() if searchable(key)})
    mine = f"CreatedById = {soql.quote(user)} AND CreatedDate >= {soql.instant(since)}"

    def build(some: Sequence[str]) -> Query:
        named = soql.one_of("Name", some)
        return Query(soql.select(_COLUMNS, _ACCOUNT, named, mine, _no_person(known), order=("CreatedDate", "Id")))

    if not asked or not known.accounts:
        return {}
    found = _by_name(_accounts(ask_batches(connection, batches_of(asked, build, size=_size)).all_rows()))
    own = {folded: min(some, key=lambda a: (a.created, a.id)).id for folded, some in found.items()}
    return {name: own[key.casefold()] for name, key in keys.items() if key.casefold() in own}


def _find_exact(connection: Connection, known: Description, names: Sequence[str]) -> list[Account]:
    def build(some: Sequence[str]) -> Query:
        order = ("CreatedDate", "Id")
        return Query(soql.select(_COLUMNS, _ACCOUNT, soql.one_of("Name", some), _no_person(known), order=order))

    return _accounts(ask_batches(connection, batches_of(names, build, size=_size)).all_rows())


def _find_containing(
    connection: Connection, known: Description, names: Sequence[str]
) -> dict[str, tuple[Account, ...]]:
    """Up to two accounts that contain each name, by folded name.

    Several names share a query as long as all its rows come back; which name a row is for is decided here, by the
    same folding as in the core. Where there were more rows, some name is in very many: it is settled, and the others
    share a query again. Only where that settles none is each asked for alone.
    """

    def together(some: Sequence[str]) -> Query:
        return _like_query(known, some, _FEW)

    def alone(some: Sequence[str]) -> Query:
        return _like_query(known, some, _ENOUGH)

    found: dict[str, tuple[Account, ...]] = {}
    waiting, single = list(names), list[str]()
    while waiting:
        answers = ask_batches(connection, batches_of(waiting, together, size=_size, most=_TOGETHER))
        waiting = []
        for batch, rows in answers.rows:
            settled = _settle(batch.items, rows)
            found |= {name.casefold(): some for name, some in settled.items()}
            (waiting if settled else single).extend(name for name in batch.items if name not in settled)
    for batch, rows in ask_batches(connection, [Batch((name,), alone) for name in single]).rows:
        found[batch.items[0].casefold()] = tuple(_accounts(rows))
    return found


def _settle(names: Sequence[str], rows: Sequence[Row]) -> dict[str, tuple[Account, ...]]:
    """Accounts that contain each name, of the names about which these rows say all that matters."""
    folded = [(account.name.casefold(), account) for account in _accounts(rows)]
    within = {name: _containing(folded, name.casefold()) for name in names}
    return {name: some for name, some in within.items() if len(rows) < _FEW or len(some) >= _ENOUGH}


def _like_query(known: Description, names: Sequence[str], limit: int) -> Query:
    within = " OR ".join(f"Name LIKE {soql.containing(name)}" for name in names)
    return Query(soql.select(_COLUMNS, _ACCOUNT, within, _no_person(known), limit=limit))


def _containing(accounts: Iterable[tuple[str, Account]], name: str) -> tuple[Account, ...]:
    return tuple(islice((account for folded, account in accounts if name in folded), _ENOUGH))


def _by_name(accounts: Iterable[Account]) -> dict[str, tuple[Account, ...]]:
    found: dict[str, tuple[Account, ...]] = {}
    for account in accounts:
        key = company_key(account.name).casefold()
        found[key] = (*found.get(key, ()), account)
    return found


def _accounts(rows: Iterable[Row]) -> list[Account]:
    return [_account(row) for row in rows]


def _account(row: Mapping[str, Any]) -> Account:
    return Account(AccountId(widen(str(row["Id"]))), str(row.get("Name") or ""), as_time(row.get("CreatedDate")))


def _no_person(known: Description) -> str:
    """B5: Person Accounts don't count. The field is there only where the organisation has them."""
    return "IsPersonAccount = false" if known.person_accounts else ""


def _size(name: str) -> int:
    return 2 * len(name) + 20
