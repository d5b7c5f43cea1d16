"""composite and composite/batch: several requests in one (vendors/salesforce.md §3, §10)."""

import re
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import unquote

from mailsync.sandbox.salesforce.refusal import ApiError, describe_refusal
from mailsync.sandbox.salesforce.rest import ABSENT, Ask, Reply, Respond, read_query
from mailsync.sandbox.salesforce.viewer import Viewer

MOST_PARTS = 25
_MOST_HEAVY = 5  # collections, query and queryAll together
_FORBIDDEN = frozenset({"accept", "authorization", "content-type"})
_METHODS = frozenset({"GET", "POST", "PATCH", "PUT", "DELETE", "HEAD"})
_REFERENCE = re.compile(r"@\{([A-Za-z0-9_]+)((?:\.[A-Za-z0-9_]+|\[\d+\])+)\}")
_STEP = re.compile(r"\.([A-Za-z0-9_]+)|\[(\d+)\]")
_RAW = re.compile(r'[\s<>"{}|\\^`]')
_PATH = re.compile(r"/services/data/(v\d+\.0)/(.+)")

VERSIONS = tuple(f"v{number}.0" for number in range(59, 69))


def run_composite(ask: Ask, respond: Respond) -> Reply:
    """POST composite: the parts in order, later ones may use @{reference.field} of earlier ones; one API call."""
    content = ask.read_object()
    parts = _parts_of(content, "compositeRequest")
    _check_parts(parts)
    mark = ask.viewer.org.mark()
    bodies: dict[str, Any] = {}
    results: list[dict[str, Any]] = []
    failed = False
    all_or_none = content.get("allOrNone") is True
    for part in parts:
        if failed and all_or_none:
            break
        reply = _run_part(ask, part, bodies, respond)
        failed = failed or reply.status >= 400
        bodies[part["referenceId"]] = reply.body if reply.status < 400 else None
        results.append(_show_part(part, reply))
    if failed and all_or_none:
        ask.viewer.org.rollback(mark)
        results = _halt(parts, results)
    return Reply(200, {"compositeResponse": results})


def run_batch(ask: Ask, respond: Respond) -> Reply:
    """POST composite/batch: independent parts without rollback; each counts as an API call."""
    content = ask.read_object()
    parts = _parts_of(content, "batchRequests")
    results: list[dict[str, Any]] = []
    failed = False
    for part in parts:
        if failed and content.get("haltOnError") is True:
            halted = ApiError("BATCH_PROCESSING_HALTED", "Batch processing halted per request", status=412)
            results.append({"statusCode": 412, "result": [describe_refusal(halted)]})
            continue
        url = "/services/data/" + str(part.get("url", "")).removeprefix("/services/data/").lstrip("/")
        body = part.get("richInput", ABSENT)
        reply = _send(ask, str(part.get("method", "")), url, {}, body, respond)
        failed = failed or reply.status >= 400
        results.append({"statusCode": reply.status, "result": reply.body})
    return Reply(200, {"hasErrors": failed, "results": results})


def split_url(url: str) -> tuple[str, tuple[str, ...], str] | None:
    """Version, decoded segments after it, and raw query of a part's URL; None where it is none of this API."""
    path, _, query = url.partition("?")
    found = _PATH.fullmatch(path)
    if found is None or found[1] not in VERSIONS:
        return None
    return found[1], tuple(unquote(segment) for segment in found[2].split("/") if segment), query


def is_heavy(url: str) -> bool:
    """Whether a part counts among the five collections and queries that a composite may hold."""
    split = split_url(url)
    if split is None:
        return False
    segments = split[1]
    return segments[0].lower() in ("query", "queryall") or segments[:2] == ("composite", "sobjects")


def _parts_of(content: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    parts: object = content.get(key)
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in cast(list[object], parts)):
        raise ApiError("JSON_PARSER_ERROR", f"{key}: a list of objects is required")
    found = cast(list[dict[str, Any]], parts)
    if not 1 <= len(found) <= MOST_PARTS:
        raise ApiError("LIMIT_EXCEEDED", f"{key}: between 1 and {MOST_PARTS} subrequests are allowed")
    return found


def _check_parts(parts: list[dict[str, Any]]) -> None:
    seen: set[str] = set()
    for part in parts:
        reference: object = part.get("referenceId")
        if not isinstance(reference, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_]*", reference):
            raise ApiError("INVALID_INPUT", f"Provided referenceId ('{reference}') is missing or invalid")
        if reference in seen:
            raise ApiError("INVALID_INPUT", f"Provided referenceId ('{reference}') is not unique in the request")
        seen.add(reference)
        if not isinstance(part.get("url"), str) or part.get("method") not in _METHODS:
            raise ApiError("INVALID_INPUT", f"Subrequest {reference}: url and method are required")
    if sum(is_heavy(part["url"]) for part in parts) > _MOST_HEAVY:
        raise ApiError(
            "LIMIT_EXCEEDED",
            f"A composite request may hold at most {_MOST_HEAVY} sObject Collections and query subrequests",
        )


def _run_part(ask: Ask, part: Mapping[str, Any], bodies: Mapping[str, Any], respond: Respond) -> Reply:
    headers: object = part.get("httpHeaders") or {}
    try:
        if not isinstance(headers, dict):
            raise ApiError("JSON_PARSER_ERROR", "httpHeaders: an object is required")
        given = {name.lower(): str(value) for name, value in cast(dict[str, object], headers).items()}
        if _FORBIDDEN & given.keys():
            raise ApiError("INVALID_INPUT", "httpHeaders: Accept, Authorization and Content-Type are not allowed")
        if _RAW.search(_REFERENCE.sub("", part["url"])):
            raise ApiError("INVALID_INPUT", f"Illegal character in subrequest url: {part['url']}")
        url = str(_fill(part["url"], bodies))
        body = _fill(part["body"], bodies) if part.get("body") is not None else ABSENT
    except ApiError as error:
        return Reply(error.status, [describe_refusal(error)])
    return _send(ask, part["method"], url, given, body, respond)


def _send(ask: Ask, method: str, url: str, headers: Mapping[str, str], body: object, respond: Respond) -> Reply:
    split = split_url(url)
    if split is None:
        missing = ApiError("NOT_FOUND", "The requested resource does not exist", status=404)
        return Reply(404, [describe_refusal(missing)])
    version, segments, query = split
    viewer = ask.viewer if version == ask.viewer.version else Viewer(ask.viewer.org, ask.viewer.person, version)
    # Headers of the whole request that concern saving hold for the parts too, unless a part has its own.
    passed = {name: value for name, value in ask.headers.items() if name.startswith("sforce-")}
    return respond(
        Ask(
            viewer=viewer,
            method=method,
            parts=segments,
            query=read_query(query),
            headers={**passed, **headers},
            content=body,
            inside=True,
        )
    )


def _fill(value: Any, bodies: Mapping[str, Any]) -> Any:
    """The value with every reference replaced by what an earlier part answered."""
    if isinstance(value, str):
        return _REFERENCE.sub(lambda found: str(_resolve(found[1], found[2], bodies)), value)
    if isinstance(value, dict):
        return {key: _fill(item, bodies) for key, item in cast(dict[str, Any], value).items()}
    if isinstance(value, list):
        return [_fill(item, bodies) for item in cast(list[Any], value)]
    return value


def _resolve(reference: str, steps: str, bodies: Mapping[str, Any]) -> Any:
    value: Any = bodies.get(reference)
    for name, index in _STEP.findall(steps):
        value = _step_into(value, name, index)
        if value is None:
            raise ApiError(
                "PROCESSING_HALTED",
                f"Invalid reference specified. No value for {reference}{steps} found in {reference}",
            )
    return value


def _step_into(value: Any, name: str, index: str) -> Any:
    if name:
        return cast(dict[str, Any], value).get(name) if isinstance(value, dict) else None
    items = cast(list[Any], value) if isinstance(value, list) else []
    return items[int(index)] if int(index) < len(items) else None


def _show_part(part: Mapping[str, Any], reply: Reply) -> dict[str, Any]:
    return {
        "body": reply.body,
        "httpHeaders": dict(reply.headers),
        "httpStatusCode": reply.status,
        "referenceId": part["referenceId"],
    }


def _halt(parts: list[dict[str, Any]], results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What an allOrNone composite answers: the failing part's own error, PROCESSING_HALTED for all others."""
    halted = ApiError(
        "PROCESSING_HALTED",
        "The transaction was rolled back since another operation in the same transaction failed.",
    )
    stopped = Reply(400, [describe_refusal(halted)])
    kept = {result["referenceId"]: result for result in results if result["httpStatusCode"] >= 400}
    return [kept.get(part["referenceId"]) or _show_part(part, stopped) for part in parts]
