"""A GET whose query is too long for an address comes as a form (X-HTTP-Method-Override): so does Google's client."""

import requests

from mailsync.sandbox.server import running_sandbox
from tests.contract.mailbox.port.google import WORLD, log_in


def test_two_hundred_names_are_read_at_once() -> None:
    with running_sandbox(WORLD) as box:
        service = log_in(box.url)
        contacts = [{"contactPerson": {"names": [{"familyName": f"No {n}"}]}} for n in range(200)]
        body = {"contacts": contacts, "readMask": "metadata"}
        made = service.people().batchCreateContacts(body=body).execute()["createdPeople"]
        names = [r["person"]["resourceName"] for r in made]
        answer = service.people().getBatchGet(resourceNames=names, personFields="names").execute()
        assert [r["requestedResourceName"] for r in answer["responses"]] == names
        (logged,) = [
            r for r in requests.get(f"{box.url}/sandbox/requests", timeout=10).json() if "Get" in r["operation"]
        ]
        assert (logged["operation"], logged["actions"], logged["method"]) == ("getBatchGet", ["read"], "POST")
        plain = requests.post(
            f"{box.url}/v1/people:batchGet", headers={"authorization": "Bearer sandbox-bob"}, timeout=10
        )
        assert plain.status_code == 404  # without the header it is what it seems
