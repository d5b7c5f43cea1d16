"""`mailsync settings plan`: another settings file, linted as a whole and tried on everybody before it is in force."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mailsync.bootstrap import Setup, gate_of, open_setup, resolve_user
from mailsync.cli.output import print_json, print_table, say
from mailsync.cli.shifts import Resolved, print_shifts, shift_json, survey
from mailsync.settings import Settings, load_settings


@dataclass(frozen=True, slots=True)
class Comings:
    """Who comes and goes by another file, and whose Salesforce organisation would be another one."""

    new: tuple[str, ...]
    gone: tuple[str, ...]
    moved: Mapping[str, tuple[str, str]]


def plan_file(config: Path | None, source: Path, *, settings_only: bool, as_json: bool) -> None:
    """What a file in the place of the present one would change for everybody; nothing is stored, and no file written.
    Raises SettingsError with every problem of the file and of everybody's settings under it."""
    with open_setup(config) as setup:
        later = Setup(load_settings(source, os.environ), setup.store)
        found = compare(setup.settings, later.settings)

        def changed(user: str) -> Resolved:
            return resolve_user(later, user)

        stay = [user for user in setup.users if user in later.users]
        shifts = survey(setup, stay, changed, settings_only=settings_only, quiet=as_json, under=later)
        for user in found.new:
            resolve_user(later, user)
    if as_json:
        moved = [{"user": user, "before": a, "after": b} for user, (a, b) in found.moved.items()]
        shape: dict[str, Any] = {"users": [shift_json(s) for s in shifts]}
        print_json({**shape, "new": list(found.new), "gone": list(found.gone), "moved": moved})
        return
    print_shifts(shifts)
    _print(found)


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


def _print(found: Comings) -> None:
    if found.new:
        say(f"new: {', '.join(found.new)}; their first sessions begin with the next start of `serve`")
    if found.gone:
        say(f"not in it any more: {', '.join(found.gone)}; what is stored of them stays until: mailsync erase USER")
    if found.moved:
        rows = [(user, old, new) for user, (old, new) in found.moved.items()]
        print_table(("user", "Salesforce is at", "would be at"), rows)
        say("where that is another organisation they have no session until you decide (docs/cli.md)")
