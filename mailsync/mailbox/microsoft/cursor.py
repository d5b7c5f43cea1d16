"""The opaque cursor of the mailbox feed: JSON text of what the last reading knew."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mailsync.core.refs import ItemId
from mailsync.mailbox.microsoft.tree import Folder, Tree

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Cursor:
    """`hierarchy` and `states` are delta links, as paths: of the folders, and of the folder and its sub-folders.
    `split`: this tenant does not take both marks in one filter. `unread`: items that a feed told of and Graph would not
    show; they are asked for again.
    """

    home: str
    tree: Tree
    hierarchy: str
    states: Mapping[str, str]
    split: bool = False
    unread: tuple[ItemId, ...] = ()


def write_cursor(cursor: Cursor) -> str:
    """The cursor as text. Names are kept for the notes of A4."""
    tree = cursor.tree
    content = {
        "version": _VERSION,
        "home": cursor.home,
        "roots": [tree.root, tree.contacts, tree.bin],
        "folders": [[f.id, f.parent, f.name] for f in tree.folders.values()],
        "hierarchy": cursor.hierarchy,
        "states": dict(cursor.states),
        "split": cursor.split,
        "unread": list(cursor.unread),
    }
    return json.dumps(content, separators=(",", ":"))


def read_cursor(text: str | None, home: str) -> Cursor | None:
    """A cursor from its text; None for none, for another folder's, and for one that can't be read any more."""
    try:
        content: dict[str, Any] = json.loads(text or "{}")
        if content["version"] != _VERSION or content["home"] != home:
            return None
        return _read(content)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _read(content: dict[str, Any]) -> Cursor:
    rows: list[tuple[str, str, str]] = content["folders"]
    folders = {i: Folder(i, parent, name) for i, parent, name in rows}
    root, contacts, thrown = content["roots"]
    states: dict[str, str] = content["states"]
    paths = [content["hierarchy"], *states.values()]
    if not all(isinstance(p, str) and p.startswith("/") for p in paths):
        raise ValueError("a link")
    return Cursor(
        home=content["home"],
        tree=Tree(root, contacts, thrown, folders),
        hierarchy=content["hierarchy"],
        states=dict(states),
        split=bool(content["split"]),
        unread=tuple(ItemId(str(i)) for i in content.get("unread", ())),
    )
