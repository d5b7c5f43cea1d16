"""serve --http: health, readiness and metrics, as Prometheus and a supervisor see them."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from mailsync.monitor.watch import watched_over
from tests.e2e.cli.desk import Desk


@contextmanager
def served(desk: Desk, *words: str) -> Iterator[str]:
    """`serve` with a listener on a free port, once it answers; its address."""
    serving = desk.spawn("--log", "json", "serve", "--http", "0", *words)
    try:
        assert serving.stderr is not None
        port = next(found[1] for line in serving.stderr if (found := re.search(r'"port": (\d+)', line)))
        yield f"http://127.0.0.1:{port}"
    finally:
        serving.terminate()
        serving.communicate(timeout=30)


def scrape(url: str) -> dict[tuple[str, ...], float]:
    """Every sample, by name and labels in order."""
    text = requests.get(f"{url}/metrics", timeout=10).text
    families = text_string_to_metric_families(text)
    return {(s.name, *(v for _, v in sorted(s.labels.items()))): s.value for f in families for s in f.samples}


def await_sample(url: str, *key: str) -> dict[tuple[str, ...], float]:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found = scrape(url)
        if found.get(key):
            return found
        time.sleep(0.2)
    raise AssertionError(f"{key} did not come: {found}")


def test_metrics_tell_of_sessions_requests_budget_and_what_waits(desk: Desk) -> None:
    with served(desk) as url:
        found = await_sample(url, "mailsync_sessions_total", "done")
        assert found["mailsync_effects_total", "created", "mailbox"] == 12
        asked = [r for r in desk.box.sandbox.log.entries() if r.vendor == "salesforce"]
        assert found["mailsync_requests_total", "200", "salesforce"] == len(asked)
        assert found["mailsync_requests_total", "200", "exchange"] > 0
        (left,) = [v for k, v in found.items() if k[0] == "mailsync_calls_left"]
        (allowed,) = [v for k, v in found.items() if k[0] == "mailsync_calls_allowed"]
        assert 0 < left < allowed
        assert found["mailsync_store_up",] == 1
        for name in ("mailsync_holds", "mailsync_issues", "mailsync_parked", "mailsync_users_due"):
            assert (name,) in found
        assert ("mailsync_oldest_due_seconds",) in found
        assert found["mailsync_session_seconds_count",] >= 1
        page = (Path(__file__).parents[3] / "docs" / "operations.md").read_text(encoding="utf-8")
        families = {re.sub(r"_(total|bucket|sum|count|created|info)$", "", key[0]) for key in found}
        assert {name for name in families if f"`{name}" not in page} == set()
        labels = {part for key in found for part in key[1:]}
        assert labels & {"ann", "ann@acme.example"} == set()


def test_health_of_a_process_that_serves(desk: Desk) -> None:
    with served(desk) as url:
        assert requests.get(f"{url}/healthz", timeout=10).json() == {"healthy": True, "problems": []}
        assert requests.get(f"{url}/readyz", timeout=10).json() == {"ready": True, "problems": []}
        assert requests.get(f"{url}/other", timeout=10).status_code == 404
        assert requests.post(f"{url}/healthz", timeout=10).status_code == 405


@pytest.mark.on_file(reason="it loses the file")
def test_a_process_that_stops_or_lost_its_store_is_not_ready_and_lives(desk: Desk) -> None:
    stopping = threading.Event()
    with desk.setup() as setup, watched_over(setup, 0, stopping) as watch:
        url = f"http://127.0.0.1:{watch.port}"
        stopping.set()
        stopped = requests.get(f"{url}/readyz", timeout=10)
        assert (stopped.status_code, stopped.json()["problems"]) == (503, ["it is stopping"])
        stopping.clear()
        assert requests.get(f"{url}/readyz", timeout=10).status_code == 200
        setup.store.close()
        for suffix in ("-wal", "-shm"):
            desk.config.parent.joinpath(f"mailsync.db{suffix}").unlink(missing_ok=True)
        desk.config.parent.joinpath("mailsync.db").write_text("no database at all, by far")
        lost = requests.get(f"{url}/readyz", timeout=10)
        assert lost.status_code == 503
        assert "no mailsync store" in lost.json()["problems"][0]
        assert requests.get(f"{url}/healthz", timeout=10).status_code == 200
        assert scrape(url)["mailsync_store_up",] == 0


def test_the_listener_is_on_this_machine_alone_and_says_when_its_port_is_taken(desk: Desk) -> None:
    with served(desk) as url:
        port = url.rpartition(":")[2]
        outcome = desk.run("serve", "--http", port)
        assert outcome.code == 2
        assert f"--http {port}" in outcome.err
