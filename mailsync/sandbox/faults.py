"""What goes wrong on purpose: which requests a fault meets, and how often.

A fault is asked for as `{"vendor", "operation", "kind", "after", "times", …details}` and meets the requests of its
vendor whose operation, or one of whose actions, is the one named; without an operation it meets them all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mailsync.sandbox.faultdetails import GENERIC, check_generic
from mailsync.sandbox.vendor import Call, Refused

_MEETING = frozenset({"vendor", "operation", "kind", "after", "times"})


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: it meets matching requests, lets the first `after` of them pass, then strikes `times` times.

    `times` None: it strikes until it is lifted.
    """

    vendor: str
    operation: str | None  # a vendor's operation or an action; None: any
    kind: str
    after: int
    times: int | None
    details: Mapping[str, Any]

    def meets(self, vendor: str, call: Call) -> bool:
        """Whether a vendor's call is one of those this fault is about."""
        if vendor != self.vendor:
            return False
        return self.operation is None or self.operation == call.operation or self.operation in call.actions


@dataclass(slots=True)
class _Standing:
    fault: Fault
    to_pass: int
    to_strike: int | None  # None: without end


class Plan:
    """The faults that stand, in the order in which they were asked for. A request is struck by one fault at most."""

    def __init__(self) -> None:
        self._standing: list[_Standing] = []

    def add(self, fault: Fault) -> None:
        """Lets a fault stand until it has struck as often as it says."""
        self._standing.append(_Standing(fault, fault.after, fault.times))

    def clear(self) -> int:
        """Lifts all faults; returns how many still stood."""
        count = len(self._standing)
        self._standing.clear()
        return count

    def take(self, vendor: str, call: Call) -> Fault | None:
        """The fault that strikes this call, counted as struck; None for most calls."""
        if not self._standing:
            return None
        struck: Fault | None = None
        for standing in self._standing:
            if not standing.fault.meets(vendor, call):
                continue
            if standing.to_pass:
                standing.to_pass -= 1
            elif struck is None:
                struck = standing.fault
                if standing.to_strike is not None:
                    standing.to_strike -= 1
        self._standing = [standing for standing in self._standing if standing.to_strike != 0]
        return struck

    def describe(self) -> list[dict[str, Any]]:
        """The standing faults as JSON values, with what they still let pass and how often they still strike."""
        return [
            {
                "vendor": standing.fault.vendor,
                "operation": standing.fault.operation,
                "kind": standing.fault.kind,
                "after": standing.to_pass,
                "times": standing.to_strike,
                **standing.fault.details,
            }
            for standing in self._standing
        ]


def read_fault(spec: Mapping[str, Any]) -> Fault:
    """The fault that a control request asks for. Raises Refused, naming the key that is wrong and what it takes.

    Whether the vendor exists and has a kind of its own of that name is not known here.
    """
    details = {key: value for key, value in spec.items() if key not in _MEETING}
    operation: object = spec.get("operation")
    if operation is not None and not isinstance(operation, str):
        raise Refused("operation: give a vendor's operation or an action as text, or leave it out for any")
    fault = Fault(
        vendor=_text(spec, "vendor"),
        operation=operation or None,
        kind=_text(spec, "kind"),
        after=_count(spec, "after", least=0, default=0),
        times=None if "times" in spec and spec["times"] is None else _count(spec, "times", least=1, default=1),
        details=details,
    )
    if fault.kind in GENERIC:
        check_generic(fault.kind, fault.details)
    return fault


def _text(spec: Mapping[str, Any], key: str) -> str:
    value: object = spec.get(key)
    if not isinstance(value, str) or not value:
        raise Refused(f"{key}: a fault needs it as text, such as {_EXAMPLES[key]!r}")
    return value


_EXAMPLES = {"vendor": "salesforce", "kind": "drop_after"}


def _count(spec: Mapping[str, Any], key: str, *, least: int, default: int) -> int:
    value: object = spec.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise Refused(f"{key}: give a whole number of {least} or more, or leave it out for {default}")
    return value
