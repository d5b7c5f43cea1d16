import json

import pytest

from mailsync.core.changes import Trace
from mailsync.crm.salesforce.answers import faults_of
from mailsync.crm.salesforce.composite import PartReply
from mailsync.crm.salesforce.views import find_view, read_selection
from mailsync.crm.soql import Selection
from mailsync.errors import VendorError, ViewBroken
from mailsync.ports.crm import View
from tests.contract.crm.bench import Bench, bench


def _view(org: Bench, where: str = "Title = 'CTO' OR Department = 'R&D'", **more: str) -> str:
    return org.ann.act("create_view", object="Contact", name="Chosen Ones", where=where, **more)["id"]


@pytest.mark.parametrize("how", ["id", "short", "name", "label", "prefixed"])
def test_A14_a_list_view_is_found_by_id_name_or_label_and_costs_one_request_when_idle(org: Bench, how: str) -> None:
    view = _view(org)
    names = {"id": view, "short": view[:15], "name": "Chosen_Ones", "label": "chosen ones", "prefixed": f"view:{view}"}
    cto, rnd = org.ann.create(LastName="A", Title="CTO"), org.ann.create(LastName="B", Department="R&D")
    org.ann.create(LastName="C")
    org.advance(1200)
    seen = org.changes(None, names[how])
    assert (seen.fault, seen.complete, seen.members, seen.count) == ("", True, {cto, rnd}, 2)
    org.advance(1200)
    cursor = org.changes(seen.cursor, names[how]).cursor
    org.advance(1200)
    org.ann.update(cto, Phone="1")
    before = org.crm.requests
    delta = org.changes(cursor, names[how], sweep=True)
    assert org.crm.requests == before + 1
    assert ([record.id for record in delta.records], delta.members, delta.count) == ([cto], {cto, rnd}, 2)


def test_the_scope_of_a_view_is_kept_beside_its_conditions(org: Bench) -> None:
    mine, bobs = org.ann.create(LastName="A", Title="CTO"), org.bob.create(LastName="B", Title="CTO")
    org.admin.act("share", record=bobs, user="ann")
    view = _view(org, scope="mine")
    assert org.changes(None, view).members == {mine}


def test_A18_a_changed_view_is_swept_in_a_second_request(org: Bench) -> None:
    cto, ceo = org.ann.create(LastName="A", Title="CTO"), org.ann.create(LastName="B", Title="CEO")
    view = _view(org, "Title = 'CTO'")
    cursor = org.start(view)
    org.ann.act("edit_view", view=view, where="Title = 'CEO'")
    before = org.crm.requests
    seen = org.changes(cursor, view)
    assert (seen.complete, seen.members, seen.count, seen.records) == (False, {ceo}, 1, ())
    assert org.crm.requests == before + 2
    assert cto not in seen.members


def test_A16_a_deleted_view_is_a_fault_and_traces_are_still_told(org: Bench) -> None:
    record = org.ann.create(LastName="A", Title="CTO")
    view = _view(org)
    cursor = org.start(view)
    org.ann.act("delete_view", view=view)
    org.ann.update(record, Phone="1")
    seen = org.changes(cursor, view)
    assert "list view" in seen.fault
    assert (seen.records, seen.members, seen.complete) == ((), None, False)
    assert seen.traces == (Trace(record, deleted=False),)
    assert (seen.traced, seen.blind) == (True, False)
    assert not org.read(record, view).in_scope
    org.advance(1200)
    before = org.crm.requests
    again = org.changes(seen.cursor, view)
    assert again.fault
    assert org.crm.requests == before + 1


def test_A16_a_view_that_is_not_described_now_is_not_deleted(org: Bench) -> None:
    org.ann.create(LastName="A", Title="CTO")
    view = _view(org)
    cursor = org.start(view)
    org.fault("reject", "composite", items={"-1": "QUERY_TIMEOUT"}, status=400)
    with pytest.raises(VendorError):
        org.changes(cursor, view)
    assert not org.changes(cursor, view).fault


def test_A16_a_view_that_is_back_is_read_completely(org: Bench) -> None:
    record = org.ann.create(LastName="A", Title="CTO")
    view = _view(org)
    cursor = org.start("Chosen_Ones")
    org.ann.act("delete_view", view=view)
    broken = org.changes(cursor, "Chosen_Ones")
    assert broken.fault
    org.advance(1200)
    _view(org)
    mended = org.changes(broken.cursor, "Chosen_Ones")
    assert (mended.fault, mended.complete, mended.members) == ("", True, {record})


@pytest.mark.parametrize("view", ["00B000000000000AAA", "Nowhere", ""])
def test_A16_a_view_that_never_was_is_a_fault(org: Bench, view: str) -> None:
    org.ann.create(LastName="A")
    seen = org.changes(None, view)
    assert "list view" in seen.fault
    assert (seen.complete, seen.traced, seen.blind) == (False, False, True)


def test_A16_a_view_of_another_object_or_another_persons_own_is_a_fault(org: Bench) -> None:
    leads = org.admin.act("create_view", object="Lead", name="Leads")["id"]
    bobs = org.bob.act("create_view", object="Contact", name="Bobs")["id"]
    for view in (leads, bobs, "Bobs"):
        assert org.changes(None, view).fault


def test_A16_a_view_whose_own_field_is_hidden_is_a_fault(org: Bench) -> None:
    org.ann.create(LastName="A", Title="CTO")
    view = _view(org)
    cursor = org.start(view)
    org.admin.act("field_security", object="Contact", field="Title", user="ann", read=False, edit=False)
    org.advance(60)
    seen = org.changes(cursor, view)
    assert "list view" in seen.fault
    assert "Title" not in seen.limits


def test_views_as_an_administrator_picks_them() -> None:
    with bench("acme") as acme:
        assert View("00BIb0000000003MAA", "West_Coast", "West Coast") in acme.crm.views()
        assert len(acme.crm.views()) == 4


def _reply(status: int = 200, **content: object) -> PartReply:
    return PartReply(
        status, content, {}, faults_of([{"errorCode": "NOT_FOUND", "message": "no"}]) if status > 200 else ()
    )


def test_a_scope_that_only_the_describe_names_is_added() -> None:
    assert read_selection(_reply(query="SELECT Id FROM Contact", scope="mine")) == Selection("Contact", "mine")
    assert read_selection(_reply(query="SELECT Id FROM Contact", scope="everything")) == Selection("Contact")
    assert read_selection(_reply(query="SELECT Id FROM Contact USING SCOPE team", scope="mine")).scope == "team"


@pytest.mark.parametrize(
    "reply",
    [
        _reply(404),
        _reply(query="SELECT Id FROM Lead", sobjectType="Lead"),
        _reply(query="SELECT Id FROM Account"),
        _reply(query=""),
        _reply(),
    ],
)
def test_A16_what_a_describe_may_say_that_can_not_be_used(reply: PartReply) -> None:
    with pytest.raises(ViewBroken):
        read_selection(reply)


def test_a_label_that_several_views_have_names_none_of_them() -> None:
    views = [
        {"id": "00BIb0000000001", "developerName": "A", "label": "Same"},
        {"id": "00BIb0000000002", "label": "same"},
    ]
    with pytest.raises(ViewBroken, match="2 list views"):
        find_view(views, "Same")
    assert find_view(views, "A") == "00BIb0000000001MAA"
    assert json.dumps(views)
