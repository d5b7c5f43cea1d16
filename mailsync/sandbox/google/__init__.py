"""The sandbox's Google: the People API, version 1, and the log-in (OAuth 2.0) of Google accounts."""

from collections.abc import Mapping
from typing import Any, Final

from mailsync.sandbox.google.acts import carry_out
from mailsync.sandbox.google.faults import answer_fault
from mailsync.sandbox.google.gateway import answer_request, classify, unwrap
from mailsync.sandbox.google.oauth import answer_log_in, classify_log_in, is_log_in
from mailsync.sandbox.google.world import dump_world, load_world
from mailsync.sandbox.vendor import Answer, Call, Clock, Request

_PREFIX: Final = "/v1/"


class Google:
    """Google accounts as a vendor of the sandbox (mailsync/sandbox/vendor.py)."""

    name = "google"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._service = load_world({}, clock)

    def serves(self, path: str) -> bool:
        return path.startswith(_PREFIX) or is_log_in(path)

    def classify(self, request: Request) -> Call:
        return classify_log_in(request) if is_log_in(request.path) else classify(unwrap(request))

    def answer(self, request: Request) -> Answer:
        if is_log_in(request.path):
            return answer_log_in(self._service, request)
        return answer_request(self._service, unwrap(request))

    def fault(self, kind: str, request: Request, details: Mapping[str, Any]) -> Answer | None:
        return answer_fault(self._service, kind, unwrap(request), details, self.answer)

    def load(self, world: Mapping[str, Any]) -> None:
        self._service = load_world(world, self._clock)

    def dump(self) -> dict[str, Any]:
        return dump_world(self._service)

    def act(self, user: str, op: str, details: Mapping[str, Any]) -> dict[str, Any] | None:
        return carry_out(self._service, user, op, details)


__all__ = ["Google"]
