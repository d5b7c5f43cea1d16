"""The scope (A14) as a selection: everything, the user's own, or what a list view says of itself."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote as percent

from mailsync.core.refs import widen
from mailsync.crm import soql
from mailsync.crm.salesforce.answers import TOO_MUCH, as_list, as_object, failure
from mailsync.crm.salesforce.composite import Part, PartReply
from mailsync.crm.salesforce.connection import Answer, Connection
from mailsync.crm.salesforce.transport import VENDOR
from mailsync.errors import AnswerBroken, ViewBroken
from mailsync.ports.crm import View

_LIST_VIEW = "00B"  # key prefix of list views
_MOST_PAGES = 1_000
_REMEDY = "choose another view (set USER view=…)"


def plain_selection(view: str) -> soql.Selection | None:
    """The selection of "mine" and "all"; None for a list view."""
    match view:
        case "mine":
            return soql.Selection(scope="mine")
        case "all":
            return soql.Selection()
        case _:
            return None


def known_id(view: str) -> str:
    """The id of a list view that is named by its id, else ""."""
    name = name_of(view)
    return widen(name) if name.startswith(_LIST_VIEW) and soql.is_id(name) else ""


def name_of(view: str) -> str:
    """What names a list view, without the settings' prefix "view:"."""
    return view.removeprefix("view:").strip()


def list_part() -> Part:
    """Asks for the first page of the user's list views on contacts."""
    return Part("views", "GET", "sobjects/Contact/listviews")


def describe_part(view_id: str) -> Part:
    """Asks what a list view selects."""
    return Part("view", "GET", f"sobjects/Contact/listviews/{percent(view_id, safe='')}/describe")


def read_list(connection: Connection, first: object) -> Sequence[Mapping[str, Any]]:
    """All list views, SOQL-compatible or not, whose first page is `first`."""
    found: list[Mapping[str, Any]] = []
    page = as_object(first)
    seen: set[str] = set()
    while True:
        found.extend(as_list(page.get("listviews")))
        url = page.get("nextRecordsUrl")
        if not url:
            return found
        whole = isinstance(url, str) and url.startswith("/services/data/") and url.isascii() and " " not in url
        if not whole or url in seen or len(seen) >= _MOST_PAGES:
            raise AnswerBroken(VENDOR, "Salesforce's list of views has no continuation", code="pages")
        seen.add(url)
        page = as_object(connection.ask("GET", url, read=_content))


def list_views(connection: Connection) -> list[View]:
    """The list views that can be synced, as an administrator picks them."""
    path = f"{connection.root}/{list_part().path}"
    entries = read_list(connection, connection.ask("GET", path, read=_content))
    return [
        View(widen(str(entry.get("id"))), str(entry.get("developerName") or ""), str(entry.get("label") or ""))
        for entry in entries
        if entry.get("soqlCompatible") is not False
    ]


def find_view(entries: Sequence[Mapping[str, Any]], view: str) -> str:
    """The id of the list view of that id, DeveloperName or else unique label. Raises ViewBroken."""
    name = name_of(view)
    by_name = [e for e in entries if widen(name) == widen(str(e.get("id"))) or e.get("developerName") == name]
    found = by_name or [e for e in entries if str(e.get("label") or "").strip().casefold() == name.casefold()]
    if not found:
        raise ViewBroken(VENDOR, "the list view is deleted, or not shared with this user", remedy=_REMEDY)
    if len(found) > 1:
        raise ViewBroken(VENDOR, f"{len(found)} list views have this label: name one by its id", remedy=_REMEDY)
    return widen(str(found[0].get("id")))


def read_selection(reply: PartReply) -> soql.Selection:
    """What a list view selects, by its describe. Raises ViewBroken (A16), and the error of one that passes."""
    if reply.code in TOO_MUCH:
        raise failure(reply.status, reply.faults, reply.headers)
    if reply.status >= 400:
        raise ViewBroken(VENDOR, "the list view is deleted, or not shared with this user", remedy=_REMEDY)
    content = as_object(reply.content)
    kind = content.get("sobjectType")
    if kind is not None and str(kind).casefold() != "contact":
        raise ViewBroken(VENDOR, "the list view is not one of contacts", remedy=_REMEDY)
    try:
        chosen = soql.split(str(content.get("query") or ""))
    except ValueError:
        raise ViewBroken(VENDOR, "the list view's query can't be used for a sync", remedy=_REMEDY) from None
    if chosen.source.split()[0].casefold() != "contact":
        raise ViewBroken(VENDOR, "the list view is not one of contacts", remedy=_REMEDY)
    scope = str(content.get("scope") or "")
    if not chosen.scope and scope.isalpha() and scope.casefold() != "everything":
        # A describe tells the scope apart from the query too; whether the text always has it is not documented.
        return soql.Selection(chosen.source, scope, chosen.where)
    return chosen


def _content(reply: Answer) -> Any:
    return reply.content
