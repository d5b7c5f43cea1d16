"""The world's JSON Schema holds for what is shipped and dumped, and for nothing that the sandbox would refuse."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mailsync.sandbox.exchange import faults as exchange_faults
from mailsync.sandbox.faultdetails import GENERIC, MALFORMATIONS
from mailsync.sandbox.google import faults as google_faults
from mailsync.sandbox.microsoft import faults as microsoft_faults
from mailsync.sandbox.salesforce import faults as salesforce_faults
from mailsync.sandbox.salesforce.rejections import KNOWN
from mailsync.sandbox.server import RunningSandbox, running_sandbox
from mailsync.sandbox.vendor import Refused
from mailsync.sandbox.world import SHIPPED, read_world
from tests.e2e.sandbox.vendors import WORLD, Desk

_DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture(scope="module")
def schema() -> Draft202012Validator:
    content = json.loads((_DOCS / "sandbox.world.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(content)
    return Draft202012Validator(content)


def _violations(schema: Draft202012Validator, world: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in schema.iter_errors(world)]


def _examples() -> Iterator[str]:
    for block in (_DOCS / "sandbox.md").read_text("utf-8").split("```json\n")[1:]:
        yield block.partition("```")[0]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_worlds_and_their_dumps_are_valid(schema: Draft202012Validator, name: str) -> None:
    assert _violations(schema, read_world(name)) == []
    with running_sandbox(name) as box:
        assert _violations(schema, box.sandbox.dump()) == []


def test_a_lived_in_world_is_valid(schema: Draft202012Validator) -> None:
    with running_sandbox(WORLD) as box:
        for vendor in ("salesforce", "exchange", "google"):
            desk = Desk(box, vendor)
            assert desk.create().ok
            box.sandbox.act("admin", "clock_skew", {"vendor": vendor, "seconds": -30})
        rules: list[dict[str, Any]] = [
            {"op": "validation_rule", "field": "Title", "pattern": "^x", "message": "No."},
            {"op": "duplicate_rule", "field": "Email", "action": "block"},
            {"op": "required_field", "field": "Phone"},
            {"op": "field_security", "field": "Fax", "user": "bob", "read": False},
            {"op": "create_view", "name": "Mine", "where": "Title != null", "scope": "mine"},
            {"op": "late_commit", "seconds": 5},
        ]
        for rule in rules:
            details = {"object": "Contact", **rule}
            if rule["op"] == "late_commit":
                del details["object"]
            box.sandbox.act("admin", details.pop("op"), details)
        _live_on_google(box)
        desk = Desk(box, "exchange")
        assert desk.ews(
            '<m:CreateFolder><m:ParentFolderId><t:DistinguishedFolderId Id="contacts"/></m:ParentFolderId><m:Folders>'
            "<t:ContactsFolder><t:DisplayName>More</t:DisplayName></t:ContactsFolder></m:Folders></m:CreateFolder>"
        ).ok
        dumped = box.sandbox.dump()
        assert _violations(schema, dumped) == []
        assert dumped["clock_skew"] == {"salesforce": -30, "exchange": -30, "google": -30}
        assert dumped["exchange"]["mailboxes"][0]["folders"]


def _live_on_google(box: RunningSandbox) -> None:
    desk = Desk(box, "google")
    names = [each["resourceName"] for each in desk.connections().json()["connections"]]
    assert desk.people("POST", "contactGroups", {"contactGroup": {"name": "More"}}).ok
    assert desk.people("DELETE", f"{names[0]}:deleteContact").ok
    box.sandbox.act("ann", "rename_contact", {"contact": names[1]})
    box.sandbox.act("ann", "consent", {})
    box.sandbox.act("admin", "service_account_key", {})
    box.sandbox.act("admin", "quotas", {"on": True})


def test_the_manuals_example_is_valid_and_loads(schema: Draft202012Validator) -> None:
    examples = list(_examples())
    assert examples
    for example in examples:
        world = json.loads(example)
        assert _violations(schema, world) == []
        with running_sandbox(world):
            pass


@pytest.mark.parametrize(
    ("world", "where"),
    [
        ({"icq": {}}, "$"),
        ({"clock_skew": {"salesforce": "late"}}, "$.clock_skew.salesforce"),
        ({"salesforce": {"users": [{}]}}, "$.salesforce.users[0]"),
        ({"salesforce": {"shares": [{"record": "x", "user": "ann"}]}}, "$.salesforce.shares[0].record"),
        (
            {"salesforce": {"duplicate_rules": [{"object": "Contact", "field": "Email"}]}},
            "$.salesforce.duplicate_rules[0]",
        ),
        ({"exchange": {"mailboxes": [{}]}}, "$.exchange.mailboxes[0]"),
        (
            {"exchange": {"mailboxes": [{"user": "ann", "folders": [{"items": []}]}]}},
            "$.exchange.mailboxes[0].folders[0]",
        ),
        ({"google": {"mailboxes": [{}]}}, "$.google.mailboxes[0]"),
        ({"google": {"propagation_seconds": -1}}, "$.google.propagation_seconds"),
        (
            {"google": {"mailboxes": [{"user": "bob", "contacts": [{"nicknames": [{"kind": "x"}]}]}]}},
            "$.google.mailboxes[0].contacts[0].nicknames[0]",
        ),
        (
            {"exchange": {"mailboxes": [{"user": "ann", "items": [{"Sensitivity": "None"}]}]}},
            "$.exchange.mailboxes[0].items[0].Sensitivity",
        ),
    ],
)
def test_what_the_schema_refuses_the_sandbox_refuses(
    schema: Draft202012Validator, world: dict[str, Any], where: str
) -> None:
    assert [error.json_path for error in schema.iter_errors(world)] == [where]
    with pytest.raises(Refused), running_sandbox(world):
        pass


def test_the_manuals_exchangelib_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    blocks = (_DOCS / "sandbox.md").read_text("utf-8").split("```python\n")[1:]
    [example] = [block.partition("```")[0] for block in blocks if block.startswith("from exchangelib")]
    with running_sandbox("acme") as box:
        exec(example.replace("http://127.0.0.1:8025", box.url), {})  # noqa: S102 - the manual's own words
    assert capsys.readouterr().out == "['Hallorann']\n"


def test_the_manual_names_every_kind_of_fault() -> None:
    manual = (_DOCS / "sandbox.md").read_text("utf-8")
    kinds = {
        *GENERIC,
        *MALFORMATIONS,
        *salesforce_faults.KINDS,
        *exchange_faults.KINDS,
        *microsoft_faults.KINDS,
        *google_faults.KINDS,
        *KNOWN,
    }
    expected = {kind for kind in kinds if not kind.startswith(("INSUFFICIENT_ACCESS_", "INVALID_REPLICATION"))}
    assert sorted(kind for kind in expected if f"`{kind}`" not in manual and kind not in manual) == []
