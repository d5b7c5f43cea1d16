"""The methods of the API: where each is found, what it takes and costs, and who carries it out."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mailsync.sandbox.google.batches import create_contacts, delete_contacts, update_contacts
from mailsync.sandbox.google.connections import list_connections
from mailsync.sandbox.google.contacts import (
    create_contact,
    delete_photo,
    get_people,
    get_person,
    remove_contact,
    update_contact,
    update_photo,
)
from mailsync.sandbox.google.grants import CONTACTS, DIRECTORY, EMAIL, OTHERS, PROFILE, READ_ONLY
from mailsync.sandbox.google.groups import (
    create_group,
    delete_group,
    get_group,
    get_groups,
    list_groups,
    modify_members,
    update_group,
)
from mailsync.sandbox.google.others import copy_other, list_others, refuse_directory, search_contacts, search_others
from mailsync.sandbox.google.service import Ask

_READ: Final = {"critical_reads": 1}
_WRITE: Final = {"critical_reads": 1, "critical_writes": 1, "daily_writes": 1}
_BATCH: Final = {"critical_reads": 6, "critical_writes": 6, "daily_writes": 200}
_GROUP_READ: Final = {"reads": 1}
_GROUP_WRITE: Final = {"writes": 1}
_PHOTO: Final = {"critical_reads": 1, "photo_writes": 1}
_ANY: Final = (CONTACTS, READ_ONLY, OTHERS, DIRECTORY, EMAIL, PROFILE)
_READERS: Final = (CONTACTS, READ_ONLY)
_PERSON: Final = r"(?P<name>people/[^/:]+)"
_GROUP: Final = r"(?P<name>contactGroups/[^/:]+)"
_SOURCES: Final = {"sources": "@reads"}
_MASKED: Final = {"personFields": "mask", "sources": "@reads"}
_PAGED: Final = {"pageSize": "int32", "pageToken": "string"}
_SYNCS: Final = {"requestSyncToken": "bool", "syncToken": "string"}
_SYNCED: Final = {**_PAGED, **_SYNCS}
_OLDER: Final = {"requestMask.includeField": "mask"}
_SORTS: Final = "LAST_MODIFIED_ASCENDING|LAST_MODIFIED_DESCENDING|FIRST_NAME_ASCENDING|LAST_NAME_ASCENDING"
_DIRECTORY: Final = {**_PAGED, "readMask": "mask", "sources": "string", "mergeSources": "string"}


@dataclass(frozen=True, slots=True)
class Method:
    """A method. `message` and `root`: what its body is, and where errors place it; `query`: parameters with types."""

    name: str
    verb: str
    path: str  # a regular expression for what follows /v1/
    action: str
    scopes: tuple[str, ...]
    carry_out: Callable[[Ask], dict[str, Any]]
    rpc: str
    costs: Mapping[str, int] = field(default_factory=dict[str, int])
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    message: str = ""
    root: str = ""

    @property
    def mutates(self) -> bool:
        """Whether it changes the mailbox: requests of this kind are to be sent one after the other."""
        return self.action in ("create", "update", "delete")


_PEOPLE: Final = (
    Method("connections.list", "GET", rf"{_PERSON}/connections", "read", _READERS, list_connections,
           "ListConnections", _READ, {**_MASKED, **_SYNCED, **_OLDER, "sortOrder": _SORTS}),
    Method("getBatchGet", "GET", "people:batchGet", "read", _ANY, get_people, "GetPeople", _READ,
           {**_MASKED, **_OLDER, "resourceNames": "string"}),
    Method("searchContacts", "GET", "people:searchContacts", "read", _READERS, search_contacts,
           "SearchContacts", _READ, {**_SOURCES, "readMask": "mask", "pageSize": "int32", "query": "string"}),
    Method("listDirectoryPeople", "GET", "people:listDirectoryPeople", "read", (DIRECTORY,), refuse_directory,
           "ListDirectoryPeople", _READ, {**_DIRECTORY, **_SYNCS}),
    Method("searchDirectoryPeople", "GET", "people:searchDirectoryPeople", "read", (DIRECTORY,), refuse_directory,
           "SearchDirectoryPeople", _READ, {**_DIRECTORY, "query": "string"}),
    Method("get", "GET", _PERSON, "read", _ANY, get_person, "GetPerson", _READ, {**_MASKED, **_OLDER}),
    Method("createContact", "POST", "people:createContact", "create", (CONTACTS,), create_contact,
           "CreateContact", _WRITE, _MASKED, "Person", "person"),
    Method("batchCreateContacts", "POST", "people:batchCreateContacts", "create", (CONTACTS,), create_contacts,
           "BatchCreateContacts", _BATCH, {}, "BatchCreateContactsRequest"),
    Method("batchUpdateContacts", "POST", "people:batchUpdateContacts", "update", (CONTACTS,), update_contacts,
           "BatchUpdateContacts", _BATCH, {}, "BatchUpdateContactsRequest"),
    Method("batchDeleteContacts", "POST", "people:batchDeleteContacts", "delete", (CONTACTS,), delete_contacts,
           "BatchDeleteContacts", {"writes": 10}, {}, "BatchDeleteContactsRequest"),
    Method("updateContact", "PATCH", f"{_PERSON}:updateContact", "update", (CONTACTS,), update_contact,
           "UpdateContact", _WRITE, {**_MASKED, "updatePersonFields": "mask"}, "Person", "person"),
    Method("deleteContact", "DELETE", f"{_PERSON}:deleteContact", "delete", (CONTACTS,), remove_contact,
           "DeleteContact", _GROUP_WRITE),
    Method("updateContactPhoto", "PATCH", f"{_PERSON}:updateContactPhoto", "update", (CONTACTS,), update_photo,
           "UpdateContactPhoto", _PHOTO, {}, "UpdateContactPhotoRequest"),
    Method("deleteContactPhoto", "DELETE", f"{_PERSON}:deleteContactPhoto", "update", (CONTACTS,), delete_photo,
           "DeleteContactPhoto", _PHOTO, _MASKED),
)  # fmt: skip
_GROUPS: Final = (
    Method("contactGroups.list", "GET", "contactGroups", "read", _READERS, list_groups, "ListContactGroups",
           _GROUP_READ, {**_PAGED, "groupFields": "mask", "syncToken": "string"}),
    Method("contactGroups.batchGet", "GET", "contactGroups:batchGet", "read", _READERS, get_groups,
           "BatchGetContactGroups", _GROUP_READ,
           {"groupFields": "mask", "maxMembers": "int32", "resourceNames": "string"}),
    Method("contactGroups.get", "GET", _GROUP, "read", _READERS, get_group, "GetContactGroup", _GROUP_READ,
           {"groupFields": "mask", "maxMembers": "int32"}),
    Method("contactGroups.create", "POST", "contactGroups", "create", (CONTACTS,), create_group,
           "CreateContactGroup", _GROUP_WRITE, {}, "CreateContactGroupRequest"),
    Method("contactGroups.update", "PUT", _GROUP, "update", (CONTACTS,), update_group, "UpdateContactGroup",
           _GROUP_WRITE, {}, "UpdateContactGroupRequest"),
    Method("contactGroups.delete", "DELETE", _GROUP, "delete", (CONTACTS,), delete_group, "DeleteContactGroup",
           _GROUP_WRITE, {"deleteContacts": "bool"}),
    Method("members.modify", "POST", f"{_GROUP}/members:modify", "update", (CONTACTS,), modify_members,
           "ModifyContactGroupMembers", _GROUP_WRITE, {}, "ModifyContactGroupMembersRequest"),
    Method("otherContacts.list", "GET", "otherContacts", "read", (OTHERS,), list_others, "ListOtherContacts", _READ,
           {**_SYNCED, **_SOURCES, "readMask": "mask"}),
    Method("otherContacts.search", "GET", "otherContacts:search", "read", (OTHERS,), search_others,
           "SearchOtherContacts", _READ, {"readMask": "mask", "pageSize": "int32", "query": "string"}),
    Method("otherContacts.copyOtherContactToMyContactsGroup", "POST",
           "(?P<name>otherContacts/[^/:]+):copyOtherContactToMyContactsGroup", "create", (CONTACTS, OTHERS), copy_other,
           "CopyOtherContactToMyContactsGroup", _WRITE, {}, "CopyOtherContactToMyContactsGroupRequest"),
)  # fmt: skip
METHODS: Final = _PEOPLE + _GROUPS
_PATTERNS: Final = tuple((method, re.compile(f"/v1/{method.path}")) for method in METHODS)


def find_method(verb: str, path: str) -> tuple[Method, Mapping[str, str]] | None:
    """The method of a request and the parts of its path; None where there is none."""
    for method, pattern in _PATTERNS:
        found = pattern.fullmatch(path) if method.verb == verb else None
        if found is not None:
            return method, found.groupdict()
    return None
