"""The sandbox's Exchange: Exchange Web Services of an on-premises Exchange Server, for contacts."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from mailsync.sandbox.exchange.context import QUIRKS, Context, list_inputs, write_error
from mailsync.sandbox.exchange.directory import convert_ids, get_configuration, resolve_names, update_configuration
from mailsync.sandbox.exchange.errors import Failed, Fault
from mailsync.sandbox.exchange.folders import (
    create_folders,
    delete_folders,
    empty_folders,
    get_folders,
    move_folders,
    update_folders,
)
from mailsync.sandbox.exchange.items import (
    copy_items,
    create_items,
    delete_items,
    get_items,
    move_items,
    restore_item,
    update_items,
)
from mailsync.sandbox.exchange.schema import OPERATIONS
from mailsync.sandbox.exchange.search import find_folders, find_items
from mailsync.sandbox.exchange.soap import (
    BODY_LIMIT,
    Element,
    get_local_name,
    read_envelope,
    write_answer,
    write_fault,
)
from mailsync.sandbox.exchange.store import Mailbox, find_item
from mailsync.sandbox.exchange.synchronisation import sync_hierarchy, sync_items
from mailsync.sandbox.exchange.validation import Violation, check_request, make_fault
from mailsync.sandbox.exchange.world import dump_world, load_world
from mailsync.sandbox.vendor import Answer, Call, Clock, Refused, Request

PATH: Final = "/ews/exchange.asmx"
DOMAIN: Final = "acme.example"
PASSWORD: Final = "sandbox"
# People of the organisation who can log in though their mailboxes lie elsewhere; admin may act as anyone.
PEOPLE: Final = ("ann", "bob", "cem", "admin")
ADMIN: Final = "admin"
XML: Final = {"content-type": "text/xml; charset=utf-8", "x-feserver": "SANDBOX-EX1"}
CHALLENGE: Final = {"www-authenticate": f'Basic realm="{DOMAIN}"'}
OPERATION: Final = re.compile(rb"<(?:[\w.-]+:)?Body\b[^>]*>\s*(?:<!--.*?-->\s*)*<(?:[\w.-]+:)?(\w+)", re.DOTALL)
DEFAULT_BACK_OFF: Final = 1500  # milliseconds

CARRIERS: Final[dict[str, Callable[[Context, Element], list[str]]]] = {
    "ConvertId": convert_ids,
    "GetFolder": get_folders,
    "FindFolder": find_folders,
    "CreateFolder": create_folders,
    "UpdateFolder": update_folders,
    "MoveFolder": move_folders,
    "DeleteFolder": delete_folders,
    "EmptyFolder": empty_folders,
    "SyncFolderHierarchy": sync_hierarchy,
    "SyncFolderItems": sync_items,
    "GetItem": get_items,
    "FindItem": find_items,
    "CreateItem": create_items,
    "UpdateItem": update_items,
    "MoveItem": move_items,
    "CopyItem": copy_items,
    "DeleteItem": delete_items,
    "ResolveNames": resolve_names,
    "GetUserConfiguration": get_configuration,
    "UpdateUserConfiguration": update_configuration,
}
ACTIONS: Final = {
    "SyncFolderHierarchy": "changes",
    "SyncFolderItems": "changes",
    "CreateFolder": "create",
    "CreateItem": "create",
    "CopyItem": "create",
    "UpdateFolder": "update",
    "UpdateItem": "update",
    "UpdateUserConfiguration": "update",
    "MoveFolder": "move",
    "MoveItem": "move",
    "DeleteFolder": "delete",
    "DeleteItem": "delete",
    "EmptyFolder": "delete",
    **dict.fromkeys(
        ("ConvertId", "GetFolder", "FindFolder", "GetItem", "FindItem", "ResolveNames", "GetUserConfiguration"), "read"
    ),
}


class Exchange:
    """Exchange Web Services on /EWS/Exchange.asmx, with Basic authentication."""

    name = "exchange"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._boxes: dict[str, Mailbox] = {}
        self._quirks: set[str] = set()

    def serves(self, path: str) -> bool:
        """Whether the path is the EWS endpoint, in any case."""
        return path.lower().rstrip("/") == PATH

    def classify(self, request: Request) -> Call:
        """The SOAP body's operation and what it does; ("unknown", other) for anything else."""
        found = OPERATION.search(request.body)
        operation = found.group(1).decode() if found else "unknown"
        return Call(operation, (ACTIONS.get(operation, "other"),))

    def answer(self, request: Request) -> Answer:
        """The answer to a request, errors in EWS's own form: 401, faults in HTTP 500, the rest in 200."""
        user = self._authenticate(request)
        if user is None:
            return Answer(401, b"", CHALLENGE)
        if request.method != "POST":
            return Answer(405, b"", {"allow": "POST"})
        if len(request.body) > BODY_LIMIT:
            return Answer(413)
        try:
            return Answer(200, self._carry_out(user, request.body), XML)
        except Fault as fault:
            return Answer(500, write_fault(fault), XML)

    def fault(self, kind: str, request: Request, details: Mapping[str, Any]) -> Answer | None:
        """Exchange's own failures: throttle, refuse, access_denied, invalid_sync_state, expire_token."""
        if kind == "expire_token":
            return Answer(401, b"", CHALLENGE)
        if kind == "throttle":
            milliseconds = details.get("milliseconds", DEFAULT_BACK_OFF)
            if type(milliseconds) is not int or milliseconds < 0:
                raise Refused("milliseconds: give a whole number of 0 or more")
            value = f'<t:Value Name="BackOffMilliseconds">{milliseconds}</t:Value>'
            return Answer(500, write_fault(Fault("ErrorServerBusy", values=(value,))), XML)
        refusal = str(details.get("code", "ErrorInternalServerError"))
        if not re.fullmatch(r"Error[A-Za-z0-9]+", refusal):
            raise Refused("code: give one of Exchange's response codes, such as ErrorQuotaExceeded")
        codes = {
            "refuse": refusal,
            "access_denied": "ErrorAccessDenied",
            "invalid_sync_state": "ErrorInvalidSyncStateData",
        }
        return _refuse(request, codes[kind]) if kind in codes else None

    def load(self, world: Mapping[str, Any]) -> None:
        """Replaces all mailboxes by those of a world. Raises Refused, naming the key that is wrong."""
        self._boxes, self._quirks = load_world(world, self._clock.now())

    def dump(self) -> dict[str, Any]:
        """All mailboxes as a world."""
        return dump_world(self._boxes.values(), self._quirks)

    def act(self, user: str, op: str, details: Mapping[str, Any]) -> dict[str, Any] | None:
        """server_quirk {quirk, on} by the admin; restore_item {item} by a mailbox's owner or the admin."""
        if op == "server_quirk":
            return self._set_quirk(user, details)
        return self._restore(user, details) if op == "restore_item" else None

    def _set_quirk(self, user: str, details: Mapping[str, Any]) -> dict[str, Any]:
        quirk, on = details.get("quirk"), details.get("on", True)
        if user != ADMIN:
            raise Refused("server_quirk: only admin can change what kind of server Exchange is")
        if quirk not in QUIRKS:
            raise Refused(f"quirk: there is no {quirk!r}; give one of {', '.join(sorted(QUIRKS))}")
        if not isinstance(on, bool):
            raise Refused("on: give true or false")
        (self._quirks.add if on else self._quirks.discard)(str(quirk))
        return {"quirks": sorted(self._quirks)}

    def _restore(self, user: str, details: Mapping[str, Any]) -> dict[str, Any] | None:
        identifier = str(details.get("item", ""))
        for box in self._boxes.values():
            item = find_item(box, identifier)
            if item is not None and user in (box.user, ADMIN):
                if item.folder_id != box.distinguished["recoverableitemsdeletions"]:
                    raise Refused(
                        "item: it isn't among the recoverable items; only a soft-deleted item can be restored"
                    )
                return {"id": restore_item(box, item).id}
        if any(box.user == user for box in self._boxes.values()):
            raise Refused("item: no such item in the recoverable items of this mailbox")
        return None

    def _carry_out(self, user: str, body: bytes) -> bytes:
        envelope = read_envelope(body)
        operation = envelope.operation
        name = get_local_name(operation)
        try:
            check_request(operation)
            context = Context(
                self._boxes, self._find_box(user, envelope.impersonated), self._clock.now(), frozenset(self._quirks)
            )
            return write_answer(name, CARRIERS[name](context, operation))
        except Violation as violation:
            raise make_fault(violation, body) from violation
        except Failed as failed:
            return write_answer(name, [write_error(name, failed)] * len(list_inputs(operation)))

    def _authenticate(self, request: Request) -> str | None:
        login = _read_login(request)
        if login is None or login[1] != PASSWORD:
            return None
        known = {*PEOPLE, *(box.user for box in self._boxes.values())}
        return login[0] if login[0] in known else None

    def _find_box(self, user: str, impersonated: str) -> Mailbox:
        """The mailbox to work on. Raises Fault where the caller has none, or no right to act as somebody else."""
        own = next((box for box in self._boxes.values() if box.user == user), None)
        box = self._boxes.get(impersonated.lower()) if impersonated else own
        if box is not own and user != ADMIN:
            raise Fault("ErrorImpersonateUserDenied")
        if box is None:
            raise Fault("ErrorNonExistentMailbox")
        return box


def _read_login(request: Request) -> tuple[str, str] | None:
    """User name and password of Basic credentials: user@domain, DOMAIN\\user or \\user@domain (exchangelib's)."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        login, _, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    user, _, domain = login.rpartition("\\")[2].lower().partition("@")
    return (user, password) if domain in ("", DOMAIN) else None


def _refuse(request: Request, code: str) -> Answer:
    """The error for each input of a request, nothing being carried out; a fault where the request can't be read."""
    try:
        operation = read_envelope(request.body).operation
    except Fault:
        return Answer(500, write_fault(Fault(code)), XML)
    name = get_local_name(operation)
    if name not in OPERATIONS:
        return Answer(500, write_fault(Fault(code)), XML)
    return Answer(200, write_answer(name, [write_error(name, Failed(code))] * len(list_inputs(operation))), XML)
