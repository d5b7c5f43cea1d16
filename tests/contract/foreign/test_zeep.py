"""zeep with the Partner WSDL that jsforce publishes: merge and undelete, which REST does not have.

zeep writes what the WSDL says and refuses an answer that the WSDL does not allow.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from requests import Session
from zeep import Client, Settings
from zeep.exceptions import Fault
from zeep.transports import Transport

from mailsync.sandbox.server import running_sandbox
from tests.contract.foreign.presence import PARTNER_WSDL, require
from tests.e2e.people import OrgPerson

BINDING = "{urn:partner.soap.sforce.com}SoapBinding"


@dataclass(frozen=True, slots=True)
class Partner:
    """An integration that speaks SOAP as one user; `call` names an operation."""

    client: Client
    service: Any
    token: str

    def call(self, operation: str, **parameters: Any) -> Any:
        header = self.client.get_element("{urn:partner.soap.sforce.com}SessionHeader")(sessionId=self.token)
        return getattr(self.service, operation)(**parameters, _soapheaders={"SessionHeader": header}).body.result

    def merge(self, winner: str, *losers: str, kind: str = "Contact") -> Any:
        record = self.client.get_type("{urn:sobject.partner.soap.sforce.com}sObject")(type=kind, Id=winner)
        (result,) = self.call("merge", request=[{"masterRecord": record, "recordToMergeIds": list(losers)}])
        return result


@pytest.fixture(scope="module")
def people() -> Iterator[tuple[OrgPerson, Callable[[str], Partner]]]:
    """Ann in Salesforce, and SOAP with any token."""
    require("jsforce")
    with running_sandbox("empty") as box:
        session = Session()
        session.trust_env = False
        client = Client(str(PARTNER_WSDL), transport=Transport(session=session), settings=Settings(strict=True))
        service = client.create_service(BINDING, f"{box.url}/services/Soap/u/68.0")
        yield OrgPerson.log_in(box.url, "ann"), lambda token: Partner(client, service, token)


def test_merges(people: tuple[OrgPerson, Callable[[str], Partner]]) -> None:
    ann, partner_of = people
    winner, *losers = (ann.create(LastName=name) for name in ("Winner", "Loser", "Second Loser"))
    result = partner_of("sandbox-ann").merge(winner, *losers)
    assert (result.success, result.id, result.errors) == (True, winner, [])
    assert sorted(result.mergedRecordIds) == sorted(losers)
    text = "SELECT Id, MasterRecordId FROM Contact WHERE LastName = 'Loser'"
    found = ann.client.query_all(text, include_deleted=True)
    assert [record["MasterRecordId"] for record in found["records"]] == [winner]


def test_a_refused_merge_has_its_errors(people: tuple[OrgPerson, Callable[[str], Partner]]) -> None:
    ann, partner_of = people
    winner, loser = ann.create(LastName="Left"), ann.create(LastName="Right")
    ann.delete(loser)
    result = partner_of("sandbox-ann").merge(winner, loser)
    assert (result.success, result.id) == (False, None)
    assert [error.statusCode for error in result.errors] == ["ENTITY_IS_DELETED"]


def test_undeletes(people: tuple[OrgPerson, Callable[[str], Partner]]) -> None:
    ann, partner_of = people
    record, other = ann.create(LastName="Back"), ann.create(LastName="There")
    ann.delete(record)
    restored, refused = partner_of("sandbox-ann").call("undelete", ids=[record, other])
    assert (restored.success, restored.id, restored.errors) == (True, record, [])
    assert ann.get(record)["LastName"] == "Back"
    assert refused.success is False
    assert refused.errors[0].statusCode == "UNDELETE_FAILED"


def test_a_wrong_session_is_a_fault(people: tuple[OrgPerson, Callable[[str], Partner]]) -> None:
    with pytest.raises(Fault, match="INVALID_SESSION_ID") as raised:
        people[1]("nobody").call("undelete", ids=["003Ib0000000001IAA"])
    assert raised.value.code.endswith("INVALID_SESSION_ID")
