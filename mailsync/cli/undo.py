"""`mailsync undo`: shows what would be taken back of a session, asks, and takes it back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mailsync.bootstrap import Setup, agent_of, open_setup, pick_users
from mailsync.cli.contacts import find_contact
from mailsync.cli.failures import DONE, FAILED
from mailsync.cli.output import ask, is_asked, print_json, print_table, say, warn, watched
from mailsync.cli.plans import action_row
from mailsync.cli.recording import acts_of
from mailsync.cli.syncing import describe_effects
from mailsync.core.undo import Undo, exceeds_guard
from mailsync.errors import SettingsError
from mailsync.session.agent import Agent
from mailsync.session.drive import drive_undo
from mailsync.session.report import Report, report_json
from mailsync.session.run import Progress
from mailsync.session.undoing import Order, Undone, preview_undo, run_undo
from mailsync.session.undoreport import kept_json, undo_json
from mailsync.session.work import Tally


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asked for: `contact` is a reference as people give it."""

    user: str
    session: int
    contact: str | None = None
    delete: bool = False


def undo_session(config: Path | None, wanted: Wanted, *, sure: bool, as_json: bool) -> int:
    """Takes a session back, or what it did to one contact. Returns 1 where a person says no, where so much goes that
    `--yes` is needed, or where it failed. Raises SettingsError, VendorError."""
    with open_setup(config) as setup:
        pick_users(setup, [wanted.user])
        order = _order(setup, wanted)
        with watched(wanted.user, quiet=as_json) as progress, agent_of(setup, wanted.user) as agent:
            progress("reading both sides", 0, 0)
            shown = preview_undo(agent, order)
            if not as_json:
                _print_plan(shown.undo, wanted)
            if shown.undo.is_empty:
                return _print_done(wanted, shown.undo, None, (), as_json=as_json)
            if not _is_wanted(shown, sure=sure, as_json=as_json):
                return FAILED
            report, kept = _carry_out(agent, order, shown.undo, progress)
    return _print_done(wanted, shown.undo, report, kept, as_json=as_json)


def _order(setup: Setup, wanted: Wanted) -> Order:
    """Raises SettingsError for an unknown contact, and a session that wrote nothing."""
    history = setup.store.history(wanted.user)
    if not any(e.session == wanted.session for e in history):
        latest = sorted({e.session for e in history})[-5:]
        those = f"the latest that did: {', '.join(map(str, latest))}" if latest else "none did yet"
        raise SettingsError((f"session {wanted.session}: nothing was written by it for {wanted.user}; {those}",))
    if wanted.contact is None:
        return Order(wanted.session, delete=wanted.delete)
    contact = find_contact(setup.store, wanted.user, wanted.contact)
    return Order(wanted.session, contact.record, contact.item, delete=wanted.delete)


def _is_wanted(shown: Undone, *, sure: bool, as_json: bool) -> bool:
    """D8: many deletions, removals or emptied values at once need an express word, which silence is not."""
    many = exceeds_guard(shown.undo, shown.present.policy, shown.present.sight.pair_count)
    if sure:
        return True
    if many and not is_asked():
        message = "so many contacts would be deleted, removed or emptied at once (D8) that it must be confirmed: --yes"
        if as_json:
            print_json({"errors": [message]})
        warn(message)
        return False
    return ask("These are many at once (D8). Take all of it back?" if many else "Take it back?")


def _carry_out(
    agent: Agent, order: Order, shown: Undo, progress: Progress
) -> tuple[Report, Sequence[Mapping[str, Any]]]:
    kept: list[Mapping[str, Any]] = []

    def errand(agent: Agent, fence: int, progress: Progress, tally: Tally) -> Sequence[str]:
        done = run_undo(agent, fence, order, shown, progress, tally)
        kept.extend(kept_json(done.kept))
        return ()

    (act,) = acts_of("undo", agent.user, session=order.session)
    return drive_undo(agent, act, order.session, errand, progress), kept


def _print_plan(undo: Undo, wanted: Wanted) -> None:
    shape = undo_json(undo)
    if shape["actions"]:
        columns = ("rule", "side", "kind", "record", "item", "fields", "reason")
        print_table(columns, [action_row(a) for a in shape["actions"]])
    else:
        say(f"Nothing of session {wanted.session} is left to be taken back.")
    _print_kept(shape["kept"])


def _print_kept(kept: Sequence[Mapping[str, Any]]) -> None:
    if kept:
        say("These stay as they are:")
        rows = [
            (k["salesforce_id"], f"…{k['item_id'][-9:]}" if k["item_id"] else "", k["field"], k["reason"]) for k in kept
        ]
        print_table(("record", "item", "field", "because"), rows)


def _print_done(
    wanted: Wanted, shown: Undo, report: Report | None, kept: Sequence[Mapping[str, Any]], *, as_json: bool
) -> int:
    done = report or Report(wanted.user, 0, "done", "nothing is left to be taken back", undone=wanted.session)
    shape = undo_json(shown)
    stays = list(kept) if report is not None and report.status not in ("failed", "skipped") else shape["kept"]
    failed = done.status in ("failed", "skipped")
    if as_json:
        print_json({**report_json(done), "actions": shape["actions"], "kept": stays})
    elif report is not None:
        _print_kept([k for k in stays if k not in shape["kept"]])
        ended = f"not taken back – {report.reason}" if failed else f"session {wanted.session} is taken back"
        say(f"{wanted.user}: {ended}; {describe_effects(replace(report, holds=()))}")
        if not failed:
            say(f"To have it again: mailsync undo {wanted.user} {report.session}")
    return FAILED if failed else DONE
