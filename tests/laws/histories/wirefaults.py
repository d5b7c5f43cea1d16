"""What goes wrong on the wire: a history's troubles as the sandbox's faults, in each vendor's own forms."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mailsync.sandbox.server import RunningSandbox
from tests.laws.histories.gate import Gate

Fault = Mapping[str, Any]

MANY = 9
"""More often than anything is asked again: the session ends."""

LOST: Sequence[Fault] = (
    {"kind": "drop_after"},
    {"kind": "error_after", "status": 503},
    {"kind": "html", "carry_out": True},
)
COMMON: Mapping[str, Sequence[Fault]] = {
    "unreachable": ({"kind": "drop_before"}, {"kind": "status", "status": 503}, {"kind": "drop_before", "times": MANY}),
    "login": ({"kind": "expire_token"},),
    "broken": ({"kind": "truncate", "at": 0.5}, {"kind": "malform", "how": "garble"}, {"kind": "empty"}),
    "lost": LOST,
    "late": LOST,
    "lag": ({"kind": "lag"},),
}
BY_VENDOR: Mapping[str, Mapping[str, Sequence[Fault]]] = {
    "salesforce": {
        "throttled": ({"kind": "throttle"}, {"kind": "throttle", "retry_after": 3600}),
        "cut": (
            {"kind": "status", "status": 500, "carry_out": True},
            {"kind": "reject", "items": {"0": "UNABLE_TO_LOCK_ROW"}},
        ),
    },
    "exchange": {
        "throttled": (
            {"kind": "throttle"},
            {"kind": "throttle", "form": "items"},
            {"kind": "throttle", "retry_after": 3600},
        ),
        "cut": (
            {"kind": "status", "status": 500, "carry_out": True},
            {"kind": "reject", "items": {"0": "ErrorIrresolvableConflict"}},
            {"kind": "reject", "items": {"-1": "ErrorServerBusy"}},
        ),
    },
    "google": {
        "throttled": (
            {"kind": "throttle"},
            {"kind": "throttle", "status": 403},
            {"kind": "throttle", "retry_after": 3600},
            {"kind": "abort"},
        ),
        "cut": (
            {"kind": "status", "status": 500, "carry_out": True},
            {"kind": "reject", "items": {"0": "STALE_ETAG"}},
            {"kind": "refuse", "code": "INTERNAL", "carry_out": True},
        ),
    },
    "microsoft": {
        "throttled": (
            {"kind": "throttle"},
            {"kind": "throttle", "items": [0]},
            {"kind": "throttle", "retry_after": 3600},
        ),
        "cut": (
            {"kind": "status", "status": 500, "carry_out": True},
            {"kind": "reject", "items": {"0": "ErrorIrresolvableConflict"}},
            {"kind": "reject", "items": {"-1": "ErrorInternalServerError"}},
        ),
    },
}
"""By the vendors' documents (vendors/*.md): busy, over a limit, an old version, some of a batch carried out. A batch of
Google's is all or nothing.
"""


class WireGate(Gate):
    """A session's way to vendors over HTTP; `take_feed` gives the faults of a side's next feed, `vendor` is the
    mailbox's kind.
    """

    running: RunningSandbox
    vendor: str
    take_feed: Callable[[str], Sequence[Fault]]

    def _fitting(self, trouble: str, port: str, name: str) -> str:
        """A feed may tell late what it knows."""
        if trouble == "late" and name == "changes":
            return "lag"
        return super()._fitting(trouble, port, name)

    def _fail(
        self, trouble: str, port: str, name: str, carry: Callable[[tuple[Any, ...]], Any], args: tuple[Any, ...]
    ) -> Any:
        vendor = "salesforce" if port == "crm" else self.vendor
        known = BY_VENDOR[vendor].get(trouble) or COMMON[trouble]
        fault = {"times": 1, **known[self.calls % len(known)]}
        after = 1 if self.calls % 4 == 3 else 0  # its second request, where it has one
        self.tell(f"      {vendor}: {fault}{', the second request' if after else ''}")
        return self._under([{"vendor": vendor, "after": after, **fault}], lambda: carry(args))

    def _carry(
        self, port: str, name: str, inner: Callable[..., Any], args: tuple[Any, ...], more: Mapping[str, Any]
    ) -> Any:
        """Really calls."""
        faults = self.take_feed(port) if name == "changes" else ()
        if not faults:
            return super()._carry(port, name, inner, args, more)
        for fault in faults:
            self.tell(f"      {fault}")
        return self._under(faults, lambda: super(WireGate, self)._carry(port, name, inner, args, more))

    def _under(self, faults: Sequence[Fault], carry: Callable[[], Any]) -> Any:
        """Faults that stand while a call lasts."""
        sandbox = self.running.sandbox
        for fault in faults:
            sandbox.add_fault({"vendor": self.vendor, **fault})
        try:
            return carry()
        finally:
            sandbox.lift_faults()
