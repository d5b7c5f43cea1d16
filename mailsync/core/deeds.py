"""What one session did to each contact: its history entries added up, so that they can be taken back together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mailsync.core.entries import ACCOUNT, ACCOUNT_ID, APART, FOLDER_ID, Change, Entry
from mailsync.core.refs import FieldName, ItemId, RecordId, Side


@dataclass(frozen=True, slots=True)
class Deed:
    """All that one session wrote of one contact. Of entries of one kind the last counts; a field's first value before
    and last value after."""

    record: RecordId | None
    items: tuple[ItemId, ...]  # its items as the entries name them, the last one first
    entries: Mapping[tuple[Side, str], Entry] = field(default_factory=dict[tuple[Side, str], Entry])
    crm: Mapping[FieldName, Change] = field(default_factory=dict[FieldName, Change])  # updated in Salesforce
    mailbox: Mapping[FieldName, Change] = field(default_factory=dict[FieldName, Change])  # updated in the mailbox
    account: Change | None = None  # the link was changed (B9): ids
    account_names: Change | None = None

    @property
    def came_from(self) -> str | None:
        """The folder that the item was brought in from, "" for Deleted Items; None: it was not moved."""
        moved = self.entries.get((Side.MAILBOX, "move"))
        place = moved.fields.get(FOLDER_ID) if moved else None
        return str(place.before) if place else None

    @property
    def came_from_bin(self) -> bool:
        """Whether the item was brought back from Deleted Items."""
        return self.came_from == ""

    def did(self, side: Side, kind: str) -> Entry | None:
        """The entry of that kind, if the session made one."""
        return self.entries.get((side, kind))


def deeds_of(entries: Sequence[Entry]) -> tuple[Deed, ...]:
    """The deeds of a session, in the order of their first entries. Pure."""
    found = _Contacts()
    for entry in entries:
        found.add(entry)
    groups = {id(g): g for g in (*found.by_record.values(), *found.by_item.values(), *found.rest)}
    return tuple(_add_up([g[n] for n in sorted(g)]) for g in sorted(groups.values(), key=min))


@dataclass(slots=True)
class _Contacts:
    """Entries by contact: those of one record, and those of one item where not both name a record."""

    by_record: dict[RecordId, dict[int, Entry]] = field(default_factory=dict[RecordId, dict[int, Entry]])
    by_item: dict[ItemId, dict[int, Entry]] = field(default_factory=dict[ItemId, dict[int, Entry]])
    rest: list[dict[int, Entry]] = field(default_factory=list[dict[int, Entry]])
    count: int = 0

    def add(self, entry: Entry) -> None:
        """Puts an entry where its contact is."""
        by_item = self.by_item.get(entry.item) if entry.item else None
        if by_item is not None and entry.record and any(e.record for e in by_item.values()):
            by_item = None
        group = self.by_record.get(entry.record) if entry.record else by_item
        if group is None:
            group = by_item if by_item is not None else {}
        elif by_item is not None and by_item is not group:
            group.update(by_item)
            self.by_item |= {e.item: group for e in by_item.values() if e.item}
        self.count += 1
        group[self.count] = entry
        self._file(entry, group)

    def _file(self, entry: Entry, group: dict[int, Entry]) -> None:
        if entry.record:
            self.by_record[entry.record] = group
        if entry.item and (entry.record is None or entry.item not in self.by_item or len(group) > 1):
            self.by_item[entry.item] = group
        if not entry.record and not entry.item:
            self.rest.append(group)


def _add_up(entries: Sequence[Entry]) -> Deed:
    record = next((e.record for e in reversed(entries) if e.record), None)
    items = tuple(dict.fromkeys(e.item for e in reversed(entries) if e.item))
    by_kind = {(e.side, e.kind): e for e in entries if not is_account(e)}
    crm = _changed(entries, Side.CRM)
    account = _compose([e.fields[ACCOUNT_ID] for e in entries if e.kind == "update" and ACCOUNT_ID in e.fields])
    names = _compose([e.fields[ACCOUNT] for e in entries if e.kind == "update" and ACCOUNT in e.fields])
    return Deed(record, items, by_kind, crm, _changed(entries, Side.MAILBOX), account, names)


def is_account(entry: Entry) -> bool:
    """Whether an entry tells of an Account that was created (B7), which is no contact."""
    return entry.rule == "B7" and entry.kind == "create"


def _changed(entries: Iterable[Entry], side: Side) -> dict[FieldName, Change]:
    updates = [e for e in entries if e.kind == "update" and e.side is side]
    names = dict.fromkeys(n for e in updates for n in e.fields if n not in APART)
    found = {FieldName(n): _compose([e.fields[n] for e in updates if n in e.fields]) for n in names}
    return {n: c for n, c in found.items() if c is not None}


def _compose(changes: Sequence[Change]) -> Change | None:
    return Change(changes[0].before, changes[-1].after) if changes else None
