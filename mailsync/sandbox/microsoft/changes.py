"""contacts/delta and contactFolders/delta: what came, changed and went since a token that was handed out before.

A round is a window of changes, told page by page from the contact created last to the one created first (the same
windows as EWS's sync); what changes meanwhile is told in the next round. A token holds what was selected and is good
for its folder in its mailbox only; it has no fixed life (mailbox.md C2), the fault expire_cursor ends it.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final, cast

import orjson

from mailsync.sandbox.exchange.ids import SyncState
from mailsync.sandbox.exchange.records import Folder, Mailbox, Trace
from mailsync.sandbox.exchange.store import get_first, is_below
from mailsync.sandbox.exchange.synchronisation import LAST, classify_change, list_changes, take_page
from mailsync.sandbox.microsoft.context import Context, answer_json, read_page_size
from mailsync.sandbox.microsoft.errors import Failed
from mailsync.sandbox.microsoft.identifiers import write_item_id, write_rest
from mailsync.sandbox.microsoft.queries import DEFAULT_TOP, MOST, read_options, read_select
from mailsync.sandbox.microsoft.rendering import write_contact, write_folder
from mailsync.sandbox.vendor import Answer

REFUSED: Final = ("$orderby", "$filter", "$expand", "$search", "$top", "$skip", "$count")
_SKIP, _DELTA = "$skiptoken", "$deltatoken"


def tell_contact_changes(context: Context, folder: Folder, place: str) -> Answer:
    """One page of a folder's changes, with the link to the next page or to the next round."""
    _refuse_options(context, "Contacts", "'$orderby, $filter, $select, $expand, $search, $top'")
    token, selected = _read_start(context, folder.id)
    state = SyncState(folder.id, token["done"], token["until"], token["below"])
    if not state.below:
        state = SyncState(folder.id, state.done, context.box.number, LAST)
    size = read_page_size(context, DEFAULT_TOP, MOST)
    page, after = take_page(_list_window(folder, state, token.get("replay")), state, size)
    value = list(_write_changes(context, folder, page, selected))
    return _answer(context, place, value, {**token, "done": after.done, "until": after.until, "below": after.below})


def tell_folder_changes(context: Context, root: Folder) -> Answer:
    """The contact folders under the default one that came, changed or went; all in one page."""
    _refuse_options(context, "ContactFolders", "'$orderby, $filter, $expand, $search, $top'")
    token, _ = _read_start(context, root.id)
    value = list(_write_folder_changes(context.box, root, token["done"], token.get("replay", token["done"])))
    until = context.box.number
    return _answer(context, "contactFolders", value, {**token, "done": until, "until": until, "below": 0})


def rewind_token(box: Mailbox, text: str) -> str:
    """A token that tells all that is there once more, and what went since the given one, as that would: "replay" is
    where it stood. A replay repeats, it loses nothing (mailbox.md C2).
    """
    token = _read_token(box, text)
    return _write_token(box, {**token, "done": 0, "until": 0, "below": 0, "replay": token.get("replay", token["done"])})


def _list_window(folder: Folder, state: SyncState, replay: int | None) -> Iterator[tuple[str, Trace, str]]:
    """The window's changes; of a replay with what went since it was told last."""
    told = list_changes(folder.traces, state, folder.latest, frozenset())
    if replay is None:
        return told
    since = list_changes(folder.traces, replace(state, done=replay), folder.latest, frozenset())
    gone = (change for change in since if change[2] == "Delete")
    return iter(sorted([*told, *gone], key=lambda change: -change[1].created))


def _refuse_options(context: Context, resource: str, listed: str) -> None:
    given = read_options(context.request.query)
    if any(name in given for name in REFUSED):
        raise Failed(
            "ErrorInvalidUrlQuery",
            "The following parameters are not supported with change tracking over "
            f"the '{resource}' resource: {listed}.",
        )


def _read_start(context: Context, folder_id: str) -> tuple[dict[str, Any], frozenset[str] | None]:
    """The token of a request, or a new one. Raises Failed for one that isn't this folder's, or was never given."""
    given = read_options(context.request.query)
    text = given.get(_DELTA) or given.get(_SKIP)
    if text is None:
        selected = read_select(given)
        names = None if selected is None else sorted(selected)
        return {"folder": folder_id, "done": 0, "until": 0, "below": 0, "select": names}, selected
    token = _read_token(context.box, text)
    if token["folder"] != folder_id or token["until"] > context.box.number:
        raise Failed("SyncStateNotFound")
    return token, None if token["select"] is None else frozenset(token["select"])


def _write_changes(
    context: Context, folder: Folder, page: list[tuple[str, str]], selected: frozenset[str] | None
) -> Iterator[dict[str, Any]]:
    box = context.box
    present = {get_first(box, item_id) for item_id in folder.items} if context.immutable else set[int]()
    for item_id, change in page:
        if change == "Delete":
            if get_first(box, item_id) not in present:  # it left and came back: its immutable id is still here
                identifier = write_item_id(box, item_id, immutable=context.immutable)
                yield {"id": identifier, "@removed": {"reason": "deleted"}}
        elif folder.items[item_id].kind == "Contact":
            yield write_contact(context, folder.items[item_id], selected, {})


def _write_folder_changes(box: Mailbox, root: Folder, done: int, known: int) -> Iterator[dict[str, Any]]:
    """`known`: up to where the client was told of folders; more than `done` in a replay."""
    for folder_id, trace in box.traces.items():
        change = classify_change(trace, done) or classify_change(trace, known)
        folder = box.folders.get(folder_id)
        if not change or folder_id == root.id or (folder is not None and not is_contact_folder(folder)):
            continue
        if folder is not None and is_below(box, folder, root.id):
            yield write_folder(folder)
        elif known >= trace.created:
            yield {"id": write_rest(folder_id), "@removed": {"reason": "deleted"}}


def is_contact_folder(folder: Folder) -> bool:
    """Whether Graph tells of a folder as a contact folder of the person's own: the hidden default ones are none."""
    return folder.folder_class.startswith("IPF.Contact") and not folder.distinguished


def _answer(context: Context, place: str, value: list[dict[str, Any]], token: dict[str, Any]) -> Answer:
    kind, name = ("nextLink", _SKIP) if token["below"] else ("deltaLink", _DELTA)
    token = token if token["below"] else {key: held for key, held in token.items() if key != "replay"}
    link = f"{context.link(place)}/delta?{name}={_write_token(context.box, token)}"
    metadata = f"{context.root}/$metadata#Collection({'contact' if place.endswith('contacts') else 'contactFolder'})"
    applied = ["odata.track-changes"]
    if "odata.maxpagesize" in context.preferences:
        applied.append(f"odata.maxpagesize={context.preferences['odata.maxpagesize']}")
    headers = {"preference-applied": ", ".join(applied)}
    return answer_json({"@odata.context": metadata, f"@odata.{kind}": link, "value": value}, headers=headers)


def _write_token(box: Mailbox, token: dict[str, Any]) -> str:
    content = orjson.dumps(token)
    seal = hashlib.sha256(box.guid.bytes + content).digest()[:16]
    return base64.urlsafe_b64encode(seal + content).decode().rstrip("=")


def _read_token(box: Mailbox, text: str) -> dict[str, Any]:
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise Failed("SyncStateNotFound") from None
    if len(raw) < 16 or hashlib.sha256(box.guid.bytes + raw[16:]).digest()[:16] != raw[:16]:
        raise Failed("SyncStateNotFound")
    return cast(dict[str, Any], orjson.loads(raw[16:]))
