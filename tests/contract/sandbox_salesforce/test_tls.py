"""The sandbox over https, with the authority that it names."""

import socket
import ssl
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from requests.exceptions import SSLError

from mailsync.sandbox.server import RunningSandbox, running_sandbox

BEARER = {"Authorization": "Bearer sandbox-ann"}


@pytest.fixture(scope="module")
def box() -> Iterator[RunningSandbox]:
    with running_sandbox("acme", tls=True) as running:
        yield running


def session_of(box: RunningSandbox) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.verify = str(box.ca)
    session.headers.update(BEARER)
    return session


def test_who_trusts_the_authority_is_served(box: RunningSandbox) -> None:
    assert box.url == f"https://127.0.0.1:{box.port}"
    with session_of(box) as session:
        for host in ("127.0.0.1", "localhost"):
            assert session.get(f"https://{host}:{box.port}/services/data/v68.0/limits", timeout=10).status_code == 200


def test_nobody_else_is(box: RunningSandbox) -> None:
    with requests.Session() as session:
        session.trust_env = False
        with pytest.raises(SSLError):
            session.get(f"{box.url}/services/data", timeout=10)
    with running_sandbox("empty", tls=True) as other, session_of(other) as session, pytest.raises(SSLError):
        session.get(f"{box.url}/services/data", timeout=10)
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://127.0.0.1:{box.port}/services/data", timeout=10)


@pytest.mark.parametrize("name", ["acme.my.salesforce.com", "login.salesforce.com"])
def test_the_certificate_holds_for_the_vendors_names(box: RunningSandbox, name: str) -> None:
    context = ssl.create_default_context(cafile=str(box.ca))
    with (
        socket.create_connection(("127.0.0.1", box.port), 10) as plain,
        context.wrap_socket(plain, server_hostname=name) as secured,
    ):
        assert secured.version() in ("TLSv1.2", "TLSv1.3")
    with socket.create_connection(("127.0.0.1", box.port), 10) as plain, pytest.raises(ssl.SSLCertVerificationError):
        context.wrap_socket(plain, server_hostname="evil.example")


def test_connections_are_kept_and_long_answers_compressed(box: RunningSandbox) -> None:
    with session_of(box) as session:
        for _ in range(3):
            got = session.get(f"{box.url}/services/data/v68.0/sobjects/Contact/describe", timeout=10)
            assert got.headers["Content-Encoding"] == "gzip"
            assert got.json()["name"] == "Contact"
        chunks = iter([b'{"LastName": ', b'"Piece"}'])
        made = session.post(
            f"{box.url}/services/data/v68.0/sobjects/Contact",
            data=chunks,
            headers={"Content-Type": "application/json"},
            timeout=10,
        )
        assert made.status_code == 201
        log = session.get(f"{box.url}/sandbox/requests", timeout=10).json()[-4:]
    assert len({entry["connection"] for entry in log}) == 1


def test_an_answer_is_one_record_of_tls(box: RunningSandbox) -> None:
    context = ssl.create_default_context(cafile=str(box.ca))
    with (
        socket.create_connection(("127.0.0.1", box.port), 10) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secured,
    ):
        secured.sendall(b"GET /services/data HTTP/1.1\r\nHost: localhost\r\n\r\n")
        first = secured.recv(65536)
    head, _, body = first.partition(b"\r\n\r\n")
    assert b"content-length: %d\r\n" % len(body) in head.lower() + b"\r\n"
    assert body.endswith(b"]")


PROGRAM = """
import sys
from pathlib import Path
from mailsync.sandbox.command import serve_sandbox
from mailsync.sandbox.vendor import Refused
config, ca = (Path(text) if text else None for text in sys.argv[2:])
try:
    serve_sandbox(0, "empty", config, tls=sys.argv[1] == "tls", ca_out=ca)
except Refused as refused:
    sys.exit(str(refused))
"""


@pytest.mark.parametrize("named", [True, False])
def test_the_command_writes_the_authority_and_names_it(tmp_path: Path, named: bool) -> None:
    config, ca = tmp_path / "mailsync.toml", tmp_path / ("mine.pem" if named else "sandbox-ca.pem")
    for _ in range(2):
        command = [sys.executable, "-c", PROGRAM, "tls", str(config), str(ca) if named else ""]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
            assert program.stdout is not None
            url = program.stdout.readline().removeprefix("ready ").strip()
            settings = tomllib.loads(config.read_text())
            assert url.startswith("https://127.0.0.1:")
            assert settings["salesforce"] == {"url": url, "api_version": "68.0", "ca": str(ca)}
            assert settings["users"]["ann"]["exchange"]["ca"] == str(ca)
            with requests.Session() as session:
                session.trust_env = False
                assert session.get(f"{url}/services/data", verify=str(ca), timeout=10).status_code == 200
            program.terminate()
            assert program.wait(5) == 0


def test_the_command_refuses_what_cannot_be(tmp_path: Path) -> None:
    ca = tmp_path / "mine.pem"
    ca.write_text("somebody's own")
    for mode, message in [("plain", "ca-out: there is a certificate only with --tls"), ("tls", f"ca-out {ca}: there")]:
        command = [sys.executable, "-c", PROGRAM, mode, "", str(ca)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
        assert (ended.returncode, ended.stdout) == (1, "")
        assert ended.stderr.startswith(message)
    assert ca.read_text() == "somebody's own"
