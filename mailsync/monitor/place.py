"""Where an installation lies: files and their modes, room on the disk, the key, the database and its revision."""

import os
import shutil
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from mailsync.errors import StoreError
from mailsync.monitor.findings import Finding, note, ok, problem
from mailsync.settings import Settings
from mailsync.store.inspection import Condition, inspect_store
from mailsync.store.places import file_of
from mailsync.store.secrets import Secrets

ROOM = 256 * 1024 * 1024
"""Bytes that should be free where the store lies."""
SKEW = timedelta(seconds=60)
"""How far clocks may differ: assertions of service accounts live for minutes, locks fall after 60 s."""


def look_at_place(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Files, database and key. Nothing is made, upgraded or written."""
    yield from _look_at_file("settings file", settings.path)
    try:
        file = file_of(settings.store)
    except StoreError as error:
        yield problem("store", str(error), error.remedy)
        return
    if file is not None:
        yield from _look_at_folder(file.parent)
        if not file.exists():
            yield note("store", f"{file} is not there yet", "the first command that needs it makes it")
            return
        yield from _look_at_file("store", file)
    try:
        condition = inspect_store(settings.store, Secrets(settings.key_file))
    except StoreError as error:
        yield from _look_at_key(settings.key_file)
        yield problem("store", str(error), error.remedy)
        return
    if condition.revision or settings.key_file.exists():  # an empty database's key is made together with its tables
        yield from _look_at_key(settings.key_file)
    yield from look_at_condition(condition, now)


def _look_at_file(area: str, path: Path) -> Iterator[Finding]:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o007:
        yield problem(area, f"{path} is open to everybody (mode {mode:03o})", f"close it: chmod 600 {path}")
    elif mode & 0o070:
        yield note(area, f"{path} can be used by its group (mode {mode:03o})", f"close it: chmod 600 {path}")
    else:
        yield ok(area, f"{path}, mode {mode:03o}")


def _look_at_folder(folder: Path) -> Iterator[Finding]:
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        yield problem("folder", f"{folder} can't be written", "give the agent's account the right to write it")
        return
    free = shutil.disk_usage(folder).free
    if free < ROOM:
        advice = "make room: a session that can't store what it did ends, and the next one goes on"
        yield problem("disk", f"{free // 2**20} MiB are free below {folder}", advice)
    else:
        yield ok("disk", f"{free // 2**20} MiB are free below {folder}")


def _look_at_key(path: Path) -> Iterator[Finding]:
    if not path.exists():
        yield problem("key", f"the key file {path} is missing", "put it back from its backup")
    else:
        yield from _look_at_file("key", path)


def look_at_condition(found: Condition, now: datetime) -> Iterator[Finding]:
    """What the database says of itself; pure."""
    yield compare_revisions(found)
    if found.key is not None:
        yield problem("key", str(found.key), found.key.remedy)
    elif found.revision:
        yield ok("key", "it opens what is encrypted in the store")
    if found.doubted:
        text = "the database is a restored or copied one: everybody will be matched again, and nothing is deleted (A1)"
        yield note("store", text, "nothing needs to be done; if another installation still uses the original, stop one")
    for line in found.broken:
        yield problem("store", f"the file is damaged: {line}", "put it back from a backup (docs/operations.md)")
    if found.clock is not None:
        yield compare_clocks("the database server's", found.clock, now)


def compare_revisions(found: Condition) -> Finding:
    """Whether the database is what this program takes; pure."""
    if not found.revision:
        return note("revision", "the database is empty", "the first command that needs it fills it")
    if found.revision == found.expected:
        return ok("revision", f"{found.kind}, revision {found.revision}")
    if found.revision < found.expected:
        text = f"the database is at revision {found.revision}, this program's is {found.expected}"
        return note("revision", text, "the next command upgrades it, or: mailsync db upgrade (make a backup first)")
    text = f"the database is at revision {found.revision}, newer than this program's {found.expected}"
    if found.readable:
        return note("revision", f"{text}, which can work with it", "upgrade this program, too")
    return problem("revision", text, "install the version of mailsync that upgraded it")


def compare_clocks(whose: str, theirs: datetime, ours: datetime) -> Finding:
    """Whether two clocks agree; pure."""
    apart = round((ours - theirs).total_seconds())
    text = f"this machine's clock is {abs(apart)} s {'ahead of' if apart > 0 else 'behind'} {whose}"
    if abs(apart) > SKEW.total_seconds():
        return problem("clock", text, "let both follow a time server (NTP)")
    return ok("clock", f"agrees with {whose} within {max(1, abs(apart))} s")
