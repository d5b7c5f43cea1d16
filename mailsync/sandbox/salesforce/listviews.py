"""List views: the user's list of them, their describe and their rows (vendors/salesforce.md §2)."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mailsync.sandbox.salesforce.ids import full_id
from mailsync.sandbox.salesforce.org import View
from mailsync.sandbox.salesforce.refusal import ApiError, not_found
from mailsync.sandbox.salesforce.rest import Ask, Reply, find_object
from mailsync.sandbox.salesforce.schema import ObjectSpec
from mailsync.sandbox.salesforce.soql import parse, run, where_tree
from mailsync.sandbox.salesforce.viewer import Viewer

_SHOWN: Mapping[str, tuple[str, ...]] = {
    "Contact": ("Name", "Account.Name", "Title", "Phone", "Email", "Owner.Alias"),
    "Account": ("Name", "Site", "BillingState", "Phone", "toLabel(Type)", "Owner.Alias"),
    "Lead": ("Name", "Company", "State", "Email", "toLabel(Status)", "Owner.Alias"),
}
_HIDDEN = ("Id", "CreatedDate", "LastModifiedDate", "SystemModstamp")
_MOST_ROWS = 2000


def list_views(ask: Ask) -> Reply:
    """GET sobjects/{object}/listviews: the user's own views and the public ones."""
    spec = find_object(ask, ask.arguments[0])
    views = [view for view in ask.viewer.org.views.values() if view.object == spec.name and ask.viewer.sees_view(view)]
    return Reply(
        200,
        {
            "done": True,
            "listviews": [_summarise(ask, view) for view in views],
            "nextRecordsUrl": None,
            "size": len(views),
            "sobjectType": spec.name,
        },
    )


def show_view(ask: Ask) -> Reply:
    """GET listviews/{id}."""
    _, view = _find(ask)
    return Reply(200, _summarise(ask, view))


def describe_view(ask: Ask) -> Reply:
    """GET listviews/{id}/describe: columns, the SOQL text, its scope and conditions; the id has 15 characters here."""
    spec, view = _find(ask)
    query = view_query(ask.viewer, spec, view)
    return Reply(
        200,
        {
            "columns": [_show_column(ask.viewer, spec, path) for path in _paths(ask.viewer, spec)],
            "id": view.id[:15],
            "orderBy": [
                {"fieldNameOrPath": name, "nullsPosition": "first", "sortDirection": "ascending"}
                for name in ("Name", "Id")
            ],
            "query": query,
            "relatedEntityId": None,
            "scope": view.scope,
            "scopeEntityId": None,
            "sobjectType": spec.name,
            "whereCondition": where_tree(parse(query)) or {},
        },
    )


def show_rows(ask: Ask) -> Reply:
    """GET listviews/{id}/results?limit=1..2000&offset=0..2000: rows as people see them, dates as text."""
    spec, view = _find(ask)
    limit, offset = _number(ask, "limit", 25, 1), _number(ask, "offset", 0, 0)
    query = parse(f"{view_query(ask.viewer, spec, view)} LIMIT {limit} OFFSET {offset}")
    rows = run(query, ask.viewer, deleted=False).records
    paths = _paths(ask.viewer, spec)
    return Reply(
        200,
        {
            "columns": [_show_column(ask.viewer, spec, path) for path in paths],
            "developerName": view.name,
            "done": len(rows) < limit,
            "id": view.id,
            "label": view.label,
            "records": [{"columns": [_show_cell(path, row) for path in paths]} for row in rows],
            "size": len(rows),
        },
    )


def view_query(viewer: Viewer, spec: ObjectSpec, view: View) -> str:
    """The SOQL text of a view for this user, without columns that are hidden from them."""
    parts = ["SELECT", ", ".join(_paths(viewer, spec)), "FROM", spec.name]
    if view.scope:
        parts += ["USING SCOPE", view.scope]
    if view.where:
        parts += ["WHERE", view.where]
    return " ".join([*parts, "ORDER BY Name ASC NULLS FIRST, Id ASC NULLS FIRST"])


def _find(ask: Ask) -> tuple[ObjectSpec, View]:
    spec = find_object(ask, ask.arguments[0])
    view = ask.viewer.org.views.get(full_id(ask.arguments[1]) or "")
    if view is None or view.object != spec.name or not ask.viewer.sees_view(view):
        raise not_found()
    return spec, view


def _summarise(ask: Ask, view: View) -> dict[str, Any]:
    url = f"{ask.viewer.path}/sobjects/{view.object}/listviews/{view.id}"
    return {
        "describeUrl": f"{url}/describe",
        "developerName": view.name,
        "id": view.id,
        "label": view.label,
        "resultsUrl": f"{url}/results",
        "soqlCompatible": True,
        "url": url,
    }


def _paths(viewer: Viewer, spec: ObjectSpec) -> list[str]:
    return [path for path in (*_SHOWN.get(spec.name, ("Name",)), *_HIDDEN) if _column_label(viewer, spec, path)]


def _column_label(viewer: Viewer, spec: ObjectSpec, path: str) -> str | None:
    """The label of a column; None where the field, or the lookup it crosses, is hidden from the user."""
    path = _plain(path)
    fields = viewer.fields(spec)
    relation, _, name = path.rpartition(".")
    if not relation:
        return fields[path.lower()].label if path.lower() in fields else None
    lookup = next((field for field in fields.values() if field.relationship == relation), None)
    target = viewer.org.spec(("Name" if lookup.targets else lookup.refers_to) or "") if lookup else None
    field = None if target is None else viewer.fields(target).get(name.lower())
    return None if field is None else field.label


def _plain(path: str) -> str:
    """The field's path without toLabel(), which views put around picklists (vendors/salesforce.md §2)."""
    return path.removeprefix("toLabel(").removesuffix(")")


def _column_type(viewer: Viewer, spec: ObjectSpec, path: str) -> str:
    field = viewer.fields(spec).get(_plain(path).lower())
    return field.type if field else "string"


def _show_column(viewer: Viewer, spec: ObjectSpec, path: str) -> dict[str, Any]:
    hidden = path in _HIDDEN
    sorting = {"Name": 0, "Id": 1}.get(path)
    return {
        "ascendingLabel": None if hidden else "Z-A",
        "descendingLabel": None if hidden else "A-Z",
        "fieldNameOrPath": _plain(path),
        "hidden": hidden,
        "label": _column_label(viewer, spec, path),
        "selectListItem": path,
        "sortDirection": None if sorting is None else "ascending",
        "sortIndex": sorting,
        "sortable": not hidden,
        "type": _column_type(viewer, spec, path),
    }


def _show_cell(path: str, row: Mapping[str, Any]) -> dict[str, Any]:
    value: Any = row
    path = _plain(path)
    for name in path.split("."):
        value = None if value is None else value.get(name)
    if path in _HIDDEN and path != "Id" and isinstance(value, str):
        moment = datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.000%z")
        value = moment.strftime("%a %b %d %H:%M:%S GMT %Y")
    return {"fieldNameOrPath": path, "value": value}


def _number(ask: Ask, name: str, default: int, least: int) -> int:
    text = ask.query.get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,5}", text) or not least <= int(text) <= _MOST_ROWS:
        raise ApiError("INVALID_INPUT", f"{name} must be between {least} and {_MOST_ROWS}")
    return int(text)
