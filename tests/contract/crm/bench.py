"""A sandbox, the adapter under test, and the people around it."""

import json
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests

from mailsync.core.changes import CrmChanges, Record
from mailsync.core.refs import RecordId
from mailsync.crm.salesforce import SalesforceLogin, open_salesforce
from mailsync.mapping.table import load
from mailsync.ports.bearer import FixedBearer
from mailsync.ports.crm import Crm, Scope, Watch
from mailsync.sandbox.server import running_sandbox
from tests.contract.crm.person import OrgPerson


@dataclass
class Bench:
    """`crm` is ann's; `waits` are the seconds that it would have waited."""

    url: str
    advance: Callable[[float], Any]
    crm: Crm
    ann: OrgPerson
    bob: OrgPerson
    admin: OrgPerson
    waits: list[float] = field(default_factory=list)

    def changes(
        self, cursor: str | None, view: str = "mine", *, sweep: bool = False, at_most: int | None = None
    ) -> CrmChanges:
        return self.crm.changes(Watch(cursor, Scope(view), sweep, at_most))

    def start(self, view: str = "mine") -> str:
        """The cursor of a first reading long after all that was done before, so that the overlap repeats nothing."""
        self.advance(1200)
        cursor = self.changes(None, view).cursor
        self.advance(60)
        return cursor

    def read(self, record: str, view: str = "mine") -> Record:
        found = self.crm.read([RecordId(record)], Scope(view))[RecordId(record)]
        assert found is not None
        return found

    def other(self, **settings: Any) -> Crm:
        """Another adapter for ann, with other settings."""
        login = SalesforceLogin(**{"url": self.url, "bearer": FixedBearer("sandbox-ann"), **settings})
        return open_salesforce(login, load(), sleep=self.waits.append)

    def fault(self, kind: str, operation: str | None = None, **details: Any) -> None:
        cut = {"at": 0.5} if kind == "truncate" else {}
        spec = {"vendor": "salesforce", "kind": kind, "operation": operation, **cut, **details}
        spec = {key: value for key, value in spec.items() if value is not None}
        answer = requests.post(f"{self.url}/sandbox/faults", json=spec, timeout=10)
        assert answer.status_code == 200, answer.text

    def log(self) -> list[dict[str, Any]]:
        return requests.get(f"{self.url}/sandbox/requests?bodies=1", timeout=10).json()

    def forget(self) -> None:
        requests.delete(f"{self.url}/sandbox/requests", timeout=10)

    def parts(self) -> list[dict[str, Any]]:
        """The parts of all composites since `forget`."""
        bodies = [json.loads(entry["request"]) for entry in self.log() if entry["operation"] == "composite"]
        return [part for body in bodies for part in body["compositeRequest"]]

    def crm_user(self, name: str) -> str:
        """The id of a user."""
        users = self.admin.client.query("SELECT Id, Alias FROM User")["records"]
        return next(user["Id"] for user in users if user["Alias"] == name)

    def contacts(self) -> int:
        found = self.admin.client.query("SELECT COUNT() FROM Contact")
        return found["totalSize"]


@contextmanager
def bench(world: str | Mapping[str, Any] = "empty") -> Generator[Bench]:
    """A bench on a world of its own."""
    waits: list[float] = []
    with running_sandbox(world) as box:
        crm = open_salesforce(SalesforceLogin(box.url, FixedBearer("sandbox-ann")), load(), sleep=waits.append)
        people = (OrgPerson(box.url, name) for name in ("ann", "bob", "admin"))
        try:
            yield Bench(box.url, box.sandbox.advance, crm, *people, waits)
        finally:
            crm.close()


def organisation(contacts: int = 0, **more: Any) -> dict[str, Any]:
    """A world with that many contacts of ann's, in order of their ids."""
    people = [{"LastName": f"Person {number:05}", "OwnerId": "ann"} for number in range(contacts)]
    return {"salesforce": {"records": {"Contact": people}, **more}}
