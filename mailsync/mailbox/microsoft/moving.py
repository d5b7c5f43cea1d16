"""Moving items into the folder. Graph has no move for contacts: its update of `parentFolderId` is tried and verified
(vendors/mailbox.md A2, H), else the item is made again in the folder and the first one removed.

That copy is B15-safe: it carries a key made from the first one's id, by which a later session finds it, and as long as
both are there the copy is not told of (`hide_unfinished`), so that one person never looks like two. Out of Deleted
Items, where nobody sees the first one, its copy counts at once, and a later session removes the first one
(`finish_moves`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from mailsync.core.refs import FolderId, ItemId, Key
from mailsync.errors import OutcomeUnknown
from mailsync.mailbox.microsoft.answers import Json
from mailsync.mailbox.microsoft.channel import Channel, Effect, Part
from mailsync.mailbox.microsoft.copying import ask_whole, copy_of, list_lost, read_key, read_record
from mailsync.mailbox.microsoft.items import (
    COPY_OF_OURS,
    COPY_OF_THEIRS,
    Reading,
    find_id,
    find_version,
    is_id,
    write_path,
)
from mailsync.mailbox.microsoft.login import VENDOR
from mailsync.mailbox.microsoft.properties import KEY
from mailsync.mailbox.microsoft.search import find_values
from mailsync.mailbox.microsoft.tree import folder_path
from mailsync.mailbox.microsoft.writing import Writer, remove_items
from mailsync.ports.outcomes import Missing, Outcome, Refusal, Stale, Written

NOT_FOUND, TOO_MANY = 404, 429


def make_keys(item: str) -> tuple[Key, Key]:
    """The keys that a copy of an item may have: of one that a person made, and of one that the agent made."""
    digest = sha256(item.encode()).hexdigest()[:32]
    return Key(f"{COPY_OF_THEIRS}{digest}"), Key(f"{COPY_OF_OURS}{digest}")


def choose_key(item: str, first: Json) -> Key:
    """The key of the copy of an item: whoever made the first one, made its copy (A14)."""
    theirs, ours = make_keys(item)
    key = read_key(first)
    return ours if key and not key.startswith(COPY_OF_THEIRS) else theirs


def hide_unfinished(seen: Mapping[ItemId, Reading], apart: Mapping[ItemId, Reading]) -> dict[ItemId, Reading]:
    """The items of the folder without copies whose first one is still there: that one is moved again, and then finds
    its copy. A copy that has a record is an item of its own by now, whatever became of its first one."""
    waiting = {key for i, r in apart.items() if r.item.record is None for key in make_keys(i)}
    return {i: r for i, r in seen.items() if r.item.record is not None or r.copied not in waiting}


def move_items(writer: Writer, items: Sequence[ItemId], folder: FolderId, thrown: str) -> list[Outcome]:
    """Moves items; the outcome has the id and version in the new place. `thrown`: Deleted Items. Raises
    OutcomeUnknown where a copy may have been made, VendorError where nothing was.
    """
    unique = list(dict.fromkeys(items))
    outcomes = _patch(writer, unique, folder) if writer.patches else {}
    unmoved = [i for i in unique if i not in outcomes]
    if unmoved:
        outcomes |= _make_again(writer, unmoved, folder, thrown)
    return [outcomes[i] for i in items]


def _patch(writer: Writer, items: Sequence[ItemId], folder: FolderId) -> dict[ItemId, Outcome]:
    """The outcomes of those that Graph moved, or that are missing; verified by where it says that they lie."""
    parts = [Part("PATCH", write_path(writer.channel, i), _write_parent(writer, i, folder)) for i in items]
    answers = dict(zip(items, writer.channel.batch(parts, Effect.WRITE), strict=True))
    outcomes: dict[ItemId, Outcome] = {}
    for item, answer in answers.items():
        if answer.good and answer.body.get("parentFolderId") == folder:
            outcomes[item] = writer.note(answer.body)
        elif answer.absent:
            outcomes[item] = Missing()
        elif answer.status == 429 or answer.status >= 500:
            outcomes[item] = Refusal(answer.code, "Microsoft did not move it", transient=True)
    writer.patches = len(outcomes) == len(items)
    return outcomes


def _write_parent(writer: Writer, item: ItemId, folder: FolderId) -> dict[str, Any]:
    shown = writer.known[item][1].get("displayName") if item in writer.known else None
    return {"parentFolderId": folder, **({"displayName": shown} if shown else {})}


@dataclass(slots=True)
class _Move:
    """One item on its way: as it was read, and its copy once there is one."""

    first: Json
    copy: Written | None = None
    outcome: Outcome | None = None


def _make_again(writer: Writer, items: Sequence[ItemId], folder: FolderId, thrown: str) -> dict[ItemId, Outcome]:
    moves = _read_firsts(writer.channel, items, folder)
    copies = _find_copies(writer, {i: m.first for i, m in moves.items() if m.outcome is None}, folder)
    for item, move in moves.items():
        move.copy = copies.get(item)
    _create_copies(writer, {i: m for i, m in moves.items() if m.outcome is None and m.copy is None}, folder)
    _verify_copies(writer, {i: m for i, m in moves.items() if m.outcome is None}, thrown)
    _remove_firsts(writer, {i: m for i, m in moves.items() if m.outcome is None}, thrown)
    return {i: m.outcome or Refusal("NOT_MOVED", "Microsoft did not move it", transient=True) for i, m in moves.items()}


def _read_firsts(channel: Channel, items: Sequence[ItemId], folder: FolderId) -> dict[ItemId, _Move]:
    """The items, whole. What lies in the folder already is there; what has a photo stays where it is: a copy that
    carries one has been seen to vanish with the first."""
    answers = channel.batch([Part("GET", f"{write_path(channel, i)}?{ask_whole()}") for i in items])
    photos = channel.batch([Part("GET", f"{write_path(channel, i)}/photo") for i in items])
    moves: dict[ItemId, _Move] = {}
    for item, answer, photo in zip(items, answers, photos, strict=True):
        move = moves[item] = _Move(answer.body)
        if answer.absent:
            move.outcome = Missing()
        elif not answer.good:
            move.outcome = Refusal(answer.code, "Microsoft does not show it", transient=True)
        elif answer.body.get("parentFolderId") == folder:
            move.outcome = Written(find_id(answer.body), find_version(answer.body))
        elif photo.good:
            text = "Microsoft can't move a contact with a photo; drag it into the folder in Outlook"
            move.outcome = Refusal("HAS_PHOTO", text)
        elif photo.status != NOT_FOUND:
            text = "Microsoft does not tell whether it has a photo, which would be lost"
            move.outcome = Refusal(photo.code, text, transient=True)
    return moves


def _find_copies(writer: Writer, firsts: Mapping[ItemId, Json], folder: FolderId) -> dict[ItemId, Written]:
    """Copies that an earlier session made and could not finish. One whose record is another than its first one's was
    finished and paired: a person has put the first one back beside it, and it is no copy of that one any more."""
    keys: dict[str, ItemId] = {key: i for i in firsts for key in make_keys(i)}
    found = find_values(writer.channel, [folder], KEY, list(keys), writer.wanted, (folder,)) if keys else {}
    known = [(keys[r.copied], r.item) for r in found.values() if r.copied in keys]
    return {i: Written(c.id, c.version) for i, c in known if c.record == read_record(firsts[i])}


def _create_copies(writer: Writer, moves: Mapping[ItemId, _Move], folder: FolderId) -> None:
    path = f"{folder_path(writer.channel, folder)}/contacts"
    parts = [Part("POST", path, copy_of(m.first, choose_key(i, m.first))) for i, m in moves.items()]
    answers = writer.channel.batch(parts, Effect.WRITE) if parts else []
    for move, answer in zip(moves.values(), answers, strict=True):
        if answer.failed:
            raise OutcomeUnknown(VENDOR, "Microsoft failed while it moved a contact", code=answer.code)
        if answer.good:
            move.copy = writer.note(answer.body)
        else:
            text = f"Microsoft did not take it into the folder: {answer.text or answer.code}"
            move.outcome = Refusal(answer.code, text, transient=answer.status == 429)


def _verify_copies(writer: Writer, moves: Mapping[ItemId, _Move], thrown: str) -> None:
    """A copy that lacks anything is taken away again, and the item stays where it is (L7)."""
    channel = writer.channel
    placed = {i: m.copy for i, m in moves.items() if m.copy is not None}
    parts = [Part("GET", f"{write_path(channel, c.id)}?{ask_whole()}") for c in placed.values()]
    answers = dict(zip(placed, channel.batch(parts) if parts else (), strict=True))
    poor: dict[ItemId, str] = {}
    for item, answer in answers.items():
        lost = list_lost(moves[item].first, answer.body) if answer.good else [answer.code]
        if lost:
            poor[item] = ", ".join(lost)
        else:
            moves[item].copy = Written(find_id(answer.body), find_version(answer.body))
    remove_items(writer, [ItemId(placed[i].id) for i in poor], thrown)
    for item, lost in poor.items():
        moves[item].outcome = Refusal("COPY_INCOMPLETE", f"Microsoft would have lost {lost} in moving it")


def _remove_firsts(writer: Writer, moves: Mapping[ItemId, _Move], thrown: str) -> None:
    for item, move in moves.items():
        writer.known[item] = (find_version(move.first), {})
    removed = remove_items(writer, list(moves), thrown)
    stale: list[ItemId] = []
    for move, outcome in zip(moves.values(), removed, strict=True):
        if isinstance(outcome, Written | Missing):
            move.outcome = move.copy
        elif isinstance(outcome, Stale) and move.copy is not None:
            # It was edited meanwhile: the copy is of yesterday.
            stale.append(ItemId(move.copy.id))
            move.outcome = Stale()
        else:
            move.outcome = Refusal("NOT_MOVED", "Microsoft did not remove it from its old place", transient=True)
    remove_items(writer, stale, thrown)


def finish_moves(writer: Writer, items: Sequence[ItemId], folder: FolderId, thrown: str) -> frozenset[ItemId]:
    """Removes those that an interrupted session left in Deleted Items (`thrown`) when their copy was in the folder
    already: only what lies there still as it was read, with a copy that lacks nothing of it (L4, L7). Returns those
    that Microsoft did not remove yet; whatever else was not finished needs no finishing. Raises VendorError.
    """
    channel = writer.channel
    here = [i for i in items if is_id(i)]
    answers = channel.batch([Part("GET", f"{write_path(channel, i)}?{ask_whole()}") for i in here]) if here else []
    told = dict(zip(here, answers, strict=True))
    firsts = {i: a.body for i, a in told.items() if a.good and a.body.get("parentFolderId") == thrown}
    copies = _find_copies(writer, firsts, folder)
    parts = [Part("GET", f"{write_path(channel, c.id)}?{ask_whole()}") for c in copies.values()]
    read = dict(zip(copies, channel.batch(parts) if parts else (), strict=True))
    whole = [i for i, a in read.items() if a.good and not list_lost(firsts[i], a.body)]
    removals = [Part("DELETE", write_path(channel, i), match=find_version(firsts[i])) for i in whole]
    removed = dict(zip(whole, channel.batch(removals, Effect.WRITE) if removals else (), strict=True))
    # What was edited meanwhile (412) stays; what failed, or was removed without an answer, is looked at again.
    return frozenset(i for i, a in (told | read | removed).items() if a.failed or a.status == TOO_MANY)
