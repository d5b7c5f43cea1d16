"""`mailsync connect` in a process of its own, with a person at a browser beside it."""

import json
import re
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.e2e.cli.desk import spawn
from tests.e2e.login.browser import Browser

ADDRESS = re.compile(r"(https?://\S+)")


@dataclass
class Connecting:
    """One `connect` under way."""

    process: subprocess.Popen[str]

    def read_address(self) -> str:
        """The address that it asks the person to open."""
        assert self.process.stderr is not None
        said = ""
        for line in self.process.stderr:
            said += line
            found = ADDRESS.search(line)
            if found:
                return found[1]
        raise AssertionError(f"no address: {said}{self.process.communicate(timeout=5)}")

    def read_line(self, word: str) -> str:
        """The line that holds a word."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if word in line:
                return line
        raise AssertionError(f"no {word}: {self.process.communicate(timeout=5)}")

    def end(self, code: int | None = 0, said: str = "") -> Any:
        """The JSON document at the end; fails unless it ends with `code` (None: any)."""
        out, err = self.process.communicate(said or None, timeout=30)
        assert code is None or self.process.returncode == code, (self.process.returncode, out, err)
        assert "Traceback" not in err
        return json.loads(out) if out.strip() else None


def connect(config: Path, user: str, vendor: str, *options: str, feed: bool = False) -> Connecting:
    """Starts it; with `feed` something is typed into its stdin."""
    return Connecting(
        spawn(
            ["--config", str(config), "connect", user, vendor, *options, "--json"],
            stdin=subprocess.PIPE if feed else None,
        )
    )


def salesforce_browser(username: str = "ann@acme.example") -> Browser:
    """Somebody who logs in to Salesforce and allows what is asked."""
    return Browser({"username": username, "pw": "sandbox", "step": "allow"})


def make_certificate() -> str:
    """A private key and its self-signed certificate, PEM, as an application of Entra ID has them."""
    key = generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mailsync")])
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    dated = builder.serial_number(x509.random_serial_number()).not_valid_before(begin)
    made = dated.not_valid_after(begin + timedelta(days=3650)).sign(key, SHA256())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private.decode() + made.public_bytes(Encoding.PEM).decode()
