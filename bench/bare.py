"""The floor of a session: the very requests that it sent, sent again by the vendors' client libraries and nothing
else – no store, no plan, just a connection, the requests, and answers parsed by the library.

Run by bench.warm with the sandbox's address and a file of its log's entries; each line in is one loop.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from bench.worker import memory, reset_peak

Entry = Mapping[str, Any]
Line = tuple[Callable[[Entry], object], Callable[[], object]]
"""How a request is sent, and how the connection is closed."""


class _Plain(HTTPAdapter):
    """simple-salesforce speaks https only; the sandbox here does not."""

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        request.url = (request.url or "").replace("https://", "http://", 1)
        return super().send(request, **options)


def open_salesforce(url: str) -> Line:
    """simple-salesforce."""
    from simple_salesforce.api import Salesforce

    session = requests.Session()
    session.trust_env = False
    session.mount("https://", _Plain())

    def send(entry: Entry) -> object:
        client = Salesforce(session_id=_token(entry), instance_url=url, session=session, version="68.0")
        target = _target("https://" + url.split("://", 1)[1], entry)
        return client._call_salesforce(entry["method"], target, data=entry["request"] or None).json()

    return send, session.close


def open_exchange(url: str) -> Line:
    """exchangelib's session, and its own parser on the whole answer."""
    from exchangelib import Credentials, FailFast
    from exchangelib.configuration import Configuration
    from exchangelib.protocol import BaseProtocol
    from exchangelib.util import to_xml
    from exchangelib.version import EXCHANGE_2016, Version

    endpoint = f"{url}/EWS/Exchange.asmx"
    config = Configuration(
        service_endpoint=endpoint,
        credentials=Credentials("ann@acme.example", "sandbox"),
        auth_type="basic",
        version=Version(EXCHANGE_2016),
        retry_policy=FailFast(),
        max_connections=1,
    )
    protocol = BaseProtocol(config)

    def send(entry: Entry) -> object:
        session = protocol.get_session()
        session.trust_env = False
        answer = session.post(endpoint, data=entry["request"].encode(), headers={"Content-Type": "text/xml"})
        protocol.release_session(session)
        return to_xml(answer.content)

    return send, protocol.close


def open_google(url: str) -> Line:
    """google-api-python-client's request and model, over requests."""
    from googleapiclient.http import HttpRequest
    from googleapiclient.model import JsonModel

    session = requests.Session()
    session.trust_env = False

    class Http:
        def request(self, uri: str, method: str, body: Any, headers: Mapping[str, str]) -> tuple[Any, bytes]:
            answer = session.request(method, uri, data=body, headers=dict(headers))
            head = type("Head", (dict,), {"status": answer.status_code, "reason": answer.reason})(answer.headers)
            return head, answer.content

    def send(entry: Entry) -> object:
        headers = {"Authorization": f"Bearer {_token(entry)}", "Content-Type": "application/json"}
        request = HttpRequest(
            Http(), JsonModel().response, _target(url, entry), entry["method"], entry["request"], headers
        )
        return request.execute()

    return send, session.close


def open_microsoft(url: str) -> Line:
    """requests, as Microsoft has no client for threads."""
    session = requests.Session()
    session.trust_env = False

    def send(entry: Entry) -> object:
        headers = {"Authorization": f"Bearer {_token(entry)}", "Content-Type": "application/json"}
        return session.request(entry["method"], _target(url, entry), data=entry["request"], headers=headers).json()

    return send, session.close


OPENING: Mapping[str, Callable[[str], Line]] = {
    "salesforce": open_salesforce,
    "exchange": open_exchange,
    "google": open_google,
    "microsoft": open_microsoft,
}


def _token(entry: Entry) -> str:
    return entry["headers"]["authorization"].removeprefix("Bearer ")


def _target(url: str, entry: Entry) -> str:
    return f"{url}{entry['path']}" + (f"?{entry['query']}" if entry["query"] else "")


def run(url: str, entries: Sequence[Entry]) -> None:
    """One loop: connections, requests, answers."""
    lines = {vendor: OPENING[vendor](url) for vendor in sorted({e["vendor"] for e in entries})}
    for entry in entries:
        assert lines[entry["vendor"]][0](entry) is not None
    for _, close in lines.values():
        close()


def main() -> None:
    """Answers each line with the cost of a loop."""
    url, entries = sys.argv[1], json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    for _ in sys.stdin:
        reset_peak()
        before = memory()["resident"]
        begun, spent = time.perf_counter(), time.process_time()
        run(url, entries)
        cost = {"cpu": time.process_time() - spent, "wall": time.perf_counter() - begun}
        sys.stdout.write(json.dumps({**cost, **memory(), "before": before, "status": "done"}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
