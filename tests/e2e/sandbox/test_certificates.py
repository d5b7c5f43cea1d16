"""Certificates that a client must not trust, shown by a sandbox that speaks https."""

from collections.abc import Generator

import pytest
import requests

from mailsync.sandbox.certificate import WRONG
from mailsync.sandbox.server import RunningSandbox, running_sandbox
from mailsync.sandbox.vendor import Refused

PATH = "/services/data/v68.0/limits"
SAID = {
    "expired": "certificate has expired",
    "not_yet": "certificate is not yet valid",
    "other_host": "certificate is not valid for '127.0.0.1'",
    "self_signed": "self-signed certificate",
    "untrusted": "unable to get local issuer certificate",
}


@pytest.fixture(scope="module")
def running() -> Generator[RunningSandbox]:
    with running_sandbox(tls=True) as box:
        yield box


@pytest.fixture
def box(running: RunningSandbox) -> RunningSandbox:
    running.sandbox.reset({})
    return running


def fetch(session: requests.Session, box: RunningSandbox) -> int:
    headers = {"Authorization": "Bearer sandbox-ann"}
    return session.get(f"{box.url}{PATH}", headers=headers, timeout=10, verify=str(box.ca)).status_code


def show(box: RunningSandbox, how: str, **details: object) -> None:
    box.sandbox.add_fault({"vendor": "salesforce", "kind": "certificate", "how": how, **details})


def strike(box: RunningSandbox) -> None:
    """A request is struck: its connection ends, and those that follow are shown the certificate."""
    with requests.Session() as session, pytest.raises(requests.ConnectionError):
        fetch(session, box)


def test_every_wrong_certificate_has_its_words() -> None:
    assert set(SAID) == set(WRONG)


@pytest.mark.parametrize("how", SAID)
def test_new_connections_are_shown_a_certificate_that_is_wrong_in_one_way(box: RunningSandbox, how: str) -> None:
    show(box, how)
    strike(box)
    for _ in range(2):
        with requests.Session() as session, pytest.raises(requests.exceptions.SSLError, match=SAID[how]):
            fetch(session, box)
    assert [entry.status for entry in box.sandbox.log.entries()] == [None]
    assert box.sandbox.lift_faults() == 0
    with requests.Session() as session:
        assert fetch(session, box) == 200


def test_it_strikes_at_the_nth_call_and_for_so_many_connections(box: RunningSandbox) -> None:
    show(box, "expired", operation="limits", after=1, handshakes=1)
    with requests.Session() as session:
        assert fetch(session, box) == 200
        with pytest.raises(requests.ConnectionError):
            fetch(session, box)
        with pytest.raises(requests.exceptions.SSLError, match=SAID["expired"]):
            fetch(session, box)
        assert fetch(session, box) == 200


def test_a_reset_shows_the_right_one_again(box: RunningSandbox) -> None:
    show(box, "untrusted")
    strike(box)
    box.sandbox.reset({})
    with requests.Session() as session:
        assert fetch(session, box) == 200


def test_without_tls_there_is_no_certificate() -> None:
    with running_sandbox() as plain, pytest.raises(Refused, match="--tls"):
        show(plain, "expired")


@pytest.mark.parametrize(
    ("details", "named"),
    [({}, "how: "), ({"how": "garble"}, "how: "), ({"how": "expired", "handshakes": 0}, "handshakes: ")],
)
def test_certificates_that_are_badly_asked_for(box: RunningSandbox, details: dict[str, object], named: str) -> None:
    with pytest.raises(Refused, match=f"^{named}"):
        box.sandbox.add_fault({"vendor": "exchange", "kind": "certificate", **details})
