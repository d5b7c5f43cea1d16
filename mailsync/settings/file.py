"""Reading mailsync.toml: found, read, checked as a whole, and turned into values."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from mailsync.errors import SettingsError
from mailsync.settings.apps import APPS, app_problems, file_problems, place
from mailsync.settings.connections import (
    ExchangeConnection,
    GoogleConnection,
    MailboxConnection,
    MicrosoftConnection,
    Settings,
    UserConnection,
    WorkerSettings,
)
from mailsync.settings.keys import key_problems
from mailsync.settings.organisations import list_organisations, organisation_problems
from mailsync.settings.secret import find_secret, list_given
from mailsync.settings.shape import ExchangeShape, FileShape, GoogleShape, MicrosoftShape, UserShape, check_shape
from mailsync.settings.tables import Table, flatten, subtable

SECRETS = {"exchange": "password", "google": "token", "microsoft": "token"}
"""The kinds of mailbox, each with the secret of its section."""


_DEEPEST = 20
_DEEP = "tables and lists are nested too deep; mailsync init writes a file to go by"


def locate_file(option: str | None, environ: Mapping[str, str], folder: Path) -> Path:
    """The file in force: `--config FILE`, else $MAILSYNC_CONFIG, else mailsync.toml in `folder`."""
    return folder / (option or environ.get("MAILSYNC_CONFIG") or "mailsync.toml")


def load_settings(path: Path, environ: Mapping[str, str]) -> Settings:
    """The file's settings. `environ` is asked for keys that end in _env. Raises SettingsError with every problem."""
    return check_settings(read_file(path), path, environ)


def check_settings(raw: Mapping[str, Any], path: Path, environ: Mapping[str, str]) -> Settings:
    """The settings of a file's content, as if it stood at `path`. Raises SettingsError with every problem."""
    base = path.absolute().parent
    shape, problems = check_shape(raw)
    problems += [p for name in subtable(raw, "users") for p in _name_problems(name)]
    problems += key_problems("defaults", raw.get("defaults"))
    for name, user in subtable(raw, "users").items():
        problems += _user_problems(f"users.{name}", user, base, environ)
    problems += [p for name in APPS for p in app_problems(name, subtable(raw, name), base, environ)]
    problems += organisation_problems(raw, base, environ)
    if shape is None or problems:
        raise SettingsError(tuple(dict.fromkeys(problems)))
    return _settings(path.absolute(), shape, base, environ)


def read_file(path: Path) -> dict[str, Any]:
    """A file's content, of which only the syntax is known. Raises SettingsError."""
    text = ""
    try:
        text = path.read_text(encoding="utf-8-sig")
        found = tomllib.loads(text)
        if not _is_deep(found):
            return found
        problem = f"{path}: {_DEEP}"
    except RecursionError:
        problem = f"{path}: {_DEEP}"
    except FileNotFoundError:
        problem = f"{path}: there is no such file; write one with: mailsync init, or give another: --config FILE"
    except UnicodeDecodeError:
        problem = f"{path}: this is no UTF-8 text; save it as UTF-8"
    except OSError as error:
        problem = f"{path}: can't be read: {error.strerror}"
    except tomllib.TOMLDecodeError as error:
        problem = f"{path}: this is no TOML: {_position(str(error), text)}"
    raise SettingsError((problem,))


def _is_deep(found: object) -> bool:
    """Whether tables lie within tables for more levels than any setting has."""
    level = [found]
    for _ in range(_DEEPEST):
        level = [inner for table in level if isinstance(table, dict) for inner in cast("Table", table).values()]
    return bool(level)


def _position(said: str, text: str) -> str:
    """What is wrong and where, without the text itself, which may be a secret."""
    plain = re.sub(r"'(\]\]?|=)'", r"\1", said)  # what it expects there
    what = re.sub(r"\s*\(at [^)]*\)|[:,]? *['\"].*", "", plain)
    found = re.search(r"\(at line (\d+), column (\d+)\)", said)
    if found:
        return f"line {found[1]}, column {found[2]}: {what}"
    lines = text.split("\n")
    return f"line {len(lines)}, column {len(lines[-1]) + 1} (the file's end): {what}"


def _name_problems(name: str) -> list[str]:
    if re.fullmatch(r"[^\s=/\\\x00-\x1f-][^\s=/\\\x00-\x1f]{0,127}", name):
        return []
    return [f"users.{name}: a user's name has no blanks, =, / or \\ in it and does not begin with -"]


def _user_problems(place: str, user: object, base: Path, environ: Mapping[str, str]) -> list[str]:
    if not isinstance(user, dict):
        return []
    table = cast("dict[str, Any]", user)
    return [
        *key_problems(f"{place}.settings", table.get("settings")),
        *filter(None, [find_secret(table, "salesforce_token", place, base, environ)[1]]),
        *_section_problems(place, table),
        *(p for kind in SECRETS for p in _mailbox_problems(place, kind, table, base, environ)),
    ]


def _section_problems(place: str, table: Table) -> list[str]:
    """The mailbox has the section of its kind; those of other kinds are mailboxes to move to (`set mailbox=KIND`)."""
    kind = table.get("mailbox")
    if not isinstance(kind, str) or kind not in SECRETS:
        return []
    return [] if kind in table else [f"{place}.{kind}: missing; add [{place}.{kind}]"]


def _mailbox_problems(place: str, kind: str, table: Table, base: Path, environ: Mapping[str, str]) -> list[str]:
    """What is wrong with the secret and the certificates of a section that is there."""
    if not isinstance(table.get(kind), dict):
        return []
    section = subtable(table, kind)
    secret = find_secret(section, SECRETS[kind], f"{place}.{kind}", base, environ)[1]
    return [*filter(None, [secret]), *file_problems(f"{place}.{kind}", section, base)]


def _settings(path: Path, shape: FileShape, base: Path, environ: Mapping[str, str]) -> Settings:
    """Values of a file without problems."""
    return Settings(
        path,
        shape.store if "://" in shape.store else str(base / shape.store),
        base / shape.key_file,
        list_organisations(shape, base, environ),
        {name: _user(name, user, base, environ) for name, user in shape.users.items()},
        dict(flatten(shape.defaults)),
        WorkerSettings(shape.worker.sessions, shape.worker.grace),
    )


def _user(name: str, user: UserShape, base: Path, environ: Mapping[str, str]) -> UserConnection:
    token, _ = find_secret(list_given(user, "salesforce_token"), "salesforce_token", "", base, environ)
    given = {"exchange": user.exchange, "google": user.google, "microsoft": user.microsoft}
    mailboxes = {k: _mailbox(k, section, base, environ) for k, section in given.items() if section is not None}
    settings = dict(flatten(user.settings))
    mailbox, username = mailboxes[user.mailbox], user.salesforce_username or ""
    organisation = user.organisation or ""
    return UserConnection(name, token, user.address, mailbox, settings, username, mailboxes, organisation)


def _mailbox(
    kind: str, section: ExchangeShape | GoogleShape | MicrosoftShape, base: Path, environ: Mapping[str, str]
) -> MailboxConnection:
    name = SECRETS[kind]
    secret, _ = find_secret(list_given(section, name), name, "", base, environ)
    ca = place(section.ca, base)
    match section:
        case GoogleShape():
            return GoogleConnection(secret, section.url, ca)
        case MicrosoftShape():
            return MicrosoftConnection(secret, section.url, ca)
        case ExchangeShape():
            return ExchangeConnection(
                section.url, section.username, secret, section.auth, ca, impersonate=section.impersonate
            )
