"""The sandbox's Salesforce organisation: REST v59–v68 and the SOAP operations that REST lacks."""

from collections.abc import Mapping
from typing import Any

from mailsync.sandbox.salesforce.acts import carry_out
from mailsync.sandbox.salesforce.calls import classify_request
from mailsync.sandbox.salesforce.dumping import dump_world
from mailsync.sandbox.salesforce.faults import answer_fault
from mailsync.sandbox.salesforce.gateway import answer_request
from mailsync.sandbox.salesforce.world import read_world
from mailsync.sandbox.vendor import Answer, Call, Clock, Request

_PREFIXES = ("/services/data", "/services/Soap", "/services/oauth2", "/id")


class Salesforce:
    """One organisation as a vendor of the sandbox (mailsync/sandbox/vendor.py); it starts empty, with four users."""

    name = "salesforce"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._org = read_world({}, clock)

    def serves(self, path: str) -> bool:
        return any(path == prefix or path.startswith(f"{prefix}/") for prefix in _PREFIXES)

    def classify(self, request: Request) -> Call:
        return classify_request(request)

    def answer(self, request: Request) -> Answer:
        return answer_request(self._org, request)

    def fault(self, kind: str, request: Request, details: Mapping[str, Any]) -> Answer | None:
        return answer_fault(self._org, kind, request, details)

    def load(self, world: Mapping[str, Any]) -> None:
        self._org = read_world(world, self._clock)

    def dump(self) -> dict[str, Any]:
        return dump_world(self._org)

    def act(self, user: str, op: str, details: Mapping[str, Any]) -> dict[str, Any] | None:
        return carry_out(self._org, user, op, details)


__all__ = ["Salesforce"]
