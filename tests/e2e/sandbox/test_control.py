"""The control API: log, acts, clock, reset, world; and what it answers to what is asked wrongly."""

import gzip
import json
import re
import socket
import time
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
import requests

from mailsync.sandbox.server import RunningSandbox, running_sandbox
from mailsync.sandbox.vendor import Refused
from tests.e2e.sandbox import client
from tests.e2e.sandbox.echo import Echo


def test_the_log_has_one_entry_per_vendor_request(box: RunningSandbox) -> None:
    client.post(f"{box.url}/echo/x%20y?a=1%2B", data="Grüße".encode())
    client.get(f"{box.url}/echo/secret")
    client.get(f"{box.url}/elsewhere")
    first, second = client.get(f"{box.url}/sandbox/requests").json()
    stamp = first.pop("time")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", stamp)
    assert first.pop("connection") != second["connection"]
    assert first == {
        "n": 1,
        "vendor": "echo",
        "operation": "keep",
        "actions": ["create"],
        "method": "POST",
        "path": "/echo/x y",
        "query": "a=1%2B",
        "status": 201,
        "sizes": {"request": 7, "response": 6},
        "fault": None,
    }
    assert (second["n"], second["operation"], second["status"]) == (2, "list", 401)


def test_the_log_gives_bodies_as_decoded_text_only_where_asked(box: RunningSandbox) -> None:
    body = gzip.compress("Grüße".encode())
    client.post(f"{box.url}/echo", data=body, headers={"Content-Encoding": "gzip", "X-Probe": "7"})
    [entry] = client.get(f"{box.url}/sandbox/requests?bodies=1").json()
    assert (entry["request"], entry["response"]) == ("Grüße", "kept 2")
    assert entry["sizes"] == {"request": len(body), "response": 6}
    assert entry["headers"]["x-probe"] == "7"
    [bare] = client.get(f"{box.url}/sandbox/requests").json()
    assert "request" not in bare


def test_clearing_the_log_leaves_the_numbers_going_on(box: RunningSandbox) -> None:
    client.get(f"{box.url}/echo")
    assert client.delete(f"{box.url}/sandbox/requests").json() == {"cleared": 1}
    assert client.get(f"{box.url}/sandbox/requests").json() == []
    client.get(f"{box.url}/echo")
    assert [entry["n"] for entry in client.get(f"{box.url}/sandbox/requests").json()] == [2]


def test_long_answers_are_gzipped_for_those_who_accept_it(box: RunningSandbox) -> None:
    text = "abc" * 1000
    client.post(f"{box.url}/echo", data=text)
    zipped = client.get(f"{box.url}/echo")
    plain = client.get(f"{box.url}/echo", headers={"Accept-Encoding": "identity"})
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert zipped.text == plain.text == f"first\n{text}"
    sizes = [entry["sizes"]["response"] for entry in client.get(f"{box.url}/sandbox/requests").json()]
    assert sizes[1] == int(zipped.headers["Content-Length"]) < sizes[2] == len(plain.content)


def test_an_uncompressing_sandbox_gzips_nothing() -> None:
    with running_sandbox({"echo": {"texts": ["x" * 5000]}}, makers=[Echo], compressing=False) as box:
        assert "Content-Encoding" not in client.get(f"{box.url}/echo").headers


def test_a_body_that_is_not_the_gzip_it_claims_is_refused(box: RunningSandbox) -> None:
    answer = client.post(f"{box.url}/echo", data=b"plain", headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 400
    assert "gzip" in answer.text
    assert box.sandbox.dump() == {"echo": {"texts": ["first"]}}


def test_a_connection_keeps_its_number_and_others_have_their_own(box: RunningSandbox) -> None:
    with requests.Session() as one, requests.Session() as other:
        numbers = [session.get(f"{box.url}/echo/connection").text for session in (one, one, other, one)]
    assert numbers[0] == numbers[1] == numbers[3] != numbers[2]


def test_an_answer_leaves_in_one_write(box: RunningSandbox) -> None:
    with socket.create_connection(("127.0.0.1", box.port), timeout=10) as connection:
        for _ in range(3):
            connection.sendall(b"GET /echo HTTP/1.1\r\nHost: sandbox.example\r\n\r\n")
            assert connection.recv(65536).endswith(b"\r\n\r\nfirst")


def test_answers_without_a_body_have_no_content_length(box: RunningSandbox) -> None:
    answer = client.delete(f"{box.url}/echo")
    assert answer.status_code == 204
    assert "Content-Length" not in answer.headers


def test_the_clock_moves_dates_and_stamps_on(box: RunningSandbox) -> None:
    before = parsedate_to_datetime(client.get(f"{box.url}/echo").headers["Date"])
    told = client.post(f"{box.url}/sandbox/clock", json={"advance": 3600}).json()
    after = parsedate_to_datetime(client.get(f"{box.url}/echo").headers["Date"])
    assert timedelta(seconds=3600) <= after - before <= timedelta(seconds=3630)
    assert abs(datetime.fromisoformat(told["now"]) - after) < timedelta(seconds=30)
    times = [datetime.fromisoformat(entry["time"]) for entry in client.get(f"{box.url}/sandbox/requests").json()]
    assert times[1] - times[0] >= timedelta(seconds=3600)


def test_an_act_is_the_vendors(box: RunningSandbox) -> None:
    answer = client.post(f"{box.url}/sandbox/act", json={"as": "ann", "op": "say", "text": "hello"})
    assert answer.json() == {"count": 2}
    assert client.get(f"{box.url}/sandbox/world").json() == {"echo": {"texts": ["first", "ann: hello"]}}


def test_a_reset_takes_world_faults_and_log_but_not_the_clock(box: RunningSandbox) -> None:
    client.post(f"{box.url}/sandbox/clock", json={"advance": 60})
    client.post(f"{box.url}/sandbox/faults", json={"vendor": "echo", "kind": "drop_before"})
    client.get(f"{box.url}/elsewhere")
    assert client.post(f"{box.url}/sandbox/reset", json={"world": {"echo": {"texts": ["new"]}}}).status_code == 200
    assert client.get(f"{box.url}/sandbox/requests").json() == []
    assert client.get(f"{box.url}/echo").text == "new"
    assert client.get(f"{box.url}/sandbox/clock").json()["ahead"] == 60


def test_a_world_that_cannot_be_loaded_leaves_everything_as_it_was(box: RunningSandbox) -> None:
    client.get(f"{box.url}/echo")
    answer = client.post(f"{box.url}/sandbox/reset", json={"world": {"echo": {"texts": 7}}})
    assert (answer.status_code, answer.json()) == (400, {"error": "echo.texts: give a list of texts"})
    assert client.get(f"{box.url}/echo").text == "first"
    assert len(box.sandbox.log.entries()) == 2


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("faults", {"vendor": "acme", "kind": "delay", "seconds": 1}, "vendor: there is no acme here"),
        ("faults", {"kind": "empty"}, "vendor: a fault needs it"),
        ("faults", {"vendor": "echo", "kind": "explode"}, "kind: echo has no fault explode"),
        ("faults", {"vendor": "echo"}, "kind: a fault needs it"),
        ("faults", {"vendor": "echo", "kind": "empty", "times": 0}, "times: give a whole number of 1 or more"),
        ("faults", {"vendor": "echo", "kind": "empty", "after": True}, "after: give a whole number of 0 or more"),
        ("faults", {"vendor": "echo", "kind": "empty", "operation": 5}, "operation: give a vendor's operation"),
        ("faults", {"vendor": "echo", "kind": "empty", "sconds": 5}, "sconds: the fault empty doesn't know it"),
        ("faults", {"vendor": "echo", "kind": "trickle"}, "seconds: trickle needs how long"),
        ("faults", {"vendor": "echo", "kind": "delay", "seconds": -1}, "seconds: give a number of seconds"),
        ("faults", {"vendor": "echo", "kind": "status", "status": 99}, "status: give an HTTP status"),
        ("faults", {"vendor": "echo", "kind": "throttle", "wait": "long"}, "wait: echo's fault throttle takes other"),
        ("act", {"op": "say", "text": "x"}, "as: say who acts"),
        ("act", {"as": "ann"}, "op: say what is done"),
        ("act", {"as": "ann", "op": "sing"}, "op: no vendor knows the act sing"),
        ("act", {"as": "ann", "op": "say"}, "text: say what is said"),
        ("clock", {"advance": -5}, "the vendors' clock can't run backwards"),
        ("clock", {"advance": "5"}, "advance: give the number of seconds"),
        ("reset", {"world": "atlantis"}, "world atlantis: No such file or directory; give empty or acme"),
        ("reset", {"world": 5}, "world: give the name of a world"),
        ("reset", {"world": {"icq": {}}}, "icq: a world has one part per vendor: echo"),
        ("reset", {"world": {"echo": []}}, "echo: a world's part is an object"),
        ("reset", [1], "body: give a JSON object"),
    ],
)
def test_what_is_asked_wrongly_is_answered_400_with_key_and_remedy(
    box: RunningSandbox, path: str, body: object, named: str
) -> None:
    answer = client.post(f"{box.url}/sandbox/{path}", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(named)
    assert box.sandbox.dump() == {"echo": {"texts": ["first"]}}
    assert box.sandbox.faults.describe() == []


def test_a_body_that_is_no_json_is_told_where(box: RunningSandbox) -> None:
    answer = client.post(f"{box.url}/sandbox/act", data=b'{"as": ')
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("body: no JSON at line 1, column ")


def test_what_the_control_api_has_not_is_said_in_json(box: RunningSandbox) -> None:
    missing, wrong = client.get(f"{box.url}/sandbox/nothing"), client.put(f"{box.url}/sandbox/world")
    assert (missing.status_code, wrong.status_code) == (404, 405)
    assert missing.json()["error"].startswith("GET /sandbox/nothing: not part of the control API")
    assert wrong.json()["error"].startswith("PUT /sandbox/world")


def test_a_vendors_bug_is_answered_without_its_traceback(box: RunningSandbox) -> None:
    answer = client.get(f"{box.url}/echo/broken")
    assert answer.status_code == 500
    assert "bug of the sandbox" in answer.text
    assert "Traceback" not in answer.text
    assert box.sandbox.log.entries()[0].status == 500


def test_a_port_in_use_is_refused_with_a_remedy(box: RunningSandbox) -> None:
    with (
        pytest.raises(Refused, match=f"port {box.port}: Address already in use; choose another"),
        running_sandbox({"echo": {}}, box.port, makers=[Echo]),
    ):
        pass


def test_a_world_file_is_read_and_its_faults_located(tmp_path: Path) -> None:
    file = tmp_path / "world.json"
    file.write_text(json.dumps({"echo": {"texts": ["from a file"]}}))
    with running_sandbox(str(file), makers=[Echo]) as box:
        assert client.get(f"{box.url}/echo").text == "from a file"
    file.write_text('{"echo":\n {"texts" 5}}')
    with pytest.raises(Refused, match="no JSON at line 2, column "), running_sandbox(str(file), makers=[Echo]):
        pass


def test_a_sandbox_goes_down_without_waiting_for_a_request_under_way() -> None:
    start = time.perf_counter()
    with running_sandbox({"echo": {}}, makers=[Echo]) as box:
        box.sandbox.add_fault({"vendor": "echo", "kind": "delay", "seconds": 60})
        with requests.Session() as session, pytest.raises(requests.RequestException):
            session.get(f"{box.url}/echo", timeout=0.05)
        url = box.url
    assert time.perf_counter() - start < 60  # the delay
    with pytest.raises(requests.ConnectionError):
        client.get(url)
