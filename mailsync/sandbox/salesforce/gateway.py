"""The front of the organisation: versions, log-in by bearer, the daily limit, and HTTP's own limits."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import orjson

from mailsync.sandbox.salesforce.composite import VERSIONS
from mailsync.sandbox.salesforce.org import Org, Person
from mailsync.sandbox.salesforce.refusal import ApiError, describe_refusal
from mailsync.sandbox.salesforce.resources import respond
from mailsync.sandbox.salesforce.rest import Ask, Reply, read_query
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
    too_long = _measure(request)
    if too_long is not None:
        return too_long
    path = request.path
    if path.startswith("/services/oauth2"):
        return _answer_oauth(org, request)
    if path.startswith("/services/Soap"):
        return answer_soap(org, request, person_of)
    if path.rstrip("/") == "/services/data":
        return show(Reply(200, [_show_version(version) for version in VERSIONS]))
    return _answer_rest(org, request)


def person_of(org: Org, token: str) -> Person | None:
    """The active user whose session a token is; today these are the fixed bearers sandbox-<user>."""
    if not token.startswith("sandbox-"):
        return None
    person = org.people.get(token.removeprefix("sandbox-"))
    return person if person is not None and person.active else None


def bearer_of(headers: Mapping[str, str]) -> str:
    """The token of an Authorization header of the schemes Bearer and OAuth."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() in ("bearer", "oauth") else ""


def invalid_session() -> ApiError:
    return ApiError("INVALID_SESSION_ID", "Session expired or invalid", status=401)


def limit_exceeded() -> ApiError:
    return ApiError("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403)


def refuse(error: ApiError, headers: Mapping[str, str] | None = None) -> Answer:
    """An error as the whole answer."""
    return show(Reply(error.status, [describe_refusal(error)], headers or {}))


def show(reply: Reply) -> Answer:
    """A reply as HTTP; no body stays no body."""
    if reply.body is None:
        return Answer(reply.status, b"", reply.headers)
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
        return refuse(invalid_session())
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
    org.spend(calls)
    reply = respond(ask)
    answer = show(reply)
    return Answer(answer.status, answer.body, {**answer.headers, **usage_header(org)})


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


def _answer_oauth(org: Org, request: Request) -> Answer:
    if request.path.rstrip("/") == "/services/oauth2/userinfo":
        return _show_user(org, request)
    return show(Reply(400, {"error": "unsupported_grant_type", "error_description": "grant type not supported"}))


def _show_user(org: Org, request: Request) -> Answer:
    token = bearer_of(request.headers) or read_query(request.query).get("access_token", "")
    person = person_of(org, token)
    if person is None:
        return Answer(403, b"Bad_OAuth_Token", {"content-type": "text/html;charset=UTF-8"})
    user: Mapping[str, Any] = org.records["User"][person.id]
    host = request.headers.get("host", "acme.my.salesforce.com")
    return show(
        Reply(
            200,
            {
                "sub": f"https://login.salesforce.com/id/{org.id}/{person.id}",
                "user_id": person.id,
                "organization_id": org.id,
                "preferred_username": user.get("Username"),
                "nickname": user.get("Alias"),
                "name": user.get("Name"),
                "email": user.get("Email"),
                "email_verified": True,
                "given_name": user.get("FirstName"),
                "family_name": user.get("LastName"),
                "zoneinfo": user.get("TimeZoneSidKey"),
                "user_type": "STANDARD",
                "active": True,
                "locale": user.get("LocaleSidKey"),
                "urls": {"rest": f"https://{host}/services/data/v{{version}}/"},
            },
        )
    )
