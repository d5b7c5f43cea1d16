"""Creates, conditional updates and removals, 20 a request, one outcome each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mailsync.core.policy import CATEGORY
from mailsync.core.refs import FieldName, FolderId, ItemId, Version
from mailsync.errors import OutcomeUnknown, VendorError
from mailsync.mailbox.microsoft.answers import Answer, Json, as_error
from mailsync.mailbox.microsoft.channel import Channel, Effect, Part
from mailsync.mailbox.microsoft.items import Reading, Wanted, find_id, find_version, get_items, keep, write_path
from mailsync.mailbox.microsoft.login import VENDOR
from mailsync.mailbox.microsoft.properties import (
    ARRAYS,
    DISPLAY_NAME,
    EXCLUDED,
    EXTENDED,
    FILE_AS,
    KEY,
    RECORD,
    WEB_PAGE,
    Unfit,
    clean,
    write_properties,
)
from mailsync.mailbox.microsoft.tree import folder_path
from mailsync.mapping.interpreter import write
from mailsync.ports.mailbox import ItemDraft, ItemEdit
from mailsync.ports.outcomes import Missing, Outcome, Refusal, Stale, Written


@dataclass(slots=True)
class Writer:
    """What writes need: the line, what an item is asked for, and of each item seen in this session its version and what
    a write must send along. `keeps`: whether creates keep our properties (None: not looked at yet).
    """

    channel: Channel
    wanted: Wanted
    known: dict[ItemId, tuple[Version, Json]] = field(default_factory=dict[ItemId, tuple[Version, Json]])
    keeps: bool | None = None
    patches: bool = True  # whether Graph moves an item by its parentFolderId, as far as we know

    def remember(self, readings: Mapping[ItemId, Reading]) -> None:
        """Items as they were read."""
        self.known |= {i: (r.item.version, r.kept) for i, r in readings.items()}

    def note(self, body: Json) -> Written:
        """An item as it was just written. Raises OutcomeUnknown where Graph does not tell which."""
        if not body.get("id"):
            raise OutcomeUnknown(VENDOR, "Microsoft wrote a contact but does not tell its id", code="NO_ID")
        item, version = find_id(body), find_version(body)
        self.known[item] = (version, keep(body))
        return Written(item, version)


def create_items(writer: Writer, drafts: Sequence[ItemDraft], folder: FolderId) -> list[Outcome]:
    """Creates with category, properties and names (A22). Raises OutcomeUnknown where creates may have been carried out,
    FolderLost, VendorError where none was.
    """
    path = f"{folder_path(writer.channel, folder)}/contacts"
    made = [_attempt(writer, lambda d=d: write_draft(writer, d)) for d in drafts]
    parts = [Part("POST", path, m) for m in made if isinstance(m, dict)]
    answers = writer.channel.batch(parts, Effect.WRITE) if parts else []
    _check_creates(answers)
    told = iter(answers)
    outcomes = [_judge(writer, next(told)) if isinstance(m, dict) else m for m in made]
    return _verify(writer, drafts, outcomes)


def _check_creates(answers: Sequence[Answer]) -> None:
    """A create that failed on its way may have been carried out; where the folder is gone, none was."""
    for answer in answers:
        if answer.failed:
            text = "Microsoft failed while it created a contact; whether it did is not known"
            raise OutcomeUnknown(VENDOR, text, code=answer.code)
    if answers and all(a.absent for a in answers):
        raise as_error(answers[0])


def write_draft(writer: Writer, draft: ItemDraft) -> dict[str, Any]:
    """A contact's JSON without anything blank. Raises Unfit."""
    flat = {
        **write(writer.wanted.table, "microsoft", draft.values),
        RECORD: draft.record,
        KEY: draft.key,
        FILE_AS: draft.file_as,
        DISPLAY_NAME: draft.display_name,
        WEB_PAGE: draft.web_page,
    }
    body = write_properties({n: t for n, t in flat.items() if clean(t)}, {}, clean(draft.display_name))
    return {**body, "categories": [CATEGORY]}


def _verify(writer: Writer, drafts: Sequence[ItemDraft], outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Creates have been seen to lose extended properties (vendors/mailbox.md C3): the first one of a session is read
    back, and where ours are missing they are written again. Where Graph can't be asked that now, what was created is
    created all the same (B15).
    """
    written = {n: o for n, o in enumerate(outcomes) if isinstance(o, Written)}
    if not written or writer.keeps:
        return list(outcomes)
    try:
        return _restore(writer, drafts, outcomes, written)
    except VendorError:
        return list(outcomes)


def _restore(
    writer: Writer, drafts: Sequence[ItemDraft], outcomes: Sequence[Outcome], written: Mapping[int, Written]
) -> list[Outcome]:
    """The outcomes with our properties written again where creates lose them. Raises VendorError."""
    if writer.keeps is None:
        first, outcome = next(iter(written.items()))
        read = get_items(writer.channel, [ItemId(outcome.id)], writer.wanted, ())[ItemId(outcome.id)]
        if not isinstance(read, Reading) or read.item.record == drafts[first].record:
            writer.keeps = isinstance(read, Reading) or None
            return list(outcomes)
        writer.keeps = False
    parts = [_repair(writer, drafts[n], o) for n, o in written.items()]
    answers = dict(zip(written, writer.channel.batch(parts, Effect.WRITE), strict=True))
    return [writer.note(answers[n].body) if n in answers and answers[n].good else o for n, o in enumerate(outcomes)]


def _repair(writer: Writer, draft: ItemDraft, outcome: Written) -> Part:
    extended = write_draft(writer, draft)[EXTENDED]
    shown = {DISPLAY_NAME: clean(draft.display_name)} if clean(draft.display_name) else {}
    path = write_path(writer.channel, outcome.id)
    return Part("PATCH", path, {EXTENDED: extended, **shown}, match=outcome.version)


def update_items(writer: Writer, edits: Sequence[ItemEdit]) -> list[Outcome]:
    """Updates of the changed properties alone, each item only at the version seen. Items that were not read in this
    session are read first, for what must be sent along. Raises as `create_items`.
    """
    settled = _read_current(writer, edits)
    parts = {n: _attempt_edit(writer, e) for n, e in enumerate(edits) if n not in settled}
    settled |= {n: p for n, p in parts.items() if not isinstance(p, Part)}
    sent = {n: p for n, p in parts.items() if isinstance(p, Part)}
    answers = dict(zip(sent, writer.channel.batch(list(sent.values()), Effect.WRITE) if sent else (), strict=True))
    _retry_spurious(writer, {n: (edits[n].item, p) for n, p in sent.items()}, answers)
    _check_updates(writer, {edits[n].item: p for n, p in sent.items() if answers[n].failed})
    return [settled[n] if n in settled else _judge(writer, answers[n]) for n in range(len(edits))]


def _read_current(writer: Writer, edits: Sequence[ItemEdit]) -> dict[int, Outcome]:
    """Reads what is not known at the edit's version; outcomes of edits that can't be made any more (B15: without a
    version there is no condition, and without a condition no update)."""
    settled: dict[int, Outcome] = {n: Stale() for n, e in enumerate(edits) if not e.version}
    settled |= {n: Written(e.item, e.version) for n, e in enumerate(edits) if e.version and _is_empty(e)}
    open_edits = {n: e for n, e in enumerate(edits) if n not in settled}
    unknown = [e.item for e in open_edits.values() if writer.known.get(e.item, ("",))[0] != e.version]
    got = get_items(writer.channel, unknown, writer.wanted, ()) if unknown else {}
    writer.remember({i: r for i, r in got.items() if isinstance(r, Reading)})
    for n, edit in open_edits.items():
        found = got.get(edit.item)
        if isinstance(found, Answer):
            settled[n] = _refuse(writer, found)
        elif edit.item in got and found is None:
            settled[n] = Missing()
        elif writer.known[edit.item][0] != edit.version:
            settled[n] = Stale()
    return settled


def _is_empty(edit: ItemEdit) -> bool:
    more = (edit.categories, edit.record, edit.excluded, edit.display_name, edit.file_as, edit.web_page)
    return not edit.values and all(m is None for m in more)


def _attempt_edit(writer: Writer, edit: ItemEdit) -> Part | Outcome:
    body = _attempt(writer, lambda: write_edit(writer, edit))
    if not isinstance(body, dict):
        return body
    return Part("PATCH", write_path(writer.channel, edit.item), body, match=edit.version)


def write_edit(writer: Writer, edit: ItemEdit) -> dict[str, Any]:
    """The JSON of an update. The display name is always sent: Graph makes it anew otherwise (GRD api/contact-update).
    Raises Unfit.
    """
    _, kept = writer.known[edit.item]
    shown = clean(edit.display_name if edit.display_name is not None else str(kept.get(DISPLAY_NAME) or ""))
    flat = write(writer.wanted.table, "microsoft", edit.values)
    more = {FILE_AS: edit.file_as, WEB_PAGE: edit.web_page, RECORD: edit.record}
    flat |= {name: text for name, text in more.items() if text is not None}
    if edit.excluded is not None:
        flat[EXCLUDED] = "true" if edit.excluded else ""
    body = write_properties(flat, {a: kept[a] for a in ARRAYS if a in kept}, shown)
    if edit.categories is not None:
        body["categories"] = list(edit.categories)
    return {**body, DISPLAY_NAME: shown} if shown else body


def _retry_spurious(writer: Writer, sent: Mapping[int, tuple[ItemId, Part]], answers: dict[int, Answer]) -> None:
    """A 412 has been seen right after another write though nothing had changed (vendors/mailbox.md C3): where the item
    still has the version, the write is sent once more."""
    stale = {n: each for n, each in sent.items() if answers[n].status == 412}
    if not stale:
        return
    got = get_items(writer.channel, [i for i, _ in stale.values()], writer.wanted, ())
    versions = {i: r.item.version for i, r in got.items() if isinstance(r, Reading)}
    again = {n: part for n, (item, part) in stale.items() if versions.get(item) == part.match}
    if again:
        answers |= dict(zip(again, writer.channel.batch(list(again.values()), Effect.WRITE), strict=True))


def _check_updates(writer: Writer, failed: Mapping[ItemId, Part]) -> None:
    """An update that failed on its way may have been carried out: an item that has another version by now is in doubt
    (L5, B15). Raises OutcomeUnknown."""
    got = get_items(writer.channel, list(failed), writer.wanted, ()) if failed else {}
    if any(isinstance(r, Reading) and r.item.version != failed[i].match for i, r in got.items()):
        raise OutcomeUnknown(VENDOR, "Microsoft failed while it changed a contact, which has changed", code="FAILED")


def remove_items(writer: Writer, items: Sequence[ItemId], thrown: str) -> list[Outcome]:
    """Removes to Deleted Items (`thrown`), each item once: a second DELETE there would be for good. Raises as
    `create_items`.
    """
    unique = list(dict.fromkeys(items))
    parts = [Part("DELETE", write_path(writer.channel, i), match=_find_match(writer, i)) for i in unique]
    told = dict(enumerate(writer.channel.batch(parts, Effect.WRITE) if parts else ()))
    _retry_spurious(writer, dict(enumerate(zip(unique, parts, strict=True))), told)
    answers = dict(zip(unique, told.values(), strict=True))
    # Graph has answered 404, or failed, after it had removed an item: where it lies tells.
    doubtful = [i for i, a in answers.items() if a.absent or a.status == 404 or a.failed]
    got = get_items(writer.channel, doubtful, writer.wanted, ()) if doubtful else {}
    outcomes: list[Outcome] = []
    for place, item in enumerate(items):
        if item in items[:place]:
            outcomes.append(Missing())
        elif item in got:
            outcomes.append(_judge_removed(got[item], item, thrown))
        else:
            answer = answers[item]
            outcomes.append(Written(item) if answer.good else _refuse(writer, answer))
        writer.known.pop(item, None)
    return outcomes


def _find_match(writer: Writer, item: ItemId) -> str:
    return writer.known[item][0] if item in writer.known else ""


def _judge_removed(found: Reading | Answer | None, item: ItemId, thrown: str) -> Outcome:
    if found is None:
        return Missing()
    if isinstance(found, Reading) and found.item.folder == thrown:
        return Written(item)
    return Refusal("NOT_REMOVED", "Microsoft did not remove it", transient=True)


def _attempt(writer: Writer, make: Callable[[], dict[str, Any]]) -> dict[str, Any] | Outcome:
    """What is to be sent, or the refusal of what Graph has no way to take."""
    try:
        return make()
    except Unfit as unfit:
        return Refusal("INVALID_VALUE", str(unfit), find_fields(writer, unfit.name))


def _judge(writer: Writer, answer: Answer) -> Outcome:
    return writer.note(answer.body) if answer.good else _refuse(writer, answer)


def _refuse(writer: Writer, answer: Answer) -> Outcome:
    """What a refusal means. A write that failed, and changed nothing, is planned again from what is read then."""
    if answer.status == 412:
        return Stale()
    if answer.absent:
        return Missing()
    fields = find_fields(writer, answer.text)
    transient = answer.status == 429 or answer.failed
    about = f"{', '.join(fields)}: " if fields else ""
    text = f"Microsoft refused it: {about}{answer.text or answer.code}"
    return Refusal(answer.code, text, fields, transient=transient, forbidden=answer.status in (401, 403))


def find_fields(writer: Writer, text: str) -> tuple[FieldName, ...]:
    """The mapped fields whose property a name is, or a refusal's words name."""
    words = text.casefold()
    rows = writer.wanted.table.live
    return tuple(r.field.name for r in rows if any(n.partition(":")[0].casefold() in words for n in r.mailbox))
