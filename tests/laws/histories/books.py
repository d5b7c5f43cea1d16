"""The store's books: each write is in the history, as it was (I16), and cursors are stored when all is done (I14)."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from mailsync.core.entries import FORGOTTEN, UNFOUND, Entry
from mailsync.core.person import Values, is_blank
from mailsync.core.refs import FieldName, ItemId, RecordId, Side
from mailsync.ports.ledger import Intent
from mailsync.session.agent import Keys
from tests.laws.histories.edits import KINDS, alike
from tests.laws.histories.world import USER, World

CURSORS = (Keys.CRM_CURSOR, Keys.MAILBOX_CURSOR)


@dataclass(frozen=True, slots=True)
class Deed:
    """One write that was carried out: what it was done to, what that held before, and what was sent."""

    session: int
    side: Side
    kind: str
    record: str
    item: str
    before: Values
    sent: Values
    key: str = ""  # of a creation
    is_lost: bool = False  # its answer was, and the session that made it ended without knowing what became of it

    def __str__(self) -> str:
        return f"{self.kind} of {self.record if self.side is Side.CRM else self.item} in session {self.session}"

    def is_told_by(self, entry: Entry) -> bool:
        """Whether an entry tells of it, with its values before and after, and why it was done (who: the session)."""
        if (entry.session, entry.side, entry.kind) != (self.session, self.side, self.kind) or not entry.rule:
            return False
        mine = entry.record == self.record if self.side is Side.CRM else self.item == entry.item
        unknown = any(doubt in entry.reason for doubt in (FORGOTTEN, UNFOUND))
        mine = mine or (self.kind == "create" and not entry.record and unknown)
        same = mine or bool(self.record and entry.record == self.record)  # an item that was moved has another id
        return same and all(self._is_field_told(name, entry) for name in self.sent)

    def _is_field_told(self, name: FieldName, entry: Entry) -> bool:
        change = entry.fields.get(name)
        if change is None or name not in KINDS:
            return change is not None or is_blank(self.sent[name])
        was = self.before.get(name, "")
        return alike(name, change.after, self.sent[name]) and alike(name, change.before, was)


@dataclass
class Books:
    """What was written, and what the store was told of it."""

    world: World
    deeds: list[Deed] = field(default_factory=list[Deed])  # not found in the history yet
    session: int = 0
    closed: bool = False  # this session's cursors, or those of its round, are stored
    amid: bool = False  # a scope that is read in parts is not read to its end: another round may begin
    doubted: set[str] = field(default_factory=set[str])  # keys of creations whose answers were lost by then
    mark: str = ""  # what Salesforce's latest cursor stands for
    intents: dict[str, Intent] = field(default_factory=dict[str, Intent])  # unsettled, be it that `reset` forgot them

    def keeps(self, name: str, args: Sequence[Any], answer: Any) -> Iterator[str]:
        """After the store did something: what is wrong with it. Of a write whose answer was lost and that somebody
        undid before a session began nobody can tell, whatever the agent writes there from then on; one whose answer
        came is in the history for good."""
        if name == "begin":
            known = [replace(d, is_lost=True) if self._is_awaited(d) else d for d in self.deeds]
            self.deeds = [d for d in known if not d.is_lost or self._shows(d)]
            self.session, self.closed = answer, False
        elif name == "finish" and any(key in (args[4] if len(args) > 4 else None) or {} for key in CURSORS):
            yield "I14: a session's end stores a cursor, which goes with what it covers"
        elif name == "commit":
            self.intents |= {i.key: i for i in args[2].intents}
            for key in args[2].settled:
                self.intents.pop(key, None)
            if any((args[2].state or {}).get(key) for key in CURSORS):
                yield from self._close(args[2].state)

    def asks(self, port: str, name: str) -> None:
        """Reading on amid a scope begins a round."""
        if self.amid and (port, name) == ("crm", "changes"):
            self.closed = False

    def _close(self, state: Mapping[str, Any]) -> Iterator[str]:
        if self.closed:
            yield "I14: the cursors were stored twice in one session"
        mark, self.closed = mark_of(state.get(Keys.CRM_CURSOR)), True
        self.amid = is_amid(state.get(Keys.CRM_CURSOR))
        if mark and self.mark and datetime.fromisoformat(mark) < datetime.fromisoformat(self.mark):
            yield f"I14: Salesforce's cursor went back from {self.mark} to {mark}"
        self.mark = mark or self.mark
        self.doubted = {*self.intents}
        in_doubt = {w.ref for w in self.world.store.pending(USER)} | {i.key for i in self.world.store.intents(USER)}
        mine = [d for d in self.deeds if d.session == self.session and not {d.record, d.item, d.key} & in_doubt]
        for deed in self._untold(mine):
            yield f"I14: the cursors are stored, and the {deed} is in no entry"

    def wrote(self, port: str, name: str, given: Any, new: str, seen: Any) -> Iterator[str]:
        """A write to a vendor was carried out."""
        deed = self._deed(port, name, given, new, seen)
        late = self.intents.get(deed.key) if deed else None
        if deed is not None:
            self._forget_undone(deed, seen)
            self.deeds.append(replace(deed, session=late.session if late else self._announced_in(deed)))
        if self.closed and (late is None or late.key not in self.doubted):
            yield f"I14: {port}.{name} wrote {new or given} after the cursors were stored"

    def _forget_undone(self, again: Deed, seen: Any) -> None:
        """What is deleted or removed again had been put back by somebody since: no trace was left of the first time.
        Where its answer was lost, nobody can tell of that one; where it came, each time is in the history."""
        match again.kind:
            case "delete":
                there = not seen[RecordId(again.record)].deleted
            case "remove":
                there = self.world.post.is_live(seen[ItemId(again.item)].folder)
            case _:
                there = False
        if there:
            same = (again.side, again.kind, again.record, again.item)
            self.deeds = [d for d in self.deeds if not d.is_lost or (d.side, d.kind, d.record, d.item) != same]

    def _is_awaited(self, deed: Deed) -> bool:
        """Whether the store still awaits what became of it."""
        ref = deed.record if deed.side is Side.CRM else deed.item
        told = ((w.ref, w.entry) for w in self.world.store.pending(USER))
        mine = (ref, deed.session, deed.side, deed.kind)
        return any(i.key == deed.key for i in self.world.store.intents(USER)) or any(
            (r, e.session, e.side, e.kind) == mine for r, e in told
        )

    def _announced_in(self, deed: Deed) -> int:
        """The session that announced it: a removal that was cut off is finished under its name (decision 0015)."""
        ref = deed.record if deed.side is Side.CRM else deed.item
        told = (w.entry for w in self.world.store.pending(USER) if w.ref == ref)
        return next((e.session for e in told if (e.side, e.kind) == (deed.side, deed.kind)), self.session)

    def _deed(self, port: str, name: str, given: Any, new: str, seen: Any) -> Deed | None:
        match port, name:
            case "crm", "create":
                return Deed(self.session, Side.CRM, name, new, "", {}, given.values, given.key)
            case "mailbox", "create":
                return Deed(self.session, Side.MAILBOX, name, given.record, new, {}, given.values, given.key)
            case "crm", "update" if given.values:
                return Deed(self.session, Side.CRM, name, given.record, "", seen[given.record].values, given.values)
            case "mailbox", "update" if given.values and seen[given.item] is not None:
                was = seen[given.item]
                return Deed(self.session, Side.MAILBOX, name, was.record, given.item, was.values, given.values)
            case "crm", "delete":
                return Deed(self.session, Side.CRM, name, given, "", {}, {})
            case "mailbox", "remove":
                return Deed(self.session, Side.MAILBOX, name, seen[given].record, given, {}, {})
            case _:
                return None  # moves and marks: their answers alone tell of them (decision 0015)

    def unwritten(self) -> list[str]:
        """At a quiet point: what no entry tells of; of what was lost with its trace nobody can tell."""
        untold = [d for d in self._untold(self.deeds) if not d.is_lost or self._shows(d)]
        found = [f"I16: no entry tells of the {d}: {dict(d.sent)}" for d in untold]
        self.deeds = []
        return found

    def _untold(self, deeds: Collection[Deed]) -> list[Deed]:
        if not deeds:
            return []
        told: dict[tuple[int, Side, str], list[Entry]] = {}
        for entry in self.world.store.history(USER):
            told.setdefault((entry.session, entry.side, entry.kind), []).append(entry)
        return [d for d in deeds if not any(d.is_told_by(e) for e in told.get((d.session, d.side, d.kind), ()))]

    def _shows(self, deed: Deed) -> bool:
        """Whether anything of it is to be seen still: its answer was lost, and it was undone by somebody since."""
        row = self.world.org.rows.get(RecordId(deed.record)) if deed.side is Side.CRM else None
        stored = self.world.post.items.get(ItemId(deed.item))
        there = (row is not None and not row.deleted) or (stored is not None and self.world.post.is_live(stored.folder))
        if deed.kind != "update":
            return there if deed.kind == "create" else not there
        now = row.values if row else stored.values if stored else {}
        return any(not alike(n, now.get(n, ""), deed.before.get(n, "")) for n in deed.sent)


def mark_of(cursor: str | None) -> str:
    """The time that a cursor of Salesforce's stands for."""
    return str(json.loads(cursor).get("mark", "")) if cursor else ""


def is_amid(cursor: str | None) -> bool:
    """Whether it stands amid a scope that is read in parts (decision 0036)."""
    return bool(cursor and json.loads(cursor).get("after"))
