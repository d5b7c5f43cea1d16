"""`mailsync sync`: one session for each user, one after another, with progress for whoever watches."""

import signal
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mailsync.bootstrap import Setup, SystemClock, check_settings_of, open_setup, settings_of, shared_feed
from mailsync.cli.failures import DONE, FAILED
from mailsync.cli.output import print_json, print_table, say, warn, watched
from mailsync.cli.selection import Selection, choose
from mailsync.session.agent import Shared
from mailsync.session.drive import why_not
from mailsync.session.report import Report, report_json
from mailsync.worker.feed import try_reading
from mailsync.worker.turn import take_turn


def sync_users(config: Path | None, selection: Selection, *, as_json: bool, feed: bool | None = None) -> int:
    """Runs the sessions and prints what they did; with `feed` (None: for several users) the shared feed is read first
    and tells who has something to ask. Returns 1 if one failed, else 0. Raises SettingsError."""
    with open_setup(config) as setup:
        users = choose(setup, selection)
        check_settings_of(setup, users)
        goes_by_feed = read_feed(setup, users) if (len(users) > 1 if feed is None else feed) else False
        reports: list[Report] = []
        with polite_stop() as stopping:
            for user in users:
                if stopping.is_set():
                    break
                with watched(user, quiet=as_json) as progress:
                    shared = _follow_feed(setup, user) if goes_by_feed else None
                    reports.append(take_turn(setup, user, progress, stopping, shared))
                if not as_json:
                    print_report(reports[-1])
    if as_json:
        print_json({"users": [report_json(r) for r in reports]})
    return FAILED if any(r.status == "failed" for r in reports) else DONE


def read_feed(setup: Setup, users: Sequence[str]) -> bool:
    """Whether a shared feed of theirs was read just now: what people did before they called the command is in it."""
    names = dict.fromkeys(setup.settings.users[user].organisation for user in users)
    organisations = [setup.settings.organisations[name] for name in names]
    found = [try_reading(setup, o, SystemClock(), at_once=True) for o in organisations]
    for trouble in (trouble for _, trouble in found if trouble):
        warn(f"shared feed: {trouble}; everybody asks Salesforce themselves")
    return any(read for read, _ in found)


def _follow_feed(setup: Setup, user: str) -> Shared | None:
    """The feed as a session may go by it, read again where it has become old meanwhile."""
    try_reading(setup, setup.settings.organisation_of(user), SystemClock())
    return shared_feed(setup, user)


def ask_for_sessions(config: Path | None, selection: Selection, *, as_json: bool) -> int:
    """Marks users as waited for (A2). Returns 1 if one of them is refused, else 0. Raises SettingsError."""
    with open_setup(config) as setup:
        users = choose(setup, selection)
        check_settings_of(setup, users)
        answers = [_ask(setup, user) for user in users]
    if as_json:
        print_json({"users": answers})
    else:
        for answer in answers:
            say(f"{answer['user']}: {answer['reason'] or 'the service runs a session next'}")
    return DONE if all(answer["asked"] for answer in answers) else FAILED


def _ask(setup: Setup, user: str) -> dict[str, Any]:
    reason = why_not(setup.store.state(user), enabled=settings_of(setup, user).contacts)
    slot = setup.store.schedule.slot(user)
    if not reason and (slot is None or not slot.organisation):
        reason = "no service knows this user yet; run: mailsync serve, or mailsync sync USER"
    if not reason and not setup.store.schedule.ask(user, SystemClock().now()):
        reason = "asked for less than a minute ago; wait a little"
    return {"user": user, "asked": not reason, "reason": reason}


@contextmanager
def polite_stop() -> Generator[threading.Event]:
    """The first SIGINT or SIGTERM sets the event; a second SIGINT interrupts at once, which is safe too (L2)."""
    stopping = threading.Event()

    def stop(_number: int, _frame: object) -> None:
        stopping.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def print_report(report: Report) -> None:
    """One session for a person: status, effects, and what waits for an answer."""
    say(headline(report))
    if report.issues:
        rows = [(i.rule, i.code, i.record or "", i.field, i.message) for i in report.issues]
        print_table(("rule", "code", "Salesforce id", "field", "what to do"), rows)
    if report.holds:
        rows = [(h.name, h.rule, len(h.members), h.question) for h in report.holds]
        print_table(("hold", "rule", "contacts", "question"), rows)
    for note in report.notes:
        say(f"  {note}")


def headline(report: Report) -> str:
    """One line: who, how it ended, and what was done on each side."""
    reason = f" – {report.reason}" if report.reason else ""
    effects = describe_effects(report)
    asked = f"requests {report.requests[0]}+{report.requests[1]}, {report.seconds:.1f} s"
    return f"{report.user}: {report.status}{reason}; {effects}; {asked}"


def describe_effects(report: Report) -> str:
    """The effects of a session in words."""
    shape = report_json(report)
    crm = ", ".join(f"{n} {what}" for what, n in shape["salesforce"].items() if n)
    mailbox = ", ".join(f"{n} {what}" for what, n in shape["mailbox"].items() if n)
    parts = [f"Salesforce: {crm}" if crm else "", f"mailbox: {mailbox}" if mailbox else ""]
    return "; ".join(filter(None, parts)) or "nothing to write"
