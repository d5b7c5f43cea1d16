"""Our copy of Google's discovery document against the one that the client library ships."""

import json
from importlib.resources import files
from typing import Any

import pytest

from mailsync.mailbox.google.service import build_service


def strip(part: Any) -> Any:
    """Without texts for people, which the copy leaves out."""
    if isinstance(part, dict):
        return {
            k: strip(v)
            for k, v in part.items()
            if k != "enumDescriptions" and not (k == "description" and isinstance(v, str))
        }
    return [strip(v) for v in part] if isinstance(part, list) else part


def test_methods_and_schemas_are_those_of_the_librarys_document() -> None:
    own = json.loads(files("mailsync.mailbox.google").joinpath("people.v1.json").read_text())
    shipped = files("googleapiclient.discovery_cache").joinpath("documents/people.v1.json")
    library = strip(json.loads(shipped.read_text()))
    for name, schema in own["schemas"].items():
        assert schema == library["schemas"][name], name
    for name, resource in own["resources"].items():
        for method, content in resource["methods"].items():
            assert content == library["resources"][name]["methods"][method], method
    listing = own["resources"]["people"]["resources"]["connections"]["methods"]["list"]
    assert listing == library["resources"]["people"]["resources"]["connections"]["methods"]["list"]


def test_building_it_sends_nothing_and_addresses_are_below_the_url() -> None:
    service = build_service("http://127.0.0.1:1")
    request = service.people.getBatchGet(resourceNames=["people/c1", "people/c2"], personFields="names")
    assert request.uri.startswith("http://127.0.0.1:1/v1/people:batchGet?resourceNames=people%2Fc1&")


def test_a_request_that_names_no_way_out_goes_nowhere() -> None:
    """The service is shared by all users: none of them may be the one whose log-in it carries by itself."""
    request = build_service("http://127.0.0.1:1").groups.list()
    with pytest.raises(AssertionError, match="names no http"):
        request.execute()


def test_the_service_is_built_once() -> None:
    assert build_service("http://127.0.0.1:1") is build_service("http://127.0.0.1:1")
