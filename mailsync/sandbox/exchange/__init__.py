"""The sandbox's Exchange: Exchange Web Services of an on-premises Exchange Server, for contacts."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from mailsync.sandbox.exchange.autodiscover import POX_PATH, SOAP_PATH, serve_autodiscover
from mailsync.sandbox.exchange.budgets import Budget, Policy, charge
from mailsync.sandbox.exchange.context import QUIRKS, Context, list_inputs, write_error
from mailsync.sandbox.exchange.errors import Failed, Fault
from mailsync.sandbox.exchange.faults import LOG_INS_END, Struck, answer_fault
from mailsync.sandbox.exchange.hybrid import Online, find_tenant, refuse_blocked
from mailsync.sandbox.exchange.items import restore_item
from mailsync.sandbox.exchange.login import Gate
from mailsync.sandbox.exchange.operations import ACTIONS, CARRIERS
from mailsync.sandbox.exchange.photos import PHOTO_PATH, serve_photo
from mailsync.sandbox.exchange.records import Mailbox
from mailsync.sandbox.exchange.replica import rewind
from mailsync.sandbox.exchange.soap import (
    BODY_LIMIT,
    XML,
    Envelope,
    get_local_name,
    read_codes,
    read_envelope,
    wrap_operation,
    write_answer,
    write_fault,
)
from mailsync.sandbox.exchange.store import find_item
from mailsync.sandbox.exchange.streams import NAME as STREAMING
from mailsync.sandbox.exchange.streams import open_stream
from mailsync.sandbox.exchange.subscriptions import Hub
from mailsync.sandbox.exchange.validation import Violation, check_request, make_fault
from mailsync.sandbox.exchange.world import dump_world, load_world
from mailsync.sandbox.vendor import Answer, Call, Clock, Refused, Request, Vendor

PATH: Final = "/ews/exchange.asmx"
PATHS: Final = frozenset({PATH, PHOTO_PATH, SOAP_PATH, POX_PATH})
# People of the organisation who can log in though their mailboxes lie elsewhere; admin may act as anyone.
PEOPLE: Final = ("ann", "bob", "cem", "admin")
ADMIN: Final = "admin"
# What keeps a client's subscriptions on one server (EXD how-to-maintain-affinity…); there is one only.
AFFINITY: Final = {"set-cookie": "X-BackEndOverrideCookie=SANDBOX-EX1~1942062522; path=/; HttpOnly"}
OPERATION: Final = re.compile(rb"<(?:[\w.-]+:)?Body\b[^>]*>\s*(?:<!--.*?-->\s*)*<(?:[\w.-]+:)?(\w+)", re.DOTALL)


class Exchange:
    """Exchange Web Services on /EWS/Exchange.asmx, with NTLM and Basic authentication, and Autodiscover."""

    name = "exchange"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._boxes: dict[str, Mailbox] = {}
        self._quirks: set[str] = set()
        self._policy = Policy()
        self._gate = Gate()
        self._hub = Hub()
        self._budgets: dict[str, Budget] = {}
        self._tenant: Online | None = None

    def serves(self, path: str) -> bool:
        """Whether the path is the EWS endpoint, its photos' or an Autodiscover one, in any case."""
        return path.lower().rstrip("/") in PATHS

    def classify(self, request: Request) -> Call:
        """The SOAP body's operation and what it does; ("unknown", other) for anything else.

        A request that can only be answered with a challenge is a part of logging in: ("authenticate", token).
        """
        if self._gate.is_knocking(request):
            return Call("authenticate", ("token",))
        path = request.path.lower().rstrip("/")
        if path == PHOTO_PATH:
            return Call("GetUserPhoto", ("read",))
        if path == POX_PATH:
            return Call("Autodiscover", ("read",))
        found = OPERATION.search(request.body)
        operation = found.group(1).decode() if found else "unknown"
        if path == SOAP_PATH:
            operation = operation.removesuffix("RequestMessage")
        return Call(operation, (ACTIONS.get(operation, "other"),))

    def answer(self, request: Request) -> Answer:
        """The answer to a request, errors in EWS's own form: 401, faults in HTTP 500, the rest in 200."""
        user = self._gate.admit(request, {*PEOPLE, *(box.user for box in self._boxes.values())})
        if isinstance(user, Answer):
            return user
        path = request.path.lower().rstrip("/")
        if path == PHOTO_PATH:
            return serve_photo(self._boxes, request)
        if len(request.body) > BODY_LIMIT:
            return Answer(413)
        if path in (SOAP_PATH, POX_PATH):
            return serve_autodiscover(self._boxes, request)
        if request.method != "POST":
            return Answer(405, b"", {"allow": "POST"})
        headers = {**XML, **AFFINITY} if "x-preferserveraffinity" in request.headers else XML
        if self._is_blocked(user, request.body):
            return refuse_blocked()
        try:
            charge(self._policy, self._budgets, user, request.connection, self._clock.now())
            return self._carry_out(user, request.body, headers)
        except Fault as fault:
            return Answer(500, write_fault(fault), XML)

    def fault(self, kind: str, request: Request, details: Mapping[str, Any]) -> Answer | None:
        """Exchange's own failures (faults.py); a log-in that ended has to be made anew, NTLM's too."""
        if kind in LOG_INS_END:
            self._gate.forget(request.connection)
        return answer_fault(kind, Struck(request, self.answer, self._answer_as_of, self._clock.now()), details)

    def _answer_as_of(self, request: Request, moment: datetime) -> Answer:
        """The answer of a server that knows of the items what they were at that moment."""
        present = self._boxes
        self._boxes = {address: rewind(box, moment) for address, box in present.items()}
        try:
            return self.answer(request)
        finally:
            self._boxes = present

    def load(self, world: Mapping[str, Any]) -> None:
        """Replaces all mailboxes by those of a world. Raises Refused, naming the key that is wrong."""
        self._boxes, self._quirks, self._policy = load_world(world, self._clock.now())
        self._hub, self._budgets = Hub(), {}

    def dump(self) -> dict[str, Any]:
        """All mailboxes as a world."""
        return dump_world(self._boxes.values(), self._quirks, self._policy)

    def meet(self, vendors: Mapping[str, Vendor]) -> None:
        """Finds the vendor that keeps the mailboxes online, which EWS may show as well (hybrid.py)."""
        self._tenant = find_tenant(vendors)

    def release(self, user: str) -> Mailbox | None:
        """Gives a person's mailbox away, as when it is migrated; None where there is none."""
        box = self._find_own(user)
        return None if box is None else self._boxes.pop(box.address.lower())

    def act(self, user: str, op: str, details: Mapping[str, Any]) -> dict[str, Any] | None:
        """server_quirk {quirk, on} by the admin; restore_item {item} by an owner or the admin; ews {operation}."""
        if op == "server_quirk":
            return self._set_quirk(user, details)
        if op == "ews":
            return self._ask_as(user, details)
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

    def _ask_as(self, user: str, details: Mapping[str, Any]) -> dict[str, Any]:
        """What somebody does in Outlook meanwhile. Raises Refused for what Exchange refuses."""
        try:
            answer = self._carry_out(user, wrap_operation(str(details.get("operation", ""))), XML)
        except Fault as fault:
            raise Refused(f"operation: Exchange refuses it: {fault.code}, {fault.text}") from None
        codes = read_codes(answer.body)
        if set(codes) != {"NoError"}:
            raise Refused(f"operation: Exchange refuses it: {', '.join(codes)}")
        return {"response": answer.body.decode()}

    def _restore(self, user: str, details: Mapping[str, Any]) -> dict[str, Any] | None:
        identifier = str(details.get("item", ""))
        for box in self._boxes.values():
            item = find_item(box, identifier)
            if item is not None and user in (box.user, ADMIN):
                if item.folder_id != box.distinguished["recoverableitemsdeletions"]:
                    raise Refused(
                        "item: it isn't among the recoverable items; only a soft-deleted item can be restored"
                    )
                box.now = self._clock.now()
                return {"id": restore_item(box, item).id}
        if any(box.user == user for box in self._boxes.values()):
            raise Refused("item: no such item in the recoverable items of this mailbox")
        return None

    def _carry_out(self, user: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        envelope = read_envelope(body)
        operation = envelope.operation
        name = get_local_name(operation)
        try:
            check_request(operation)
            context = self._make_context(user, envelope)
            if name == STREAMING:
                first, pieces = open_stream(context, operation, self._clock.now)
                return Answer(200, first, headers, pieces)
            return Answer(200, write_answer(name, CARRIERS[name](context, operation)), headers)
        except Violation as violation:
            raise make_fault(violation, body) from violation
        except Failed as failed:
            return Answer(200, write_answer(name, [write_error(name, failed)] * len(list_inputs(operation))), headers)

    def _make_context(self, user: str, envelope: Envelope) -> Context:
        box, now = self._find_box(user, envelope.impersonated), self._clock.now()
        box.now = now
        return Context(self._boxes, box, now, frozenset(self._quirks), user, envelope.version, self._policy, self._hub)

    def _find_box(self, user: str, impersonated: str) -> Mailbox:
        """The mailbox to work on. Raises Fault where the caller has none, or no right to act as somebody else."""
        own = self._find_own(user) or self._find_online(user)
        box = self._boxes.get(impersonated.lower()) if impersonated else own
        if impersonated and box is None:
            box = self._find_online(impersonated.partition("@")[0].lower())
        if box is not own and user != ADMIN:
            raise Fault("ErrorImpersonateUserDenied")
        if box is None:
            raise Fault("ErrorNonExistentMailbox")
        if self._tenant is not None and self._find_online(box.user) is box and not self._tenant.allows_ews(box.user):
            raise Fault("ErrorAccessDenied")
        return box

    def _find_own(self, user: str) -> Mailbox | None:
        return next((box for box in self._boxes.values() if box.user == user), None)

    def _find_online(self, user: str) -> Mailbox | None:
        return None if self._tenant is None else self._tenant.find_online(user)

    def _is_blocked(self, user: str, body: bytes) -> bool:
        """Whether the request is for a mailbox online whose tenant doesn't let EWS in."""
        if self._tenant is None or b"ExchangeImpersonation" in body or self._find_own(user) is not None:
            return False
        return self._find_online(user) is not None and not self._tenant.allows_ews(user)
