"""Which operation a request to /v1.0 is, in Graph's words, and whose resource it asks for."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from mailsync.sandbox.microsoft import categories, contacts, folders, photos
from mailsync.sandbox.microsoft.context import Context
from mailsync.sandbox.microsoft.translation import translate_ids
from mailsync.sandbox.vendor import Answer, Request

ROOT: Final = "/v1.0/"
BATCH: Final = "$batch"
_KEYED: Final = re.compile(r"^([A-Za-z]+)\('([^']*)'\)$")
_BOUND: Final = re.compile(r"^(?:microsoft\.graph\.)?(delta|permanentDelete|translateExchangeIds)(?:\(\))?$")


@dataclass(frozen=True, slots=True)
class Operation:
    """`scope` is the permission it needs, without .Read or .ReadWrite; "" = the sign-in alone."""

    name: str
    action: str
    scope: str
    carry_out: Callable[[Context], Answer] | None


@dataclass(frozen=True, slots=True)
class Route:
    """`owner` is the user of /users/{id}, None for /me; `parts` the variable segments."""

    operation: Operation
    owner: str | None
    parts: tuple[str, ...]


_C, _M = "Contacts", "MailboxSettings"
_CONTACT: Final = {
    ("*", "GET"): Operation("getContact", "read", _C, contacts.get_contact),
    ("*", "PATCH"): Operation("updateContact", "update", _C, contacts.update_contact),
    ("*", "DELETE"): Operation("deleteContact", "delete", _C, contacts.delete_contact),
    ("*/permanentDelete", "POST"): Operation("contact.permanentDelete", "delete", _C, contacts.purge_contact),
    ("*/photo", "GET"): Operation("getContactPhoto", "read", _C, photos.get_photo),
    ("*/photo/$value", "GET"): Operation("getContactPhoto", "read", _C, photos.get_photo_content),
    ("*/photo/$value", "PUT"): Operation("updateContactPhoto", "update", _C, photos.set_photo),
    ("*/photo/$value", "PATCH"): Operation("updateContactPhoto", "update", _C, photos.set_photo),
    ("", "GET"): Operation("listContacts", "read", _C, contacts.list_in_folder),
    ("", "POST"): Operation("createContact", "create", _C, contacts.create_contact),
    ("delta", "GET"): Operation("contacts.delta", "changes", _C, contacts.tell_changes),
}
_FOLDER: Final = {
    ("", "GET"): Operation("listContactFolders", "read", _C, folders.list_folders),
    ("", "POST"): Operation("createContactFolder", "create", _C, folders.create_folder),
    ("delta", "GET"): Operation("contactFolders.delta", "changes", _C, folders.tell_changes),
    ("*", "GET"): Operation("getContactFolder", "read", _C, folders.get_folder),
    ("*", "PATCH"): Operation("updateContactFolder", "update", _C, folders.update_folder),
    ("*", "DELETE"): Operation("deleteContactFolder", "delete", _C, folders.delete_folder),
    ("*/permanentDelete", "POST"): Operation("contactFolder.permanentDelete", "delete", _C, folders.purge_folder),
    ("*/childFolders", "GET"): Operation("listChildFolders", "read", _C, folders.list_folders),
    ("*/childFolders", "POST"): Operation("createChildFolder", "create", _C, folders.create_folder),
}
_CATEGORY: Final = {
    ("", "GET"): Operation("listMasterCategories", "read", _M, categories.list_categories),
    ("", "POST"): Operation("createMasterCategory", "create", _M, categories.create_category),
    ("*", "GET"): Operation("getMasterCategory", "read", _M, categories.get_category),
    ("*", "PATCH"): Operation("updateMasterCategory", "update", _M, categories.update_category),
    ("*", "DELETE"): Operation("deleteMasterCategory", "delete", _M, categories.delete_category),
}


def _below(place: str, operations: dict[tuple[str, str], Operation]) -> dict[tuple[str, str], Operation]:
    return {(f"{place}/{rest}".strip("/"), method): operation for (rest, method), operation in operations.items()}


_TABLE: Final[dict[tuple[str, str], Operation]] = {
    ("", "GET"): Operation("getUser", "read", "", None),
    ("translateExchangeIds", "POST"): Operation("translateExchangeIds", "read", "", translate_ids),
    **_below("contacts", _CONTACT),
    **_below("contactFolders", _FOLDER),
    **_below("contactFolders/*/contacts", _CONTACT),
    **_below("outlook/masterCategories", _CATEGORY),
}
_WORDS: Final = frozenset(word for pattern, _ in _TABLE for word in pattern.split("/"))
_PATTERNS: Final = frozenset(pattern for pattern, _ in _TABLE)


def find_route(request: Request) -> Route | str | None:
    """The route of a path below /v1.0; the segment that nobody knows; None where the method doesn't fit the path."""
    segments = _split(request.path)
    if segments[:1] == ["me"]:
        owner, rest = None, segments[1:]
    elif segments[:1] == ["users"] and len(segments) > 1:
        owner, rest = segments[1], segments[2:]
    else:
        return segments[0] if segments else ""
    while rest[:1] == ["contactFolders"] and rest[2:3] == ["childFolders"] and len(rest) > 3:
        rest = ["contactFolders", *rest[3:]]
    pattern, parts = _match(rest)
    if pattern not in _PATTERNS:
        words = pattern.split("/")
        return next((word for word in words if word not in _WORDS), words[-1])
    operation = _TABLE.get((pattern, request.method.upper()))
    return None if operation is None else Route(operation, owner, parts)


def _match(rest: list[str]) -> tuple[str, tuple[str, ...]]:
    """The pattern of segments, the ids among them as `*`, and those ids."""
    words: list[str] = []
    parts: list[str] = []
    for at, word in enumerate(rest):
        before = rest[at - 1] if at else ""
        if before in ("contacts", "contactFolders", "masterCategories") and word != "delta" and words[-1:] != ["*"]:
            parts.append(word)
            words.append("*")
        else:
            words.append(word)
    return "/".join(words), tuple(parts)


def _split(path: str) -> list[str]:
    segments: list[str] = []
    for segment in path[len(ROOT) :].strip("/").split("/"):
        bound = _BOUND.match(segment)
        keyed = _KEYED.match(segment)
        if bound:
            segments.append(bound[1])
        elif keyed:
            segments += [keyed[1], keyed[2]]
        elif segment:
            segments.append(segment)
    return segments
