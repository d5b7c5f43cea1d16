"""`mailsync status`: colour (C6), last and next session, counts, and the age of the cursors."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from mailsync.bootstrap import Setup, SystemClock, check_settings_of, open_setup, pick_users, settings_of
from mailsync.cli.output import print_json, print_table
from mailsync.cli.selection import name_state
from mailsync.session.agent import Keys
from mailsync.session.drive import why_not
from mailsync.store.reading import Past

LOOKED_BACK = 50
"""Sessions among which the last complete one is looked for."""


def show_status(config: Path | None, user: str | None, *, as_json: bool) -> None:
    """Prints the status of one user, or of all."""
    with open_setup(config) as setup:
        users = pick_users(setup, [user] if user else [])
        check_settings_of(setup, users)
        found = [read_status(setup, name, SystemClock().now()) for name in users]
    if as_json:
        print_json({"users": found})
        return
    columns = (
        "user",
        "colour",
        "state",
        "last session",
        "next session",
        "pairs",
        "holds",
        "issues",
        "parked",
        "cursors",
    )
    print_table(columns, [_row(s) for s in found])


def read_status(setup: Setup, user: str, now: datetime) -> dict[str, Any]:
    """One user's status as JSON values; ages in seconds, times ISO 8601 in UTC."""
    store, state = setup.store, setup.store.state(user)
    past = store.sessions(user, LOOKED_BACK)
    last = session_json(past[0]) if past else None
    issues = len(store.issues(user))
    enabled = settings_of(setup, user).contacts
    reason = why_not(state, enabled=enabled)
    age, slot = cursor_age(past, now), store.schedule.slot(user)
    return {
        "user": user,
        "colour": colour(state, last, issues),
        "errors": count_errors(state, last, issues),
        "organisation": setup.settings.users[user].organisation or None,
        "state": name_state(state, enabled=enabled),
        "reason": reason,
        "last": last,
        "next_run": slot.next_run.isoformat() if slot and slot.next_run and not reason else None,
        "pairs": store.count(user),
        "holds": len(store.holds(user)),
        "issues": issues,
        "parked": len(store.parked(user)),
        "cursors": {
            "salesforce": age if state.get(Keys.CRM_CURSOR) else None,
            "mailbox": age if state.get(Keys.MAILBOX_CURSOR) else None,
        },
    }


def session_json(past: Past) -> dict[str, Any]:
    """A session of the past as JSON: its report, and when it ran. One without an end was killed, or still runs."""
    times = {"begun": past.begun.isoformat(), "ended": past.ended.isoformat() if past.ended else None}
    report = dict(past.report or {"status": "unfinished", "reason": "it is running, or was killed"})
    return {**report, "session": past.number, **times}


def cursor_age(past: Sequence[Past], now: datetime) -> int | None:
    """Seconds since the cursors were stored: the end of the last session that was carried through (A21)."""
    for session in past:
        report = session.report or {}
        if session.ended and report.get("status") in ("done", "held") and "undone" not in report:
            return round((now - session.ended).total_seconds())
    return None


def colour(state: Mapping[str, Any], last: Mapping[str, Any] | None, issues: int) -> str:
    """C6: grey = paused (errors are told by their count), red = errors, orange = first sync, green = active."""
    if state.get(Keys.PAUSED):
        return "grey"
    if count_errors(state, last, issues):
        return "red"
    return "green" if state.get(Keys.STARTED) else "orange"


def count_errors(state: Mapping[str, Any], last: Mapping[str, Any] | None, issues: int) -> int:
    """Open issues, a failed last session and a suspension, one each."""
    return issues + bool(last and last.get("status") == "failed") + bool(state.get(Keys.SUSPENDED))


def _row(status: Mapping[str, Any]) -> tuple[object, ...]:
    last = status["last"]
    shown = f"{last['session']}: {last['status']}" if last else "none yet"
    ages = " / ".join(_age(status["cursors"][side]) for side in ("salesforce", "mailbox"))
    colour_ = f"{status['colour']} ({status['errors']} errors)" if status["errors"] else status["colour"]
    upcoming = status["next_run"][:19] + "Z" if status["next_run"] else status["reason"] or "when `serve` runs"
    numbers = (status["pairs"], status["holds"], status["issues"], status["parked"])
    return (status["user"], colour_, status["state"], shown, upcoming, *numbers, ages)


def _age(seconds: int | None) -> str:
    if seconds is None:
        return "none"
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"
