"""The keys of a user's settings: one table. The first value named is the default (contract.md)."""

from dataclasses import dataclass
from difflib import get_close_matches
from re import fullmatch
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
from mailsync.settings.connections import MailboxKind
from mailsync.settings.tables import flatten
from mailsync.settings.values import (
    ACCOUNT,
    BLOCK,
    INTERVAL,
    REGION,
    SWITCH,
    TEXT,
    VIEW,
    Kind,
    choice,
    number,
)

FIELD = "FIELD"
"""Stands for a field's Salesforce name in the keys of a family."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `field` is its name in UserSettings; `default` is text; a family (NAME.FIELD) has no default."""

    name: str
    field: str
    kind: Kind
    default: str
    about: str
    rule: str

    @property
    def is_family(self) -> bool:
        """Whether FIELD stands for the name of any field."""
        return self.name.endswith(f".{FIELD}")


KEYS: tuple[Key, ...] = (
    Key("contacts", "contacts", SWITCH, "on", "whether contacts are synced at all", "A15"),
    Key("direction", "direction", choice(Direction), "both", "both ways, only to Salesforce (up) or from it", "E1"),
    Key("view", "view", VIEW, "mine", "which Salesforce contacts come down", "A14"),
    Key(
        "auto_removal",
        "auto_removal",
        choice(AutoRemoval),
        "not-allowed",
        "whether deleting in the mailbox deletes in Salesforce",
        "D1",
    ),
    Key("conflict", "winner", choice(Winner), "salesforce", "who wins where both sides edited a field", "B12"),
    Key("conflict.FIELD", "winners", choice(Winner), "", "the same for one field", "B12"),
    Key(
        "on_leave_scope",
        "on_leave_scope",
        choice(OnLeaveScope),
        "remove",
        "what becomes of a mailbox contact whose record leaves the view",
        "A18",
    ),
    Key("min_substring", "min_substring", number(1, 255), "1", "shortest company name searched within names", "B6"),
    Key("account", "fixed_account", ACCOUNT, "none", "an Account that every new contact gets", "B5"),
    Key("auto_create_account", "auto_create_account", SWITCH, "off", "whether missing Accounts are created", "B7"),
    Key("company_change", "company_change", choice(CompanyChange), "suggest", "an edited company: relink or not", "B9"),
    Key("several", "several", choice(Several), "hold", "which of several matching records is taken", "B2"),
    Key(
        "last_name_fallback",
        "last_name_fallback",
        choice(LastNameFallback),
        "issue",
        "what stands for a missing last name in Salesforce",
        "B1",
    ),
    Key(
        "hold_shared_deletions",
        "hold_shared_deletions",
        SWITCH,
        "off",
        "whether deleting what others mirror too is asked first",
        "D3",
    ),
    Key("block", "block", BLOCK, "none", "addresses and domains never created in Salesforce", "A20"),
    Key("default.FIELD", "defaults", TEXT, "", "a value that new records get in a field", "B1"),
    Key("required.FIELD", "required", SWITCH, "", "whether a field must be filled before a record is created", "B1"),
    Key("region", "region", REGION, "US", "country of phone numbers written without one", "B11"),
    Key("guard.count", "guard_count", number(0, 1_000_000), "10", "more deletions than this at once are held …", "D8"),
    Key(
        "guard.percent", "guard_percent", number(0, 100), "10", "… if they are more than this share of the pairs", "D8"
    ),
    Key("interval", "interval", INTERVAL, "30m", "time between two sessions", "A2"),
    Key("budget.calls", "budget_calls", number(0, 100_000_000), "1000", "daily API calls left to others …", "C4"),
    Key("budget.percent", "budget_percent", number(0, 100), "10", "… and as a share of the organisation's limit", "C4"),
    Key("history_days", "history_days", number(1, 3650), "90", "days that the history is kept", "D9"),
    Key("tombstone_days", "tombstone_days", number(1, 3650), "30", "days that ended pairs are remembered", "D9"),
    Key("strip_company_suffix", "strip_company_suffix", SWITCH, "off", 'whether "Acme Inc." finds "Acme"', "B6"),
    Key("description", "description", choice(Flow), "off", "whether notes are synced, and which way", "B10"),
    Key("mailbox", "mailbox", choice(MailboxKind), "file", "the user's section in force; file: its `mailbox`", "E7"),
)

_BY_NAME = {key.name: key for key in KEYS}


def find_key(name: str) -> Key | None:
    """The key of that name; for `conflict.Email` the family `conflict.FIELD`. None where there is none."""
    if name in _BY_NAME and not _BY_NAME[name].is_family:
        return _BY_NAME[name]
    family, dot, field = name.partition(".")
    key = _BY_NAME.get(f"{family}.{FIELD}") if dot else None
    # Names of fields: letters, digits and underscores, a letter first (Salesforce's rule for API names).
    return key if key and field != FIELD and fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,79}", field) else None


def parse(name: str, text: str) -> tuple[Any, str]:
    """A key's typed value, and "" – or None and the problem in words, naming the key and what it takes."""
    key = find_key(name)
    if key is None:
        return None, unknown(name)
    try:
        return key.kind.parse(text.strip()), ""
    except (ValueError, KeyError):
        return None, f"{name}: {text.strip()!r} is not allowed; give {key.kind.allowed}"


def key_problems(place: str, found: object) -> list[str]:
    """Problems of a table of user keys."""
    return [f"{place}.{problem}" for name, text in flatten(found) for problem in [parse(name, text)[1]] if problem]


def unknown(name: str) -> str:
    """The problem of a key that does not exist."""
    near = get_close_matches(name, _BY_NAME, n=1)
    if near:
        return f"{name}: there is no such key; did you mean {near[0]}?"
    return f"{name}: there is no such key; there are: {', '.join(_BY_NAME)}"
