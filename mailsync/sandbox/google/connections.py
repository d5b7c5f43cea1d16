"""people.connections.list: pages of all contacts, and of what changed since a sync token."""

from collections.abc import Callable
from typing import Any, Final

from mailsync.sandbox.google.errors import expired_sync_token, invalid
from mailsync.sandbox.google.masks import check_sources, read_person_fields
from mailsync.sandbox.google.quotas import charge
from mailsync.sandbox.google.records import Contact, Version
from mailsync.sandbox.google.rendering import show_deleted, show_name, show_person
from mailsync.sandbox.google.service import Ask
from mailsync.sandbox.google.store import find_version, horizon
from mailsync.sandbox.google.tokens import Place, bind, is_expired, read_token, write_token

_KIND: Final = "connections"
_USUAL: Final = 100
_MOST: Final = 1000
_DEFAULT_ORDER: Final = "LAST_MODIFIED_ASCENDING"
_Row = tuple[Contact, Version]


def list_connections(ask: Ask) -> dict[str, Any]:
    """One page, oldest change first; the last one has the next sync token if it was asked for."""
    if ask.place["name"] != "people/me":
        raise invalid("Resource name must be people/me.", "resourceName")
    mask = read_person_fields(ask, "people.connections/list")
    size = ask.number("pageSize", _USUAL, 1, _MOST)
    place = _find_place(ask, bind(sorted(mask), sorted(ask.query.get("sources", ())), ask.text("sortOrder"), size))
    rows = _list_rows(ask, place)
    page = rows[place.skip : place.skip + size]
    synced = place.since >= 0
    answer: dict[str, Any] = {}
    if page:
        shown = mask if check_sources(ask.query.get("sources", ())) else ()
        answer["connections"] = [
            show_deleted(contact) if version.deleted else show_person(contact, version, shown, synced=synced)
            for contact, version in page
        ]
    if place.skip + size < len(rows):
        answer["nextPageToken"] = write_token(_step(place, place.skip + size))
    elif ask.flag("requestSyncToken") or ask.text("syncToken"):
        answer["nextSyncToken"] = write_token(
            Place("sync", place.owner, place.bound, place.last, place.last, place.full)
        )
    if rows:
        answer |= {"totalPeople": len(rows), "totalItems": len(rows)}
    return answer


def _find_place(ask: Ask, bound: str) -> Place:
    """Where the list begins or goes on. Raises ApiError for a token that is none, another's, or too old."""
    syncs = bool(ask.flag("requestSyncToken") or ask.text("syncToken"))
    if syncs and ask.text("sortOrder", _DEFAULT_ORDER) not in ("", _DEFAULT_ORDER):
        raise invalid(f"Sync requests are sorted by {_DEFAULT_ORDER} only.", "sortOrder")
    since = _read_since(ask, bound)
    if ask.text("pageToken"):
        place = _check(ask, read_token(ask.text("pageToken"), "pageToken"), _KIND, bound, "pageToken")
        if since is not None and place.since not in (since.since, 0):  # 0: the list was replayed
            raise _mismatch("pageToken")
        return place
    if since is None:
        charge(ask.service.quotas, ask.box.user, {"full_syncs": 1} if syncs else {}, ask.now)
        last = horizon(ask.box, ask.now) if syncs else ask.box.number
        return Place(_KIND, ask.box.account, bound, -1, last, int(ask.now.timestamp()))
    service = ask.service
    last = since.since if service.lagging else max(horizon(ask.box, ask.now), since.since)
    return Place(_KIND, since.owner, bound, 0 if service.replaying else since.since, last, since.full)


def _read_since(ask: Ask, bound: str) -> Place | None:
    text = ask.text("syncToken")
    if not text:
        return None
    place = _check(ask, read_token(text, "syncToken"), "sync", bound, "syncToken")
    if is_expired(place, ask.now):
        raise expired_sync_token(ask.service.settings.expired_status)
    return place


def _check(ask: Ask, place: Place, kind: str, bound: str, what: str) -> Place:
    """A token of the same account and for the same parameters. Raises ApiError."""
    if place.owner != ask.box.account or place.kind != kind or place.last > ask.box.number:
        raise invalid(f"{what} is not one that this list has given.", what)
    if place.bound != bound:
        raise _mismatch(what)
    return place


def _mismatch(what: str) -> Exception:
    return invalid(f"Request parameters must match those of the call that gave the {what}.", what)


def _list_rows(ask: Ask, place: Place) -> list[_Row]:
    rows: list[_Row] = []
    for contact in ask.box.contacts.values():
        version = find_version(contact, place.last)
        if version is None or version.number <= place.since or (version.deleted and place.since < 0):
            continue
        rows.append((contact, version))
    order = ask.text("sortOrder") or _DEFAULT_ORDER
    rows.sort(key=_KEYS[order], reverse=order == "LAST_MODIFIED_DESCENDING")
    return rows


def _step(place: Place, skip: int) -> Place:
    return Place(place.kind, place.owner, place.bound, place.since, place.last, place.full, skip)


def _by_time(row: _Row) -> tuple[Any, ...]:
    return (row[1].updated, row[1].number)


def _by_given(row: _Row) -> tuple[Any, ...]:
    name = _name_of(row)
    return (str(name.get("givenName") or show_name(name)).casefold(), str(name.get("familyName", "")).casefold())


def _by_family(row: _Row) -> tuple[Any, ...]:
    name = _name_of(row)
    return (str(name.get("familyName") or show_name(name)).casefold(), str(name.get("givenName", "")).casefold())


def _name_of(row: _Row) -> dict[str, Any]:
    names = row[1].fields.get("names", [])
    return names[0] if names else {}


_KEYS: Final[dict[str, Callable[[_Row], tuple[Any, ...]]]] = {
    "LAST_MODIFIED_ASCENDING": _by_time,
    "LAST_MODIFIED_DESCENDING": _by_time,
    "FIRST_NAME_ASCENDING": _by_given,
    "LAST_NAME_ASCENDING": _by_family,
}
