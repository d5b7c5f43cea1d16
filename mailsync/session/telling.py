"""What a session tells operators: counts, kinds and references, never what is in a contact (L9)."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mailsync.session.agent import Keys
from mailsync.session.report import Report
from mailsync.telemetry import tell


def tell_report(report: Report) -> None:
    """The line of a session that is over."""
    t = report.tally
    tell(
        "session.ended",
        level=logging.WARNING if report.status == "failed" else logging.INFO,
        status=report.status,
        seconds=report.seconds,
        late=report.late,
        created=t.crm_created,
        updated=t.crm_updated,
        deleted=t.crm_deleted,
        mailbox_created=t.created,
        mailbox_updated=t.updated,
        mailbox_moved=t.moved,
        mailbox_removed=t.removed,
        issues=len(report.issues),
        holds=len(report.holds),
        salesforce_requests=report.requests[0],
        mailbox_requests=report.requests[1],
        undone=report.undone,
    )


def tell_passed(user: str, state: Mapping[str, Any]) -> None:
    """The line of a session that was not begun, by the user's state."""
    why = "paused" if state.get(Keys.PAUSED) else str(state.get(Keys.SUSPENDED) or "off")
    tell("session.passed", user=user, why=why)


def lateness(state: Mapping[str, Any], now: datetime) -> float | None:
    """Seconds since the session was due; None where no time was stored for it."""
    due = state.get(Keys.NEXT_RUN)
    return max(0.0, (now - datetime.fromisoformat(due)).total_seconds()) if due else None
