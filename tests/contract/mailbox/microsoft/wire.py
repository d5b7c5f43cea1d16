"""The sandbox from the tests' side: faults that strike Graph, and the log of what reached it."""

import json
from typing import Any

import requests

from mailsync.sandbox.server import RunningSandbox

LIMIT = 10.0  # seconds


def strike(box: RunningSandbox, operation: str, *, kind: str, **details: Any) -> None:
    """Lets a fault stand for the next request of an operation; "" takes all faults away."""
    if not kind:
        requests.delete(f"{box.url}/sandbox/faults", timeout=LIMIT).raise_for_status()
        return
    fault = {"vendor": "microsoft", "operation": operation, "kind": kind, **details}
    answer = requests.post(f"{box.url}/sandbox/faults", json=fault, timeout=LIMIT)
    assert answer.ok, answer.text


def log_of(box: RunningSandbox, *, bodies: bool = False) -> list[dict[str, Any]]:
    """The requests so far."""
    answer = requests.get(f"{box.url}/sandbox/requests", params={"bodies": 1} if bodies else {}, timeout=LIMIT)
    answer.raise_for_status()
    return answer.json()


def parts_of(box: RunningSandbox) -> list[dict[str, Any]]:
    """The parts of all batches so far."""
    batches = [e for e in log_of(box, bodies=True) if e["path"].endswith("$batch")]
    return [part for entry in batches for part in json.loads(entry["request"])["requests"]]


def count_parts(box: RunningSandbox, method: str, place: str) -> int:
    """How many parts of a method were sent to a place."""
    return sum(p["method"] == method and place in p["url"] for p in parts_of(box))
