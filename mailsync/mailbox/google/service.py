"""Google's client library, built from our own copy of the part of Google's discovery document that is used.

The library's own copies may be pruned from an image (vendors/mailbox.md D3), and asking Google for the document would
cost each process a request. A test holds the copy against the library's.
"""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportMissingTypeStubs=false

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import orjson
from googleapiclient.discovery import build_from_document
from googleapiclient.model import JsonModel


@dataclass(frozen=True, slots=True)
class Service:
    """The parts of the People API that make its requests. They keep nothing of a request or a user."""

    people: Any
    connections: Any
    groups: Any


@cache
def build_service(url: str) -> Service:
    """The People API at `url`, for all users: building it costs half an idle session. It sends nothing by itself; each
    request names the `http` that carries it."""
    options = {"api_endpoint": f"{url.rstrip('/')}/"}
    built = build_from_document(
        _read_document(), http=_Nobody(), model=StrictModel(), client_options=options, always_use_jwt_access=False
    )
    people = built.people()
    return Service(people, people.connections(), built.contactGroups())


class _Nobody:
    """The way out of a request that names none: there is none, so that nothing leaves by another user's log-in."""

    def request(self, *_args: object, **_options: object) -> Any:
        raise AssertionError("a request of the service names no http")


class StrictModel(JsonModel):
    """The library's model, but for one thing: an answer that is not one whole JSON value with each key once is none."""

    def serialize(self, body_value: Any) -> str:
        """A body as JSON. Halves of surrogate pairs, which entries of others that are sent along may hold, are kept as
        escapes."""
        try:
            return orjson.dumps(body_value).decode()
        except orjson.JSONEncodeError:
            return json.dumps(body_value)

    def deserialize(self, content: bytes) -> Any:
        """The JSON value. Raises ValueError."""
        return json.loads(content.decode("utf-8"), object_pairs_hook=_take_once)


def _take_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key comes twice")
    return found


@cache
def _read_document() -> dict[str, Any]:
    text = files("mailsync.mailbox.google").joinpath("people.v1.json").read_text(encoding="utf-8")
    return json.loads(text)
