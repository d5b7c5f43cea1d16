"""The sandbox's tables of messages and methods, line by line against Google's discovery document."""

from typing import Any

import pytest

from mailsync.sandbox.google.methods import METHODS, Method
from mailsync.sandbox.google.schema import MESSAGES, READABLE, UPDATABLE, Field
from tests.contract.sandbox_google.oracle import find_method, list_methods, load_discovery

_FORMATS = {"int32": "int32", "google-fieldmask": "mask", "google-datetime": "time", "byte": "bytes"}


def _kind_of(known: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    if "$ref" in known:
        return known["$ref"], ()
    if "enum" in known:
        return "enum", tuple(known["enum"])
    return _FORMATS.get(known.get("format", ""), {"boolean": "bool"}.get(known["type"], known["type"])), ()


def _field_of(name: str, known: dict[str, Any]) -> Field:
    repeated, keyed = known.get("type") == "array", known.get("type") == "object"
    inner = known["items"] if repeated else known["additionalProperties"] if keyed else known
    kind, values = _kind_of(inner)
    return Field(name, kind, repeated, keyed, known.get("readOnly", False), values)


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_each_message_is_googles(name: str) -> None:
    known = load_discovery()["schemas"][name]["properties"]
    assert dict(MESSAGES[name]) == {key: _field_of(key, each) for key, each in known.items()}


def test_no_message_that_a_request_is_made_of_is_missing() -> None:
    inner = {field.kind for fields in MESSAGES.values() for field in fields.values() if field.kind[:1].isupper()}
    roots = {method["request"]["$ref"] for method in list_methods() if "request" in method}
    assert inner | roots <= set(MESSAGES)


def test_every_method_of_the_api_is_there_once() -> None:
    expected = {method["id"].removeprefix("people.").removeprefix("people.") for method in list_methods()}
    expected = {name.removeprefix("contactGroups.") if "members" in name else name for name in expected}
    assert {method.name for method in METHODS} == expected
    assert len(METHODS) == len(expected)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_each_method_takes_what_googles_takes(method: Method) -> None:
    path = method.path.replace("(?P<name>", "").replace("[^/:]+)", "x1")
    known = find_method(method.verb, f"/v1/{path}")
    assert known is not None
    assert set(method.query) == set(known["parameters"]) - {"resourceName"}
    assert method.message == known.get("request", {}).get("$ref", "")
    scopes = {scope for scope in known["scopes"] if "/auth/user." not in scope}
    assert set(method.scopes) == scopes
    for name, kind in method.query.items():
        fits = {"int32": "integer", "bool": "boolean"}.get(kind, "string")
        assert known["parameters"][name]["type"] == fits, name


def test_the_masks_are_those_of_the_documentation() -> None:
    methods = {method["id"]: method["parameters"] for method in list_methods()}
    texts = {
        READABLE: methods["people.people.get"]["personFields"]["description"],
        UPDATABLE: methods["people.people.updateContact"]["updatePersonFields"]["description"],
    }
    for mask, text in texts.items():
        assert {part.strip() for part in text.partition("Valid values are:")[2].split("*") if part.strip()} == mask
