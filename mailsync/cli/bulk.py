"""`mailsync set` for many users at once: linted, tried on each of them, asked once, and saved in one transaction."""

from collections.abc import Sequence
from pathlib import Path

from mailsync.bootstrap import Setup, SystemClock, open_setup, resolve_user
from mailsync.cli.changes import merge_settings, tell_fixed
from mailsync.cli.failures import DONE, FAILED
from mailsync.cli.output import ask, print_json, say
from mailsync.cli.recording import acts_of
from mailsync.cli.selection import Selection, choose
from mailsync.cli.shifts import Resolved, Shift, print_shifts, shift_json, survey
from mailsync.settings import parse_changes
from mailsync.telemetry import tell


def set_for_many(
    config: Path | None,
    selection: Selection,
    assignments: Sequence[str],
    *,
    plan: bool,
    settings_only: bool,
    sure: bool,
    as_json: bool,
) -> int:
    """Saves the same settings for all the users meant, or for none; with `plan` only shows what would change. Returns 1
    where a person says no. Raises SettingsError naming every user's problems, and then nothing is stored."""
    wanted = parse_changes(assignments)
    with open_setup(config) as setup:
        users = choose(setup, selection)

        def changed(user: str) -> Resolved:
            return resolve_user(setup, user, merge_settings(setup.store.settings(user), wanted))

        shifts = survey(setup, users, changed, settings_only=settings_only, quiet=as_json)
        if not as_json:
            print_shifts(shifts)
        if not plan:
            if not (sure or ask(f"Save for {len(users)} users?")):
                return FAILED
            _save(setup, users, wanted, shifts)
    shape = {"users": [shift_json(s) for s in shifts], "meant": list(users), "saved": {} if plan else wanted}
    if as_json:
        print_json(shape)
    else:
        say(f"{len(users)} users are meant, settings of {len(shifts)} change{'' if plan else '; saved'}")
    return DONE


def _save(setup: Setup, users: Sequence[str], wanted: dict[str, str | None], shifts: Sequence[Shift]) -> None:
    """Stored for everybody who is meant, also where a preset decides; what follows, for those whose settings change."""
    known, now = {s.user: s for s in shifts}, SystemClock().now()
    with setup.store.acting() as hand:
        for user in sorted(users):
            shift = known.get(user)
            hand.save_settings(user, wanted, shift.state if shift else None, now if shift else None)
            details = shift.details if shift else {k: {"before": v, "after": v} for k, v in wanted.items()}
            hand.record(acts_of("set", user, **details))
    for user in users:
        tell("settings.changed", user=user, keys=" ".join(sorted(wanted)))
        tell_fixed(setup, user, wanted)
