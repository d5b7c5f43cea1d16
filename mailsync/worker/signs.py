"""What sessions met at the vendors, told to the gates that all workers share."""

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mailsync.core.gate import AskedToWait, Away, Short, Sign, Well, is_short
from mailsync.errors import BudgetSpent, CertificateRefused, Throttled, Unreachable, VendorError
from mailsync.ports.schedule import Gates, Home
from mailsync.session.report import Report

CRM = "salesforce"
OFTEN = timedelta(seconds=5)
"""A process tells of the same tenant that all is well at most so often: all sessions would wait for its row."""


@dataclass(frozen=True, slots=True)
class Rules:
    """C4 for an organisation as a whole: the file's values for it, whatever single users have set."""

    calls: int
    percent: int


USUAL = Rules(1000, 10)
"""Where an organisation's are not known."""


@dataclass(slots=True)
class Signs:
    """One process's word to the gates; used by several threads."""

    gates: Gates
    rules: Mapping[str, Rules]  # by the key of the organisation's gate
    _told: dict[str, datetime] = field(default_factory=dict[str, datetime])
    _spent: Counter[str] = field(default_factory=Counter[str])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def tell(self, report: Report, home: Home, now: datetime) -> None:
        """Tells what a session met. Raises StoreError."""
        with self._lock:
            self._spent[home.organisation] += max(0, report.requests[0] - 1)
        for key, sign in list_signs(report, home, self.rules.get(home.organisation, USUAL)):
            if isinstance(sign, Well) and not self._is_time(key, now):
                continue
            self.gates.note(key, sign, now)
            self._pay(key)

    def _is_time(self, key: str, now: datetime) -> bool:
        with self._lock:
            if now - self._told.get(key, now - OFTEN) < OFTEN:
                return False
            self._told[key] = now
            return True

    def _pay(self, key: str) -> None:
        with self._lock:
            spent = self._spent.pop(key, 0)
        if spent:
            self.gates.spend(key, spent)


def list_signs(report: Report, home: Home, rules: Rules) -> list[tuple[str, Sign]]:
    """The gates that a session says something about, and what. A wait that a mailbox's vendor asks for is the
    mailbox's own affair (`wait_of`), that of Salesforce the whole organisation's."""
    match report.trouble:
        case BudgetSpent(code="BUDGET"):
            return _budget_sign(report, home, rules)  # by the user's own limits; the organisation has others
        case VendorError() as error:
            sign = _sign_of(error)
            return [(home.organisation if error.vendor == CRM else home.mailbox, sign)] if sign else []
        case _:
            return [*_budget_sign(report, home, rules), *_well_at_mailbox(report, home)]


def wait_of(report: Report) -> timedelta | None:
    """How long the vendor of a mailbox asked this one user to wait."""
    match report.trouble:
        case Throttled(vendor=vendor, after=float() | int() as after) if vendor != CRM:
            return timedelta(seconds=after)
        case _:
            return None


def _sign_of(error: VendorError) -> Sign | None:
    match error:
        case CertificateRefused():
            return None  # our own affair
        case Unreachable():
            return Away()
        case BudgetSpent():
            return Short()
        case Throttled(after=float() | int() as after) if error.vendor == CRM:
            return AskedToWait(timedelta(seconds=after))
        case _:
            return None


def _budget_sign(report: Report, home: Home, rules: Rules) -> list[tuple[str, Sign]]:
    if not report.session or report.budget is None:
        return []
    used, allowed = report.budget.used, report.budget.allowed
    short = is_short(used, allowed, rules.calls, rules.percent)
    return [(home.organisation, Short(used, allowed) if short else Well(used, allowed))]


def _well_at_mailbox(report: Report, home: Home) -> list[tuple[str, Sign]]:
    return [(home.mailbox, Well())] if report.status in ("done", "held") and home.mailbox else []
