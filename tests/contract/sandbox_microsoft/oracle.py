"""Microsoft's CSDL as the judge of what the sandbox's Graph answers, and of the bodies that it takes.

The schema is not part of the project: it lies where MAILSYNC_GRAPH_CSDL says, else beside the checkout.
"""

import os
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from lxml import etree

from mailsync.sandbox.log import Entry

ROOT = Path(__file__).parents[3]
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
KINDS = {
    "Contact": "contact",
    "contacts.delta": "contact",
    "ContactFolder": "contactFolder",
    "ChildFolder": "contactFolder",
    "contactFolders.delta": "contactFolder",
    "MasterCategor": "outlookCategory",
}


def find_csdl() -> Path:
    """Where the schema should lie."""
    place = os.environ.get("MAILSYNC_GRAPH_CSDL")
    return Path(place) if place else ROOT.parent / "shared" / "vendors" / "schemas" / "graph_contacts_subset.csdl.xml"


@dataclass(frozen=True)
class Kind:
    """A type's own and inherited properties: name -> type; `open` is not heeded, as the service heeds it not."""

    properties: dict[str, str]


@cache
def load_kinds() -> dict[str, Kind]:
    """All types and enumerations; {} with a warning where the schema is absent."""
    path = find_csdl()
    if not path.is_file():
        warnings.warn(
            "NO GRAPH SCHEMA: the sandbox's answers are NOT held against Microsoft's CSDL in this run; "
            "set MAILSYNC_GRAPH_CSDL to graph_contacts_subset.csdl.xml",
            stacklevel=1,
        )
        return {}
    root = etree.fromstring(path.read_bytes())
    raw: dict[str, tuple[str, dict[str, str]]] = {}
    for element in root.iterfind("{*}*"):
        own = {
            each.get("Name"): each.get("Type") for each in element if etree.QName(each).localname.endswith("Property")
        }
        members = {each.get("Name"): "member" for each in element if etree.QName(each).localname == "Member"}
        raw[element.get("Name")] = ((element.get("BaseType") or "").removeprefix("graph."), own or members)
    return {name: Kind(_inherit(raw, name)) for name in raw}


def _inherit(raw: dict[str, tuple[str, dict[str, str]]], name: str) -> dict[str, str]:
    base, own = raw[name]
    return {**(_inherit(raw, base) if base in raw else {}), **own}


def list_violations(entries: Iterable[Entry]) -> list[str]:
    """What the CSDL has against the answers of Graph, and against the bodies that it took; injected faults left out."""
    found: list[str] = []
    for entry in entries:
        if (
            entry.vendor != "microsoft"
            or entry.fault
            or entry.status is None
            or not entry.request.path.startswith("/v1.0/")
        ):
            continue
        if not load_kinds():
            return []
        found += [f"{entry.n} {entry.call.operation} {what}" for what in _check_entry(entry)]
    return found


def _check_entry(entry: Entry) -> Iterator[str]:
    if entry.call.operation == "$batch" and entry.status == 200:
        for part in orjson.loads(entry.response)["responses"]:
            yield from _check_body("", part["status"], part.get("body"))
        return
    json_answer = entry.response.startswith(b"{")
    yield from _check_body(
        entry.call.operation, entry.status or 0, orjson.loads(entry.response) if json_answer else None
    )
    if (entry.status or 0) < 300 and entry.request.method in ("POST", "PATCH") and entry.request.body.startswith(b"{"):
        kind = _find_kind(entry.call.operation)
        if kind and entry.request.path.endswith("permanentDelete") is False:
            yield from (f"request: {text}" for text in check_entity(orjson.loads(entry.request.body), kind))


def _check_body(operation: str, status: int, body: Any) -> Iterator[str]:
    if status >= 400:
        if not isinstance(body, dict) or not {"code", "message"} <= set(body.get("error", {})):
            yield f"answer: {status} without an error"
        return
    if not isinstance(body, dict):
        return
    kind = _find_kind(operation) or _guess_kind(str(body.get("@odata.context", "")))
    if not kind:
        return
    for entity in body["value"] if isinstance(body.get("value"), list) else [body]:
        yield from (f"answer: {text}" for text in check_entity(entity, kind))


def _find_kind(operation: str) -> str:
    if operation.endswith("Photo"):
        return ""
    matches = [kind for part, kind in KINDS.items() if part in operation]
    return matches[-1] if matches else ""


def _guess_kind(context: str) -> str:
    tail = context.partition("$metadata#")[2]
    if "photo" in tail:
        return ""
    for word, kind in (
        ("masterCategories", "outlookCategory"),
        ("contacts", "contact"),
        ("contactFolders", "contactFolder"),
    ):
        if word in tail:
            return kind
    return ""


def check_entity(entity: Any, kind: str) -> Iterator[str]:
    """What a type has against an object."""
    properties = load_kinds()[kind].properties
    for name, value in entity.items():
        if name.startswith("@") or "@odata." in name:
            continue
        if name not in properties:
            yield f"{kind} has no property {name}"
        else:
            yield from (f"{name}: {text}" for text in check_value(value, properties[name]))


def check_value(value: Any, kind: str) -> Iterator[str]:
    """What a property's type has against a value."""
    if kind.startswith("Collection("):
        if not isinstance(value, list):
            yield "is no collection"
        else:
            for each in value:
                yield from check_value(each, kind.removeprefix("Collection(").removesuffix(")"))
    elif value is not None:
        yield from _check_single(value, kind)


def _check_single(value: Any, kind: str) -> Iterator[str]:
    if kind == "Edm.String" and not isinstance(value, str):
        yield f"{value!r} is no text"
    if kind == "Edm.DateTimeOffset" and not STAMP.fullmatch(str(value)):
        yield f"{value!r} is no time"
    if kind.startswith("graph."):
        yield from _check_named(value, kind.removeprefix("graph."))


def _check_named(value: Any, name: str) -> Iterator[str]:
    kind = load_kinds().get(name)
    if kind is None:
        return
    if "member" in kind.properties.values():
        if value not in kind.properties:
            yield f"{value!r} is no {name}"
    elif not isinstance(value, dict):
        yield f"{value!r} is no {name}"
    else:
        yield from check_entity(value, name)
