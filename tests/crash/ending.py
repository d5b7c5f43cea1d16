"""The end of a run as it can be compared: all that the vendors and the store hold, without ids, stamps and cursors.

References become the persons they point to. What may differ between a run that was cut off and one that was not is
written down here, and nowhere else (decision 0015): how many sessions it took; the words in which reasons are given; of
moves and marks, which carry no values, whether they are in the history – never that one is there of which the
uninterrupted run knows nothing; whether a create that was not to be found later is told of as one that may have been
carried out: nothing can prove that it was not; and whether the twin of a new contact is asked about beside that
contact, whose record is not there yet, or beside its record. Parked changes that stand beside an open question are
compared as that question; an edit that stays where it is (B10) is told of until its pair is looked at again, whenever
that is.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from mailsync.core.entries import UNFOUND
from tests.crash.scene import KINDS, Scene

PASSING = frozenset(
    {
        # Exchange
        *("Id", "ChangeKey", "FolderId", "DateTimeCreated", "LastModifiedTime", "DateTimeReceived", "guid"),
        # Google
        *("number", "revision", "updateTime", "log"),
        # Salesforce
        *("id", "CreatedDate", "LastModifiedDate", "SystemModstamp", "LastViewedDate", "LastReferencedDate"),
    }
)
"""What names things or tells when: new in every run."""

LEFT_OUT: Mapping[str, frozenset[str]] = {
    "installation": frozenset({"uuid", "generation", "changes", "key_check", "place"}),
    "users": frozenset({"fence", "holder", "renewed", "next_run_at", "asked", "queued"}),
    "organisations": frozenset({"served"}),
    "pairs": frozenset({"item_hash", "crm_version", "mailbox_version", "link_note"}),
    "tombstones": frozenset({"ended"}),
    "intents": frozenset({"key", "begun", "session"}),
    "parked": frozenset({"due"}),
    "holds": frozenset(),
    "history": frozenset({"id", "session", "time", "item_hash", "reason"}),
}
"""Columns of the store that count sessions or tell when."""

BY_FIELD = frozenset({"crm_values", "mailbox_values", "last", "fields"})
"""Columns that hold a JSON object by field."""

PAST = "store history"
MARKS = "store history of moves and marks"
"""The part of a picture in which a run that was cut off may lack lines."""

PASSING_STATE = frozenset({"mailbox_cursor", "crm_cursor", "mailbox_read", "swept", "next_run", "counted"})
TABLES_LEFT_OUT = frozenset({"sessions", "alembic_version", "credentials", "activity", "gates"})
"""How many sessions it took is not compared; nor the log of activity, in which a command is that was given again twice
(`test_acts.py` looks at it)."""

_KEYS = re.compile(r"\b[0-9a-f]{32}\b")  # correlation keys
_GUIDS = re.compile(r"\{[0-9a-f]{8}-[0-9a-f-]{27}\}", re.IGNORECASE)  # of categories; new ones are drawn
_STAMPS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*(?:Z|[+-]\d\d:?\d\d)?")
# ids of Exchange, Graph and Google that nothing has any more
_ITEMS = re.compile(r"AA(?:[MQ]k|kALg)[A-Za-z0-9+/_=-]{60,}|(?<=people/c)\d{6,}")

Picture = Mapping[str, list[str]]


def take_picture(scene: Scene) -> Picture:
    """The present end, part by part."""
    world = scene.box.sandbox.dump()
    names = dict(_name_everything(world))
    names |= {other: names[i] for i, other in KINDS[scene.kind].other_ids(scene.url, list(names)).items()}
    names |= _name_installation(scene)
    naming = re.compile("|".join(re.escape(i) for i in sorted(names, key=len, reverse=True)) or r"(?!)")

    def name(text: str) -> str:
        text = naming.sub(lambda found: names[found[0]], text.replace(scene.url, ""))
        return _GUIDS.sub("<guid>", _KEYS.sub("<key>", _ITEMS.sub("<gone>", text)))

    shown = _picture_vendors(world, name)
    return {part: sorted(lines) for part, lines in {**shown, **_picture_store(scene, name)}.items() if lines}


def differences(expected: Picture, found: Picture) -> list[str]:
    """What one picture lacks and what it has too much, line by line; moves and marks as the docstring above allows."""
    told: list[str] = []
    for part in sorted({*expected, *found}):
        before, after = list(expected.get(part, [])), list(found.get(part, []))
        if part == MARKS:
            known = {line.partition(" ")[2] for line in before} | {_item_of(line) for line in expected.get(PAST, [])}
            told += [f"{part}: too much {line}" for line in after if line.partition(" ")[2] not in known]
            continue
        for line in list(before):
            if line in after:
                before.remove(line)
                after.remove(line)
        told += [f"{part}: missing  {line}" for line in before] + [f"{part}: too much {line}" for line in after]
    return told


def _item_of(line: str) -> str:
    return str(json.loads(line).get("item"))


def _name_installation(scene: Scene) -> Mapping[str, str]:
    """Its mark on the folder: the id, and a generation that is new in a store that was made or restored in the run."""
    rows = scene.shelf.rows("installation")
    return {f"{r['uuid']}:{r['generation']}": "<this installation>" for r in rows}


def _name_everything(value: Any) -> Iterable[tuple[str, str]]:
    """Each id of a world with the person or thing that it stands for."""
    if isinstance(value, list):
        for entry in value:
            yield from _name_everything(entry)
    elif isinstance(value, dict):
        found = value.get("Id") or value.get("id") or value.get("resourceName")
        shown = value.get("DisplayName") or value.get("Name") or value.get("name") or value.get("displayName")
        shown = shown or " ".join(filter(None, (value.get("FirstName"), value.get("LastName"))))
        shown = shown or _name_at_google(value)
        if isinstance(found, str) and len(found) > 6:
            yield found, f"<{shown or 'nameless'}>"
        for entry in value.values():
            yield from _name_everything(entry)


def _name_at_google(contact: Mapping[str, Any]) -> str:
    names = contact.get("names")
    entry = names[0] if isinstance(names, list) and names else {}
    return " ".join(filter(None, (entry.get("givenName"), entry.get("familyName"))))


def _picture_vendors(world: Mapping[str, Any], name: Any) -> dict[str, list[str]]:
    shown: dict[str, list[str]] = {}
    for kind, rows in world["salesforce"]["records"].items():
        shown[f"salesforce {kind}"] = [name(_plain(row)) for row in rows]
    for vendor in ("exchange", "google", "microsoft"):
        for part in world.get(vendor, {}).get("mailboxes", []):
            _picture_folder(f"{vendor} {part.get('user', '')}", part, name, shown)
    return shown


def _picture_folder(place: str, folder: Mapping[str, Any], name: Any, shown: dict[str, list[str]]) -> None:
    """A folder's own properties, its items, and what lies below it; whatever is a list of objects is compared
    regardless of its order."""
    own: dict[str, Any] = {}
    for key, value in folder.items():
        if isinstance(value, list) and value and all(isinstance(v, dict) for v in value):
            if key == "folders":
                for below in value:
                    _picture_folder(f"{place}/{below['name']}", below, name, shown)
            else:
                shown[f"{place} {key}"] = [name(_plain(v)) for v in value]
        elif key == "default_folders":
            for below, content in value.items():
                _picture_folder(f"{place}/{below}", content, name, shown)
        elif key not in PASSING:
            own[key] = value
    shown[place] = [name(_plain(own))]


def _plain(value: Any) -> str:
    return _STAMPS.sub("<stamp>", json.dumps(_without_passing(value), sort_keys=True, ensure_ascii=False))


def _without_passing(value: Any) -> Any:
    match value:
        case dict():
            return {k: _without_passing(v) for k, v in value.items() if k not in PASSING}
        case list():
            return [_without_passing(v) for v in value]
        case _:
            return value


def _picture_store(scene: Scene, name: Any) -> dict[str, list[str]]:
    """Every table, whatever tables there are."""
    tables = scene.shelf.tables()
    rows = {t: list(scene.shelf.rows(t)) for t in tables if t not in TABLES_LEFT_OUT}
    rows["state"] = [r for r in rows.get("state", []) if r["key"] not in PASSING_STATE and r["value"] != "false"]
    asked = {r["rule"] for r in rows.get("holds", [])}
    waits = [r for r in rows.get("parked", []) if r["reason"] == "waits for an answer" and r["rule"] in asked]
    rows["parked"] = [r for r in rows.get("parked", []) if r not in waits]
    rows["issues"] = [r for r in rows.get("issues", []) if r["rule"] != "B10"]
    past = [r for r in rows.pop("history", []) if UNFOUND not in r["reason"]]
    shown = {f"store {table}": [name(_row(table, row)) for row in found] for table, found in rows.items()}
    shown[PAST] = [name(_row("history", r)) for r in past if r["kind"] not in ("move", "categorise")]
    shown[MARKS] = [name(f"{r['kind']} {r['item']}") for r in past if r["kind"] in ("move", "categorise")]
    return shown


def _row(table: str, row: Mapping[str, Any]) -> str:
    kept = {k: v for k, v in row.items() if k not in LEFT_OUT.get(table, frozenset())}
    for column in BY_FIELD & kept.keys():  # the order in which fields were written down is of no matter
        kept[column] = json.dumps(json.loads(kept[column]), sort_keys=True, ensure_ascii=False)
    if table == "holds":
        twin = kept["rule"] == "B2"
        kept["members"] = [(m[1:2] if twin else m[:2]) + m[4:] for m in json.loads(kept["members"])]
        kept["question"] = "" if twin else kept["question"]
    if kept.get("kind") in ("pair", "unpair", "update"):
        # Found again by its id property (A1) where something had moved it already; and once a first pairing (B2, B4) is
        # stored, values that meet a session later do so as those of any pair (B10, B12).
        del kept["rule"]
    return json.dumps(kept, sort_keys=True, ensure_ascii=False, default=str)
