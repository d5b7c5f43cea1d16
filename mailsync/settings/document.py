"""The settings file as a document that can be kept under version control: without secrets and what belongs to one
machine, with what `set` stored as [stored.USER]; and what a document changes. Pure.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, cast

from mailsync.errors import SettingsError
from mailsync.settings.apps import APPS
from mailsync.settings.keys import find_key, key_problems, parse
from mailsync.settings.tables import Table, flatten, subtable

Place = tuple[str, ...]
Stored = Mapping[str, Mapping[str, str]]
"""What `set` stored, by user."""

MACHINE = ("store", "key_file")
"""Keys that say where this machine keeps things; a store's URL may hold a password."""
_MAILBOXES = {"exchange": "password", "google": "token", "microsoft": "token"}
_LEADS = ("url", "username", "client_id", "login_url", "tenant")
"""Keys of a section that say to whom its secret is shown."""
_SECRET = "a secret"  # noqa: S105 - stands for one  # pragma: allowlist secret
_ANOTHER = "another secret"


@dataclass(frozen=True, slots=True)
class Difference:
    """A key of the file that another document has otherwise; "" is none. Secrets are told as such, never as they are.
    It is of a user, of an organisation by name, or of the whole installation."""

    user: str
    organisation: str
    key: str
    before: str
    after: str


def _secret_places(document: Table) -> Iterator[tuple[Place, str]]:
    """Sections that are there and may hold a secret, with its name. Users and organisations may be called anything, so
    sections are known by where they stand."""
    named = subtable(document, "organisations")
    for home in ((), *(("organisations", name) for name in named)):
        for section, secret in (*((app, "client_secret") for app in APPS), ("feed", "token")):
            if _at(document, (*home, section)):
                yield (*home, section), secret
    for user in subtable(document, "users"):
        yield ("users", user), "salesforce_token"
        for kind, secret in _MAILBOXES.items():
            if _at(document, ("users", user, kind)):
                yield ("users", user, kind), secret


def _at(document: Table, place: Place) -> dict[str, Any]:
    found: Table = document
    for name in place:
        found = subtable(found, name)
    return cast("dict[str, Any]", found)


def strip_secrets(document: Table) -> tuple[dict[str, Any], list[str]]:
    """The document without secrets and without what belongs to the machine, and where secrets stood. References to
    secrets (`…_env`, `…_file`) stay."""
    bare = deepcopy(dict(document))
    for key in MACHINE:
        bare.pop(key, None)
    found = [(place, name) for place, name in _secret_places(bare) if name in _at(bare, place)]
    for place, name in found:
        del _at(bare, place)[name]
    return bare, [".".join((*place, name)) for place, name in found]


def fill_in(document: Table, present: Table) -> tuple[dict[str, Any], list[str], list[str]]:
    """A document with what it leaves out and the present file has: the machine's keys, and secrets, these only where
    they are shown to nobody else than before. Returns it with the places of secrets that were kept, and of those that
    were not. Raises SettingsError where it leads to another store or key file."""
    whole = deepcopy(dict(document))
    moved = [key for key in MACHINE if key in whole and present and whole[key] != present.get(key)]
    if moved:
        raise SettingsError(tuple(f"{key}: leave it out, or as it is; see mailsync db move" for key in moved))
    whole = {**{key: present[key] for key in MACHINE if key in present}, **whole}
    kept: list[str] = []
    lost: list[str] = []
    for place, name in _secret_places(whole):
        section, former = _at(whole, place), _at(present, place)
        if name not in former or any(way in section for way in (name, f"{name}_env", f"{name}_file")):
            continue
        same = _shown_to(whole, place) == _shown_to(present, place)
        (kept if same else lost).append(".".join((*place, name)))
        if same:
            section[name] = former[name]
    return whole, kept, lost


def _shown_to(document: Table, place: Place) -> list[object]:
    """To whom the secret of a section is shown, and whose it is."""
    told = [_at(document, place).get(key) for key in _LEADS]
    home = place[:2] if place[0] == "organisations" else ()
    if place[0] == "users":
        user = _at(document, place[:2])
        named = user.get("organisation")
        home = ("organisations", str(named).strip()) if named else ()
        told += [user.get("address"), user.get("salesforce_username"), named]
    return [*told, _at(document, (*home, "salesforce")).get("url")]


def take_stored(document: Table) -> tuple[dict[str, Any], Stored | None]:
    """The document without [stored], and what stands there where `stored_problems` has none; None where it has no such
    table."""
    rest = {key: value for key, value in document.items() if key != "stored"}
    if "stored" not in document or any(stored_problems(document)):
        return rest, None
    tables = subtable(document, "stored")
    return rest, {user: {k: _canonical(k, text) for k, text in flatten(table)} for user, table in tables.items()}


def stored_problems(document: Table) -> Iterator[str]:
    """What is wrong with [stored]."""
    found, users = document.get("stored", {}), subtable(document, "users")
    if not isinstance(found, dict):
        yield "stored: write it as tables: [stored.USER]"
        return
    for user, table in cast("Table", found).items():
        if user not in users:
            yield f"stored.{user}: there is no [users.{user}]"
        if isinstance(table, dict):
            yield from key_problems(f"stored.{user}", cast("object", table))
        else:
            yield f"stored.{user}: write it as a table: [stored.{user}]"


def _canonical(name: str, text: str) -> str:
    key = find_key(name)
    assert key is not None
    return key.kind.format(parse(name, text)[0])


def compare_documents(before: Table, after: Table) -> list[Difference]:
    """What differs, in the order of keys; nobody's secrets."""
    found: list[Difference] = []
    for part in ("users", "organisations"):
        old, new = subtable(before, part), subtable(after, part)
        for name in dict.fromkeys([*old, *new]):
            whose = (name, "") if part == "users" else ("", name)
            found += [Difference(*whose, *d) for d in _differences(subtable(old, name), subtable(new, name), part)]
    rest = [{k: v for k, v in d.items() if k not in ("users", "organisations")} for d in (before, after)]
    return found + [Difference("", "", *d) for d in _differences(rest[0], rest[1], "")]


def _differences(before: Table, after: Table, part: str) -> Iterator[tuple[str, str, str]]:
    old, new = dict(flatten(before)), dict(flatten(after))
    for key in sorted(old.keys() | new.keys()):
        was, is_ = old.get(key, ""), new.get(key, "")
        if was != is_ and _is_secret(key, part):
            yield key, _SECRET if was else "", (_ANOTHER if was else _SECRET) if is_ else ""
        elif was != is_:
            yield key, was, is_


def _is_secret(key: str, part: str) -> bool:
    """By its place in a user's table, or in an organisation's or the file's own."""
    if part == "users":
        return key == "salesforce_token" or key in {f"{kind}.{name}" for kind, name in _MAILBOXES.items()}
    return key in {*(f"{app}.client_secret" for app in APPS), "feed.token", "store"}
