"""A user's settings: what the file says and what `set` has stored, resolved to typed values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from mailsync.core.person import Flow
from mailsync.core.policy import (
    AutoRemoval,
    CompanyChange,
    Direction,
    LastNameFallback,
    OnLeaveScope,
    Several,
    Winner,
)
from mailsync.core.refs import AccountId, FieldName
from mailsync.errors import SettingsError
from mailsync.ports.presets import Mode, Preset, layers
from mailsync.settings.connections import MailboxKind
from mailsync.settings.keys import KEYS, Key, find_key, parse, unknown

Origin = str
"""Where a value comes from: default, file, set, or `preset NAME`."""


@dataclass(frozen=True, slots=True)
class UserSettings:
    """Every setting of a user, typed; settings/keys.py says what each means."""

    contacts: bool
    direction: Direction
    view: str  # mine, all, or view: and an id, DeveloperName or label
    auto_removal: AutoRemoval
    winner: Winner
    winners: Mapping[FieldName, Winner]
    on_leave_scope: OnLeaveScope
    min_substring: int
    fixed_account: AccountId | None
    auto_create_account: bool
    company_change: CompanyChange
    several: Several
    last_name_fallback: LastNameFallback
    hold_shared_deletions: bool
    block: frozenset[str]  # addresses and domains, case-folded
    defaults: Mapping[str, str]  # by vendor field
    required: frozenset[FieldName]
    region: str
    guard_count: int
    guard_percent: int
    interval: timedelta
    budget_calls: int
    budget_percent: int
    history_days: int
    tombstone_days: int
    strip_company_suffix: bool
    description: Flow
    mailbox: MailboxKind = MailboxKind.FILE


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of `get`: the key, its value as text, and where the value comes from."""

    key: str
    value: str
    origin: Origin


def resolve(
    defaults: Mapping[str, str],
    file: Mapping[str, str],
    stored: Mapping[str, str],
    presets: tuple[Preset, ...] = (),
) -> tuple[UserSettings, Mapping[str, Origin]]:
    """The settings in force: [defaults], over them presets that preserve, the user's own of the file, what `set`
    stored, and presets that override.

    The origin is given for every key but families, and for each member of a family that is set. Raises SettingsError
    with a line for each problem, naming the place.
    """
    ordered: list[tuple[str, Origin, Mapping[str, str]]] = [
        ("defaults", "file", defaults),
        *((origin, origin, given) for origin, given in layers(presets, Mode.PRESERVE)),
        ("settings", "file", file),
        ("stored", "set", stored),
        *((origin, origin, given) for origin, given in layers(presets, Mode.OVERRIDE)),
    ]
    values: dict[str, Any] = {key.name: key.kind.parse(key.default) for key in KEYS if not key.is_family}
    origins: dict[str, Origin] = dict.fromkeys(values, "default")
    problems: list[str] = []
    for place, origin, layer in ordered:
        for name, text in layer.items():
            value, problem = parse(name, text)
            if problem:
                problems.append(f"{place}: {problem}")
            else:
                values[name], origins[name] = value, origin
    if problems:
        raise SettingsError(tuple(problems))
    return UserSettings(**{key.field: _collect(key, values) for key in KEYS}), origins


def _collect(key: Key, values: Mapping[str, Any]) -> Any:
    """A key's value; of a family the values by field, of switches the fields that are on."""
    if not key.is_family:
        return values[key.name]
    prefix = key.name.removesuffix("FIELD")
    members = {FieldName(n.removeprefix(prefix)): v for n, v in values.items() if find_key(n) is key}
    return frozenset(n for n, on in members.items() if on) if key.field == "required" else members


def show(settings: UserSettings, origins: Mapping[str, Origin]) -> list[Shown]:
    """What `get` shows: every key in the order of the table, then the members of each family that are set."""
    lines: list[Shown] = []
    for key in KEYS:
        if key.is_family:
            lines += [Shown(n, _member(key, settings, n), o) for n, o in sorted(origins.items()) if find_key(n) is key]
        else:
            lines.append(Shown(key.name, key.kind.format(getattr(settings, key.field)), origins[key.name]))
    return lines


def _member(key: Key, settings: UserSettings, name: str) -> str:
    field = FieldName(name.partition(".")[2])
    held = getattr(settings, key.field)
    return key.kind.format(field in held if key.field == "required" else held[field])


def parse_changes(assignments: Sequence[str]) -> dict[str, str | None]:
    """What `set USER KEY=VALUE…` stores, in the form that `get` shows; `KEY=` (None) goes back to the file's value.

    Raises SettingsError with a line for each assignment that can't be used.
    """
    changes: dict[str, str | None] = {}
    problems: list[str] = []
    for assignment in assignments:
        name, equals, text = (part.strip() for part in assignment.partition("="))
        if not equals:
            problems.append(f"{name}: write it as KEY=VALUE")
        elif not text:
            changes[name] = None
            problems += [unknown(name)] if find_key(name) is None else []
        else:
            value, problem = parse(name, text)
            key = find_key(name)
            changes[name] = key.kind.format(value) if key and not problem else None
            problems += [problem] if problem else []
    if problems:
        raise SettingsError(tuple(problems))
    return changes
