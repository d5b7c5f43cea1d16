"""A user's desk: requests to an organisation without a server, as that user."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from mailsync.sandbox.salesforce import Salesforce
from mailsync.sandbox.vendor import Answer, Clock, Request

BASE = "/services/data/v68.0/"


@dataclass(frozen=True, slots=True)
class Got:
    status: int
    body: Any
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Desk:
    """`send` takes a path after the version, and its parameters as keywords."""

    vendor: Salesforce
    user: str

    def send(
        self, method: str, path: str, content: object = None, headers: Mapping[str, str] | None = None, **query: str
    ):
        given = {name.lower(): value for name, value in (headers or {}).items()}
        request = Request(
            method=method,
            path=path if path.startswith("/") else BASE + path,
            query=urlencode(query),
            headers={"authorization": f"Bearer sandbox-{self.user}", "content-type": "application/json", **given},
            body=b"" if content is None else orjson.dumps(content),
        )
        return read(self.vendor.answer(request))

    def get(self, path: str, headers: Mapping[str, str] | None = None, **query: str) -> Got:
        return self.send("GET", path, None, headers, **query)

    def query(
        self, text: str, resource: str = "query", headers: Mapping[str, str] | None = None
    ) -> list[dict[str, Any]]:
        """The records of the first page; the request must succeed."""
        got = self.get(resource, headers, q=text)
        assert got.status == 200, got.body
        return got.body["records"]

    def names(self, text: str, resource: str = "query") -> list[str]:
        """The Name of each record found by a SELECT that names it."""
        return [record["Name"] for record in self.query(text, resource)]

    def create(self, table: str = "Contact", **values: object) -> str:
        got = self.send("POST", f"sobjects/{table}", {"LastName": "Berg", **values} if table == "Contact" else values)
        assert got.status == 201, got.body
        return got.body["id"]

    def row(self, record_id: str, table: str = "Contact") -> dict[str, Any]:
        got = self.get(f"sobjects/{table}/{record_id}")
        assert got.status == 200, got.body
        return got.body

    def act(self, op: str, **details: object) -> dict[str, Any]:
        outcome = self.vendor.act(self.user, op, details)
        assert outcome is not None
        return outcome

    def composite(self, *parts: dict[str, Any], all_or_none: bool = False) -> list[dict[str, Any]]:
        got = self.send("POST", "composite", {"allOrNone": all_or_none, "compositeRequest": list(parts)})
        assert got.status == 200, got.body
        return got.body["compositeResponse"]


def read(answer: Answer) -> Got:
    kind = answer.headers.get("content-type", "")
    body = orjson.loads(answer.body) if "json" in kind else (answer.body.decode() or None)
    return Got(answer.status, body, answer.headers)


def part(method: str, path: str, reference: str, **more: object) -> dict[str, Any]:
    """A part of a composite, its URL relative to the version."""
    return {"method": method, "url": BASE + path, "referenceId": reference, **more}


def soql(text: str, resource: str = "query") -> str:
    return f"{resource}?q={quote(text)}"


def refusal(got: Got) -> tuple[int, str]:
    """Status and code of a refused single resource, whose body is an array."""
    return got.status, got.body[0]["errorCode"]


def item_code(result: Mapping[str, Any]) -> str:
    """The code of a collection's failed item."""
    assert result["success"] is False
    return result["errors"][0]["statusCode"]


def http_date(moment: datetime) -> str:
    return moment.strftime("%a, %d %b %Y %H:%M:%S GMT")


def rest_date(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True)
class Office:
    """An organisation with its clock and its four users."""

    clock: Clock
    vendor: Salesforce

    @property
    def ann(self) -> Desk:
        return Desk(self.vendor, "ann")

    @property
    def bob(self) -> Desk:
        return Desk(self.vendor, "bob")

    @property
    def admin(self) -> Desk:
        return Desk(self.vendor, "admin")


def open_office(world: Mapping[str, Any] | None = None) -> Office:
    clock = Clock()
    vendor = Salesforce(clock)
    vendor.load(world or {})
    return Office(clock, vendor)
