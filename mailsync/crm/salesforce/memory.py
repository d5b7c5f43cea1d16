"""What the adapter has learnt of its user during a session, so that nothing is asked twice."""

from dataclasses import dataclass, field

from mailsync.core.refs import OwnerId, RecordId
from mailsync.crm import soql
from mailsync.crm.salesforce import views
from mailsync.crm.salesforce.answers import failure
from mailsync.crm.salesforce.composite import Part, PartReply, run
from mailsync.crm.salesforce.connection import Connection
from mailsync.crm.salesforce.describe import Description, read_account, read_contact
from mailsync.crm.salesforce.transport import VENDOR
from mailsync.errors import PermissionMissing, ViewBroken
from mailsync.mapping.table import Table

_HIDDEN = frozenset({403, 404})
"""How Salesforce refuses to describe an object that the user can't see."""


@dataclass(slots=True)
class Memory:
    """`selections` by scope, as the settings name it (None: at fault); `deleted` = ids that were seen deleted."""

    user: OwnerId | None = None
    description: Description | None = None
    selections: dict[str, soql.Selection | None] = field(default_factory=dict[str, "soql.Selection | None"])
    deleted: set[RecordId] = field(default_factory=set[RecordId])


def describe_parts(known: Description | None) -> tuple[Part, Part]:
    """Asks for the describes of Contact and Account, where `known` is given only if they changed since (304)."""
    return (
        Part("contact", "GET", "sobjects/Contact/describe", headers=_unless(known.modified if known else "")),
        Part("account", "GET", "sobjects/Account/describe", headers=_unless(known.account_modified if known else "")),
    )


def read_describes(known: Description, contact: PartReply, account: PartReply, table: Table) -> Description:
    """The description with both replies taken in. Raises PermissionMissing where contacts can't be read at all, and the
    error of one that failed for another reason: a record that is made while Accounts seem to be none gets none (B5).
    """
    if contact.status in _HIDDEN:
        remedy = "give the user access to contacts"
        raise PermissionMissing(VENDOR, "this user can't see contacts in Salesforce", remedy=remedy)
    if contact.status >= 400:
        raise failure(contact.status, contact.faults, contact.headers)
    if contact.status != 304:
        known = read_contact(known, contact.content, contact.headers.get("last-modified", ""), table)
    if account.status == 304:
        return known
    if account.status >= 400 and account.status not in _HIDDEN:
        raise failure(account.status, account.faults, account.headers)
    seen = account.content if account.status < 400 else None
    return read_account(known, seen, account.headers.get("last-modified", ""))


def learn_description(connection: Connection, table: Table, memory: Memory) -> Description:
    """The description, asked for where it is not known yet."""
    if memory.description is None:
        replies = run(connection, describe_parts(None)).replies
        memory.description = read_describes(Description(), replies["contact"], replies["account"], table)
    return memory.description


def learn_selection(connection: Connection, view: str, memory: Memory) -> soql.Selection | None:
    """What a scope selects, asked for where it is not known yet; None where the scope is at fault (A16)."""
    plain = views.plain_selection(view)
    if plain is None and view not in memory.selections:
        try:
            memory.selections[view] = _ask_selection(connection, view)
        except ViewBroken:
            memory.selections[view] = None
    return plain or memory.selections[view]


def _ask_selection(connection: Connection, view: str) -> soql.Selection:
    view_id = views.known_id(view)
    if not view_id:
        listed = run(connection, [views.list_part()]).replies["views"]
        view_id = views.find_view(views.read_list(connection, listed.content), view)
    return views.read_selection(run(connection, [views.describe_part(view_id)]).replies["view"])


def _unless(modified: str) -> dict[str, str]:
    return {"If-Modified-Since": modified} if modified else {}
