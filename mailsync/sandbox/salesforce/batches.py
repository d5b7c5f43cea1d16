"""sObject Collections: up to 200 records a request, results in request order, each failing on its own."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from mailsync.sandbox.salesforce.ids import full_id
from mailsync.sandbox.salesforce.refusal import ApiError, describe_item_refusal, not_found
from mailsync.sandbox.salesforce.removal import delete_record
from mailsync.sandbox.salesforce.rest import Ask, Reply, find_object, item_error
from mailsync.sandbox.salesforce.rows import chosen_fields, find_by_key, key_field
from mailsync.sandbox.salesforce.saving import create_record, update_record
from mailsync.sandbox.salesforce.schema import ObjectSpec
from mailsync.sandbox.salesforce.values import WrongType, show_record
from mailsync.sandbox.salesforce.viewer import Viewer

_MOST_WRITTEN = 200
_MOST_READ = 2000
_MOST_CHUNKS = 10

Work = Callable[[Any], dict[str, Any]]
"""Writes one item and returns what its result says beside success and errors."""


def create_many(ask: Ask) -> Reply:
    """POST composite/sobjects {"allOrNone", "records"}."""
    content = ask.read_object()
    records = _records_of(content)

    def write(record: dict[str, Any]) -> dict[str, Any]:
        spec = _spec_of(ask.viewer, record)
        return {"id": create_record(ask.viewer, spec, _without_id(record), ask.options())}

    return Reply(200, _run(ask.viewer, records, write, content.get("allOrNone") is True))


def update_many(ask: Ask) -> Reply:
    """PATCH composite/sobjects {"allOrNone", "records" with id}."""
    content = ask.read_object()
    records = _records_of(content)

    def write(record: dict[str, Any]) -> dict[str, Any]:
        spec = _spec_of(ask.viewer, record)
        record_id = _item_id(spec, _id_in(record))
        update_record(ask.viewer, spec, record_id, _without_id(record), ask.options())
        return {"id": record_id}

    return Reply(200, _run(ask.viewer, records, write, content.get("allOrNone") is True))


def upsert_many(ask: Ask) -> Reply:
    """PATCH composite/sobjects/{object}/{field}: each result says whether it was `created`."""
    spec = find_object(ask, ask.arguments[0])
    field = key_field(ask.viewer, spec, ask.arguments[1])
    content = ask.read_object()
    records = _records_of(content)

    def write(record: dict[str, Any]) -> dict[str, Any]:
        value = next((value for name, value in record.items() if name.lower() == field.name.lower()), None)
        if not isinstance(value, str) or not value.strip():
            raise ApiError("MISSING_ARGUMENT", f"{field.name} not specified", (field.name,))
        matches = find_by_key(ask.viewer, spec, field, value.strip())
        if len(matches) > 1:
            raise ApiError("DUPLICATE_EXTERNAL_ID", f"{field.name}: more than one record found for {value}", ())
        if not matches:
            return {"id": create_record(ask.viewer, spec, record, ask.options()), "created": True}
        update_record(ask.viewer, spec, matches[0]["Id"], record, ask.options())
        return {"id": matches[0]["Id"], "created": False}

    return Reply(200, _run(ask.viewer, records, write, content.get("allOrNone") is True))


def delete_many(ask: Ask) -> Reply:
    """DELETE composite/sobjects?ids=a,b&allOrNone=false."""
    ids = [text for text in ask.query.get("ids", "").split(",") if text]
    if not ids:
        raise ApiError("MISSING_ARGUMENT", "The ids parameter is required")
    _limit(ids, _MOST_WRITTEN)

    def write(text: str) -> dict[str, Any]:
        spec, record_id = _typed_id(ask.viewer, text)
        delete_record(ask.viewer, spec, record_id)
        return {"id": record_id}

    return Reply(200, _run(ask.viewer, ids, write, ask.query.get("allOrNone", "").lower() == "true"))


def retrieve_many(ask: Ask) -> Reply:
    """GET or POST composite/sobjects/{object}: a record each, null for one that the user cannot see."""
    spec = find_object(ask, ask.arguments[0])
    if ask.method == "GET":
        ids, names = (ask.query.get(name, "").split(",") for name in ("ids", "fields"))
    else:
        content = ask.read_object()
        ids, names = _texts(content, "ids"), _texts(content, "fields")
    _limit(ids, _MOST_READ)
    chosen = chosen_fields(ask.viewer, spec, names)
    found: list[dict[str, Any] | None] = []
    for text in ids:
        row = ask.viewer.find(spec, _item_id(spec, text))
        gone = row is None or row.get("IsDeleted")
        found.append(None if row is None or gone else show_record(spec, chosen, row, ask.viewer.path))
    return Reply(200, found)


def _run(viewer: Viewer, items: Sequence[Any], write: Work, all_or_none: bool) -> list[dict[str, Any]]:
    start = viewer.org.mark()
    results = [_attempt(viewer, item, write) for item in items]
    if all_or_none and not all(result["success"] for result in results):
        viewer.org.rollback(start)
        return [_rolled_back(result) if result["success"] else result for result in results]
    return results


def _attempt(viewer: Viewer, item: Any, write: Work) -> dict[str, Any]:
    mark = viewer.org.mark()
    try:
        return {**write(item), "success": True, "errors": []}
    except (ApiError, WrongType) as error:
        viewer.org.rollback(mark)
        refusal = item_error(error) if isinstance(error, WrongType) else error
        known = full_id(_id_in(cast(dict[str, Any], item)) if isinstance(item, dict) else item)
        named = {} if known is None else {"id": known}
        return {**named, "success": False, "errors": [describe_item_refusal(refusal)]}


def _rolled_back(result: Mapping[str, Any]) -> dict[str, Any]:
    error = ApiError(
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "Record rolled back because not all records were valid and the request was using AllOrNone header",
    )
    return {"id": result["id"], "success": False, "errors": [describe_item_refusal(error)]}


def _records_of(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    records: object = content.get("records")
    if not isinstance(records, list) or not all(isinstance(item, dict) for item in cast(list[object], records)):
        raise ApiError("JSON_PARSER_ERROR", "records: a list of objects is required")
    found = cast(list[dict[str, Any]], records)
    _limit(found, _MOST_WRITTEN)
    types = [_type_in(record) for record in found]
    chunks = sum(1 for at, name in enumerate(types) if at == 0 or types[at - 1] != name)
    if chunks > _MOST_CHUNKS:
        raise ApiError(
            "LIMIT_EXCEEDED",
            f"Cannot have more than {_MOST_CHUNKS} chunks in a single operation. Please rearrange the data to reduce "
            "chunking.",
        )
    return found


def _limit(items: Sequence[Any], most: int) -> None:
    if len(items) > most:
        raise ApiError(
            "EXCEEDED_ID_LIMIT", f"record limit reached. cannot submit more than {most} records into this call"
        )


def _type_in(record: Mapping[str, Any]) -> str:
    attributes: object = record.get("attributes")
    name = cast(dict[str, object], attributes).get("type") if isinstance(attributes, dict) else None
    return name if isinstance(name, str) else ""


def _spec_of(viewer: Viewer, record: Mapping[str, Any]) -> ObjectSpec:
    name = _type_in(record)
    if not name:
        raise ApiError("INVALID_TYPE", "Must send a concrete entity type.")
    spec = viewer.org.spec(name)
    if spec is None:
        raise ApiError("INVALID_TYPE", f"sObject type '{name}' is not supported.")
    return spec


def _id_in(record: Mapping[str, Any]) -> object:
    return next((value for name, value in record.items() if name.lower() == "id"), None)


def _without_id(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name.lower() != "id"}


def _item_id(spec: ObjectSpec, text: object) -> str:
    if text is None:
        raise ApiError("MISSING_ARGUMENT", "Id not specified in an update call")
    record_id = full_id(text)
    if record_id is None:
        raise ApiError("MALFORMED_ID", f"malformed id {text}")
    if not record_id.startswith(spec.prefix):
        raise ApiError("MALFORMED_ID", f"{spec.label} ID: id value of incorrect type: {text}", ("Id",))
    return record_id


def _typed_id(viewer: Viewer, text: str) -> tuple[ObjectSpec, str]:
    record_id = full_id(text)
    spec = next((spec for spec in viewer.org.objects.values() if text.startswith(spec.prefix)), None)
    if record_id is None or spec is None:
        raise ApiError("MALFORMED_ID", f"malformed id {text}")
    return spec, record_id


def _texts(content: Mapping[str, Any], key: str) -> list[str]:
    values: object = content.get(key)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in cast(list[object], values)):
        raise ApiError("JSON_PARSER_ERROR", f"{key}: a list of strings is required")
    if not values:
        raise not_found("The requested resource does not exist")
    return cast(list[str], values)
