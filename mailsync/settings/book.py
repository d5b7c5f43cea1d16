"""Presets as TOML: read and linted as a whole, every problem at once with its place; and written so that it reads back.

[groups]
sales = ["ann", "bob"]

[presets.house-rules]
about = "what nobody may change"
mode = "override"
everybody = true
settings = { auto_removal = "not-allowed" }
"""

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, cast

from mailsync.errors import SettingsError
from mailsync.ports.presets import Book, Mode, Preset
from mailsync.settings.keys import find_key, parse
from mailsync.settings.tables import flatten

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_KEYS = ("about", "mode", "everybody", "users", "groups", "settings")
_HEAD = "# Presets, as `mailsync presets export` wrote them. Later ones win over earlier ones.\n"

Table = Mapping[str, Any]


def read_book(text: str, users: Collection[str]) -> Book:
    """The presets of a TOML text; `users` are those of the settings file. Raises SettingsError with every problem."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError((f"this is no TOML: {error}",)) from None
    problems = list(_problems(raw, users))
    if problems:
        raise SettingsError(tuple(problems))
    return _book(raw)


def _book(raw: Table) -> Book:
    """The values of a text without problems."""
    groups = {name: tuple(dict.fromkeys(members)) for name, members in raw.get("groups", {}).items()}
    return Book(tuple(_preset(name, table) for name, table in raw.get("presets", {}).items()), groups)


def _preset(name: str, table: Table) -> Preset:
    return Preset(
        name,
        Mode(table.get("mode", Mode.PRESERVE.value)),
        {key: _canonical(key, text) for key, text in flatten(table["settings"])},
        tuple(dict.fromkeys(table.get("users", ()))),
        tuple(dict.fromkeys(table.get("groups", ()))),
        everybody=table.get("everybody", False),
        about=table.get("about", ""),
    )


def _canonical(name: str, text: str) -> str:
    key = find_key(name)
    assert key is not None
    return key.kind.format(parse(name, text)[0])


def _problems(raw: Table, users: Collection[str]) -> Iterator[str]:
    yield from (
        f"{key}: there is no such table; there are: groups, presets" for key in raw.keys() - {"groups", "presets"}
    )
    groups, presets = raw.get("groups", {}), raw.get("presets", {})
    if not isinstance(groups, dict) or not isinstance(presets, dict):
        yield "write groups and presets as tables: [groups], [presets.NAME]"
        return
    for name, members in cast("Table", groups).items():
        yield from _name_problems(f"groups.{name}", name)
        yield from _list_problems(f"groups.{name}", members, users, "user")
    for name, table in cast("Table", presets).items():
        yield from _name_problems(f"presets.{name}", name)
        if isinstance(table, dict):
            yield from _preset_problems(f"presets.{name}", cast("Table", table), users, cast("Table", groups))
        else:
            yield f"presets.{name}: write it as a table: [presets.{name}]"


def _name_problems(place: str, name: str) -> Iterator[str]:
    if not _NAME.fullmatch(name):
        yield f"{place}: a name has letters, digits, - and _ in it, 64 at most"


def _preset_problems(place: str, table: Table, users: Collection[str], groups: Collection[str]) -> Iterator[str]:
    for key in table.keys() - set(_KEYS):
        near = get_close_matches(key, _KEYS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(_KEYS)}"
        yield f"{place}.{key}: there is no such key; {hint}"
    if table.get("mode", "preserve") not in [m.value for m in Mode]:
        yield f"{place}.mode: give preserve or override"
    if not isinstance(table.get("everybody", False), bool):
        yield f"{place}.everybody: give true or false"
    if not isinstance(table.get("about", ""), str):
        yield f"{place}.about: give a text"
    yield from _list_problems(f"{place}.users", table.get("users", []), users, "user")
    yield from _list_problems(f"{place}.groups", table.get("groups", []), groups, "group")
    yield from _settings_problems(f"{place}.settings", table.get("settings"))


def _list_problems(place: str, found: object, known: Collection[str], what: str) -> Iterator[str]:
    if not isinstance(found, list) or not all(isinstance(n, str) for n in cast("list[object]", found)):
        yield f"{place}: give a list of {what}s"
        return
    for name in cast("list[str]", found):
        if name not in known:
            near = get_close_matches(name, known, n=1)
            yield f"{place}: there is no {what} {name}" + (f"; did you mean {near[0]}?" if near else "")


def _settings_problems(place: str, found: object) -> Iterator[str]:
    if not isinstance(found, dict) or not found:
        yield f"{place}: give at least one setting"
        return
    given = cast("Table", found)
    yield from (f"{place}.{problem}" for name, text in flatten(given) for problem in [parse(name, text)[1]] if problem)


def lint(book: Book, users: Collection[str]) -> list[str]:
    """What is odd about presets that can be used: assigned to nobody, or deciding one key of one user differently."""
    odd = [f"presets.{p.name}: assigned to nobody" for p in book.presets if not any(p in book.of(u) for u in users)]
    clashes = {clash for user in users for clash in _clashes(book.of(user))}
    return odd + [
        f"{key}: {winner} wins over {loser} where both are assigned" for key, winner, loser in sorted(clashes)
    ]


def _clashes(presets: tuple[Preset, ...]) -> Iterator[tuple[str, str, str]]:
    """(key, winner, loser) of presets of one mode that decide the same key differently."""
    for mode in Mode:
        decided: dict[str, Preset] = {}
        for preset in (p for p in presets if p.mode is mode):
            for key, value in preset.settings.items():
                if key in decided and decided[key].settings[key] != value:
                    yield key, preset.name, decided[key].name
                decided[key] = preset


def write_book(book: Book) -> str:
    """The presets as TOML, which `read_book` reads back."""
    import tomli_w

    document: dict[str, Any] = {}
    if book.groups:
        document["groups"] = {name: list(members) for name, members in book.groups.items()}
    if book.presets:
        document["presets"] = {p.name: _table(p) for p in book.presets}
    return _HEAD + tomli_w.dumps(document, multiline_strings=False)


def _table(preset: Preset) -> dict[str, Any]:
    given: dict[str, Any] = {
        "about": preset.about,
        "mode": preset.mode.value,
        "everybody": preset.everybody,
        "users": list(preset.users),
        "groups": list(preset.groups),
    }
    return {**{key: value for key, value in given.items() if value}, "settings": dict(preset.settings)}
