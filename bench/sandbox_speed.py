"""How fast the sandbox answers what a session asks of it, as requests a second over one kept-alive connection.

Run: .venv/bin/python -m bench.sandbox_speed. The sandbox runs in a process of its own; the client is http.client with
canned bytes, so that what is measured is the sandbox. Figures are for the closing note of a change, never asserted.
"""

import base64
import http.client
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

ROUNDS = 5
JSON = {"Authorization": "Bearer sandbox-ann", "Content-Type": "application/json"}
BASIC = {"Authorization": "Basic " + base64.b64encode(b"ann@acme.example:sandbox").decode(), "Content-Type": "text/xml"}
FIELDS = (
    "Id, FirstName, LastName, Email, Phone, MobilePhone, Title, Department, MailingStreet, MailingCity, SystemModstamp"
)
SYNC = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" '
    'xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"><s:Header>'
    '<t:RequestServerVersion Version="Exchange2016"/></s:Header><s:Body><m:SyncFolderItems><m:ItemShape>'
    "<t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties>{paths}</t:AdditionalProperties></m:ItemShape>"
    '<m:SyncFolderId><t:DistinguishedFolderId Id="contacts"/></m:SyncFolderId>{state}'
    "<m:MaxChangesReturned>512</m:MaxChangesReturned></m:SyncFolderItems></s:Body></s:Envelope>"
)
PATHS = "".join(
    f'<t:FieldURI FieldURI="{p}"/>'
    for p in ("item:Categories", "contacts:GivenName", "contacts:Surname", "contacts:CompanyName", "contacts:JobTitle")
)


def world() -> dict[str, object]:
    """2,000 records of ann, and 512 contacts in her mailbox."""
    person = {"FirstName": "Kim", "Email": "kim@globex.example", "Phone": "+1 415 555 0101", "OwnerId": "ann"}
    base = json.loads(Path("mailsync/sandbox/worlds/empty.json").read_text())
    base["salesforce"]["records"] = {"Contact": [{**person, "LastName": f"Doe {n}"} for n in range(2000)]}
    items = [{"GivenName": "Kim", "Surname": f"Doe {n}", "CompanyName": "Globex"} for n in range(512)]
    base["exchange"]["mailboxes"][0]["items"] = items
    return base


def rate(connection: http.client.HTTPConnection, method: str, path: str, body: str, headers: dict[str, str]) -> str:
    """Requests a second: the median of some rounds, and the size of an answer."""
    rates, size = [], 0
    for _ in range(ROUNDS + 1):
        begun, count = time.perf_counter(), 0
        while time.perf_counter() - begun < 0.5:
            connection.request(method, path, body.encode() if body else None, headers)
            answer = connection.getresponse()
            size = len(answer.read())
            assert answer.status == 200, answer.status
            count += 1
        rates.append(count / (time.perf_counter() - begun))
    return f"{statistics.median(rates[1:]):8.0f} a second, {size / 1024:7.1f} KiB an answer"


def main() -> None:
    """Starts the sandbox, measures, prints."""
    with tempfile.TemporaryDirectory() as place:
        made = Path(place, "world.json")
        made.write_text(json.dumps(world()))
        words = [sys.executable, "-m", "mailsync", "sandbox", "--port", "0", "--world", str(made)]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as served:
            assert served.stdout is not None
            port = int(served.stdout.readline().rsplit(":", 1)[1])
            connection = http.client.HTTPConnection("127.0.0.1", port)
            soql = quote(f"SELECT {FIELDS} FROM Contact ORDER BY SystemModstamp, Id")  # noqa: S608 - constant text
            idle = quote("SELECT COUNT() FROM Contact USING SCOPE mine")
            parts = [{"method": "GET", "referenceId": "r", "url": f"/services/data/v68.0/query?q={idle}"}]
            cases = {
                "Salesforce, page of 2,000 records": ("GET", f"/services/data/v68.0/query?q={soql}", "", JSON),
                "Salesforce, composite": (
                    "POST",
                    "/services/data/v68.0/composite",
                    json.dumps({"compositeRequest": parts}),
                    JSON,
                ),
                "Exchange, sync of 512 items": (
                    "POST",
                    "/EWS/Exchange.asmx",
                    SYNC.format(paths=PATHS, state=""),
                    BASIC,
                ),
            }
            for name, (method, path, body, headers) in cases.items():
                sys.stdout.write(f"{name:36} {rate(connection, method, path, body, headers)}\n")
            served.terminate()


if __name__ == "__main__":
    main()
