"""`mailsync why` and `history`: where a contact's values come from, and what was written."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mailsync.bootstrap import Setup, agent_of, open_setup, pick_users, settings_of, table_of
from mailsync.cli.contacts import Contact, Shown, find_contact, read_sides, show
from mailsync.cli.output import print_json, print_table, say, warn
from mailsync.cli.reasons import Known, reasons_of
from mailsync.core.entries import FOLDER_ID, Change, Entry
from mailsync.core.person import Flow, is_blank
from mailsync.errors import MailsyncError, SettingsError
from mailsync.session.report import hold_json, issue_json
from mailsync.session.work import as_text
from mailsync.worker.mishap import sentence


def show_history(
    config: Path | None, user: str, reference: str | None, session: int | None = None, *, as_json: bool
) -> None:
    """Prints what was written, oldest first: all of it, one contact's, one session's."""
    with open_setup(config) as setup:
        pick_users(setup, [user])
        contact = find_contact(setup.store, user, reference) if reference is not None else None
        entries = [e for e in entries_of(setup, user, contact) if session in (None, e.session)]
    if as_json:
        print_json({"entries": [entry_json(e) for e in entries]})
        return
    columns = ("session", "time", "rule", "side", "kind", "Salesforce id", "fields")
    print_table(columns, [_entry_row(e) for e in entries]) if entries else say("nothing was written yet")


def entries_of(setup: Setup, user: str, contact: Contact | None) -> list[Entry]:
    """The history of one contact by either of its references, or of all, oldest first."""
    if contact is None:
        return list(setup.store.history(user))
    found = list(setup.store.history(user, record=contact.record)) if contact.record else []
    if contact.item:
        found += [e for e in setup.store.history(user, item=contact.item) if e not in found]
    return sorted(found, key=lambda e: (e.session, e.time))


def entry_json(entry: Entry) -> dict[str, Any]:
    """A history entry as JSON."""
    return {
        "session": entry.session,
        "time": entry.time.isoformat(),
        "rule": entry.rule,
        "side": entry.side.value,
        "kind": entry.kind,
        "salesforce_id": entry.record or None,
        "item_id": entry.item,
        "fields": {
            n: {"before": as_text(c.before), "after": as_text(c.after), "lost": as_text(c.lost)}
            for n, c in entry.fields.items()
        },
        "reason": entry.reason,
    }


def _entry_row(entry: Entry) -> tuple[object, ...]:
    fields = "\n".join(
        f"{n}: {as_text(c.before) or '–'} → {as_text(c.after) or '–'}"
        + (f" (lost: {as_text(c.lost)})" if not is_blank(c.lost) else "")
        for n, c in entry.fields.items()
        if n != FOLDER_ID
    )
    time = entry.time.isoformat(timespec="seconds").replace("+00:00", "Z")
    return entry.session, time, entry.rule, entry.side.value, entry.kind, entry.record or "", fields


def show_why(config: Path | None, user: str, reference: str, field: str | None, *, as_json: bool) -> None:
    """Prints where a contact's values come from. Present values are read now; where that fails, it says so."""
    with open_setup(config) as setup:
        pick_users(setup, [user])
        contact = find_contact(setup.store, user, reference)
        fields = pick_fields(setup, user, field)
        present, trouble = _read_now(setup, user, contact)
        found = explain(setup, user, contact, fields, present)
    if trouble:
        warn(trouble)
    if as_json:
        print_json({**found, "unread": trouble or None})
    else:
        _print_why(found)


def pick_fields(setup: Setup, user: str, field: str | None) -> list[str]:
    """All mapped fields, or the one that is meant, without regard to case. Raises SettingsError naming the fields."""
    known = [str(f.name) for f in table_of(setup, user).fields if f.flow is not Flow.OFF]
    if field is None:
        return known
    chosen = [n for n in known if n.casefold() == field.casefold()]
    if not chosen:
        raise SettingsError((f"field {field}: not mapped; the fields are {', '.join(known)}",))
    return chosen


def _read_now(setup: Setup, user: str, contact: Contact) -> tuple[tuple[Shown | None, Shown | None], str]:
    records = [contact.record] if contact.record else []
    items = [contact.item] if contact.item else []
    try:
        with agent_of(setup, user) as agent:
            crm, mailbox = read_sides(agent, records, items)
    except MailsyncError as error:
        return (None, None), f"the present values can't be read now: {sentence(error)}"
    return (crm.get(contact.record or ""), mailbox.get(contact.item or "")), ""


def explain(
    setup: Setup, user: str, contact: Contact, fields: Sequence[str], present: tuple[Shown | None, Shown | None]
) -> dict[str, Any]:
    """What is known of a contact, as JSON values."""
    pair = contact.pair
    entries = entries_of(setup, user, contact)
    bases: tuple[Shown, Shown] = (show(pair.crm.values), show(pair.mailbox.values)) if pair else ({}, {})
    known = _know(setup, user, contact)
    stone = known.stone
    return {
        "user": user,
        "salesforce_id": contact.record,
        "item_id": contact.item,
        "state": pair.state.value if pair else "ended" if stone else "unpaired",
        "rule": pair.frozen_for if pair and pair.frozen_for else stone.rule if stone and not pair else "",
        "pinned": pair.pinned if pair else False,
        "in_scope": pair.in_scope if pair else False,
        "origin": pair.origin.value if pair else None,
        "account": {"id": pair.account, "name": pair.account_name, "step": pair.link_note} if pair else None,
        "fields": [_explain_field(n, bases, present, entries) for n in fields],
        "reasons": [asdict(r) for r in reasons_of(known)],
        "issues": [issue_json(i) for i in known.issues],
        "holds": [hold_json(h) for h in known.holds],
        "parked": [
            {"side": p.side.value, "rule": p.rule, "reason": p.reason, "due": p.due.isoformat() if p.due else None}
            for p in known.parked
        ],
    }


def _know(setup: Setup, user: str, contact: Contact) -> Known:
    store = setup.store
    refs = frozenset(str(r) for r in (contact.record, contact.item) if r)
    return Known(
        user,
        refs,
        contact.pair,
        next(iter(store.tombstones(user, [contact.record])), None) if contact.record else None,
        [h for h in store.holds(user) if any({m.record, m.item} & refs for m in h.members)],
        [p for p in store.parked(user) if p.ref in refs],
        [i for i in store.issues(user) if {i.record, i.item} & refs],
        store.intents(user),
        store.state(user),
        settings_of(setup, user).contacts,
    )


def _rule_of(entry: Entry, change: Change | None) -> str:
    """B12 names an update in which any field overruled another edit; its other fields are plain edits (B10)."""
    return "B10" if entry.rule == "B12" and not (change and not is_blank(change.lost)) else entry.rule


def _explain_field(
    name: str, bases: tuple[Shown, Shown], present: tuple[Shown | None, Shown | None], entries: Sequence[Entry]
) -> dict[str, Any]:
    """One field: bases, present values, and the last entry that wrote it; the side that was not written has won."""
    last = next((e for e in reversed(entries) if name in e.fields), None)
    change = last.fields[name] if last else None
    winner = None
    if last is not None and last.kind in ("create", "update"):
        winner = "mailbox" if last.side.value == "salesforce" else "salesforce"
    return {
        "field": name,
        "base": {"salesforce": bases[0].get(name), "mailbox": bases[1].get(name)},
        "now": {
            "salesforce": present[0].get(name) if present[0] else None,
            "mailbox": present[1].get(name) if present[1] else None,
        },
        "rule": _rule_of(last, change) if last else None,
        "reason": last.reason if last else None,
        "winner": winner,
        "lost": as_text(change.lost) if change and not is_blank(change.lost) else None,
        "session": last.session if last else None,
        "time": last.time.isoformat() if last else None,
    }


def _print_why(found: Mapping[str, Any]) -> None:
    say(f"{found['salesforce_id'] or 'no record'} ↔ {found['item_id'] or 'no item'}")
    account = found["account"]
    linked = ""
    if account and account["name"]:
        linked = f"; account {account['name']} ({account['step'] or 'as in Salesforce'})"
    say(f"{found['state']}{found['rule'] and ' by ' + found['rule']}{', pinned' if found['pinned'] else ''}{linked}")
    columns = ("field", "Salesforce: base → now", "mailbox: base → now", "last written")
    print_table(columns, [_field_row(f) for f in found["fields"] if _says_something(f)])
    for reason in found["reasons"]:
        say(f"{reason['rule']}: {reason['why']}. What to do: {reason['remedy']}.")
    for issue in found["issues"]:
        say(f"issue {issue['rule']} {issue['code']}: {issue['message']}")
    for hold in found["holds"]:
        say(f"hold {hold['hold']}: {hold['question']}")
    for parked in found["parked"]:
        say(f"parked {parked['rule']}: {parked['reason']}")


def _says_something(field: Mapping[str, Any]) -> bool:
    return any((*field["base"].values(), *field["now"].values(), field["session"]))


def _field_row(field: Mapping[str, Any]) -> tuple[str, ...]:
    sides = (_step(field["base"][side], field["now"][side]) for side in ("salesforce", "mailbox"))
    won = f"{field['winner']} won over {field['lost']}" if field["lost"] else f"from {field['winner']}"
    if not field["session"]:
        return (field["field"], *sides, "")
    written = f"{field['rule']} {won if field['winner'] else ''}\nsession {field['session']}, {field['time'][:19]}Z"
    return (field["field"], *sides, written)


def _step(base: str | None, now: str | None) -> str:
    """A base, and the present value where it is known and differs."""
    return f"{base or '–'}" if now is None or now == base else f"{base or '–'} → {now or '–'}"
