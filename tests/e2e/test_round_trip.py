"""L5, L7, B11: all filled in, a contact goes from a mailbox of each kind through Salesforce to the others.

What is compared are the fields of the mapping tables, read from each mailbox by the program of its person: exchangelib,
Google's client, Graph's plain requests. Nothing here knows how the agent writes.
"""

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from mailsync.mapping.table import load
from mailsync.sandbox.server import running_sandbox
from tests.e2e.everything import FULL, NOT_HELD, PEOPLE, USERS
from tests.e2e.stage import Stage


class RoundTrip(Stage):
    """Everybody, each with a mailbox of another kind, and each sees all contacts."""

    def configure(self, **defaults: str) -> None:
        parts = [f'{self.store}[defaults]\nview = "all"\n\n[salesforce]\nurl = "{self.url}"\napi_version = "68.0"\n']
        for kind, user in USERS.items():
            log_in = f'url = "{self.url}"\ntoken = "sandbox-{user}"\n'
            if kind == "exchange":
                log_in = f'url = "{self.url}/EWS/Exchange.asmx"\nusername = "ann@acme.example"\n'
                log_in += 'password = "sandbox"\nauth = "basic"\n'
            parts.append(
                f'[users.{user}]\nsalesforce_token = "sandbox-{user}"\nmailbox = "{kind}"\n'
                f'address = "{user}@acme.example"\n[users.{user}.{kind}]\n{log_in}'
            )
        self.config.write_text("\n".join(parts), encoding="utf-8")

    def share_all(self) -> None:
        """The others may read and edit what one of them has made."""
        for record in self.admin.all("LastName"):
            for user in USERS.values():
                self.act("share", record=record["Id"], user=user, access="edit")


@pytest.fixture
def standing(tmp_path: Path) -> Iterator[RoundTrip]:
    world = json.loads(files("mailsync.sandbox").joinpath("worlds", "empty.json").read_text(encoding="utf-8"))
    with running_sandbox(world) as box:
        scene = RoundTrip(box, tmp_path)
        scene.configure()
        scene.admin.create("Account", Name=FULL["Company"])
        (account,) = scene.admin.query("SELECT Id FROM Account")
        for user in USERS.values():
            scene.act("share", record=account["Id"], user=user)
            scene.sync(user=user)
        yield scene


def without(values: Mapping[str, Any], *kinds: str) -> Mapping[str, Any]:
    """The values of the fields that all these kinds have."""
    missing = {name for kind in kinds for name in NOT_HELD[kind]}
    return {n: v for n, v in values.items() if n not in missing}


def test_FULL_fills_every_field_that_flows_in_any_table():
    for kind in USERS:
        live = {str(row.field.name) for row in load(kind).live}
        assert live == set(FULL) - set(NOT_HELD[kind]), kind


@pytest.mark.parametrize("source", USERS)
def test_L5_L7_B11_everything_filled_in_survives_the_way_to_every_other_kind(standing: RoundTrip, source: str):
    made = PEOPLE[source](standing.url)
    made.create()
    before = made.rest(standing.box.sandbox.dump())
    standing.sync("done", USERS[source])
    standing.share_all()
    record = standing.admin.get(standing.admin.all("LastName")[0]["Id"])
    assert record["MailingStreet"] == FULL["MailingAddress"][0]
    assert record["Birthdate"] == FULL["Birthdate"].isoformat()
    for kind in (k for k in USERS if k != source):
        standing.sync("done", USERS[kind])
        arrived = PEOPLE[kind](standing.url).values()
        assert without(arrived, source, kind) == without(FULL, source, kind), kind
    for user in USERS.values():
        standing.sync("done", user)
    assert made.values() == FULL
    assert made.rest(standing.box.sandbox.dump()) == before  # L7: byte for byte, but for what is the agent's own
    standing.forget_requests()
    for user in USERS.values():
        standing.sync("done", user)
    assert standing.writes() == []


@pytest.mark.parametrize("edited", USERS)
def test_B10_L7_an_edit_in_another_kind_comes_back_and_touches_nothing_else(standing: RoundTrip, edited: str):
    source = next(k for k in USERS if k != edited)
    made = PEOPLE[source](standing.url)
    made.create()
    before = made.rest(standing.box.sandbox.dump())
    standing.sync("done", USERS[source])
    standing.share_all()
    record = standing.admin.all("LastName")[0]["Id"]
    standing.sync("done", USERS[edited])
    standing.admin.update(record, Title="CTO", Phone="+1 415 555 0199", OtherCity="Bonn")
    for kind in (edited, source):
        standing.sync("done", USERS[kind])
    street, _, *rest = FULL["OtherAddress"]
    changed = FULL | {"Title": "CTO", "Phone": "+1 415 555 0199", "OtherAddress": (street, "Bonn", *rest)}
    for kind in (edited, source):
        assert PEOPLE[kind](standing.url).values() == changed, kind
    assert _unchanged(made.rest(standing.box.sandbox.dump())) == _unchanged(before)


def _unchanged(rest: Any) -> Any:
    """Without what the edit was about, where the store holds it in one place with other things."""
    return {k: v for k, v in rest.items() if k not in ("JobTitle", "PhoneNumbers", "PhysicalAddresses")}
