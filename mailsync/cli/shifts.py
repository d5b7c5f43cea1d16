"""What other settings mean for many users: the keys that change for each, and the plan of the change (E7)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mailsync.bootstrap import Setup, resolve_user
from mailsync.cli.changes import NO_EFFECT, PLANNED, Effect, consequences, effect_json, find_effect
from mailsync.cli.output import print_table, say, warn
from mailsync.errors import SettingsError
from mailsync.settings import Origin, UserSettings, show

Resolved = tuple[UserSettings, Mapping[str, Origin]]


@dataclass(frozen=True, slots=True)
class Changed:
    """A key whose value in force changes; "" stands for a member of a family that is not set."""

    key: str
    before: str
    after: str
    origin: str


@dataclass(frozen=True, slots=True)
class Shift:
    """What a change means for one user."""

    user: str
    before: UserSettings
    after: UserSettings
    keys: tuple[Changed, ...]
    effect: Effect = NO_EFFECT

    @property
    def state(self) -> dict[str, Any]:
        """What the change means for the user's next session."""
        return consequences(self.before, self.after, shown=self.effect.plan is not None)

    @property
    def details(self) -> dict[str, Any]:
        """The changed keys as the log of activity has them."""
        return {c.key: {"before": c.before or None, "after": c.after or None} for c in self.keys}

    @property
    def is_planned(self) -> bool:
        """Whether E7 asks for the plan of the change."""
        return any(getattr(self.before, name) != getattr(self.after, name) for name in PLANNED)


def survey(
    setup: Setup,
    users: Sequence[str],
    changed: Callable[[str], Resolved],
    *,
    settings_only: bool,
    quiet: bool,
    under: Setup | None = None,
) -> list[Shift]:
    """The users whose settings in force would change to those that `changed` gives, with the plan of the change where
    E7 asks for one and `settings_only` does not forbid it; `under` has the connections by then, where they are others.
    Raises SettingsError with every user's problems."""
    shifts: list[Shift] = []
    problems: list[str] = []
    for user in users:
        try:
            shift = _compare(user, resolve_user(setup, user), changed(user))
            if shift.is_planned and not settings_only and not problems:
                effect = find_effect(under or setup, user, shift.before, shift.after, quiet=quiet)
                shift = Shift(user, shift.before, shift.after, shift.keys, effect)
            shifts += [shift] if shift.before != shift.after else []
        except SettingsError as error:
            problems += error.problems
    if problems:
        raise SettingsError(tuple(problems))
    return shifts


def _compare(user: str, before: Resolved, after: Resolved) -> Shift:
    former = {s.key: s.value for s in show(*before)}
    return Shift(user, before[0], after[0], tuple(_changed(former, show(*after))))


def _changed(former: Mapping[str, str], latter: Sequence[Any]) -> Iterator[Changed]:
    later = {s.key: s for s in latter}
    for key in dict.fromkeys([*former, *later]):
        value, origin = (later[key].value, later[key].origin) if key in later else ("", "default")
        if former.get(key, "") != value:
            yield Changed(key, former.get(key, ""), value, origin)


def shift_json(shift: Shift) -> dict[str, Any]:
    """What a change means for one user as JSON."""
    changes = {c.key: {"before": c.before, "after": c.after, "origin": c.origin} for c in shift.keys}
    return {"user": shift.user, "changes": changes, **effect_json(shift.effect)}


def print_shifts(shifts: Sequence[Shift], notes: Sequence[str] = ()) -> None:
    """What would change, for a person: a line for each user and key, and the plans in numbers."""
    for line in notes:
        say(f"note: {line}")
    if not shifts:
        say("Nobody's settings change.")
        return
    rows = [(s.user, c.key, c.before or "–", c.after or "–", c.origin) for s in shifts for c in s.keys]
    print_table(("user", "key", "is", "would be", "from"), rows)
    for shift in shifts:
        if shift.effect.trouble:
            warn(f"{shift.user}: {shift.effect.trouble}")
        if shift.effect.plan is not None:
            shape = effect_json(shift.effect)
            say(f"{shift.user}: added {shape['added']}, kept {shape['kept']}, leaving {shape['leaving']}")
