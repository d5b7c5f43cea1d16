"""A session with everything around it: the lock, the heartbeat, log-ins and outages that add up, and the report."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from mailsync.core.schedule import Ending, Standing, Suspension, advance, next_time
from mailsync.errors import Disposition, FenceLost, LockHeld, LoginRefused, MailsyncError, StoreError, dispose
from mailsync.ports.activity import BEGUN, STATUS, Act
from mailsync.ports.store import Store
from mailsync.session.agent import Agent, Keys
from mailsync.session.mishap import describe_bug, sentence
from mailsync.session.report import Report, report_json
from mailsync.session.run import Progress, TimeUp, run, silent
from mailsync.session.telling import lateness, tell_passed, tell_report
from mailsync.session.work import Tally
from mailsync.telemetry import bound, tell, tell_error

HEARTBEAT = 15.0
"""Seconds between renewals of the lock, which falls after 60 (contract.md)."""

STANDING = (Keys.PAUSED, Keys.SUSPENDED, Keys.FAILURES, Keys.REFUSED_LOGINS, Keys.SLOWED, Keys.NEXT_RUN)
"""What of a user's state says whether and when there are sessions; the cursors may be long."""

Errand = Callable[[Agent, int, Progress, Tally], Sequence[str]]
"""What a session does under its fence; returns notes for a person."""


def why_not(state: Mapping[str, Any], *, enabled: bool) -> str:
    """Why a user's session is skipped, in words; empty if it may run."""
    if state.get(Keys.PAUSED):
        return "paused; run: mailsync resume USER"
    if not enabled:
        return "the Contacts switch is off; run: mailsync set USER contacts=on"
    match state.get(Keys.SUSPENDED):
        case "needs_login":
            return "needs log-in: refused 6 times in a row; correct the password or token, then: mailsync resume USER"
        case "failing":
            return "suspended after 10 failed sessions in a row; run: mailsync check USER, then: mailsync resume USER"
        case _:
            return ""


def drive(
    user: str,
    store: Store,
    open_agent: Callable[[], Agent],
    *,
    enabled: bool,
    interval: timedelta,
    progress: Progress = silent,
) -> Report:
    """One session of a user, whatever happens in it. Raises nothing that is expected; a bug is reported as failed."""
    clock_start = time.monotonic()
    try:
        state = store.state(user, STANDING)
        reason = why_not(state, enabled=enabled)
        if reason:
            tell_passed(user, state)
            return Report(user, 0, "skipped", reason)
        agent = open_agent()
    except MailsyncError as error:
        tell_error("session.failed", error, user=user)
        return Report(user, 0, "failed", sentence(error), trouble=error)
    try:
        late = lateness(state, agent.clock.now())

        def ended(report: Report) -> Mapping[str, Any]:
            return _aftermath(store, agent.clock.now(), report, interval)

        return _locked(agent, progress, clock_start, _sync, ended, late=late)
    finally:
        agent.crm.close()
        agent.mailbox.close()


def count_refusal(report: Report, store: Store, interval: timedelta, now: datetime) -> Report:
    """A report of `drive` that no session could be opened for want of a log-in: it counts as a refused one and is told
    by the status as any other (C3, C6). Any other report as it is. Raises StoreError."""
    if report.session or not isinstance(report.trouble, LoginRefused):
        return report
    try:
        fence = store.begin(report.user, now)
    except LockHeld:
        return report
    refused = replace(report, session=fence, reason=f"{LOGIN}: {report.reason}")
    store.finish(report.user, fence, report_json(refused), now, _aftermath(store, now, refused, interval))
    return refused


def drive_undo(agent: Agent, act: Act, undone: int, errand: Errand, progress: Progress = silent) -> Report:
    """The session that takes session `undone` back, under the same lock, fence and heartbeat. The schedule and C3's
    counters stay as they are. `act`, of the person who wants it, is recorded as begun with the lock, and sealed with
    the session's end. Raises nothing that is expected."""
    return _locked(agent, progress, time.monotonic(), errand, lambda _report: {}, undone, act=act)


def _sync(agent: Agent, fence: int, progress: Progress, tally: Tally) -> Sequence[str]:
    return run(agent, fence, progress, tally)


def _locked(
    agent: Agent,
    progress: Progress,
    clock_start: float,
    errand: Errand,
    aftermath: Callable[[Report], Mapping[str, Any]],
    undone: int | None = None,
    late: float | None = None,
    act: Act | None = None,
) -> Report:
    try:
        begun = _told(act, BEGUN) if act else None
        fence = agent.store.begin(agent.user, agent.clock.now(), begun)
    except LockHeld as error:
        tell("session.passed", user=agent.user, why="locked")
        return Report(agent.user, 0, "skipped", sentence(error))
    except StoreError as error:
        tell_error("session.failed", error, user=agent.user)
        return Report(agent.user, 0, "failed", sentence(error))
    with bound(user=agent.user, session=fence):
        with _heart(agent, fence):
            tell("session.begun")
            report = replace(_attempt(agent, fence, progress, errand), seconds=time.monotonic() - clock_start)
        requests = (agent.crm.requests, agent.mailbox.requests)
        report = replace(report, requests=requests, undone=undone, late=late, budget=agent.crm.budget)
        report = _close(agent, fence, report, aftermath, act)
        tell_report(report)
    return report


def _close(
    agent: Agent, fence: int, report: Report, aftermath: Callable[[Report], Mapping[str, Any]], act: Act | None
) -> Report:
    """Stores what the session's end means and its report; the report as it is then."""
    ended = _told(act, report.status) if act else None
    try:
        agent.store.finish(agent.user, fence, report_json(report), agent.clock.now(), aftermath(report), ended)
    except FenceLost as error:
        tell_error("session.failed", error)
        return replace(report, status="failed", reason="another session of this user took over")
    except StoreError as error:
        tell_error("session.failed", error)
        return replace(report, status="failed", reason=sentence(error))
    return report


def _told(act: Act, status: str) -> Act:
    return replace(act, details={**act.details, STATUS: status})


def _heart(agent: Agent, fence: int) -> AbstractContextManager[None]:
    """Renews the lock while the session runs."""

    def beat() -> bool:
        try:
            agent.store.renew(agent.user, fence, agent.clock.now())
        except FenceLost:
            return False  # the next commit finds out
        except StoreError:
            return True  # busy or full at the moment: a lock that is not renewed falls by itself
        return True

    return agent.scheduler.beating(f"heartbeat-{agent.user}", HEARTBEAT, beat)


def _attempt(agent: Agent, fence: int, progress: Progress, errand: Errand) -> Report:
    """The session itself. Whatever stops it, what was done until then is counted."""
    tally = Tally()
    try:
        try:
            notes, reason = errand(agent, fence, progress, tally), ""
        except TimeUp as error:
            notes, reason = (str(error),), str(error)
        return _report(agent, fence, tally, notes, reason)
    except MailsyncError as error:
        tell_error("session.failed", error, level=logging.WARNING)
        return replace(_failure(agent, fence, error), tally=tally, trouble=error)
    except Exception as error:  # noqa: BLE001 - the session's boundary: a bug ends it as any failure does (C3)
        tell_error("session.failed", error)
        return Report(agent.user, fence, "failed", describe_bug(error), tally)


def _failure(agent: Agent, fence: int, error: MailsyncError) -> Report:
    match dispose(error):
        case Disposition.PAUSE:
            return Report(agent.user, fence, "skipped", f"{BUDGET}: {sentence(error)}")
        case Disposition.SKIP if not isinstance(error, LoginRefused):
            return Report(agent.user, fence, "skipped", sentence(error))
        case _:
            prefix = f"{LOGIN}: " if isinstance(error, LoginRefused) else ""
            return Report(agent.user, fence, "failed", prefix + sentence(error))


def _report(agent: Agent, fence: int, tally: Tally, notes: Sequence[str], reason: str) -> Report:
    holds, issues = agent.store.notices(agent.user)
    waiting = f"{len(holds)} waiting for an answer: mailsync issues {agent.user}" if holds else ""
    told = "; ".join(r for r in (reason, waiting) if r)
    return Report(agent.user, fence, "held" if holds else "done", told, tally, holds, issues, notes=notes)


def _aftermath(store: Store, now: datetime, report: Report, interval: timedelta) -> dict[str, Any]:
    """What a session's end means for the next one: C3's counters, C4's growing interval, the next time (A2)."""
    state = store.state(report.user, STANDING)
    before = Standing(*(int(state.get(key) or 0) for key in (Keys.FAILURES, Keys.REFUSED_LOGINS, Keys.SLOWED)))
    standing = advance(before, _ending(report))
    planned = state.get(Keys.NEXT_RUN)
    due = next_time(now, datetime.fromisoformat(planned) if planned else None, interval, standing.slowed)
    if standing.suspension is not Suspension.NONE:
        tell("user.suspended", level=logging.WARNING, why=standing.suspension.value)
    told = {
        Keys.FAILURES: standing.failures,
        Keys.REFUSED_LOGINS: standing.refused,
        Keys.SLOWED: standing.slowed,
        Keys.SUSPENDED: standing.suspension.value,
        Keys.NEXT_RUN: due.isoformat(),
    }
    # The next time is told even where it is the same as before: it ends the claim (decision 0020).
    return {key: value for key, value in told.items() if key == Keys.NEXT_RUN or state.get(key) != value}


def _ending(report: Report) -> Ending:
    match report.status:
        case "failed":
            return Ending.LOGIN_REFUSED if report.reason.startswith(LOGIN) else Ending.FAILED
        case "done" | "held":
            return Ending.COMPLETE
        case _:
            return Ending.BUDGET if report.reason.startswith(f"{BUDGET}: ") else Ending.SKIPPED


LOGIN = "log-in refused"
"""How the reason of a refused log-in begins."""
BUDGET = "budget"
"""How the reason of a session that the organisation's budget ended begins."""
