"""The sandbox from the tests' side: faults that strike Exchange, and the log of what reached it."""

from typing import Any

import requests

from mailsync.sandbox.server import RunningSandbox

LIMIT = 10.0  # seconds


def strike(box: RunningSandbox, operation: str, *, kind: str, **details: Any) -> None:
    """Lets a fault stand for the next request of an operation."""
    fault = {"vendor": "exchange", "operation": operation, "kind": kind, **details}
    requests.post(f"{box.url}/sandbox/faults", json=fault, timeout=LIMIT).raise_for_status()


def set_quirk(box: RunningSandbox, quirk: str, *, on: bool = True) -> None:
    """Makes Exchange another kind of server."""
    act = {"as": "admin", "op": "server_quirk", "quirk": quirk, "on": on}
    requests.post(f"{box.url}/sandbox/act", json=act, timeout=LIMIT).raise_for_status()


def log_of(box: RunningSandbox, *, bodies: bool = False) -> list[dict[str, Any]]:
    """The requests so far."""
    answer = requests.get(f"{box.url}/sandbox/requests", params={"bodies": 1} if bodies else {}, timeout=LIMIT)
    answer.raise_for_status()
    return answer.json()


def forget_log(box: RunningSandbox) -> None:
    """Empties the log."""
    requests.delete(f"{box.url}/sandbox/requests", timeout=LIMIT).raise_for_status()


def count_sent(box: RunningSandbox, operation: str) -> int:
    """How many requests of an operation reached the sandbox."""
    return sum(entry["operation"] == operation for entry in log_of(box))
