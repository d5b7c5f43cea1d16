"""Faults as a client meets them, and what was carried out behind its back."""

import time
from typing import Any

import pytest
import requests

from mailsync.sandbox.server import RunningSandbox
from tests.e2e.sandbox import client


def _let_fail(box: RunningSandbox, kind: str, **details: Any) -> None:
    answer = client.post(f"{box.url}/sandbox/faults", json={"vendor": "echo", "kind": kind, **details})
    assert answer.status_code == 200, answer.text


def _texts(box: RunningSandbox) -> list[str]:
    return box.sandbox.dump()["echo"]["texts"]


def _logged(box: RunningSandbox) -> list[tuple[int | None, str | None, int]]:
    entries = client.get(f"{box.url}/sandbox/requests").json()
    return [(entry["status"], entry["fault"], entry["sizes"]["response"]) for entry in entries]


def test_drop_before_closes_without_carrying_out(box: RunningSandbox) -> None:
    _let_fail(box, "drop_before")
    with pytest.raises(requests.ConnectionError, match="without response"):
        client.post(f"{box.url}/echo", data="lost")
    assert _texts(box) == ["first"]
    assert _logged(box) == [(None, "drop_before", 0)]


def test_drop_after_carries_out_and_loses_the_answer(box: RunningSandbox) -> None:
    _let_fail(box, "drop_after")
    with pytest.raises(requests.ConnectionError, match="without response"):
        client.post(f"{box.url}/echo", data="kept")
    assert _texts(box) == ["first", "kept"]
    assert _logged(box) == [(201, "drop_after", 0)]
    assert client.get(f"{box.url}/echo").text == "first\nkept"


def test_truncate_cuts_the_body_and_declares_the_cut(box: RunningSandbox) -> None:
    _let_fail(box, "truncate", at=0.4, times=2)
    _let_fail(box, "truncate", at=2)
    assert client.get(f"{box.url}/echo").content == b"fi"
    assert client.post(f"{box.url}/echo", data="kept").text == "ke"
    assert client.get(f"{box.url}/echo").content == b"fi"
    assert _texts(box) == ["first", "kept"]
    assert _logged(box) == [(200, "truncate", 2), (201, "truncate", 2), (200, "truncate", 2)]


def test_truncate_of_a_long_answer_is_a_whole_gzip_of_half_a_text(box: RunningSandbox) -> None:
    client.post(f"{box.url}/echo", data="abc" * 1000)
    _let_fail(box, "truncate", at=0.5)
    answer = client.get(f"{box.url}/echo")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.content) == 1503


def test_truncate_that_declares_the_whole_is_noticed_by_the_client(box: RunningSandbox) -> None:
    _let_fail(box, "truncate", at=0.5, declared="whole")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        client.get(f"{box.url}/echo")
    assert client.get(f"{box.url}/echo").text == "first"


@pytest.mark.parametrize("how", ["garble", "utf8", "control"])
def test_malform_spoils_the_body_at_its_right_length(box: RunningSandbox, how: str) -> None:
    _let_fail(box, "malform", how=how)
    answer = client.post(f"{box.url}/echo", data="kept")
    assert len(answer.content) == len(b"kept 2")
    assert answer.content != b"kept 2"
    assert _texts(box) == ["first", "kept"]


def test_malform_knows_byte_order_marks_and_false_gzip(box: RunningSandbox) -> None:
    _let_fail(box, "malform", how="bom")
    _let_fail(box, "malform", how="gzip")
    assert client.get(f"{box.url}/echo").content == b"\xef\xbb\xbffirst"
    with pytest.raises(requests.exceptions.ContentDecodingError):
        client.get(f"{box.url}/echo")


def test_delay_carries_out_at_once_and_answers_late(box: RunningSandbox) -> None:
    _let_fail(box, "delay", seconds=0.3, times=2)
    with pytest.raises(requests.ReadTimeout):
        client.post(f"{box.url}/echo", data="kept", timeout=0.1)
    assert _texts(box) == ["first", "kept"]
    start = time.perf_counter()
    assert client.get(f"{box.url}/echo").text == "first\nkept"
    assert time.perf_counter() - start >= 0.3


def test_a_delayed_answer_holds_no_other_request_up(box: RunningSandbox) -> None:
    _let_fail(box, "delay", operation="create", seconds=30)
    with pytest.raises(requests.ReadTimeout):
        client.post(f"{box.url}/echo", data="kept", timeout=0.05)
    assert client.get(f"{box.url}/echo", timeout=5).text == "first\nkept"


def test_trickle_sends_the_body_in_drops(box: RunningSandbox) -> None:
    _let_fail(box, "trickle", seconds=0.2)
    start = time.perf_counter()
    assert client.get(f"{box.url}/echo").text == "first"
    assert time.perf_counter() - start >= 0.1


def test_empty_html_and_error_after(box: RunningSandbox) -> None:
    for kind in ("empty", "html", "error_after"):
        _let_fail(box, kind)
    emptied = client.post(f"{box.url}/echo", data="one")
    page = client.post(f"{box.url}/echo", data="two")
    failed = client.post(f"{box.url}/echo", data="three")
    assert (emptied.status_code, emptied.content) == (201, b"")
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert failed.status_code == 503
    assert _texts(box) == ["first", "one", "three"]
    assert [fault for _, fault, _ in _logged(box)] == ["empty", "html", "error_after"]


@pytest.mark.parametrize("carry_out", [True, False])
def test_status_answers_what_it_is_told(box: RunningSandbox, carry_out: bool) -> None:
    details = {"status": 302, "carry_out": carry_out, "body": "elsewhere", "headers": {"Location": "http://a.example/"}}
    _let_fail(box, "status", **details)
    answer = client.post(f"{box.url}/echo", data="kept", allow_redirects=False)
    assert (answer.status_code, answer.text, answer.headers["Location"]) == (302, "elsewhere", "http://a.example/")
    assert _texts(box) == (["first", "kept"] if carry_out else ["first"])


def test_a_vendors_own_fault_is_answered_by_the_vendor_and_trying_it_out_changes_nothing(box: RunningSandbox) -> None:
    _let_fail(box, "throttle", wait=7)
    assert _texts(box) == ["first"]
    answer = client.get(f"{box.url}/echo")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert _logged(box) == [(429, "throttle", 9)]


def test_after_and_times_count_the_requests_that_the_fault_is_about(box: RunningSandbox) -> None:
    _let_fail(box, "status", status=500, operation="keep", after=1, times=2)
    statuses: list[int] = []
    for text in "abcd":
        statuses.append(client.post(f"{box.url}/echo", data=text).status_code)
        statuses.append(client.get(f"{box.url}/echo").status_code)
    assert statuses == [201, 200, 500, 200, 500, 200, 201, 200]


def test_a_request_is_struck_once_and_faults_are_listed_and_lifted(box: RunningSandbox) -> None:
    _let_fail(box, "status", status=500, operation="read")
    _let_fail(box, "status", status=502, after=1)
    assert client.get(f"{box.url}/echo").status_code == 500
    standing = {"vendor": "echo", "operation": None, "kind": "status", "after": 0, "times": 1, "status": 502}
    assert client.get(f"{box.url}/sandbox/faults").json() == [standing]
    assert client.delete(f"{box.url}/sandbox/faults").json() == {"cleared": 1}
    assert client.get(f"{box.url}/echo").status_code == 200


def test_faults_bind_vendor_requests_only(box: RunningSandbox) -> None:
    _let_fail(box, "drop_before", times=9)
    assert client.get(f"{box.url}/sandbox/world").status_code == 200
