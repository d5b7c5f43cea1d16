"""Graph for the tests: a person at the sandbox, JSON in and out, every answer held against the CSDL."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import orjson

from mailsync.sandbox.log import Entry
from mailsync.sandbox.microsoft import Microsoft
from mailsync.sandbox.vendor import Answer, Request
from tests.contract.sandbox_microsoft.oracle import list_violations

SET = "6b1f0c9e-52a4-4d0b-9f0e-3c7d5a8e2f41"
OWN_ID = f"String {{{SET}}} Name SalesforceId"


@dataclass
class Reply:
    """An answer, read."""

    status: int
    headers: dict[str, str]
    body: Any
    raw: bytes

    @property
    def code(self) -> str:
        return self.body["error"]["code"]

    @property
    def message(self) -> str:
        return self.body["error"]["message"]

    @property
    def value(self) -> list[dict[str, Any]]:
        assert self.status == 200, self.raw
        return self.body["value"]

    def names(self) -> list[str]:
        return [entry.get("displayName", entry["id"]) for entry in self.value]


@dataclass
class Person:
    """One person (or application) at the sandbox."""

    vendor: Microsoft
    bearer: str = "sandbox-cem"
    prefer: list[str] = field(default_factory=list)
    connection: int = 1

    def ask(self, method: str, url: str, body: Any = None, **headers: str) -> Reply:
        """One request; `url` is below /v1.0 or a link that the sandbox gave."""
        split = urlsplit(url if url.startswith("http") else f"http://127.0.0.1/v1.0/{url.lstrip('/')}")
        given = {name.replace("_", "-"): text for name, text in headers.items()}
        if self.prefer and "prefer" not in given:
            given["prefer"] = ", ".join(self.prefer)
        content = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        base = {"host": "127.0.0.1", "authorization": f"Bearer {self.bearer}", "content-type": "application/json"}
        query = quote(split.query, safe="$=&%'()/:,+ @-._~").replace(" ", "%20")
        request = Request(method, split.path, query, {**base, **given}, content, self.connection)
        call = self.vendor.classify(request)
        answer: Answer = self.vendor.answer(request)
        entry = Entry(1, self.vendor._clock.now(), "microsoft", call, request, 0, answer.status, answer.body, 0, None)
        assert list_violations([entry]) == []
        shown = orjson.loads(answer.body) if answer.body.startswith((b"{", b"[")) else None
        return Reply(answer.status, dict(answer.headers), shown, answer.body)

    def get(self, url: str, **headers: str) -> Reply:
        return self.ask("GET", url, **headers)

    def create(self, place: str = "me/contacts", **content: Any) -> dict[str, Any]:
        reply = self.ask("POST", place, content)
        assert reply.status == 201, reply.raw
        return reply.body

    def patch(self, identifier: str, content: Any, **headers: str) -> Reply:
        return self.ask("PATCH", f"me/contacts/{identifier}", content, **headers)

    def folder(self, name: str, place: str = "me/contactFolders") -> str:
        return self.create(place, displayName=name)["id"]

    def drain(self, url: str) -> tuple[list[dict[str, Any]], str]:
        """A whole round of a delta, and the link of the next one."""
        found: list[dict[str, Any]] = []
        for _ in range(100):
            reply = self.get(url)
            found += reply.value
            if "@odata.deltaLink" in reply.body:
                return found, reply.body["@odata.deltaLink"]
            url = reply.body["@odata.nextLink"]
        raise AssertionError("the round has no end")
