"""One account at the sandbox's Google, spoken to without a server; each answer held against Google's document."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from mailsync.sandbox.google import Google
from mailsync.sandbox.vendor import Answer, Clock, Request
from tests.contract.sandbox_google.oracle import check_answer, check_request

ALL = "names,emailAddresses,phoneNumbers,addresses,organizations,biographies,memberships,metadata,clientData,photos"
SYNC = {"personFields": "names,memberships,metadata", "requestSyncToken": "true", "pageSize": 1000}


def person(given: str, **fields: Any) -> dict[str, Any]:
    """A person of that given name."""
    return {"names": [{"givenName": given}], **fields}


def etag_of(shown: dict[str, Any]) -> dict[str, Any]:
    """What an update says of the version it was made from."""
    [source] = shown["metadata"]["sources"]
    return {"metadata": {"sources": [{key: source[key] for key in ("type", "id", "etag")}]}}


def given_names(page: dict[str, Any]) -> list[str]:
    """The given names on a page, or the word deleted."""
    return [
        "deleted" if each.get("metadata", {}).get("deleted") else each["names"][0]["givenName"]
        for each in page.get("connections", [])
    ]


@dataclass
class Account:
    """A person who speaks to Google with a token."""

    google: Google
    clock: Clock
    token: str = "sandbox-bob"
    connection: int = 1

    def send(self, verb: str, path: str, query: Any = None, body: Any = None) -> Answer:
        """The answer to a request."""
        text = urlencode(query or {}, doseq=True)
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        headers = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}
        answer = self.google.answer(Request(verb, f"/v1/{path}", text, headers, content, self.connection))
        if answer.headers.get("content-type", "").startswith("application/json"):
            assert check_answer(verb, f"/v1/{path}", answer.status, answer.body) == []
        if answer.status == 200:
            assert check_request(verb, f"/v1/{path}", text, content) == []
        return answer

    def ask(self, verb: str, path: str, query: Any = None, body: Any = None) -> Any:
        """The JSON of a request that must succeed."""
        answer = self.send(verb, path, query, body)
        assert answer.status == 200, answer.body.decode()
        return json.loads(answer.body)

    def refused(self, verb: str, path: str, query: Any = None, body: Any = None) -> Any:
        """The error of a request that must be refused."""
        answer = self.send(verb, path, query, body)
        assert answer.status != 200, answer.body.decode()
        return json.loads(answer.body)["error"]

    def create(self, given: str = "Ada", fields: str = ALL, **values: Any) -> Any:
        """Creates a person."""
        return self.ask("POST", "people:createContact", {"personFields": fields}, person(given, **values))

    def get(self, name: str, fields: str = ALL) -> Any:
        """Reads a person."""
        return self.ask("GET", name, {"personFields": fields})

    def update(self, shown: Any, mask: str, **values: Any) -> Any:
        """Updates the version that is shown."""
        query = {"updatePersonFields": mask, "personFields": ALL}
        return self.ask("PATCH", f"{shown['resourceName']}:updateContact", query, {**etag_of(shown), **values})

    def list(self, **query: Any) -> Any:
        """A page of connections."""
        return self.ask("GET", "people/me/connections", {**SYNC, **query})

    def names(self, **query: Any) -> Any:
        """The given names on a page of connections."""
        return given_names(self.list(**query))

    def group(self, name: str, **query: Any) -> Any:
        """Creates a group."""
        return self.ask("POST", "contactGroups", query, {"contactGroup": {"name": name}})

    def modify(self, group: str, add: Any = (), remove: Any = ()) -> Any:
        """Adds and removes members."""
        body = {"resourceNamesToAdd": list(add), "resourceNamesToRemove": list(remove)}
        return self.ask("POST", f"{group}/members:modify", None, body)
