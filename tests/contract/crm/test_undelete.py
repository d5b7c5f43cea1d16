"""Undelete through SOAP: the one call that REST does not have."""

import pytest
import requests

from mailsync.core.refs import RecordId
from mailsync.errors import LoginRefused, Unreachable
from mailsync.ports.bearer import FixedBearer
from mailsync.ports.crm import Scope
from mailsync.ports.outcomes import Missing, Refusal, Written
from tests.contract.crm.bench import Bench


def test_what_lies_in_the_recycle_bin_comes_out_and_the_rest_is_missing(org: Bench) -> None:
    binned, purged, present = (RecordId(org.ann.create(LastName=n)) for n in "ABC")
    org.crm.delete([binned, purged])
    spec = {"as": "admin", "op": "purge", "record": purged}
    assert requests.post(f"{org.url}/sandbox/act", json=spec, timeout=10).ok
    before = org.crm.requests
    assert org.crm.undelete([binned, purged, present]) == [Written(binned), Missing(), Missing()]
    assert org.crm.requests == before + 1
    assert org.read(binned).values["LastName"] == "A"


def test_two_hundred_ids_a_call(org: Bench) -> None:
    gone = [RecordId(f"003Ib00000{n:05}IAA") for n in range(900, 1101)]
    before = org.crm.requests
    assert len(org.crm.undelete(gone)) == 201
    assert org.crm.requests == before + 2


def test_a_record_of_somebody_else_is_not_restored(org: Bench) -> None:
    theirs = RecordId(org.bob.create(LastName="B"))
    org.bob.delete(theirs)
    outcome = org.crm.undelete([theirs])[0]
    assert isinstance(outcome, Missing | Refusal)
    assert org.crm.read([theirs], Scope("all"))[theirs] is None


def test_a_lost_answer_is_asked_again_and_tells_missing(org: Bench) -> None:
    record = RecordId(org.ann.create(LastName="A"))
    org.crm.delete([record])
    org.fault("drop_after", "undelete")
    assert org.crm.undelete([record]) == [Missing()]
    assert org.read(record).id == record, "which is why its caller reads it then"


def test_a_refused_token_and_a_server_that_is_away_are_told_apart(org: Bench) -> None:
    record = RecordId(org.ann.create(LastName="A"))
    with pytest.raises(LoginRefused):
        org.other(bearer=FixedBearer("nobody")).undelete([record])
    org.fault("drop_before", "undelete", times=20)
    with pytest.raises(Unreachable):
        org.crm.undelete([record])


def test_what_is_no_id_is_never_sent(org: Bench) -> None:
    with pytest.raises(ValueError, match="Salesforce ids"):
        org.crm.undelete([RecordId("<ids/>")])
