"""What the sandbox must bear: control requests of any shape, logs without end, two sandboxes on one state file."""

import json
import logging
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailsync.sandbox.exchange import faults as exchange_faults
from mailsync.sandbox.faultdetails import GENERIC
from mailsync.sandbox.google import faults as google_faults
from mailsync.sandbox.log import NOTE, Entry, RequestLog, describe
from mailsync.sandbox.salesforce import faults as salesforce_faults
from mailsync.sandbox.server import RunningSandbox, running_sandbox
from mailsync.sandbox.state import claimed, kept
from mailsync.sandbox.vendor import Call, Clock, Refused, Request
from tests.e2e.sandbox import client
from tests.e2e.sandbox.vendors import WORLD, Desk

_FUZZ = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    database=None,
)
_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from(["ann", "admin", "Contact", "Email", "003Ib0000000001AAA", "\0", "1e400", "../x"]),
)
_JSON = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_ACTS = [
    "share",
    "unshare",
    "field_security",
    "create_view",
    "edit_view",
    "delete_view",
    "validation_rule",
    "duplicate_rule",
    "required_field",
    "purge",
    "convert",
    "late_commit",
    "deactivate",
    "daily_limit",
    "restricted_picklist",
    "server_quirk",
    "restore_item",
    "propagation_delay",
    "quotas",
    "sequential_mutates",
    "expired_token_status",
    "delegate",
    "replay",
    "merge_contacts",
    "rename_contact",
    "restore_contact",
    "consent",
    "enter_code",
    "revoke_access",
    "clock_skew",
    "sing",
]
_KEYS = [
    "record",
    "user",
    "access",
    "object",
    "field",
    "read",
    "edit",
    "name",
    "where",
    "scope",
    "view",
    "pattern",
    "message",
    "action",
    "required",
    "lead",
    "account",
    "seconds",
    "quirk",
    "on",
    "item",
    "vendor",
    "used",
    "limit",
    "restricted",
    "public",
    "owner",
    "keep",
    "lose",
    "contact",
    "scopes",
    "url",
    "client_id",
    "status",
    "limits",
]
_KINDS = [*GENERIC, *salesforce_faults.KINDS, *exchange_faults.KINDS, *google_faults.KINDS, "explode"]
_DETAILS = [
    "operation",
    "after",
    "times",
    "at",
    "how",
    "seconds",
    "declared",
    "status",
    "body",
    "headers",
    "carry_out",
    "location",
    "pieces",
    "code",
    "items",
    "part",
    "message",
    "fields",
    "records",
    "milliseconds",
    "form",
    "retry_after",
    "retry_after_as",
    "content_type",
    "quota",
    "reason",
]
_ACT = st.tuples(
    st.sampled_from(["ann", "admin", "nobody", ""]),
    st.sampled_from(_ACTS),
    st.dictionaries(st.sampled_from(_KEYS), _JSON, max_size=5),
).map(lambda drawn: {"as": drawn[0], "op": drawn[1], **drawn[2]})
_FAULT = st.tuples(
    st.sampled_from(["salesforce", "exchange", "google", "icq"]),
    st.sampled_from(_KINDS),
    st.dictionaries(st.sampled_from(_DETAILS), _JSON, max_size=4),
).map(lambda drawn: {"vendor": drawn[0], "kind": drawn[1], **drawn[2]})
_SF_KEYS = "organisation users records custom_fields list_views shares field_security validation_rules purged sessions"
_WORLDS = st.fixed_dictionaries(
    {},
    optional={
        "salesforce": _JSON | st.dictionaries(st.sampled_from(_SF_KEYS.split()), _JSON, max_size=3),
        "exchange": _JSON | st.dictionaries(st.sampled_from(["mailboxes", "quirks", "throttling"]), _JSON, max_size=2),
        "google": _JSON | st.dictionaries(st.sampled_from(["mailboxes", "quotas", "applications"]), _JSON, max_size=2),
        "clock_skew": _JSON,
    },
)


@pytest.fixture(scope="module")
def running() -> Generator[RunningSandbox]:
    logging.disable(logging.CRITICAL)  # what a guard catches is logged with its traceback, by the hundred here
    with running_sandbox(WORLD) as box:
        yield box
    logging.disable(logging.NOTSET)


def _ask(box: RunningSandbox, path: str, body: object) -> None:
    """Sends a control request: it is carried out, or answered 400 with one sentence that changes nothing."""
    before = box.sandbox.dump()
    answer = client.post(f"{box.url}/sandbox/{path}", data=json.dumps(body))
    assert answer.status_code in (200, 400), (path, body, answer.text)
    if answer.status_code == 400:
        assert list(answer.json()) == ["error"]
        assert len(answer.json()["error"]) > 5
        assert box.sandbox.dump() == before


@_FUZZ
@given(act=_ACT | _JSON)
def test_acts_of_any_shape(running: RunningSandbox, act: object) -> None:
    _ask(running, "act", act)


@_FUZZ
@given(fault=_FAULT | _JSON)
def test_faults_of_any_shape_strike_without_breaking_the_server(running: RunningSandbox, fault: Any) -> None:
    running.sandbox.faults.clear()
    _ask(running, "faults", fault)
    standing = running.sandbox.faults.describe()
    if standing and fault["kind"] not in ("delay", "trickle", "hang", "drop_before", "drop_after", "reset", "truncate"):
        running.sandbox.faults.clear()
        running.sandbox.add_fault({**fault, "after": 0, "times": 1, "operation": None})
        answer = Desk(running, fault["vendor"]).read(allow_redirects=False, stream=True)
        assert answer.status_code >= 200
        assert b"bug of the sandbox" not in answer.raw.read()
    running.sandbox.faults.clear()


@_FUZZ
@given(world=_WORLDS | _JSON, advance=_JSON)
def test_worlds_and_clocks_of_any_shape(running: RunningSandbox, world: object, advance: object) -> None:
    _ask(running, "reset", {"world": world})
    _ask(running, "clock", {"advance": advance})
    assert client.get(f"{running.url}/sandbox/clock").status_code == 200


@pytest.mark.parametrize("advance", [1e300, 10**30, 5e9])
def test_the_clock_stays_within_the_calendar(running: RunningSandbox, advance: float) -> None:
    answer = client.post(f"{running.url}/sandbox/clock", json={"advance": advance})
    assert (answer.status_code, answer.json()["error"][:8]) == (400, "advance:")


def _entry(n: int, size: int) -> Entry:
    request = Request("POST", "/echo", "", {}, b"q" * size)
    return Entry(n, Clock().now(), "echo", Call("keep", ("create",)), request, size, 200, b"r" * size, size, None)


def test_the_log_lets_go_of_its_oldest_bodies_and_says_so() -> None:
    log = RequestLog(capacity=100)
    for n in range(1, 6):
        log.add(_entry(n, 20))
    assert [entry.dropped for entry in log.entries()] == [True, True, True, False, False]
    oldest, newest = (describe(entry, bodies=True) for entry in (log.entries()[0], log.entries()[-1]))
    assert (oldest["request"], oldest["response"], oldest["dropped"]) == (NOTE.decode(), NOTE.decode(), True)
    assert (newest["request"], newest["dropped"], oldest["sizes"]) == ("q" * 20, False, newest["sizes"])
    log.add(_entry(6, 500))
    assert [entry.dropped for entry in log.entries()] == [True] * 5 + [False]
    assert log.clear() == 6
    log.add(_entry(7, 40))
    assert [entry.dropped for entry in log.entries()] == [False]


def test_two_sandboxes_cannot_share_a_state_file(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with (
        running_sandbox("empty") as box,
        claimed(state),
        kept(box.sandbox, state),
        pytest.raises(Refused, match="another sandbox keeps its world there"),
        claimed(state),
    ):
        pass
    with claimed(state):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]
    with pytest.raises(Refused, match="give a file that can be"), claimed(tmp_path / "nowhere" / "state.json"):
        pass
