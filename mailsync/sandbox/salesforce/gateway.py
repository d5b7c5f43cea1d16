"""The front of the organisation: versions, log-in by bearer, the daily limit, and HTTP's own limits."""

import re
from collections.abc import Mapping
from urllib.parse import quote

import orjson

from mailsync.sandbox.salesforce.bulk import advance_jobs
from mailsync.sandbox.salesforce.composite import VERSIONS
from mailsync.sandbox.salesforce.oauth import answer_oauth, find_caller, serves_oauth
from mailsync.sandbox.salesforce.org import Org, Person
from mailsync.sandbox.salesforce.refusal import ApiError, describe_refusal
from mailsync.sandbox.salesforce.resources import respond
from mailsync.sandbox.salesforce.rest import Ask, Reply, bearer_of, read_query
from mailsync.sandbox.salesforce.soap import answer_soap
from mailsync.sandbox.salesforce.viewer import Viewer
from mailsync.sandbox.vendor import Answer, Request

_LONGEST = 16_384  # bytes of URI → 414, of URI and headers → 431 (vendors/salesforce.md §3)
_DATA = re.compile(r"/services/data/(v\d+\.0)(?:/(.*))?", re.DOTALL)
_SEASONS = ("Winter", "Spring", "Summer")
_JSON = {"content-type": "application/json;charset=UTF-8"}


def answer_request(org: Org, request: Request) -> Answer:
    """Carries a request out, whatever it is."""
    org.journal.clear()
    org.sweep()
    advance_jobs(org)
    too_long = _measure(request)
    if too_long is not None:
        return too_long
    path = request.path
    if serves_oauth(path):
        return answer_oauth(org, request)
    if path.startswith("/services/Soap"):
        return answer_soap(org, request, person_of)
    if path.rstrip("/") == "/services/data":
        return show(Reply(200, [_show_version(version) for version in VERSIONS]))
    return _answer_rest(org, request)


def person_of(org: Org, token: str) -> Person | None:
    """The active user whose session a token is: an access token that may use the API, or a bearer sandbox-<user>."""
    return find_caller(org, token, for_api=True)


def invalid_session() -> ApiError:
    return ApiError("INVALID_SESSION_ID", "Session expired or invalid", status=401)


def limit_exceeded() -> ApiError:
    return ApiError("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403)


def concurrency_exceeded(limit: str = "ConcurrentRequests (Concurrent API Requests)") -> ApiError:
    """Too many long requests of the organisation at a time; the name of the limit that is used up is in the text."""
    return ApiError("REQUEST_LIMIT_EXCEEDED", f"{limit} Limit exceeded.", status=403)


def refuse(error: ApiError, headers: Mapping[str, str] | None = None) -> Answer:
    """An error as the whole answer."""
    return show(Reply(error.status, [describe_refusal(error)], headers or {}))


def show(reply: Reply) -> Answer:
    """A reply as HTTP; no body stays no body, and bytes go as they are."""
    if reply.body is None:
        return Answer(reply.status, b"", reply.headers)
    if isinstance(reply.body, bytes):
        return Answer(reply.status, reply.body, reply.headers)
    return Answer(reply.status, orjson.dumps(reply.body), {**_JSON, **reply.headers})


def usage_header(org: Org) -> dict[str, str]:
    """Sforce-Limit-Info, on every response of the API."""
    return {"Sforce-Limit-Info": f"api-usage={org.used()}/{org.daily_limit}"}


def _answer_rest(org: Org, request: Request) -> Answer:
    found = _DATA.fullmatch(request.path)
    if found is None or found[1] not in VERSIONS:
        return refuse(ApiError("NOT_FOUND", "The requested resource does not exist", status=404))
    person = person_of(org, bearer_of(request.headers))
    if person is None:
        return refuse(_refuse_session(org, bearer_of(request.headers)))
    ask = Ask(
        viewer=Viewer(org, person, found[1]),
        method=request.method.upper(),
        parts=tuple(part for part in (found[2] or "").split("/") if part),
        query=read_query(request.query),
        headers=request.headers,
        content=request.body,
    )
    calls = _cost(ask)
    if org.used() + calls > org.daily_limit:
        return refuse(limit_exceeded(), usage_header(org))
    if not org.begin(request.connection):
        return refuse(concurrency_exceeded(), usage_header(org))
    org.spend(calls)
    reply = respond(ask)
    answer = show(reply)
    return Answer(answer.status, answer.body, {**answer.headers, **usage_header(org)})


def _refuse_session(org: Org, token: str) -> ApiError:
    if find_caller(org, token) is None:
        return invalid_session()
    message = "This session is not valid for use with the REST API"
    return ApiError("INVALID_SESSION_ID", message, status=401)


def _cost(ask: Ask) -> int:
    """A request is one call, a composite too; every part of a composite/batch is one (vendors/salesforce.md §3)."""
    if ask.parts != ("composite", "batch"):
        return 1
    try:
        parts: object = ask.read_object().get("batchRequests")
    except ApiError:
        return 1
    return max(1, len(parts)) if isinstance(parts, list) else 1  # pyright: ignore[reportUnknownArgumentType]


def _measure(request: Request) -> Answer | None:
    uri = len(quote(request.path)) + len(request.query) + 1
    headers = sum(len(name) + len(value) + 4 for name, value in request.headers.items())
    if uri > _LONGEST:
        return _bad_message(414, "URI Too Long")
    return _bad_message(431, "Request Header Fields Too Large") if uri + headers > _LONGEST else None


def _bad_message(status: int, reason: str) -> Answer:
    text = f"<h1>Bad Message {status}</h1><pre>reason: {reason}</pre>"
    return Answer(status, text.encode(), {"content-type": "text/html;charset=iso-8859-1"})


def _show_version(version: str) -> dict[str, str]:
    """Three releases a year; v59 is Winter '24 (vendors/salesforce.md: v68 = Winter '27)."""
    number = int(version[1:-2])
    years, season = divmod(number - 59, 3)
    return {
        "label": f"{_SEASONS[season]} '{24 + years}",
        "url": f"/services/data/{version}",
        "version": version[1:],
    }
