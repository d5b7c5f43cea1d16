"""The judge itself: sandboxes that are processes of their own are judged too."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import requests

from tests.conftest import Processes
from tests.contract.sandbox_exchange.oracle import list_violations, load_schema

GET = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" '
    'xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"><s:Body><m:GetFolder><m:FolderShape>'
    "<t:BaseShape>Default</t:BaseShape></m:FolderShape><m:FolderIds>"
    '<t:DistinguishedFolderId Id="contacts"/></m:FolderIds></m:GetFolder></s:Body></s:Envelope>'
)


def ask_process(*options: str) -> None:
    """A folder and a limit of a sandbox of its own."""
    command = [sys.executable, "-m", "mailsync", "sandbox", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        try:
            assert program.stdout is not None
            url = program.stdout.readline().removeprefix("ready ").strip()
            log_in = ("ann@acme.example", "sandbox")
            assert requests.post(f"{url}/EWS/Exchange.asmx", data=GET, auth=log_in, timeout=10).status_code == 200
            headers = {"Authorization": "Bearer sandbox-ann"}
            assert requests.get(f"{url}/services/data/v68.0/limits", headers=headers, timeout=10).ok
        finally:
            program.kill()


def test_a_sandbox_that_is_a_process_of_its_own_is_held_against_the_schema(processes: Processes) -> None:
    processes.take()
    ask_process()
    entries = processes.take()
    assert [entry.call.operation for entry in entries] == ["GetFolder", "limits"]
    assert list_violations(entries) == []
    spoilt = entries[0].response.replace(b"TotalCount", b"TotalCounts")
    wrong = replace(entries[0], response=spoilt)
    assert bool(list_violations([wrong])) is (load_schema() is not None)


def test_the_log_can_go_to_a_file(tmp_path: Path, processes: Processes) -> None:
    processes.take()
    file = tmp_path / "requests.jsonl"
    ask_process("--log-out", str(file))
    other = Processes(file)
    assert [entry.call.operation for entry in other.take()] == ["GetFolder", "limits"]
    assert (other.take(), processes.take()) == ([], [])
    command = [sys.executable, "-m", "mailsync", "sandbox", "--port", "0", "--log-out", str(tmp_path / "no" / "file")]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert (ended.returncode, "log-out" in ended.stderr) == (2, True)
