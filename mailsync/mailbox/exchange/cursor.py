"""The opaque cursor of the mailbox feed: JSON text of what the last reading knew."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mailsync.mailbox.exchange.tree import Folder, Tree

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Cursor:
    """`states` are those of the folder and its sub-folders. `marks` is None where the server searches categories by
    itself; else the state of each other contact folder, and `marked` the marked items in each.
    """

    home: str
    tree: Tree
    hierarchy: str
    states: Mapping[str, str]
    marks: Mapping[str, str] | None = None
    marked: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


def write_cursor(cursor: Cursor) -> str:
    """The cursor as text. Ids are long and mailboxes deep, so parents are told by their place in the list."""
    tree = cursor.tree.prune()
    ids = list(tree.folders)
    places = {folder: place for place, folder in enumerate(ids)}
    content = {
        "version": _VERSION,
        "home": cursor.home,
        "roots": [tree.root, tree.contacts, tree.bin],
        "folders": [[f.id, places.get(f.parent, -1), int(f.ours)] for f in tree.folders.values()],
        "hierarchy": cursor.hierarchy,
        "states": dict(cursor.states),
        "marks": dict(cursor.marks) if cursor.marks is not None else None,
        "marked": {folder: list(items) for folder, items in cursor.marked.items()},
    }
    return json.dumps(content, separators=(",", ":"))


def read_cursor(text: str | None, home: str) -> Cursor | None:
    """A cursor from its text; None for none, for another folder's, and for one that can't be read any more."""
    try:
        content: dict[str, Any] = json.loads(text or "{}")
        if content["version"] != _VERSION or content["home"] != home:
            return None
        return _read(content)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError, RecursionError):
        return None


def _read(content: dict[str, Any]) -> Cursor:
    rows: list[tuple[str, int, int]] = content["folders"]
    folders = {i: Folder(i, rows[parent][0] if parent >= 0 else "", bool(ours)) for i, parent, ours in rows}
    root, contacts, thrown = content["roots"]
    marks: dict[str, str] | None = content["marks"]
    marked: dict[str, list[str]] = content["marked"]
    return Cursor(
        home=content["home"],
        tree=Tree(root, contacts, thrown, folders),
        hierarchy=content["hierarchy"],
        states=dict(content["states"]),
        marks=None if marks is None else dict(marks),
        marked={folder: tuple(items) for folder, items in marked.items()},
    )
