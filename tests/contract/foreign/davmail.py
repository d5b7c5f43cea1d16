"""DavMail as a CardDAV front of the sandbox's Exchange: its process, and a person's address book program before it."""

import os
import socket
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import quote

import requests

from tests.contract.foreign.presence import DAVMAIL, LONGEST

_STARTED_WITHIN = 40.0  # seconds, on a machine with much else to do


@dataclass(frozen=True, slots=True)
class AddressBook:
    """A CardDAV client; `path` of a folder is as DavMail names it: contacts, contacts/Salesforce Contacts …"""

    url: str
    user: str
    password: str = "sandbox"

    def put(self, folder: str, name: str, **fields: str) -> int:
        """Puts a vCard of these lines (NOTE, TITLE, `TEL;TYPE=CELL` …) under a name; the HTTP status."""
        lines = ["BEGIN:VCARD", "VERSION:3.0", f"UID:{name}", *(f"{k}:{v}" for k, v in fields.items()), "END:VCARD"]
        return self._ask("PUT", folder, f"{name}.vcf", "\r\n".join([*lines, ""])).status_code

    def get(self, folder: str, name: str) -> dict[str, str]:
        """The lines of a vCard by their names, types included. Fails where there is none."""
        answer = self._ask("GET", folder, f"{name}.vcf")
        assert answer.status_code == 200, answer.text
        return dict(line.split(":", 1) for line in answer.text.splitlines() if ":" in line)

    def delete(self, folder: str, name: str) -> int:
        return self._ask("DELETE", folder, f"{name}.vcf").status_code

    def names(self, folder: str) -> list[str]:
        """What a folder holds: the names under which the cards lie."""
        wanted = '<?xml version="1.0"?><d:propfind xmlns:d="DAV:"><d:prop><d:getetag/></d:prop></d:propfind>'
        answer = self._ask("PROPFIND", folder, "", wanted, Depth="1")
        assert answer.status_code == 207, answer.text
        return [part.split("</D:href>")[0].rpartition("/")[2] for part in answer.text.split("<D:href>")[2:]]

    def _ask(self, method: str, folder: str, name: str, content: str = "", **headers: str) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            return session.request(
                method,
                f"{self.url}/users/{self.user}/{quote(folder)}/{name}",
                data=content.encode(),
                headers={"content-type": "text/vcard; charset=utf-8", **headers},
                auth=(self.user, self.password),
                timeout=LONGEST,
            )


@contextmanager
def running_davmail(exchange: str, place: Path) -> Generator[str]:
    """DavMail before an EWS endpoint, on a free loopback port; its address. Ended with the context."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    settings = place / "davmail.properties"
    settings.write_text(_configure(exchange, port, place / "davmail.log"), "utf-8")
    lean = ("-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Djava.awt.headless=true")
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    with (place / "davmail.out").open("wb") as output:
        process = subprocess.Popen(
            ["java", *lean, f"-Duser.home={place}", "-jar", str(DAVMAIL), "-server", str(settings)],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
        )
    try:
        _await(process, port, place / "davmail.out")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait(10)


def _configure(exchange: str, port: int, log: Path) -> str:
    settings = {
        "server": "true",
        "mode": "EWS",
        "url": exchange,
        "caldavPort": str(port),
        "imapPort": "",
        "ldapPort": "",
        "popPort": "",
        "smtpPort": "",
        "allowRemote": "false",
        "bindAddress": "127.0.0.1",
        "disableUpdateCheck": "true",
        "enableProxy": "false",
        "useSystemProxies": "false",
        "logFilePath": str(log),
    }
    return "".join(f"davmail.{name}={value}\n" for name, value in settings.items()) + "log4j.rootLogger=WARN\n"


def _await(process: subprocess.Popen[bytes], port: int, output: Path) -> None:
    end = monotonic() + _STARTED_WITHIN
    while monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            sleep(0.05)
    raise AssertionError(f"DavMail did not start: {output.read_text('utf-8', 'replace')[-2000:]}")
