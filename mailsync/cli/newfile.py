"""`mailsync settings plan`, `import`, `export`: another settings file, linted as a whole and tried on everybody before
it is put in the place of the present one; and the present one, for version control."""

import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mailsync.bootstrap import Setup, find_config, gate_of, open_setup, resolve_user
from mailsync.cli.output import print_table, say, warn, write_or_print
from mailsync.cli.shifts import Resolved, Shift, print_shifts, shift_json, survey
from mailsync.errors import SettingsError
from mailsync.settings import Settings, check_settings, read_file
from mailsync.settings.document import (
    Difference,
    Stored,
    compare_documents,
    fill_in,
    stored_problems,
    strip_secrets,
    take_stored,
)
from mailsync.store import Secrets, open_store

_HEAD = "# Organisations and users, as `mailsync settings export` wrote them; mailsync settings import FILE reads it.\n"


@dataclass(frozen=True, slots=True)
class Comings:
    """Who comes and goes by another file, and whose Salesforce organisation would be another one."""

    new: tuple[str, ...]
    gone: tuple[str, ...]
    moved: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Proposal:
    """Another file, whole, and what it means beside the present one."""

    setup: Setup  # as it is
    later: Setup  # as it would be, with the same store
    document: Mapping[str, Any]
    comings: Comings
    shifts: tuple[Shift, ...]
    differences: tuple[Difference, ...]
    stored: Mapping[str, Mapping[str, str | None]]  # what would be stored otherwise, by user; None: not any more
    kept: tuple[str, ...]  # secrets of the present file that it leaves out
    lost: tuple[str, ...]  # those that would be shown to somebody else, and are not taken over

    @property
    def is_empty(self) -> bool:
        """Whether all is so already."""
        return not (self.differences or self.stored or self.shifts)


@contextmanager
def proposing(config: Path | None, source: Path, *, settings_only: bool, quiet: bool) -> Generator[Proposal]:
    """What a file in the place of the present one, or of none, would change, with the store open while the context
    lasts. Raises SettingsError with every problem of the file and of everybody's settings under it."""
    path = find_config(config)
    present = read_file(path) if path.exists() else {}
    given = read_file(source)
    bare, stored = take_stored(given)
    document, kept, lost = fill_in(bare, present)
    after = _check(document, path, [*stored_problems(given)])
    before = check_settings(present, path, os.environ) if present else replace(after, organisations={}, users={})
    store = open_store(before.store, Secrets(before.key_file))
    try:
        setup, later = Setup(before, store), Setup(after, store)
        found = compare(before, after)
        shifts = _try(setup, later, found, stored, settings_only=settings_only, quiet=quiet)
        differences = tuple(compare_documents(present, document))
        changed = _stored_changes(later, stored)
        yield Proposal(setup, later, document, found, shifts, differences, changed, tuple(kept), tuple(lost))
    finally:
        store.close()


def _check(document: Mapping[str, Any], path: Path, known: Sequence[str]) -> Settings:
    """The settings of a document. Raises SettingsError with its problems and those that are known already."""
    try:
        after = check_settings(document, path, os.environ)
    except SettingsError as error:
        raise SettingsError((*error.problems, *known)) from None
    if known:
        raise SettingsError(tuple(known))
    return after


def _try(
    setup: Setup, later: Setup, found: Comings, stored: Stored | None, *, settings_only: bool, quiet: bool
) -> tuple[Shift, ...]:
    """Everybody's settings under the file; who is new only has to be in order."""

    def changed(user: str) -> Resolved:
        return resolve_user(later, user, None if stored is None else stored.get(user, {}))

    stay = [user for user in setup.users if user in later.users]
    shifts = survey(setup, stay, changed, settings_only=settings_only, quiet=quiet, under=later)
    for user in found.new:
        changed(user)
    return tuple(shifts)


def _stored_changes(later: Setup, stored: Stored | None) -> dict[str, dict[str, str | None]]:
    if stored is None:
        return {}
    found: dict[str, dict[str, str | None]] = {}
    for user in later.users:
        present, wanted = later.store.settings(user), stored.get(user, {})
        changed = {k: wanted.get(k) for k in {**present, **wanted} if present.get(k) != wanted.get(k)}
        found |= {user: changed} if changed else {}
    return found


def compare(before: Settings, after: Settings) -> Comings:
    """Who comes, goes and moves; pure."""
    homes = {
        user: (gate_of(before.organisation_of(user)), gate_of(after.organisation_of(user)))
        for user in before.users
        if user in after.users
    }
    return Comings(
        tuple(user for user in after.users if user not in before.users),
        tuple(user for user in before.users if user not in after.users),
        {user: (old.partition(" ")[2], new.partition(" ")[2]) for user, (old, new) in homes.items() if old != new},
    )


def proposal_json(proposal: Proposal) -> dict[str, Any]:
    """What another file means, as JSON."""
    found = proposal.comings
    return {
        "users": [shift_json(s) for s in proposal.shifts],
        "new": list(found.new),
        "gone": list(found.gone),
        "moved": [{"user": user, "before": a, "after": b} for user, (a, b) in found.moved.items()],
        "file": [
            {"user": d.user or None, "organisation": d.organisation or None, "key": d.key}
            | {"before": d.before or None, "after": d.after or None}
            for d in proposal.differences
        ],
        "stored": {user: dict(changed) for user, changed in proposal.stored.items()},
        "secrets": {"kept": list(proposal.kept), "not_kept": list(proposal.lost)},
    }


def print_proposal(proposal: Proposal) -> None:
    """What another file means, for a person."""
    found = proposal.comings
    if proposal.differences:
        rows = [(_whose(d), d.key, d.before or "–", d.after or "–") for d in proposal.differences]
        print_table(("of", "in the file", "is", "would be"), rows)
    if proposal.stored:
        rows = [(u, k, v or "no longer") for u, changed in proposal.stored.items() for k, v in changed.items()]
        print_table(("user", "stored", "would be"), rows)
    print_shifts(proposal.shifts)
    for place in proposal.lost:
        warn(f"{place}: not taken over, since it would be shown to somebody else; give it anew, or: mailsync connect")
    if proposal.kept:
        say(f"{len(proposal.kept)} secrets of the present file stay as they are")
    if found.new:
        say(f"new: {', '.join(found.new)}; their first sessions begin with the next start of `serve`")
    if found.gone:
        say(f"not in it any more: {', '.join(found.gone)}; what is stored of them stays until: mailsync erase USER")
    if found.moved:
        rows = [(user, old, new) for user, (old, new) in found.moved.items()]
        print_table(("user", "Salesforce is at", "would be at"), rows)
        say("where that is another organisation they have no session until you decide (docs/cli.md)")


def _whose(difference: Difference) -> str:
    if difference.organisation:
        return f"organisation {difference.organisation}"
    return difference.user or "all"


def export_file(config: Path | None, target: Path | None, *, without_stored: bool) -> None:
    """Writes organisations and users as TOML to a file, or prints them: no secrets, nothing of this machine; with what
    `set` stored, unless that is to be left out. Raises SettingsError."""
    import tomli_w

    with open_setup(config) as setup:
        document, left_out = strip_secrets(read_file(setup.settings.path))
        stored = {user: dict(setup.store.settings(user)) for user in setup.users}
    if not without_stored:
        document["stored"] = {user: given for user, given in stored.items() if given}
    text = _HEAD + tomli_w.dumps(document, multiline_strings=False)
    if left_out:
        warn(f"left out, since they are secrets: {', '.join(left_out)}; an import on this machine keeps them")
    write_or_print(text, target)
