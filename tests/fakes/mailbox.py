"""The mailbox port on a Post."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mailsync.core.changes import FolderMark, FolderState, Item, MailboxChanges
from mailsync.core.person import Limits
from mailsync.core.policy import CATEGORY, FOLDER
from mailsync.core.refs import FieldName, FolderId, ItemId, Key, RecordId, Version
from mailsync.errors import FolderLost
from mailsync.ports.mailbox import Ability, Capabilities, ItemDraft, ItemEdit, Prepared
from mailsync.ports.outcomes import Missing, Outcome, Refusal, Stale, Written
from tests.fakes.post import BIN, CONTACTS, Post, Stored, clean

KEEPS_IDS = Capabilities(new_id_on_move=Ability("immutable ids were asked for"))
CREATES_AT_ONCE = 100
BIRTHDATE = FieldName("Birthdate")


@dataclass(frozen=True, slots=True)
class Position:
    """What a cursor holds."""

    epoch: int
    home: str
    items: int
    folders: int
    inside: frozenset[str]


def write_cursor(position: Position) -> str:
    """A cursor's text."""
    inside = ",".join(sorted(position.inside))
    return f"{position.epoch}|{position.home}|{position.items}|{position.folders}|{inside}"


def read_cursor(text: str | None, post: Post, folder: str) -> Position | None:
    """None for what is no valid cursor of this folder."""
    match (text or "").split("|"):
        case [epoch, home, items, folders, inside] if home == folder and int(epoch) == post.epoch:
            return Position(post.epoch, home, int(items), int(folders), frozenset(inside.split(",")))
        case _:
            return None


class FakeMailbox:
    """Implements ports.mailbox.Mailbox. `replay` makes the feed tell so many older changes again."""

    def __init__(self, post: Post, limits: Limits, name: str = FOLDER) -> None:
        self._post = post
        self._limits = limits
        self._name = name
        self._home: str | None = None
        self.replay = 0
        self.requests = 0

    @property
    def capabilities(self) -> Capabilities:
        """All abilities; ids may stay."""
        return KEEPS_IDS if self._post.keeps_ids else Capabilities()

    @property
    def now(self) -> datetime:
        """The server's time, to the second."""
        return self._post.now().replace(microsecond=0)

    def limits(self) -> Limits:
        """As given."""
        return self._limits

    def check(self) -> Sequence[str]:
        """Nothing is ever wrong."""
        self.requests += 1
        return ()

    def prepare(self, known: FolderId | None, *, create: bool = True) -> Prepared | None:
        """By id, moved back from Deleted Items; by name; made."""
        self.requests += 1
        post = self._post
        if known is not None and post.is_live(known):
            return self._prepared(known)
        if known is not None and known in post.folders and create:
            post.change_folder(known, parent=CONTACTS)
            return self._prepared(known, restored=True)
        named = sorted(self._named(), key=lambda f: (post.folders[f].parent != CONTACTS, f))
        if named:
            return self._prepared(named[0], adopted=True)
        return self._prepared(post.add_folder(self._name), created=True) if create else None

    def _named(self) -> list[str]:
        wanted = self._name.casefold()
        return [f.id for f in self._post.folders.values() if f.name.casefold() == wanted and self._post.is_live(f.id)]

    def _notes(self, home: str) -> tuple[str, ...]:
        others = [f for f in self._named() if f != home]
        return (f"A4: {len(others)} other folders have this name",) if others else ()

    def _prepared(
        self, folder: str, *, created: bool = False, adopted: bool = False, restored: bool = False
    ) -> Prepared:
        self._home = folder
        mark = self._post.folders[folder].mark
        return Prepared(FolderId(folder), mark, created, adopted, restored, self._notes(folder))

    def sign(self, folder: FolderId, mark: FolderMark) -> None:
        """Writes the mark on the folder."""
        self.requests += 1
        if folder not in self._post.folders:
            raise FolderLost("exchange", "the folder was deleted", code="ErrorFolderNotFound")
        self._post.change_folder(folder, mark=mark)

    def changes(self, folder: FolderId, cursor: str | None) -> MailboxChanges:
        """One request. The latest state of what changed since the cursor; what came and went between is folded."""
        self.requests += 1
        post = self._post
        if not post.is_live(folder):
            return MailboxChanges((), (), (), complete=False, cursor=cursor or "", folder=FolderState.LOST)
        self._home = folder
        inside = post.below(folder)
        known = read_cursor(cursor, post, folder)
        if known is None or known.inside - inside:
            known = None
        seen, gone = self._listed(inside) if known is None else self._changed(known, inside)
        changed = known is None or folder in post.folder_log[known.folders :]
        return MailboxChanges(
            seen=tuple(seen),
            gone=tuple(gone),
            outside=tuple(self._outside(inside)),
            complete=known is None,
            cursor=write_cursor(Position(post.epoch, folder, len(post.log), len(post.folder_log), inside)),
            mark=post.folders[folder].mark if changed else None,
            total=len(seen) if known is None else None,
            notes=self._notes(folder) if changed or known is None else (),
        )

    def _listed(self, inside: frozenset[str]) -> tuple[list[Item], list[ItemId]]:
        return [self._post.show(s, inside=True) for s in self._post.items.values() if s.folder in inside], []

    def _changed(self, known: Position, inside: frozenset[str]) -> tuple[list[Item], list[ItemId]]:
        post, since = self._post, max(0, known.items - self.replay)
        touched = dict.fromkeys((item, f) for f, item in post.log[since:] if f in inside)
        fresh = inside - known.inside
        seen: dict[ItemId, Item] = {}
        gone: dict[ItemId, None] = {}
        for item, folder in touched:
            stored = post.items.get(item)
            if stored is not None and stored.folder in inside:
                seen[item] = post.show(stored, inside=True)
            elif post.entered[folder, item] < known.items or folder in fresh:
                gone[item] = None
        for stored in post.items.values() if fresh else ():
            if stored.folder in fresh:
                seen[stored.id] = post.show(stored, inside=True)
        return list(seen.values()), list(gone)

    def _outside(self, inside: frozenset[str]) -> list[Item]:
        marked = (s for s in self._post.items.values() if s.folder not in inside and (s.record or s.is_marked))
        return [self._post.show(s, inside=False) for s in marked if self._post.is_live(s.folder)]

    def _inside(self) -> frozenset[str]:
        post = self._post
        homes = [self._home] if self._home else self._named()
        return frozenset(f for home in homes if post.is_live(home) for f in post.below(home))

    def read(self, items: Collection[ItemId]) -> Mapping[ItemId, Item | None]:
        """By id; an item under Deleted Items is there, but not inside."""
        self.requests += bool(items)
        inside = self._inside() if items else frozenset[str]()
        stored = {i: self._post.items.get(i) for i in items}
        return {i: self._post.show(s, inside=s.folder in inside) if s else None for i, s in stored.items()}

    def find(self, records: Collection[RecordId]) -> Mapping[RecordId, tuple[Item, ...]]:
        """Under Deleted Items, those changed last first."""
        self.requests += bool(records)
        found: dict[RecordId, tuple[Item, ...]] = {}
        thrown = self._post.below(BIN) if records else frozenset[str]()
        listed = [s for s in self._post.items.values() if s.folder in thrown and s.record in set(records)]
        for stored in sorted(listed, key=lambda s: -s.version):
            record = RecordId(stored.record)
            found[record] = (*found.get(record, ()), self._post.show(stored, inside=False))
        return found

    def find_keys(self, keys: Collection[Key]) -> Mapping[Key, Item]:
        """In the folder, or in all live ones where it is not known yet."""
        self.requests += bool(keys)
        if not keys:
            return {}
        inside, wanted = self._inside(), set(keys)
        searched = inside if self._home else {f for f in self._post.folders if self._post.is_live(f)}
        found = [s for s in self._post.items.values() if s.key in wanted and s.folder in searched]
        return {Key(s.key): self._post.show(s, inside=s.folder in inside) for s in found}

    def create(self, drafts: Sequence[ItemDraft], folder: FolderId) -> Sequence[Outcome]:
        """100 a request."""
        self.requests += -(-len(drafts) // CREATES_AT_ONCE)
        return [self._create(d, folder) for d in drafts]

    def _create(self, draft: ItemDraft, folder: str) -> Outcome:
        if not self._post.is_live(folder):
            return Refusal("ErrorFolderNotFound", "there is no such folder")
        born = draft.values.get(BIRTHDATE, "")
        if not _is_day(born):
            return Refusal("INVALID_VALUE", "this is no date that a mailbox can hold", (BIRTHDATE,))
        made = self._post.add(
            folder,
            draft.values,
            categories=(CATEGORY,),
            record=draft.record,
            key=draft.key,
            web_page=draft.web_page,
            file_as=draft.file_as,
            display_name=draft.display_name,
        )
        return _written(made)

    def update(self, edits: Sequence[ItemEdit]) -> Sequence[Outcome]:
        """Each at its version; without one it is stale."""
        self.requests += bool(edits)
        return [self._update(e) for e in edits]

    def _update(self, edit: ItemEdit) -> Outcome:
        if not edit.version:
            return Stale()
        if _is_empty(edit):
            return Written(edit.item, edit.version)
        stored = self._post.items.get(edit.item)
        if stored is None:
            return Missing()
        if edit.version != f"v{stored.version}":
            return Stale()
        if not _is_day(edit.values.get(BIRTHDATE, "")):
            return Refusal("INVALID_VALUE", "this is no date that a mailbox can hold", (BIRTHDATE,))
        return _written(self._post.put(_apply(stored, edit)))

    def move(self, items: Sequence[ItemId], folder: FolderId) -> Sequence[Outcome]:
        """The id in the new place."""
        self.requests += bool(items)
        if not self._post.is_live(folder):
            return [Refusal("ErrorFolderNotFound", "there is no such folder") for _ in items]
        moved = [self._post.move(i, folder) for i in items]
        return [_written(m) if m else Missing() for m in moved]

    def finish(self, items: Sequence[ItemId], folder: FolderId) -> Collection[ItemId]:
        """Nothing is left to finish: a move is one step here."""
        del items, folder
        return ()

    def remove(self, items: Sequence[ItemId]) -> Sequence[Outcome]:
        """To Deleted Items."""
        self.requests += bool(items)
        there = self._post.items
        moved = [self._post.move(i, BIN) if i in there and self._post.is_live(there[i].folder) else None for i in items]
        return [Written(i) if m else Missing() for i, m in zip(items, moved, strict=True)]

    def close(self) -> None:
        """Nothing is held."""


def _written(stored: Stored) -> Written:
    return Written(stored.id, Version(f"v{stored.version}"))


def _is_empty(edit: ItemEdit) -> bool:
    return edit == ItemEdit(edit.item, edit.version)


def _apply(stored: Stored, edit: ItemEdit) -> Stored:
    named = {
        "categories": edit.categories,
        "record": edit.record,
        "excluded": edit.excluded,
        "display_name": edit.display_name,
        "file_as": edit.file_as,
        "web_page": edit.web_page,
    }
    changed = {n: v for n, v in named.items() if v is not None}
    if edit.values:
        changed["values"] = {**stored.values, **{n: clean(v) for n, v in edit.values.items()}}
    return replace(stored, **changed)  # type: ignore[arg-type]


def _is_day(value: object) -> bool:
    """MAPI's dates begin in 1601 (vendors/mailbox.md B3)."""
    if not value:
        return True
    try:
        return datetime.fromisoformat(str(value)).year >= 1601
    except ValueError:
        return False
