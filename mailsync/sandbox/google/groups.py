"""Contact groups (labels): list with its own sync token, read, create, update, delete, and who is in them."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from mailsync.sandbox.google.errors import ApiError, expired_sync_token, invalid, not_found, stale_etag
from mailsync.sandbox.google.ids import make_group_etag, make_number, name_group, name_person, read_group
from mailsync.sandbox.google.masks import read_group_fields, read_mask
from mailsync.sandbox.google.records import JOINABLE, SYSTEM_GROUPS, Group, Mailbox
from mailsync.sandbox.google.rendering import show_time
from mailsync.sandbox.google.service import Ask
from mailsync.sandbox.google.store import (
    change_contact,
    count_members,
    delete_contact,
    find_contact,
    find_group,
    leave_group,
    list_members,
    list_present,
)
from mailsync.sandbox.google.tokens import Place, bind, is_expired, read_token, write_token

_MOST_READ: Final = 200
_MOST_MODIFIED: Final = 1000
_UPDATABLE: Final = frozenset({"clientData", "name"})


def list_groups(ask: Ask) -> dict[str, Any]:
    """contactGroups.list: 30 a page unless told; the last page has the next sync token."""
    mask = read_group_fields(ask.text("groupFields"), "groupFields")
    size = ask.number("pageSize", 30, 1, 1000)
    place = _find_place(ask, bind(sorted(mask), size))
    box = ask.box
    counts = count_members(box) if "memberCount" in mask else Counter[str]()
    rows: list[Group | str] = [] if place.since >= 0 else list(SYSTEM_GROUPS)
    rows += [
        group
        for group in sorted(box.groups.values(), key=lambda each: each.number)
        if place.since < group.number <= place.last and (place.since >= 0 or not group.deleted)
    ]
    page = rows[place.skip : place.skip + size]
    answer: dict[str, Any] = {"contactGroups": [_show_row(row, mask, counts) for row in page]} if page else {}
    if rows:
        answer["totalItems"] = len(rows)
    if place.skip + size < len(rows):
        step = Place(place.kind, place.owner, place.bound, place.since, place.last, place.full, place.skip + size)
        return {**answer, "nextPageToken": write_token(step)}
    token = Place("groups.sync", place.owner, place.bound, place.last, place.last, place.full)
    return {**answer, "nextSyncToken": write_token(token)}


def get_group(ask: Ask) -> dict[str, Any]:
    """contactGroups.get, with as many members as maxMembers says."""
    mask = read_group_fields(ask.text("groupFields"), "groupFields")
    return _read_group(ask, ask.place["name"], mask, ask.number("maxMembers", 0, 0, 2**31 - 1))


def get_groups(ask: Ask) -> dict[str, Any]:
    """contactGroups.batchGet."""
    mask = read_group_fields(ask.text("groupFields"), "groupFields")
    names = ask.query.get("resourceNames", ())
    if not 1 <= len(names) <= _MOST_READ:
        raise invalid(f"Must specify between 1 and {_MOST_READ} resource names.", "resourceNames")
    most = ask.number("maxMembers", 0, 0, 2**31 - 1)
    return {"responses": [_answer_for(ask, name, mask, most) for name in names]}


def create_group(ask: Ask) -> dict[str, Any]:
    """contactGroups.create. Raises ApiError, 409 for a name that is taken."""
    given: dict[str, Any] = ask.body.get("contactGroup", {})
    mask = read_group_fields(str(ask.body.get("readGroupFields", "")), "readGroupFields", counted=False)
    name = _read_name(ask.box, given)
    box = ask.box
    box.number += 1
    group = Group(f"{make_number(box.user, 'group', box.number):x}", name, ask.now, box.number)
    group.client_data = given.get("clientData", [])
    box.groups[group.id] = group
    return _show_group(group, mask, Counter())


def update_group(ask: Ask) -> dict[str, Any]:
    """contactGroups.update: the name unless the mask says otherwise. An etag that is given has to be the latest."""
    group = _find_own(ask)
    given: dict[str, Any] = ask.body.get("contactGroup", {})
    mask = read_group_fields(str(ask.body.get("readGroupFields", "")), "readGroupFields", counted=False)
    text = str(ask.body.get("updateGroupFields", "")) or "name"
    replaced = read_mask(text, "updateGroupFields", "contactGroups/update", _UPDATABLE)
    if given.get("etag") and given["etag"] != make_group_etag(group.id, group.number):
        raise stale_etag("contactGroup.etag")
    name = _read_name(ask.box, given, group) if "name" in replaced else group.name
    if "clientData" in replaced:
        group.client_data = given.get("clientData", [])
    group.name = name
    _touch(ask, group)
    return _show_group(group, mask, count_members(ask.box))


def delete_group(ask: Ask) -> dict[str, Any]:
    """contactGroups.delete: with deleteContacts its contacts go too, else they only leave it."""
    group = _find_own(ask)
    _touch(ask, group)
    group.deleted = True
    for contact in [each for each in list_present(ask.box) if group.id in each.now.groups]:
        if ask.flag("deleteContacts"):
            delete_contact(ask.box, contact, ask.now, ask.delay)
        else:
            leave_group(ask.box, contact, group.id, ask.now, ask.delay)
    return {}


def modify_members(ask: Ask) -> dict[str, Any]:
    """contactGroups.members.modify: contacts join and leave; what could not be done is named, the rest is done."""
    added: list[str] = ask.body.get("resourceNamesToAdd", [])
    removed: list[str] = ask.body.get("resourceNamesToRemove", [])
    if not 1 <= len(added) + len(removed) <= _MOST_MODIFIED:
        text = f"Must specify between 1 and {_MOST_MODIFIED} resource names to add or remove."
        raise invalid(text, "resource_names_to_add")
    group = read_group(ask.place["name"])
    if group not in SYSTEM_GROUPS:
        group = find_group(ask.box, group).id
    if group == "all" or (added and group in SYSTEM_GROUPS and group not in JOINABLE):
        raise invalid(f"Contacts can't be added to the contact group {name_group(group)}.", "resource_name")
    missing: list[str] = []
    stuck: list[str] = []
    for name in dict.fromkeys([*added, *removed]):
        try:
            contact = find_contact(ask.box, name)
        except ApiError:
            missing.append(name)
            continue
        rest = tuple(each for each in contact.now.groups if each != group)
        groups = (*rest, group) if name in added else rest
        if not groups:
            stuck.append(name)
        elif set(groups) != set(contact.now.groups):
            change_contact(ask.box, contact, ask.now, ask.delay, groups=groups)
    outcome = {"notFoundResourceNames": missing, "canNotRemoveLastContactGroupResourceNames": stuck}
    return {key: names for key, names in outcome.items() if names}


def _find_place(ask: Ask, bound: str) -> Place:
    if ask.text("pageToken"):
        return _check(ask, read_token(ask.text("pageToken"), "pageToken"), "groups", bound, "pageToken")
    if not ask.text("syncToken"):
        return Place("groups", ask.box.account, bound, -1, ask.box.number, int(ask.now.timestamp()))
    since = _check(ask, read_token(ask.text("syncToken"), "syncToken"), "groups.sync", bound, "syncToken")
    if is_expired(since, ask.now):
        raise expired_sync_token(ask.service.settings.expired_status)
    last = since.since if ask.service.lagging else ask.box.number
    return Place("groups", since.owner, bound, since.since, last, since.full)


def _check(ask: Ask, place: Place, kind: str, bound: str, what: str) -> Place:
    if place.owner != ask.box.account or place.kind != kind or place.last > ask.box.number:
        raise invalid(f"{what} is not one that this list has given.", what)
    if place.bound != bound:
        raise invalid(f"Request parameters must match those of the call that gave the {what}.", what)
    return place


def _find_own(ask: Ask) -> Group:
    identifier = read_group(ask.place["name"])
    if identifier in SYSTEM_GROUPS:
        raise invalid("System contact groups can't be changed.", "resource_name")
    return find_group(ask.box, identifier)


def _touch(ask: Ask, group: Group) -> None:
    ask.box.number += 1
    group.number, group.updated = ask.box.number, ask.now


def _read_name(box: Mailbox, given: dict[str, Any], own: Group | None = None) -> str:
    name = str(given.get("name", "")).strip()
    if not name:
        raise invalid("Contact group name is required.", "contact_group.name")
    for group in box.groups.values():
        if group is not own and not group.deleted and group.name.casefold() == name.casefold():
            raise ApiError("ALREADY_EXISTS", "Contact group name already exists.")
    return name


def _read_group(ask: Ask, name: str, mask: Sequence[str], most: int) -> dict[str, Any]:
    identifier = read_group(name)
    row: Group | str = identifier if identifier in SYSTEM_GROUPS else find_group(ask.box, identifier)
    key = row if isinstance(row, str) else row.id
    shown = _show_row(row, mask, count_members(ask.box) if "memberCount" in mask else Counter[str]())
    members = list_members(ask.box, key)[:most] if most else []
    return {**shown, "memberResourceNames": [name_person(number) for number in members]} if members else shown


def _answer_for(ask: Ask, name: str, mask: Sequence[str], most: int) -> dict[str, Any]:
    try:
        return {"requestedResourceName": name, "status": {}, "contactGroup": _read_group(ask, name, mask, most)}
    except ApiError:
        return {"requestedResourceName": name, "status": {"code": 5, "message": not_found().message}}


def _show_row(row: Group | str, mask: Sequence[str], counts: Counter[str]) -> dict[str, Any]:
    if isinstance(row, Group):
        return _show_group(row, mask, counts)
    shown: dict[str, Any] = {"resourceName": name_group(row)}
    if "groupType" in mask:
        shown["groupType"] = "SYSTEM_CONTACT_GROUP"
    if "name" in mask:
        shown |= {"name": row, "formattedName": SYSTEM_GROUPS[row]}
    return {**shown, "memberCount": counts[row]} if counts[row] else shown


def _show_group(group: Group, mask: Sequence[str], counts: Counter[str]) -> dict[str, Any]:
    shown: dict[str, Any] = {"resourceName": name_group(group.id), "etag": make_group_etag(group.id, group.number)}
    if group.deleted:
        return {"resourceName": shown["resourceName"], "metadata": {"deleted": True}}
    if "metadata" in mask:
        shown["metadata"] = {"updateTime": show_time(group.updated)}
    if "groupType" in mask:
        shown["groupType"] = "USER_CONTACT_GROUP"
    if "name" in mask:
        shown |= {"name": group.name, "formattedName": group.name}
    if "clientData" in mask and group.client_data:
        shown["clientData"] = group.client_data
    return {**shown, "memberCount": counts[group.id]} if "memberCount" in mask and counts[group.id] else shown
