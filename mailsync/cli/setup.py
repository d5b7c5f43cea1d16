"""`mailsync init`, `sandbox`, `get`, `db upgrade`, `keys rotate`."""

import os
from pathlib import Path

from mailsync.bootstrap import SystemClock, find_config, open_setup, pick_users, read_config, resolve_user
from mailsync.cli.output import print_json, print_table, say
from mailsync.cli.recording import acts_of
from mailsync.errors import SettingsError
from mailsync.settings import show, template


def write_template(option: Path | None) -> None:
    """Writes the commented settings file, mode 600 since log-ins will stand in it; never over another file.

    Raises SettingsError.
    """
    path = find_config(option)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(template())
    except FileExistsError:
        raise SettingsError((f"{path}: there is one already; give another: --config FILE",)) from None
    except OSError as error:
        raise SettingsError((f"{path}: can't be written: {error.strerror}; give another: --config FILE",)) from None
    say(f"{path} is written; fill it in, then run: mailsync check")


def run_sandbox(
    port: int,
    world: str,
    config_out: Path | None,
    state: Path | None,
    *,
    tls: bool,
    ca_out: Path | None,
    log_out: Path | None,
) -> None:
    """Serves the vendors' local stand-ins until SIGTERM. Raises SettingsError."""
    from mailsync.sandbox.command import serve_sandbox
    from mailsync.sandbox.vendor import Refused

    try:
        serve_sandbox(port, world, config_out, state, tls=tls, ca_out=ca_out, log_out=log_out)
    except Refused as error:
        raise SettingsError((str(error),)) from None


def show_settings(config: Path | None, user: str, *, as_json: bool) -> None:
    """Prints each key, its value and where that comes from."""
    with open_setup(config) as setup:
        pick_users(setup, [user])
        lines = show(*resolve_user(setup, user))
    if as_json:
        print_json({"user": user, "settings": {s.key: {"value": s.value, "origin": s.origin} for s in lines}})
    else:
        print_table(("key", "value", "origin"), [(s.key, s.value, s.origin) for s in lines])


def upgrade_store(config: Path | None, *, as_json: bool) -> None:
    """Brings the store's database up to date. Raises SettingsError, StoreError."""
    from mailsync.store import upgrade

    before, after = upgrade(read_config(config).store)
    if as_json:
        print_json({"before": before, "after": after})
        return
    say(f"the store is at revision {after}" + ("" if before == after else f", it was {before or 'new'}"))


def move_database(config: Path | None, target: str, *, as_json: bool) -> None:
    """Moves the store of the settings file to another database. Raises SettingsError, StoreError."""
    from mailsync.store import Secrets, move_store

    settings = read_config(config)
    moved = move_store(settings.store, target, Secrets(settings.key_file))
    if as_json:
        print_json({"moved": dict(moved)})
        return
    say(f"{moved['users']} users, {moved['pairs']} pairs and {moved['history']} entries of history are moved")
    say(f'now write into {settings.path}: store = "postgresql://…" (the URL that you gave); the old file is put aside')


def back_up_store(config: Path | None, folder: Path, keep: int, *, as_json: bool) -> None:
    """Copies a SQLite store into a folder. Raises SettingsError, StoreError."""
    from mailsync.store.backup import back_up

    settings = read_config(config)
    made = back_up(settings.store, folder, SystemClock().now(), keep)
    if as_json:
        print_json({"backup": str(made)})
        return
    say(f"{made} is a whole copy; keep {settings.key_file} and {settings.path} apart from it")


def rotate_key(config: Path | None, *, as_json: bool) -> None:
    """Puts a new key in the place of the old one and encrypts every log-in anew. Raises SettingsError, StoreError."""
    with open_setup(config) as setup:
        setup.store.logins.rotate(acts_of("keys rotate"))
        key_file = setup.settings.key_file
    if as_json:
        print_json({"key_file": str(key_file), "rotated": True})
        return
    say(f"{key_file} holds a new key and every stored log-in is encrypted with it; copy the file to where you keep it")
