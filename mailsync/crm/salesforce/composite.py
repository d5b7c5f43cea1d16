"""Several requests in one: composite, which counts as a single API call (at most 25 parts, 5 of them queries)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from urllib.parse import quote as percent

from mailsync.crm.salesforce.answers import PASSING, Fault, as_list, as_object, failure, faults_of
from mailsync.crm.salesforce.connection import Answer, Connection
from mailsync.crm.salesforce.transport import VENDOR
from mailsync.errors import AnswerBroken

MOST_PARTS = 25
MOST_QUERIES = 5

_REFERENCE = "@{"

OF_ALL = frozenset({"INVALID_SESSION_ID", "REQUEST_LIMIT_EXCEEDED", "API_CURRENTLY_DISABLED", "API_DISABLED_FOR_ORG"})
"""Codes that say something of the log-in or the organisation, never of one record."""
_GENERAL = PASSING | OF_ALL


@dataclass(frozen=True, slots=True)
class Part:
    """One request within a composite; `path` is relative to the version's root and percent-encoded."""

    name: str
    method: str
    path: str
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class PartReply:
    """What a part was answered; header names in lower case."""

    status: int
    content: Any
    headers: Mapping[str, str]
    faults: tuple[Fault, ...] = ()

    @property
    def code(self) -> str:
        """The code of its first error, "" where it succeeded."""
        return (
            (self.faults[0].code or str(self.status)) if self.faults else "" if self.status < 400 else str(self.status)
        )


@dataclass(frozen=True, slots=True)
class Bundle:
    """All parts' replies by name, and the vendor's time of the answer, UTC (None: it did not say)."""

    replies: Mapping[str, PartReply]
    date: datetime | None


def query_part(name: str, text: str, *, deleted: bool = False) -> Part:
    """A part that runs a query; `deleted` also sees what is in the recycle bin (queryAll)."""
    return Part(name, "GET", f"{'queryAll' if deleted else 'query'}?q={percent(text, safe='')}")


def run(connection: Connection, parts: Sequence[Part], *, safe: bool = True, writes: bool = False) -> Bundle:
    """Sends the parts as one request, all or none of them succeeding on its own account.

    Of reads, a part that fails for a passing or general reason (lock, budget, log-in) fails the request, which is
    repeated where that helps; every other failure is left to the caller. Of `writes`, all parts are left to the
    caller. Raises AnswerBroken where a part's answer is missing, else VendorError and its kinds.

    A composite takes `@{name.path}` in any value for a reference to another part, and knows no way to write it
    otherwise (REST API guide, "Composite"): a part that holds such a text is sent by itself, where it is just a text.
    """
    alone = [part for part in parts if _REFERENCE in json.dumps(part.body)]
    together = [part for part in parts if part not in alone] if alone else parts
    bundle = _send(connection, together, safe=safe, writes=writes) if together else Bundle({}, connection.date)
    if not alone:
        return bundle
    single = {part.name: _send_alone(connection, part, safe=safe) for part in alone}
    return Bundle({**bundle.replies, **single}, connection.date)


def _send_alone(connection: Connection, part: Part, *, safe: bool) -> PartReply:
    def read(reply: Answer) -> PartReply:
        faults = faults_of(reply.content) if reply.status >= 400 else ()
        return PartReply(reply.status, reply.content, reply.headers, faults)

    path = f"{connection.root}/{part.path}"
    return connection.ask(part.method, path, part.body, read=read, safe=safe, headers=part.headers, refusals=True)


def _send(connection: Connection, parts: Sequence[Part], *, safe: bool, writes: bool) -> Bundle:
    body = {
        "allOrNone": False,
        "collateSubrequests": False,
        "compositeRequest": [_shown(part, connection.root) for part in parts],
    }

    def read(reply: Answer) -> Bundle:
        entries = as_list(as_object(reply.content).get("compositeResponse"))
        replies = {str(entry.get("referenceId")): _reply(entry) for entry in entries}
        if replies.keys() != {part.name for part in parts}:
            raise AnswerBroken(VENDOR, "Salesforce's answer lacks some of what was asked", code="parts")
        if not writes:
            _refuse_general(replies)
        return Bundle(replies, reply.date)

    return connection.ask("POST", f"{connection.root}/composite", body, read=read, safe=safe)


def _shown(part: Part, root: str) -> dict[str, Any]:
    shown: dict[str, Any] = {"method": part.method, "referenceId": part.name, "url": f"{root}/{part.path}"}
    if part.headers:
        shown["httpHeaders"] = dict(part.headers)
    if part.body is not None:
        shown["body"] = dict(part.body)
    return shown


def _reply(entry: Mapping[str, Any]) -> PartReply:
    status: object = entry.get("httpStatusCode")
    if not isinstance(status, int):
        raise AnswerBroken(VENDOR, "Salesforce's answer has another shape than documented", code="shape")
    headers: object = entry.get("httpHeaders") or {}
    lowered = {name.lower(): str(value) for name, value in cast(dict[str, object], headers).items()}
    content: Any = entry.get("body")
    return PartReply(status, content, lowered, faults_of(content) if status >= 400 else ())


def _refuse_general(replies: Mapping[str, PartReply]) -> None:
    for reply in replies.values():
        if reply.code in _GENERAL or reply.status == 401 or reply.status >= 500:
            raise failure(reply.status, reply.faults, reply.headers)
