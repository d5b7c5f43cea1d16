"""The sandbox's Microsoft 365: contacts over Microsoft Graph, the tenant's sign-in, and its mailboxes.

A mailbox of the tenant is kept in the same store as one of the Exchange server, so that EWS and Graph show the same
items and properties; the Exchange front asks this one (`meet`) for mailboxes that are online.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import uuid4

import orjson

from mailsync.sandbox.exchange.records import Mailbox
from mailsync.sandbox.microsoft.acts import ADMIN, Tenant, act_out
from mailsync.sandbox.microsoft.admission import Caller, admit, check_permission
from mailsync.sandbox.microsoft.batches import carry_out_batch, read_parts
from mailsync.sandbox.microsoft.budgets import Budget, charge
from mailsync.sandbox.microsoft.context import JSON, Context, answer_json, read_preferences
from mailsync.sandbox.microsoft.directory import Person, find_person, list_people, show_person
from mailsync.sandbox.microsoft.errors import Failed, make_error
from mailsync.sandbox.microsoft.faults import Struck, answer_fault
from mailsync.sandbox.microsoft.oauth.endpoints import find_endpoint, serve_sign_in
from mailsync.sandbox.microsoft.oauth.records import Registry
from mailsync.sandbox.microsoft.routing import BATCH, ROOT, Route, find_route
from mailsync.sandbox.microsoft.settings import Settings
from mailsync.sandbox.microsoft.world import carry_over, dump_world, load_world
from mailsync.sandbox.vendor import Answer, Call, Clock, Refused, Request, Vendor

_WRITES: Final = frozenset({"create", "update", "delete"})


class Microsoft:
    """Microsoft Graph on /v1.0/…, and the sign-in of its tenant."""

    name = "microsoft"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._boxes: dict[str, Mailbox] = {}
        self._settings = Settings()
        self._registry = Registry()
        self._budgets: dict[tuple[str, str], Budget] = {}
        self._vendors: Mapping[str, Vendor] = {}

    def serves(self, path: str) -> bool:
        """Whether the path is Graph's or the sign-in's."""
        return path.startswith(ROOT) or find_endpoint(path) is not None

    def classify(self, request: Request) -> Call:
        """The operation in Graph's words; a $batch has the actions of all its parts."""
        endpoint = find_endpoint(request.path)
        if endpoint is not None:
            return Call(endpoint[1], ("token",))
        if request.path == f"{ROOT}{BATCH}":
            return Call(BATCH, self._list_actions(request))
        route = find_route(request)
        if not isinstance(route, Route):
            return Call("unknown", ("other",))
        moving = route.operation.action == "update" and b'"parentFolderId"' in request.body
        return Call(route.operation.name, (route.operation.action, *(("move",) if moving else ())))

    def answer(self, request: Request) -> Answer:
        """The answer to a request, errors in Graph's own form."""
        if find_endpoint(request.path) is not None:
            return serve_sign_in(self._registry, self._list_people(), request, self._clock.now())
        try:
            if request.path == f"{ROOT}{BATCH}":
                self._admit(request)
                return self._finish(request, carry_out_batch(request, self._answer_one))
        except Failed as failed:
            return self._refuse(request, failed)
        return self._answer_one(request)

    def fault(self, kind: str, request: Request, details: Mapping[str, Any]) -> Answer | None:
        """Graph's own failures (faults.py)."""
        return answer_fault(
            kind, Struck(request, self.answer, self._refuse, self._find_own, self._clock.now()), details
        )

    def load(self, world: Mapping[str, Any]) -> None:
        """Replaces everything by a world's. Raises Refused, naming the key that is wrong."""
        self._boxes, self._settings, self._registry = load_world(world, self._clock.now())
        self._budgets = {}

    def dump(self) -> dict[str, Any]:
        """Everything as a world."""
        return dump_world(self._boxes.values(), self._settings, self._registry, self._clock.now())

    def meet(self, vendors: Mapping[str, Vendor]) -> None:
        """Keeps the vendors of the same sandbox: a mailbox can be migrated from one."""
        self._vendors = vendors

    def act(self, user: str, op: str, details: Mapping[str, Any]) -> dict[str, Any] | None:
        """migrate_mailbox {user} by the admin, and the acts of acts.py."""
        if op == "migrate_mailbox":
            return self._migrate(user, str(details.get("user", "")))
        people, now = self._list_people(), self._clock.now()
        return act_out(Tenant(self._boxes, self._settings, self._registry, people, now, user), op, details)

    def find_online(self, user: str) -> Mailbox | None:
        """A person's mailbox in the tenant, for the EWS front; None where there is none."""
        return next((box for box in self._boxes.values() if box.user == user), None)

    def allows_ews(self, user: str) -> bool:
        """Whether EWS answers for this person's mailbox in the tenant."""
        return self._settings.allows_ews(user)

    def _migrate(self, user: str, whose: str) -> dict[str, Any]:
        exchange = self._vendors.get("exchange")
        if user != ADMIN:
            raise Refused("migrate_mailbox: only admin can do that")
        release = getattr(exchange, "release", None)
        box: Mailbox | None = None if release is None or self.find_online(whose) else release(whose)
        if box is None:
            raise Refused(f"user: {whose!r} has no mailbox on the Exchange server, or has one in the tenant already")
        moved = carry_over(box, self._clock.now())
        self._boxes[moved.address.lower()] = moved
        return {"address": moved.address}

    def _list_people(self) -> dict[str, Person]:
        return list_people(self._boxes.values())

    def _find_own(self, request: Request) -> Mailbox | None:
        try:
            route, caller = find_route(request), self._admit(request)
            return self._find_box(route, caller)[0] if isinstance(route, Route) else None
        except Failed:
            return None

    def _list_actions(self, request: Request) -> tuple[str, ...]:
        try:
            parts = read_parts(request)
        except Failed:
            return ("other",)
        return tuple(dict.fromkeys(action for part in parts for action in self.classify(part.request).actions))

    def _answer_one(self, request: Request) -> Answer:
        try:
            return self._finish(request, self._carry_out(request))
        except Failed as failed:
            return self._refuse(request, failed)

    def _admit(self, request: Request) -> Caller:
        return admit(self._registry, self._list_people(), request, self._clock.now())

    def _carry_out(self, request: Request) -> Answer:
        caller = self._admit(request)
        route = find_route(request)
        if isinstance(route, str):
            raise Failed("BadRequest", f"Resource not found for the segment '{route}'.")
        if route is None:
            raise Failed("ErrorInvalidRequest", status=405)
        if route.operation.carry_out is None:
            return self._show_user(request, route, caller)
        check_permission(caller, route.operation.scope, writing=route.operation.action in _WRITES)
        box, person = self._find_box(route, caller)
        now = self._clock.now()
        budget = self._budgets.setdefault((caller.client_id, box.address), Budget())
        charge(self._settings, budget, request.connection, now)
        box.now = now
        path = "me" if route.owner is None else f"users/{route.owner}"
        context = Context(
            box,
            now,
            self._settings,
            request,
            _find_root(request),
            path,
            person.id,
            route.parts,
            read_preferences(request),
        )
        return route.operation.carry_out(context)

    def _find_person(self, route: Route, caller: Caller) -> Person:
        if route.owner is None:
            if caller.person is None:
                raise Failed("BadRequest", "/me request is only valid with delegated authentication flow.")
            return caller.person
        person = find_person(self._list_people().values(), route.owner)
        if person is None:
            raise Failed("ErrorInvalidUser", f"The requested user '{route.owner}' is invalid.")
        return person

    def _find_box(self, route: Route, caller: Caller) -> tuple[Mailbox, Person]:
        person = self._find_person(route, caller)
        if caller.person is not None and person.name != caller.person.name:
            raise Failed("ErrorAccessDenied")
        box = self.find_online(person.name)
        if box is None:
            raise Failed("MailboxNotEnabledForRESTAPI")
        return box, person

    def _show_user(self, request: Request, route: Route, caller: Caller) -> Answer:
        person = self._find_person(route, caller)
        allowed = {"User.Read", "User.Read.All"} if caller.person == person else {"User.Read.All"}
        if not allowed & caller.permissions:
            raise Failed(
                "Authorization_RequestDenied", "Insufficient privileges to complete the operation.", status=403
            )
        return answer_json(show_person(person, _find_root(request)))

    def _finish(self, request: Request, answer: Answer) -> Answer:
        """What every answer has: the ids of the request, and which preferences were heeded."""
        headers = {**_identify(request), **answer.headers}
        immutable = read_preferences(request).get("idtype", "").lower() == "immutableid"
        if immutable and answer.status < 300:
            applied = [headers[name] for name in ("preference-applied",) if name in headers]
            headers["preference-applied"] = ", ".join([*applied, 'IdType="ImmutableId"'])
        return replace(answer, headers=headers)

    def _refuse(self, request: Request, failed: Failed) -> Answer:
        identity = _identify(request)
        stamp = self._clock.now().replace(tzinfo=None, microsecond=0).isoformat()
        error = make_error(failed.code, failed.text, stamp, identity["request-id"], identity["client-request-id"])
        return Answer(failed.status, orjson.dumps(error), {**JSON, **identity, **failed.headers})


def _identify(request: Request) -> dict[str, str]:
    identifier = str(uuid4())
    return {
        "request-id": identifier,
        "client-request-id": request.headers.get("client-request-id", identifier),
        "cache-control": "private",
    }


def _find_root(request: Request) -> str:
    return f"{request.scheme}://{request.headers.get('host', 'graph.microsoft.com')}/v1.0"
