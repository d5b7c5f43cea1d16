"""Creating and changing contacts, in batches; each input's outcome in the order of the inputs."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mailsync.core.policy import CATEGORY, ERROR_CATEGORY
from mailsync.core.refs import FolderId, ItemId, Version
from mailsync.errors import FolderLost, OutcomeUnknown
from mailsync.mailbox.google.answers import Fault, Full, Rejected, read_status
from mailsync.mailbox.google.batches import is_stale, judge, refuse, send_parts, split
from mailsync.mailbox.google.channel import Channel, Effect
from mailsync.mailbox.google.labels import list_labels
from mailsync.mailbox.google.login import VENDOR
from mailsync.mailbox.google.merging import Fields, as_update, change_person, make_person
from mailsync.mailbox.google.persons import AT_ONCE, Shelf, get_persons
from mailsync.mailbox.google.properties import KEY, MARKS, SOURCES, Unfit
from mailsync.mailbox.google.reading import Labels, Person, list_fields, read_etag, read_own
from mailsync.mailbox.google.told import as_table, as_tables
from mailsync.mapping.table import Table
from mailsync.ports.mailbox import ItemDraft, ItemEdit
from mailsync.ports.outcomes import Missing, Outcome, Refusal, Stale, Written

TOLD_OF_CREATED = ("clientData", "metadata")
"""What is asked for of a contact that was just created: which one it is, and its version. Its values were sent; in the
rare case that it changes again within the session it is read (4 kB each, a seventh of a first session's time)."""


@dataclass(slots=True)
class Writer:
    """What writing needs of the mailbox."""

    channel: Channel
    table: Table
    shelf: Shelf
    labels: Labels

    def marked_fields(self) -> tuple[str, ...]:
        """The fields of a contact in our label."""
        return list_fields(self.table)


@dataclass(frozen=True, slots=True)
class Update:
    """One contact's change, ready to be sent with those of the same mask."""

    place: int
    edit: ItemEdit
    person: Person
    fields: Fields

    @property
    def mask(self) -> tuple[tuple[str, ...], bool]:
        """What has to be the same in one request: the fields, and whether the contact stays ours."""
        return tuple(sorted(self.fields)), not leaves(self.edit)


def leaves(edit: ItemEdit) -> bool:
    """Whether an edit takes the contact out of our label: from then on none of its values is asked for (A6)."""
    return edit.categories is not None and not _has(edit, CATEGORY)


def _has(edit: ItemEdit, category: str) -> bool:
    return any(c.casefold() == category.casefold() for c in edit.categories or ())


def wants_problem(edits: Sequence[ItemEdit]) -> bool:
    """Whether any edit needs the "Sync Error" label."""
    return any(_has(e, ERROR_CATEGORY) for e in edits)


def create_contacts(writer: Writer, drafts: Sequence[ItemDraft], folder: FolderId) -> list[Outcome]:
    """batchCreateContacts, 200 a request; never sent twice (B15). Raises OutcomeUnknown where contacts may have been
    created, FolderLost, VendorError where none was.
    """
    labels = Labels(folder, writer.labels.problem)
    outcomes: dict[int, Outcome] = {}
    ready: list[tuple[int, ItemDraft, Fields]] = []
    for place, draft in enumerate(drafts):
        try:
            ready.append((place, draft, make_person(draft, labels, writer.table, KEY)))
        except Unfit as unfit:
            outcomes[place] = refuse(writer.table, unfit.name, str(unfit))

    def send(part: Sequence[tuple[int, ItemDraft, Fields]]) -> None:
        _create_part(writer, part, outcomes)

    def blame(one: tuple[int, ItemDraft, Fields], fault: Fault) -> None:
        _check_label(writer, folder)
        outcomes[one[0]] = judge(writer.table, fault, one[2])

    try:
        send_parts(ready, AT_ONCE, send, blame, outcomes, lambda one: one[0])
    except Full as full:
        for place, _, _ in ready:
            outcomes.setdefault(place, Refusal(full.code, f"{full}; {full.remedy}"))
    return [outcomes[n] for n in range(len(drafts))]


def _create_part(writer: Writer, part: Sequence[tuple[int, ItemDraft, Fields]], outcomes: dict[int, Outcome]) -> None:
    body = {
        "contacts": [{"contactPerson": fields} for _, _, fields in part],
        "readMask": ",".join(TOLD_OF_CREATED),
        "sources": [SOURCES],
    }
    answer = writer.channel.ask(writer.channel.people.batchCreateContacts(body=body), Effect.WRITE)
    created = as_tables(answer.get("createdPeople"))
    if len(created) != len(part):
        raise OutcomeUnknown(VENDOR, f"Google answered {len(created)} of {len(part)} creations", code="INCOMPLETE")
    by_key = {read_own(as_table(r.get("person"))).get(KEY): r for r in created}
    for (place, draft, fields), in_order in zip(part, created, strict=True):
        response = by_key.get(draft.key, in_order)
        _check_part(response)
        outcomes[place] = _read_response(writer, response, fields, whole=False)


def _check_part(response: Person) -> None:
    """One that Google failed at may have been written (L5, B15, decision 0016). Raises OutcomeUnknown."""
    fault = read_status(as_table(response.get("status")))
    if fault.status >= 500:
        raise OutcomeUnknown(VENDOR, "Google failed while it wrote a contact", code=fault.name)


def _check_label(writer: Writer, folder: FolderId) -> None:
    """A create that Google refuses may be one into a label that is gone. Raises FolderLost."""
    if not any(x.id == folder for x in list_labels(writer.channel)):
        raise FolderLost(VENDOR, "the label is not there any more", code="NOT_FOUND")


def update_contacts(writer: Writer, edits: Sequence[ItemEdit]) -> list[Outcome]:
    """batchUpdateContacts of the fields that change, each contact only at the version seen. Raises OutcomeUnknown,
    VendorError where nothing was written.
    """
    outcomes: dict[int, Outcome] = {}
    groups: dict[tuple[tuple[str, ...], bool], list[Update]] = defaultdict(list)
    for update in _prepare(writer, edits, outcomes):
        groups[update.mask].append(update)
    for mask in sorted(groups):
        send_parts(
            groups[mask],
            AT_ONCE,
            lambda part: _update_part(writer, part, outcomes),
            _judging(writer, outcomes),
            outcomes,
            lambda one: one.place,
        )
    return [outcomes[n] for n in range(len(edits))]


def _prepare(writer: Writer, edits: Sequence[ItemEdit], outcomes: dict[int, Outcome]) -> list[Update]:
    """The updates that are to be sent; what is settled without one gets its outcome here."""
    persons = _read_persons(writer, edits)
    updates: dict[str, Update] = {}
    for place, edit in enumerate(edits):
        person = persons.get(edit.item)
        if not edit.version or (person is not None and read_etag(person) != edit.version):
            outcomes[place] = (
                Stale()
            )  # without a version there is no condition, and without a condition no update (B15)
        elif person is None:
            outcomes[place] = Missing()
        else:
            _prepare_one(writer, place, edit, person, updates, outcomes)
    return list(updates.values())


def _prepare_one(
    writer: Writer, place: int, edit: ItemEdit, person: Person, updates: dict[str, Update], outcomes: dict[int, Outcome]
) -> None:
    try:
        fields = change_person(person, edit, writer.labels, writer.table)
    except Unfit as unfit:
        outcomes[place] = refuse(writer.table, unfit.name, str(unfit))
        return
    if not fields:
        outcomes[place] = Written(edit.item, edit.version)
    elif edit.item in updates:
        outcomes[place] = Stale()  # the change before it moves the version on
    else:
        updates[edit.item] = Update(place, edit, person, fields)


def _read_persons(writer: Writer, edits: Sequence[ItemEdit]) -> dict[str, Person | None]:
    """The persons as they are: at hand at the version seen, else read; those that leave our label by their marks."""
    persons: dict[str, Person | None] = {}
    for edit in edits:
        if found := writer.shelf.take(edit.item, edit.version):
            persons[edit.item] = found
    rest = [e for e in edits if e.version and e.item not in persons]
    whole = {e.item for e in rest if e.values or not leaves(e)}
    read = get_persons(writer.channel, whole, writer.marked_fields())
    writer.shelf.put(read.values())
    return persons | read | get_persons(writer.channel, {e.item for e in rest} - whole, MARKS)


def _update_part(writer: Writer, part: Sequence[Update], outcomes: dict[int, Outcome]) -> None:
    """One request. Google carries all of it out or nothing (vendors/mailbox.md H): where one version has moved on, the
    versions are read again and the others sent by themselves.
    """
    try:
        _send_updates(writer, part, outcomes)
    except Rejected as error:
        if len(part) == 1 or not is_stale(error.fault):
            raise
        names = [u.edit.item for u in part]
        writer.shelf.drop(names)
        present = get_persons(writer.channel, names, ("metadata",))
        fresh = [u for u in part if (p := present.get(u.edit.item)) and read_etag(p) == u.edit.version]
        if len(fresh) == len(part):
            raise
        for update in part:
            if update not in fresh:
                outcomes[update.place] = Stale() if present.get(update.edit.item) else Missing()
        if fresh:
            split(fresh, lambda p: _update_part(writer, p, outcomes), _judging(writer, outcomes))


def _judging(writer: Writer, outcomes: dict[int, Outcome]) -> Callable[[Update, Fault], None]:
    def blame(update: Update, fault: Fault) -> None:
        outcomes[update.place] = judge(writer.table, fault, update.fields)

    return blame


def _send_updates(writer: Writer, part: Sequence[Update], outcomes: dict[int, Outcome]) -> None:
    mask, stays = part[0].mask
    body = {
        "contacts": {u.edit.item: as_update(u.person, u.fields) for u in part},
        "updateMask": ",".join(mask),
        "readMask": ",".join(writer.marked_fields() if stays else MARKS),
        "sources": [SOURCES],
    }
    answer = writer.channel.ask(writer.channel.people.batchUpdateContacts(body=body), Effect.WRITE)
    results = as_table(answer.get("updateResult"))
    if set(results) != {u.edit.item for u in part}:
        raise OutcomeUnknown(VENDOR, f"Google answered {len(results)} of {len(part)} changes", code="INCOMPLETE")
    for update in part:
        writer.shelf.drop([update.edit.item])
        response = as_table(results[update.edit.item])
        _check_part(response)
        outcomes[update.place] = _read_response(writer, response, update.fields, whole=stays)


def _read_response(writer: Writer, response: Person, fields: Fields, *, whole: bool) -> Outcome:
    fault = read_status(as_table(response.get("status")))
    person = as_table(response.get("person"))
    if fault.code not in ("0", "OK"):
        return judge(writer.table, fault, fields)
    if not person.get("resourceName"):
        raise OutcomeUnknown(VENDOR, "Google wrote a contact but does not tell its id", code="NO_ID")
    if whole:
        writer.shelf.put([person])
    return Written(str(person["resourceName"]), Version(read_etag(person)))


def add_to_label(writer: Writer, items: Sequence[ItemId], folder: FolderId) -> list[Outcome]:
    """Our label on contacts that lack it: on Gmail that is what moving into the folder is (A7)."""
    persons = get_persons(writer.channel, items, writer.marked_fields())
    writer.shelf.put(persons.values())
    edits = [ItemEdit(i, Version(read_etag(persons[i] or {})), categories=(CATEGORY,)) for i in items]
    missing = {i for i in items if persons[i] is None}
    moved = iter(update_contacts(writer, [e for e in edits if e.item not in missing]))
    return [Missing() if i in missing else next(moved) for i in items]
