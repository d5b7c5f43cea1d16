"""`mailsync presets`: named settings of many users, as a TOML file that is linted, tried on everybody, and saved."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mailsync.bootstrap import Setup, SystemClock, open_setup, resolve_user
from mailsync.cli.failures import DONE, FAILED
from mailsync.cli.output import ask, print_json, print_table, say, write_or_print
from mailsync.cli.recording import acts_of
from mailsync.cli.shifts import Resolved, Shift, print_shifts, shift_json, survey
from mailsync.errors import SettingsError
from mailsync.ports.presets import Book
from mailsync.settings.book import lint, read_book, write_book
from mailsync.telemetry import tell


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
    write_or_print(text, target)


def plan_presets(config: Path | None, source: Path, *, settings_only: bool, as_json: bool) -> None:
    """What the presets of a file would change for everybody; nothing is stored. Raises SettingsError."""
    with open_setup(config) as setup:
        book = _read(setup, source)
        shifts, notes = _survey(setup, book, settings_only=settings_only, quiet=as_json), lint(book, setup.users)
    if as_json:
        print_json({"users": [shift_json(s) for s in shifts], "notes": notes})
    else:
        print_shifts(shifts, notes)


def import_presets(config: Path | None, source: Path, *, settings_only: bool, sure: bool, as_json: bool) -> int:
    """Puts a file's presets in the place of all others, after showing their plan (E7). Returns 1 where a person says
    no. Raises SettingsError, and then nothing is stored."""
    with open_setup(config) as setup:
        book = _read(setup, source)
        shifts, notes = _survey(setup, book, settings_only=settings_only, quiet=as_json), lint(book, setup.users)
        if not as_json:
            print_shifts(shifts, notes)
        if not (sure or ask("Save?")):
            return FAILED
        _save(setup, book, shifts)
    if as_json:
        print_json({"saved": len(book.presets), "users": [shift_json(s) for s in shifts], "notes": notes})
    else:
        say(f"{len(book.presets)} presets are saved; they change settings of {len(shifts)} users")
    return DONE


def _survey(setup: Setup, book: Book, *, settings_only: bool, quiet: bool) -> list[Shift]:
    def changed(user: str) -> Resolved:
        return resolve_user(setup, user, presets=book.of(user))

    return survey(setup, setup.users, changed, settings_only=settings_only, quiet=quiet)


def _save(setup: Setup, book: Book, shifts: Sequence[Shift]) -> None:
    now = SystemClock().now()
    with setup.store.acting() as hand:
        for shift in sorted(shifts, key=lambda s: s.user):
            hand.settle(shift.user, shift.state, now)
            hand.record(acts_of("presets import", shift.user, **shift.details))
        hand.replace_presets(book)
        hand.record(acts_of("presets import", presets=[p.name for p in book.presets], users=len(shifts)))
    for shift in shifts:
        tell("settings.changed", user=shift.user, keys=" ".join(sorted(shift.details)))


def _read(setup: Setup, source: Path) -> Book:
    try:
        text = source.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "this is no UTF-8 text"
        raise SettingsError((f"{source}: can't be read: {reason}",)) from None
    return read_book(text, setup.users)
