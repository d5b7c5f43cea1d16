"""`mailsync check`: log-in, permissions, field access, folder and view are proven; each problem has its remedy."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from mailsync.bootstrap import Setup, agent_of, check_view, open_setup, pick_users, settings_of, table_of
from mailsync.cli.failures import DONE, FAILED
from mailsync.cli.output import Progress, print_json, print_table, watched
from mailsync.core.person import Flow, Limits
from mailsync.core.refs import FieldName, FolderId
from mailsync.errors import MailsyncError, SettingsError
from mailsync.session.agent import Agent, Keys
from mailsync.session.folder import check_mark


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked. `outcome` is ok, note (works, but you should know) or problem."""

    user: str
    check: str
    outcome: str
    message: str


def check_users(config: Path | None, named: Sequence[str], *, as_json: bool) -> int:
    """Checks users and prints what was found. Returns 1 if there is a problem. Raises SettingsError for wrong usage."""
    findings: list[Finding] = []
    with open_setup(config) as setup:
        for user in pick_users(setup, named):
            with watched(user, quiet=as_json) as progress:
                findings += check_user(setup, user, progress)
    problems = any(f.outcome == "problem" for f in findings)
    if as_json:
        print_json({"ok": not problems, "checks": [asdict(f) for f in findings]})
    else:
        print_table(
            ("user", "check", "", "what was found"), [(f.user, f.check, f.outcome, f.message) for f in findings]
        )
    return FAILED if problems else DONE


def check_user(setup: Setup, user: str, progress: Progress) -> list[Finding]:
    """All checks of one user; a check that can't be made is a problem itself, and the others are made all the same."""
    try:
        with agent_of(setup, user) as agent:
            return list(_check_all(setup, agent, user, progress))
    except MailsyncError as error:
        return list(_problems(user, "connection", error))


def _check_all(setup: Setup, agent: Agent, user: str, progress: Progress) -> Iterator[Finding]:
    checks: tuple[tuple[str, Callable[[], Iterator[tuple[str, str]]]], ...] = (
        ("Salesforce log-in", lambda: _check_login(agent)),
        ("Salesforce fields", lambda: check_fields(agent.crm.limits(), _flows(setup, user))),
        ("Salesforce view", lambda: _check_scope(setup, agent, user)),
        ("mailbox log-in", lambda: _check_mailbox(agent)),
        ("folder", lambda: _check_folder(setup, agent, user)),
    )
    for number, (name, check) in enumerate(checks):
        progress(name, number, len(checks))
        try:
            yield from (Finding(user, name, outcome, message) for outcome, message in check())
        except MailsyncError as error:
            yield from _problems(user, name, error)


def _problems(user: str, check: str, error: MailsyncError) -> Iterator[Finding]:
    texts = error.problems if isinstance(error, SettingsError) else (f"{error}. {error.remedy}".removesuffix(". "),)
    yield from (Finding(user, check, "problem", text) for text in texts)


def _check_login(agent: Agent) -> Iterator[tuple[str, str]]:
    person = agent.crm.identify()
    yield "ok", f"logged in as {person.username}, organisation {person.organisation}"
    budget = agent.crm.budget
    if budget is not None and budget.allowed - budget.used < agent.budget_calls:
        yield "note", f"only {budget.allowed - budget.used} API calls are left today: sessions pause (C4)"


def _flows(setup: Setup, user: str) -> dict[FieldName, Flow]:
    return {f.name: f.flow for f in table_of(setup, user).fields if f.flow is not Flow.OFF}


def check_fields(limits: Limits, flows: dict[FieldName, Flow]) -> Iterator[tuple[str, str]]:
    """What the user may do with each mapped field (describe); optional fields are skipped by sessions (B13)."""
    last = limits.get(FieldName("LastName"))
    if last is None or not last.readable:
        yield "problem", "LastName can't be read; give the user access to Contacts and to this field in Salesforce"
    elif not last.createable:
        yield "note", "LastName can't be set: contacts from the mailbox can't be created in Salesforce"
    hidden = [n for n in flows if n not in limits and n != "LastName"]
    fixed = [
        n
        for n, flow in flows.items()
        if flow is not Flow.DOWN and n in limits and n != "LastName" and not limits[n].updateable
    ]
    if hidden:
        yield "note", f"hidden from this user, so not synced: {', '.join(hidden)} (B13)"
    if fixed:
        yield "note", f"read-only for this user: edits in the mailbox stay there: {', '.join(fixed)} (B13)"
    yield "ok", f"{len(flows) - len(hidden)} of {len(flows)} mapped fields can be read"


def _check_scope(setup: Setup, agent: Agent, user: str) -> Iterator[tuple[str, str]]:
    chosen = settings_of(setup, user)
    check_view(agent.crm, chosen.view)
    yield "ok", f"view={chosen.view}"


def _check_mailbox(agent: Agent) -> Iterator[tuple[str, str]]:
    problems = agent.mailbox.check()
    yield from (("problem", text) for text in problems)
    if not problems:
        yield "ok", "logged in; contact folders can be read"


def _check_folder(setup: Setup, agent: Agent, user: str) -> Iterator[tuple[str, str]]:
    known = setup.store.state(user).get(Keys.FOLDER)
    prepared = agent.mailbox.prepare(FolderId(known) if known else None, create=False)
    if prepared is None:
        yield "ok", "not there yet: the first session makes it"
        return
    check_mark(prepared.mark, setup.store.installation)
    yield "ok", "found" if prepared.mark else "found; the first session takes it over as ours"
    yield from (("note", note) for note in prepared.notes)
