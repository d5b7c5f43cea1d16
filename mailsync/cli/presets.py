"""`mailsync presets`: named settings of many users, as a TOML file that is linted, tried on everybody, and saved."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mailsync.bootstrap import Setup, SystemClock, open_setup, resolve_user
from mailsync.cli.changes import NO_EFFECT, PLANNED, Effect, consequences, effect_json, find_effect
from mailsync.cli.failures import DONE, FAILED
from mailsync.cli.output import ask, print_json, print_table, say, warn
from mailsync.cli.recording import acts_of
from mailsync.errors import SettingsError
from mailsync.ports.presets import Book
from mailsync.settings import UserSettings, show
from mailsync.settings.book import lint, read_book, write_book
from mailsync.telemetry import tell


@dataclass(frozen=True, slots=True)
class Changed:
    """A key whose value in force changes; "" stands for a member of a family that is not set."""

    key: str
    before: str
    after: str
    origin: str


@dataclass(frozen=True, slots=True)
class Shift:
    """What other presets mean for one user."""

    user: str
    before: UserSettings
    after: UserSettings
    keys: tuple[Changed, ...]
    effect: Effect = NO_EFFECT

    @property
    def is_planned(self) -> bool:
        """Whether E7 asks for the plan of the change."""
        return any(getattr(self.before, name) != getattr(self.after, name) for name in PLANNED)


def show_presets(config: Path | None, *, as_json: bool) -> None:
    """Lists the presets, and for how many users of the file each is."""
    with open_setup(config) as setup:
        book, users = setup.store.presets.book(), setup.users
    shapes = [preset_json(book, name, users) for name in (p.name for p in book.presets)]
    if as_json:
        print_json({"presets": shapes, "groups": {name: list(members) for name, members in book.groups.items()}})
        return
    rows = [(s["preset"], s["mode"], len(s["users"]), _settings_in_words(s["settings"]), s["about"]) for s in shapes]
    print_table(("preset", "mode", "users", "settings", "about"), rows)


def preset_json(book: Book, name: str, users: Sequence[str]) -> dict[str, Any]:
    """A preset as JSON, with the users of the file that it is for."""
    (preset,) = [p for p in book.presets if p.name == name]
    meant = [user for user in users if preset in book.of(user)]
    kept = {"mode": preset.mode.value, "settings": dict(preset.settings), "users": meant, "about": preset.about}
    return {"preset": name, **kept}


def _settings_in_words(settings: Mapping[str, str]) -> str:
    return "; ".join(f"{key} = {value}" for key, value in settings.items())


def export_presets(config: Path | None, target: Path | None) -> None:
    """Writes the presets as TOML to a file, or prints them. Raises SettingsError."""
    with open_setup(config) as setup:
        text = write_book(setup.store.presets.book())
    if target is None:
        print(text, end="")
        return
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingsError((f"{target}: can't be written: {error.strerror}",)) from None
    say(f"{target} is written")


def plan_presets(config: Path | None, source: Path, *, settings_only: bool, as_json: bool) -> None:
    """What the presets of a file would change for everybody; nothing is stored. Raises SettingsError."""
    with open_setup(config) as setup:
        book = _read(setup, source)
        shifts, notes = survey(setup, book, settings_only=settings_only, quiet=as_json), lint(book, setup.users)
    if as_json:
        print_json({"users": [shift_json(s) for s in shifts], "notes": notes})
    else:
        _print(shifts, notes)


def import_presets(config: Path | None, source: Path, *, settings_only: bool, sure: bool, as_json: bool) -> int:
    """Puts a file's presets in the place of all others, after showing their plan (E7). Returns 1 where a person says
    no. Raises SettingsError, and then nothing is stored."""
    with open_setup(config) as setup:
        book = _read(setup, source)
        shifts, notes = survey(setup, book, settings_only=settings_only, quiet=as_json), lint(book, setup.users)
        if not as_json:
            _print(shifts, notes)
        if not (sure or ask("Save?")):
            return FAILED
        _save(setup, book, shifts)
    if as_json:
        print_json({"saved": len(book.presets), "users": [shift_json(s) for s in shifts], "notes": notes})
    else:
        say(f"{len(book.presets)} presets are saved; they change settings of {len(shifts)} users")
    return DONE


def _save(setup: Setup, book: Book, shifts: Sequence[Shift]) -> None:
    states = {s.user: consequences(s.before, s.after, shown=s.effect.plan is not None) for s in shifts}
    now, changes = SystemClock().now(), {s.user: _details(s) for s in shifts}
    with setup.store.acting() as hand:
        for user in sorted(states):
            hand.settle(user, states[user], now)
        hand.replace_presets(book)
        hand.record([a for user, details in changes.items() for a in acts_of("presets import", user, **details)])
        hand.record(acts_of("presets import", presets=[p.name for p in book.presets], users=len(shifts)))
    for user, details in changes.items():
        tell("settings.changed", user=user, keys=" ".join(sorted(details)))


def _details(shift: Shift) -> dict[str, Any]:
    return {c.key: {"before": c.before or None, "after": c.after or None} for c in shift.keys}


def _read(setup: Setup, source: Path) -> Book:
    try:
        text = source.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "this is no UTF-8 text"
        raise SettingsError((f"{source}: can't be read: {reason}",)) from None
    return read_book(text, setup.users)


def survey(setup: Setup, book: Book, *, settings_only: bool, quiet: bool) -> list[Shift]:
    """The users whose settings in force would change, with the plan of the change where E7 asks for one and
    `settings_only` does not forbid it. Raises SettingsError with every user's problems."""
    shifts: list[Shift] = []
    problems: list[str] = []
    for user in setup.users:
        try:
            shift = _compare(setup, book, user)
            if shift.is_planned and not settings_only and not problems:
                effect = find_effect(setup, user, shift.before, shift.after, quiet=quiet)
                shift = Shift(user, shift.before, shift.after, shift.keys, effect)
            shifts += [shift] if shift.before != shift.after else []
        except SettingsError as error:
            problems += error.problems
    if problems:
        raise SettingsError(tuple(problems))
    return shifts


def _compare(setup: Setup, book: Book, user: str) -> Shift:
    before, after = resolve_user(setup, user), resolve_user(setup, user, presets=book.of(user))
    former = {s.key: s.value for s in show(*before)}
    return Shift(user, before[0], after[0], tuple(_changed(former, show(*after))))


def _changed(former: Mapping[str, str], latter: Sequence[Any]) -> Iterator[Changed]:
    later = {s.key: s for s in latter}
    for key in dict.fromkeys([*former, *later]):
        value, origin = (later[key].value, later[key].origin) if key in later else ("", "default")
        if former.get(key, "") != value:
            yield Changed(key, former.get(key, ""), value, origin)


def shift_json(shift: Shift) -> dict[str, Any]:
    """What presets mean for one user as JSON."""
    changes = {c.key: {"before": c.before, "after": c.after, "origin": c.origin} for c in shift.keys}
    return {"user": shift.user, "changes": changes, **effect_json(shift.effect)}


def _print(shifts: Sequence[Shift], notes: Sequence[str]) -> None:
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
