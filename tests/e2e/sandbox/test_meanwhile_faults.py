"""Somebody does something at the n-th call: acts as faults, also what people do in Outlook or over the API."""

from collections.abc import Generator
from typing import Any

import pytest

from mailsync.sandbox.server import RunningSandbox, running_sandbox
from mailsync.sandbox.vendor import Refused
from tests.e2e.sandbox.vendors import NAMES, REST, WORLD, Desk, codes, find_ids, texts


@pytest.fixture(scope="module")
def running() -> Generator[RunningSandbox]:
    with running_sandbox(WORLD) as box:
        yield box


@pytest.fixture
def desk(running: RunningSandbox, request: pytest.FixtureRequest) -> Desk:
    running.sandbox.reset(WORLD)
    return Desk(running, request.param)


def _meanwhile(desk: Desk, user: str, act: dict[str, Any], **details: Any) -> None:
    desk.fail("act", **{"as": user, "act": act}, **details)


@pytest.mark.parametrize("desk", ["salesforce"], indirect=True)
def test_an_administrator_acts_at_the_nth_call(desk: Desk) -> None:
    _meanwhile(desk, "admin", {"op": "deactivate", "user": "ann"}, operation="create", after=1)
    assert [desk.create().status_code for _ in range(3)] == [201, 401, 401]
    assert [entry.fault for entry in desk.box.sandbox.log.entries()] == [None, "act", None]


@pytest.mark.parametrize("desk", ["salesforce"], indirect=True)
def test_somebody_deletes_a_record_while_it_is_read(desk: Desk) -> None:
    [first, *_] = desk.box.sandbox.dump()["salesforce"]["records"]["Contact"]
    path = f"{REST}/sobjects/Contact/{first['Id']}"
    _meanwhile(desk, "ann", {"op": "rest", "method": "DELETE", "path": path}, when="after")
    assert desk.rest("GET", path).json()["LastName"] == first["LastName"]
    assert desk.rest("GET", path).status_code == 404


@pytest.mark.parametrize("desk", ["salesforce"], indirect=True)
def test_somebody_edits_a_record_just_before_it_is_written(desk: Desk) -> None:
    [first, *_] = desk.box.sandbox.dump()["salesforce"]["records"]["Contact"]
    path = f"{REST}/sobjects/Contact/{first['Id']}"
    act = {"op": "rest", "method": "PATCH", "path": path, "body": {"LastName": "Between"}}
    _meanwhile(desk, "ann", act, operation="update")
    assert desk.rest("PATCH", path, {"FirstName": "Last"}).status_code == 204
    row = desk.rest("GET", path).json()
    assert (row["FirstName"], row["LastName"]) == ("Last", "Between")


@pytest.mark.parametrize("desk", ["exchange"], indirect=True)
def test_an_item_moves_while_it_is_listed(desk: Desk) -> None:
    [first, _] = find_ids(desk.sync())
    move = (
        '<m:MoveItem><m:ToFolderId><t:DistinguishedFolderId Id="deleteditems"/></m:ToFolderId>'
        f'<m:ItemIds><t:ItemId Id="{first}"/></m:ItemIds></m:MoveItem>'
    )
    _meanwhile(desk, "ann", {"op": "ews", "operation": move}, operation="SyncFolderItems", after=1)
    assert first in find_ids(desk.sync())
    assert first not in find_ids(desk.sync())
    assert desk.count() == len(NAMES) - 1


@pytest.mark.parametrize("desk", ["exchange"], indirect=True)
def test_a_folder_is_renamed_at_the_nth_call(desk: Desk) -> None:
    made = desk.ews(
        '<m:CreateFolder><m:ParentFolderId><t:DistinguishedFolderId Id="contacts"/></m:ParentFolderId><m:Folders>'
        "<t:ContactsFolder><t:DisplayName>Old</t:DisplayName></t:ContactsFolder></m:Folders></m:CreateFolder>"
    )
    identifier = made.text.partition('FolderId Id="')[2].partition('"')[0]
    rename = (
        f'<m:UpdateFolder><m:FolderChanges><t:FolderChange><t:FolderId Id="{identifier}"/><t:Updates><t:SetFolderField>'
        '<t:FieldURI FieldURI="folder:DisplayName"/><t:ContactsFolder><t:DisplayName>New</t:DisplayName>'
        "</t:ContactsFolder></t:SetFolderField></t:Updates></t:FolderChange></m:FolderChanges></m:UpdateFolder>"
    )
    look = (
        "<m:GetFolder><m:FolderShape><t:BaseShape>Default</t:BaseShape></m:FolderShape><m:FolderIds>"
        f'<t:FolderId Id="{identifier}"/></m:FolderIds></m:GetFolder>'
    )
    _meanwhile(desk, "ann", {"op": "ews", "operation": rename}, operation="GetFolder", when="after")
    assert [texts(desk.ews(look), "t:DisplayName") for _ in range(2)] == [["Old"], ["New"]]


@pytest.mark.parametrize("desk", ["salesforce", "exchange"], indirect=True)
def test_an_act_that_is_refused_says_so_in_the_answer(desk: Desk) -> None:
    wrong = {"op": "ews", "operation": "<m:GetItem/>"} if desk.vendor == "exchange" else {"op": "purge", "record": "x"}
    _meanwhile(desk, "ann", wrong)
    answer = desk.read()
    assert (answer.status_code, "the act of a fault can't be done" in answer.text) == (500, True)
    assert desk.read().ok


@pytest.mark.parametrize("desk", ["salesforce"], indirect=True)
@pytest.mark.parametrize(
    ("details", "named"),
    [({}, "as: "), ({"as": "ann"}, "act: "), ({"as": "ann", "act": "purge"}, "act: "), ({"as": 1, "act": {}}, "as: ")],
)
def test_acts_that_are_badly_asked_for(desk: Desk, details: dict[str, Any], named: str) -> None:
    with pytest.raises(Refused, match=f"^{named}"):
        desk.fail("act", **details)


@pytest.mark.parametrize("desk", ["exchange"], indirect=True)
def test_acts_over_ews_and_rest_are_refused_in_words(desk: Desk) -> None:
    act = desk.box.sandbox.act
    for details, named in (
        ({"operation": "<m:Nonsense/>"}, "operation: Exchange refuses it"),
        ({"operation": "no xml <"}, "operation: Exchange refuses it: ErrorInvalidRequest"),
    ):
        with pytest.raises(Refused, match=named):
            act("ann", "ews", details)
    with pytest.raises(Refused, match=r"^path: give it from"):
        act("ann", "rest", {"path": "limits"})
    with pytest.raises(Refused, match=r"^path: Salesforce refuses it: 404"):
        act("ann", "rest", {"path": f"{REST}/nothing"})
    assert codes(desk.sync()) == ["NoError"]
