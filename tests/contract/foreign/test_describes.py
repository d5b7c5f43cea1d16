"""Describes beside those that Salesforce.org recorded from real organisations (cumulusci's cassettes, as data).

Every field of a recording is compared by all that its describe says. What differs is named here, with its reason; what
is named and no longer differs fails, too.
"""

import json
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import pytest
import requests

from mailsync.sandbox.server import RunningSandbox, running_sandbox
from tests.contract.foreign.presence import RECORDED, require

SHARED = "cumulusci/tests/shared_cassettes/GET_sobjects_{}_describe.yaml"
PERSON = "Account with Person Accounts"
RECORDINGS = {
    "Account": SHARED.format("Account"),
    "Contact": SHARED.format("Contact"),
    "Lead": SHARED.format("Lead"),
    PERSON: "cumulusci/tests/cassettes/GET_sobjects_Account_PersonAccount_describe.yaml",
}
NOT_COMPARED = ("fields", "childRelationships", "recordTypeInfos", "urls")
NEWER = "the recording is of v48, before this key was there"
ENABLED = "enabled in the sandbox's organisation, so that names have all their parts"
NO_RECORD_TYPES = "the sandbox's organisation has no record types unless Person Accounts are on"
NO_PARTNERS = "that organisation has no partner and customer portals; the one of Account's own recording has"
NO_SERVICE = "Field Service is off in that organisation, on in the one of Account's own recording"
EDITED = "that organisation's administrator lengthened or extended its picklist; Account's own recording is followed"
OPTED = "switched on in that organisation (opt-outs, gender identity and pronouns), as in none of the other recordings"

# object -> what -> why; what is a key of the describe, a field, or field.key.
DEVIATIONS: Mapping[str, Mapping[str, str]] = {
    "Account": {
        "associateEntityType": NEWER,
        "associateParentEntity": NEWER,
        "sobjectDescribeOption": NEWER,
        "RecordTypeId": NO_RECORD_TYPES,
    },
    "Contact": dict.fromkeys(("MiddleName", "Suffix"), ENABLED),
    "Lead": dict.fromkeys(("MiddleName", "Suffix"), ENABLED),
    PERSON: {
        **dict.fromkeys(("MiddleName", "Suffix"), ENABLED),
        **dict.fromkeys(
            ("IsPartner", "IsCustomerPortal", "ChannelProgramName", "ChannelProgramLevelName"), NO_PARTNERS
        ),
        "OperatingHoursId": NO_SERVICE,
        **{
            f"{name}.{key}": EDITED
            for name in ("AccountSource", "Industry", "Ownership", "Rating", "Type")
            for key in ("length", "byteLength")
        },
        "Type.picklistValues": EDITED,
        "Salutation.picklistValues": EDITED,
        **dict.fromkeys(("PersonDoNotCall", "PersonHasOptedOutOfEmail", "PersonHasOptedOutOfFax"), OPTED),
        **dict.fromkeys(("PersonGenderIdentity", "PersonPronouns"), OPTED),
    },
}


@cache
def read_recording(name: str) -> dict[str, Any]:
    """The JSON body of a cassette: a folded YAML text, whose lines belong together with a space between."""
    require("cumulusci's recordings")
    with zipfile.ZipFile(RECORDED) as wheel:
        cassette = wheel.read(name).decode("utf-8")
    folded = re.split(r"\n +string: >-?\n", cassette, maxsplit=1)[1]
    return json.loads(" ".join(line.strip() for line in folded.splitlines() if line.strip()))


@pytest.fixture(scope="module")
def described() -> Iterator[Callable[[str], dict[str, Any]]]:
    """What the sandbox answers for each of RECORDINGS, from an organisation without and one with Person Accounts."""
    persons = {"salesforce": {"organisation": {"person_accounts": True}}}
    with running_sandbox("empty") as plain, running_sandbox(persons) as personal:
        yield lambda name: describe(personal if name == PERSON else plain, name.partition(" ")[0])


def describe(box: RunningSandbox, name: str) -> dict[str, Any]:
    headers = {"authorization": "Bearer sandbox-admin"}
    return requests.get(f"{box.url}/services/data/v68.0/sobjects/{name}/describe", headers=headers, timeout=10).json()


def fields_of(described: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Standard fields by name: custom ones are the recorded organisation's own."""
    return {field["name"]: field for field in described["fields"] if not field["name"].endswith(("__c", "__pc"))}


def differing_keys(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    """Keys that only one has, or whose values differ."""
    absent = object()
    return [key for key in {**theirs, **ours} if ours.get(key, absent) != theirs.get(key, absent)]


def find_deviations(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> set[str]:
    """Keys of the describe, fields that one has alone, and field.key for the rest."""
    own, real = fields_of(ours), fields_of(theirs)
    found = set(differing_keys(ours, theirs)) - set(NOT_COMPARED)
    found |= own.keys() ^ real.keys()
    return found | {
        f"{name}.{key}" for name in own.keys() & real.keys() for key in differing_keys(own[name], real[name])
    }


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_describe_is_the_recorded_one(described: Callable[[str], dict[str, Any]], name: str) -> None:
    found = find_deviations(described(name), read_recording(RECORDINGS[name]))
    assert sorted(found) == sorted(DEVIATIONS[name])


@pytest.mark.parametrize("name", RECORDINGS)
def test_fields_come_in_the_recorded_order(described: Callable[[str], dict[str, Any]], name: str) -> None:
    own, real = fields_of(described(name)), fields_of(read_recording(RECORDINGS[name]))
    assert [field for field in own if field in real] == [field for field in real if field in own]
