"""`mailsync issues`, `approve`, `reject`, `retry`: what is open, and people's answers (C7, B8)."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from mailsync.bootstrap import Setup, SystemClock, agent_of, open_setup, pick_users, resolve_user, table_of
from mailsync.cli.contacts import Contact, find_contact, read_sides
from mailsync.cli.output import print_json, print_table, say
from mailsync.cli.recording import acts_of
from mailsync.core.fit import fit
from mailsync.core.person import FieldType, Limit
from mailsync.errors import MailsyncError, SettingsError
from mailsync.ports.ledger import Hold
from mailsync.session.report import hold_json, issue_json
from mailsync.worker.mishap import sentence


def show_issues(config: Path | None, user: str | None, *, as_json: bool) -> None:
    """Prints open issues and holds; the values of held contacts are read now and stored nowhere (C7)."""
    issues: list[dict[str, Any]] = []
    holds: list[dict[str, Any]] = []
    with open_setup(config) as setup:
        for name in pick_users(setup, [user] if user else []):
            issues += [{"user": name, **issue_json(i)} for i in setup.store.issues(name)]
            holds += [{"user": name, **h} for h in _with_values(setup, name, setup.store.holds(name))]
    if as_json:
        print_json({"issues": issues, "holds": holds})
        return
    _print_issues(issues)
    for hold in holds:
        _print_hold(hold)


def _with_values(setup: Setup, user: str, holds: Sequence[Hold]) -> list[dict[str, Any]]:
    if not holds:
        return []
    shapes = [hold_json(h) for h in holds]
    records = {m.record for h in holds for m in h.members if m.record}
    items = {m.item for h in holds for m in h.members if m.item}
    try:
        with agent_of(setup, user) as agent:
            crm, mailbox = read_sides(agent, records, items)
    except MailsyncError as error:
        return [{**h, "unread": f"the values can't be read now: {sentence(error)}"} for h in shapes]
    for member in (m for h in shapes for m in h["members"]):
        member["salesforce"] = crm.get(member["salesforce_id"])
        member["mailbox"] = mailbox.get(member["item_id"])
    return shapes


def _print_issues(issues: Sequence[Mapping[str, Any]]) -> None:
    if not issues:
        say("no open issues")
        return
    columns = ("user", "rule", "code", "Salesforce id", "item", "field", "what to do")
    keys = ("user", "rule", "code", "salesforce_id", "item_id", "field", "message")
    print_table(columns, [[_shorten(k, i[k]) for k in keys] for i in issues])


def _shorten(key: str, value: str | None) -> str:
    return f"…{value[-9:]}" if key == "item_id" and value else value or ""


def _print_hold(hold: Mapping[str, Any]) -> None:
    answered = f" (answered: {hold['answer']}; the next session carries it out)" if hold["answer"] else ""
    say(f"{hold['user']} {hold['hold']} – {hold['rule']}: {hold['question']}{answered}")
    say(f"  approve: {hold['approve']}")
    say(f"  reject:  {hold['reject']}")
    if "unread" in hold:
        say(f"  {hold['unread']}")
    print_table(
        ("Salesforce id", "Salesforce", "mailbox", "note"),
        [
            (m["salesforce_id"], _lines(m.get("salesforce")), _lines(m.get("mailbox")), m["note"])
            for m in hold["members"]
        ],
    )


def _lines(values: Mapping[str, str] | None) -> str:
    return "\n".join(f"{n}: {v}" for n, v in (values or {}).items() if v)


def answer_holds(
    config: Path | None, user: str, names: Sequence[str], answer: str, *, typed: str | None = None, as_json: bool
) -> None:
    """Stores an answer to each hold; all or none. `typed` goes to both sides in place of their values (B12). Raises
    SettingsError naming every hold that is not open, and what can't be typed."""
    with open_setup(config) as setup:
        pick_users(setup, [user])
        known = {h.name: h for h in setup.store.holds(user)}
        check_holds(user, names, known)
        if typed is not None:
            _check_typed(setup, user, [known[n] for n in names], typed)
        details = {"holds": list(names), **({} if typed is None else {"typed": True})}
        with setup.store.acting() as hand:
            for name in names:
                hand.answer(user, name, answer, typed)
            hand.record(acts_of(answer, user, **details))
    if as_json:
        print_json(
            {"user": user, "answer": answer, "holds": list(names), **({} if typed is None else {"value": typed})}
        )
    else:
        said = {"approve": "approved", "reject": "rejected"}[answer]
        value = "" if typed is None else ", with the value that you typed"
        say(f"{said}: {', '.join(names)}{value}; carried out by the next session if nothing has moved")


def _check_typed(setup: Setup, user: str, holds: Sequence[Hold], typed: str) -> None:
    """Raises SettingsError unless one B12 hold is answered, about a field whose value can be typed and fits there."""
    hold = holds[0]
    if len(holds) != 1 or hold.rule != "B12":
        raise SettingsError(("--value: it answers one hold of rule B12 at a time; give one such hold",))
    (field,) = [f for f in table_of(setup, user).fields if f.name == hold.members[0].note]
    if field.type is FieldType.ADDRESS:
        advice = "correct it on the side that you then choose"
        raise SettingsError((f"--value: {field.name} is an address, which one text can't stand for; {advice}",))
    settings, _ = resolve_user(setup, user)
    refused = fit(typed, field.type, Limit(), settings.region).refused
    if refused:
        raise SettingsError((f"--value: {field.name}: {refused}",))


def check_holds(user: str, names: Sequence[str], known: Collection[str]) -> None:
    """Raises SettingsError naming each hold that is not open, and those that are."""
    present = f"open are: {', '.join(sorted(known))}" if known else "none are open"
    problems = tuple(f"hold {n}: not open for {user}; {present}" for n in names if n not in known)
    if problems:
        raise SettingsError(problems)


def retry_parked(config: Path | None, user: str, reference: str | None, *, as_json: bool) -> None:
    """Makes what was refused due at once, all of it or one contact's (B8)."""
    with open_setup(config) as setup:
        pick_users(setup, [user])
        refs = _references(find_contact(setup.store, user, reference)) if reference is not None else None
        with setup.store.acting() as hand:
            count = hand.make_due(user, SystemClock().now(), refs)
            hand.record(acts_of("retry", user, due=count))
    if as_json:
        print_json({"user": user, "due": count})
    else:
        say(f"{count} refused or parked changes are tried again in the next session" if count else "nothing is parked")


def _references(contact: Contact) -> list[str]:
    return [ref for ref in (contact.record, contact.item) if ref]
