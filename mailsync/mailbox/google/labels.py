"""Our labels: "Salesforce Contacts", folder and category in one, and "Sync Error" (A1, A3, A4, C1)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mailsync.core.changes import FolderMark
from mailsync.core.policy import ERROR_CATEGORY, FOLDER
from mailsync.core.refs import FolderId
from mailsync.errors import AnswerBroken, FolderLost, OutcomeUnknown, VendorError
from mailsync.mailbox.google.answers import Rejected
from mailsync.mailbox.google.channel import Channel, Effect
from mailsync.mailbox.google.feed import MOST_PAGES
from mailsync.mailbox.google.login import VENDOR
from mailsync.mailbox.google.properties import MARK
from mailsync.mailbox.google.reading import Labels
from mailsync.mailbox.google.told import Json, as_list, as_tables
from mailsync.ports.mailbox import Prepared

_FIELDS = "clientData,groupType,memberCount,metadata,name"
_PAGE = 1000
_MOST = 30_000
"""Members asked for at once: more than the 25,000 contacts that an account can hold (vendors/mailbox.md D2)."""


@dataclass(frozen=True, slots=True)
class Label:
    """One of the person's labels, with what a change of it has to carry."""

    id: str
    name: str
    count: int
    entries: tuple[Json, ...] = ()  # client data, of all programs
    etag: str = ""

    @property
    def mark(self) -> FolderMark | None:
        """Whose it is (A1)."""
        said = next((str(e.get("value", "")) for e in self.entries if e.get("key") == MARK), "")
        installation, _, generation = said.rpartition(":")
        return FolderMark(installation, int(generation)) if installation and generation.isdecimal() else None


def list_labels(channel: Channel) -> list[Label]:
    """The person's own labels; 1 request for up to a thousand. Raises AnswerBroken for a list without Google's own
    groups, which are always there: our label would seem deleted.
    """
    found: list[Label] = []
    pages = [""]
    listed = 0
    while True:
        options: dict[str, Any] = {"pageToken": pages[-1]} if pages[-1] else {}
        answer = channel.ask(channel.groups.list(pageSize=_PAGE, groupFields=_FIELDS, **options))
        groups = as_tables(answer.get("contactGroups"))
        found += [_read_label(g) for g in groups if g.get("groupType") == "USER_CONTACT_GROUP"]
        listed += len(groups)
        page = str(answer.get("nextPageToken", ""))
        if not page and listed == len(found):
            raise AnswerBroken(VENDOR, "Google's list of labels is not whole", code="INCOMPLETE")
        if not page:
            return found
        if page in pages or len(pages) >= MOST_PAGES:
            raise AnswerBroken(VENDOR, "Google's list of labels has no end", code="ENDLESS")
        pages.append(page)


def _read_label(group: Json) -> Label:
    return Label(
        str(group.get("resourceName", "")),
        str(group.get("name", "")),
        int(group.get("memberCount", 0) or 0),
        tuple(as_tables(group.get("clientData"))),
        str(group.get("etag", "")),
    )


def find_ours(labels: Iterable[Label], known: str | None) -> Label | None:
    """Our label: by its id whatever its name is now (A4), else by our mark, else by name; names are unique."""
    labels = list(labels)
    by_id = [x for x in labels if x.id == known]
    by_mark = [x for x in labels if x.mark is not None]
    return next(iter((*by_id, *by_mark, *(x for x in labels if is_named(x, FOLDER)))), None)


def is_named(label: Label, name: str) -> bool:
    """Whether it has that name; case makes no second label."""
    return label.name.casefold() == name.casefold()


def as_labels(found: Sequence[Label], folder: str) -> Labels:
    """Our labels by their ids."""
    return Labels(folder, next((x.id for x in found if is_named(x, ERROR_CATEGORY)), ""))


def prepare_label(channel: Channel, known: FolderId | None, *, create: bool) -> tuple[Prepared | None, Labels]:
    """The label, ready for use, and both by their ids. A deleted one can't be brought back: it is made again, and the
    session puts it back on its contacts (A3). Raises VendorError.
    """
    found = list_labels(channel)
    label = next((x for x in found if x.id == known), None)
    if label is not None:
        return _prepared(label), as_labels(found, label.id)
    named = next((x for x in found if is_named(x, FOLDER)), None)
    if named is not None:
        return replace(_prepared(named), adopted=True), as_labels(found, named.id)
    if not create:
        return None, Labels()
    made, is_new = create_label(channel, FOLDER)
    return replace(_prepared(made), created=is_new, adopted=not is_new), as_labels(found, made.id)


def _prepared(label: Label) -> Prepared:
    return Prepared(FolderId(label.id), label.mark, created=False, adopted=False, restored=False)


def create_label(channel: Channel, name: str) -> tuple[Label, bool]:
    """A label of that name, and whether it was made now. Names are unique: one whose answer was lost, or that somebody
    else was quicker with, is looked up.
    """
    body = {"contactGroup": {"name": name}, "readGroupFields": "clientData,groupType,metadata,name"}
    try:
        return _read_label(channel.ask(channel.groups.create(body=body), Effect.WRITE)), True
    except OutcomeUnknown:
        created = True
    except Rejected as error:
        if error.fault.status != 409:
            raise
        created = False
    found = next((x for x in list_labels(channel) if is_named(x, name)), None)
    if found is None:
        raise VendorError(VENDOR, f'the label "{name}" can\'t be made', code="LABEL", remedy="sync again")
    return found, created


def sign_label(channel: Channel, folder: FolderId, mark: FolderMark) -> None:
    """Writes whose label it is (A1), beside what other programs keep there. Raises FolderLost, VendorError."""
    label = next((x for x in list_labels(channel) if x.id == folder), None)
    if label is None:
        raise FolderLost(VENDOR, "the label is not there any more", code="NOT_FOUND")
    own = {"key": MARK, "value": f"{mark.installation}:{mark.generation}"}
    entries = [*(e for e in label.entries if e.get("key") != MARK), own]
    group = {"name": label.name, "clientData": entries, **({"etag": label.etag} if label.etag else {})}
    body = {"contactGroup": group, "updateGroupFields": "clientData", "readGroupFields": "metadata"}
    channel.ask(channel.groups.update(resourceName=folder, body=body), Effect.WRITE)


def list_members(channel: Channel, label: str) -> list[str] | None:
    """The resource names of a label's contacts; None where there is no such label. 1 request."""
    request = channel.groups.get(resourceName=label, maxMembers=_MOST, groupFields="memberCount,metadata,name")
    try:
        return [str(name) for name in as_list(channel.ask(request).get("memberResourceNames"))]
    except Rejected as error:
        if error.fault.status == 404:
            return None
        raise
