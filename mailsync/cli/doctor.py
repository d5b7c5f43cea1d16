"""`mailsync doctor`: an installation is looked at from all sides; each finding says what to do about it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mailsync.bootstrap import Setup, SystemClock, agent_of, open_setup, read_config
from mailsync.cli.failures import DONE, FAILED
from mailsync.cli.output import Progress, print_json, print_table, watched
from mailsync.errors import MailsyncError, SettingsError
from mailsync.monitor.findings import Finding, Outcome, ok, problem
from mailsync.monitor.people import look_at_people
from mailsync.monitor.place import compare_clocks, look_at_place
from mailsync.session.agent import Agent


def examine(config: Path | None, *, vendors: bool, as_json: bool) -> int:
    """Prints the findings. Returns 1 where there is a problem, else 0. Raises SettingsError."""
    settings = read_config(config)
    with watched("looking", quiet=as_json) as progress:
        found = list(look_at_place(settings, SystemClock().now()))
        if any(f.area == "revision" and f.outcome is Outcome.OK for f in found) and not _is_locked_out(found):
            with open_setup(config) as setup:
                found += look_at_people(setup, SystemClock().now())
                found += look_at_vendors(setup, progress) if vendors else ()
    problems = any(f.outcome is Outcome.PROBLEM for f in found)
    if as_json:
        print_json({"ok": not problems, "findings": [finding_json(f) for f in found]})
    else:
        rows = [(f.user, f.area, f.outcome.value, f.message, f.advice) for f in found]
        print_table(("user", "area", "", "what was found", "what to do"), rows)
    return FAILED if problems else DONE


def _is_locked_out(found: list[Finding]) -> bool:
    """Whether the store can't be opened for want of its key."""
    return any(f.area == "key" and f.outcome is Outcome.PROBLEM for f in found)


def finding_json(finding: Finding) -> dict[str, Any]:
    """A finding as JSON."""
    return {
        "user": finding.user or None,
        "area": finding.area,
        "outcome": finding.outcome.value,
        "message": finding.message,
        "advice": finding.advice,
    }


def look_at_vendors(setup: Setup, progress: Progress) -> Iterator[Finding]:
    """Each user's two log-ins, tried; and whether the vendors' clocks agree with ours."""
    for number, user in enumerate(setup.users):
        progress(user, number, len(setup.users))
        try:
            with agent_of(setup, user) as agent:
                yield from (_of(user, f) for f in _try_log_ins(agent))
        except MailsyncError as error:
            yield from (_of(user, f) for f in _troubles("connection", error))


def _of(user: str, finding: Finding) -> Finding:
    return Finding(finding.area, finding.outcome, finding.message, finding.advice, user)


def _try_log_ins(agent: Agent) -> Iterator[Finding]:
    try:
        person = agent.crm.identify()
        yield ok("Salesforce", f"logged in; organisation {person.organisation}")
        yield compare_clocks("Salesforce's", agent.crm.now, SystemClock().now())
    except MailsyncError as error:
        yield from _troubles("Salesforce", error)
    try:
        problems = agent.mailbox.check()
        yield from (problem("mailbox", text, f"see: mailsync check {agent.user}") for text in problems)
        if not problems:
            yield ok("mailbox", "logged in")
            yield compare_clocks("the mailbox's", agent.mailbox.now, SystemClock().now())
    except MailsyncError as error:
        yield from _troubles("mailbox", error)


def _troubles(area: str, error: MailsyncError) -> Iterator[Finding]:
    texts = error.problems if isinstance(error, SettingsError) else (str(error),)
    yield from (problem(area, text, error.remedy) for text in texts)
