"""Whatever arrives, Google answers in its own words: bodies with pieces spoilt, doubled or missing, odd parameters."""

import json
import random
from typing import Any
from urllib.parse import urlencode

import pytest

from mailsync.sandbox.google import Google
from mailsync.sandbox.google.methods import METHODS, Method
from mailsync.sandbox.vendor import Clock, Request
from tests.contract.sandbox_google.oracle import check_answer
from tests.contract.sandbox_google.test_people import FULL

_ODD: list[Any] = [None, True, -1, 2**40, 1.5, "", "x", "\0", "é", [], {}, [None], [[]], {"a": 1}, {"people/c1": None}]
_TEXTS = [
    "names",
    "1",
    "true",
    "",
    "x",
    "0",
    "-3",
    "99999999999",
    "people/me",
    "WyJ4Il0",
    "\0",
    "READ_SOURCE_TYPE_CONTACT",
]
_MASKS = {"personFields": "names", "readMask": "names", "updatePersonFields": "names", "groupFields": "name"}
_MINE = {"contactGroupMembership": {"contactGroupResourceName": "contactGroups/myContacts"}}
_SOURCE = {"metadata": {"sources": [{"type": "CONTACT", "etag": "x"}]}}
_WORLD: dict[str, Any] = {
    "propagation_seconds": 0,
    "mailboxes": [
        {
            "user": "bob",
            "groups": [{"name": "F", "id": "f1"}],
            "contacts": [{"names": [{"givenName": f"N{at}"}], "id": str(at)} for at in range(1, 4)],
            "other_contacts": [{"emailAddresses": [{"value": "x@y.example"}], "id": "9"}],
        }
    ],
}
_BODIES: dict[str, Any] = {
    "": {},
    "Person": {**FULL, **_SOURCE, "memberships": [_MINE]},
    "BatchCreateContactsRequest": {"contacts": [{"contactPerson": FULL}], "readMask": "names"},
    "BatchUpdateContactsRequest": {"contacts": {"people/c1": {**FULL, **_SOURCE}}, "updateMask": "names"},
    "BatchDeleteContactsRequest": {"resourceNames": ["people/c2"]},
    "UpdateContactPhotoRequest": {"photoBytes": "/9j/AAAA", "personFields": "names"},
    "CreateContactGroupRequest": {"contactGroup": {"name": "G", "clientData": [{"key": "a", "value": "b"}]}},
    "UpdateContactGroupRequest": {"contactGroup": {"name": "G2", "etag": "x"}, "updateGroupFields": "name"},
    "ModifyContactGroupMembersRequest": {"resourceNamesToAdd": ["people/c1"], "resourceNamesToRemove": ["people/c3"]},
    "CopyOtherContactToMyContactsGroupRequest": {"copyMask": "names", "readMask": "names"},
}


def spoil(value: Any, dice: random.Random) -> Any:
    """The value with some of its parts replaced, left out or doubled."""
    if dice.random() < 0.08:
        return dice.choice(_ODD)
    if isinstance(value, dict):
        return {key: spoil(part, dice) for key, part in value.items() if dice.random() < 0.95}
    if isinstance(value, list):
        return [spoil(part, dice) for part in value for _ in range(dice.choice([1, 1, 1, 2]))]
    return value


def place_of(method: Method, dice: random.Random) -> str:
    """A path of the method, mostly to something that is there."""
    names = {
        "people": ["me", "c1", "c2", "c3", "c77"],
        "contactGroups": ["f1", "all", "myContacts", "none"],
        "otherContacts": ["c9", "c1"],
    }
    path = method.path
    for room, known in names.items():
        path = path.replace(f"(?P<name>{room}/[^/:]+)", f"{room}/{dice.choice(known)}")
    return f"/v1/{path}"


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_spoilt_requests(clock: Clock, method: Method) -> None:
    google, dice = Google(clock), random.Random(method.name)
    for _ in range(60):
        google.load(_WORLD)
        query = {name: dice.choice(_TEXTS) for name in method.query if dice.random() < 0.2}
        query |= {name: mask for name, mask in _MASKS.items() if name in method.query and dice.random() < 0.8}
        body = json.dumps(spoil(_BODIES[method.message], dice)).encode() if method.message else b""
        path = place_of(method, dice)
        headers = {"authorization": "Bearer sandbox-bob"}
        answer = google.answer(Request(method.verb, path, urlencode(query), headers, body))
        assert check_answer(method.verb, path, answer.status, answer.body) == []
        assert answer.status in (200, 400, 403, 404, 409)
        dumped = google.dump()
        google.load(dumped)
        assert google.dump() == dumped
