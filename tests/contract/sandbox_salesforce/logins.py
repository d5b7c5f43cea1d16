"""What an application and a person's browser send while logging in, without a server."""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from mailsync.sandbox.vendor import Answer, Request
from tests.contract.sandbox_salesforce.desk import Got, Office, read

CLIENT = {"client_id": "mailsync", "client_secret": "sandbox-secret"}
CALLBACK = "https://mailsync.example/callback"
VERIFIER = "a-verifier.of~the_length-that-RFC-7636-asks-for"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def post(office: Office, endpoint: str, headers: Mapping[str, str] | None = None, **form: str) -> Got:
    """POST /services/oauth2/{endpoint} with a form."""
    given = {"content-type": "application/x-www-form-urlencoded", "host": "127.0.0.1:8025", **(headers or {})}
    request = Request("POST", f"/services/oauth2/{endpoint}", "", given, urlencode(form).encode())
    return read(office.vendor.answer(request))


def refused(got: Got) -> tuple[int, str, str]:
    assert set(got.body) == {"error", "error_description"}
    return got.status, got.body["error"], got.body["error_description"]


def call(office: Office, token: str) -> Got:
    """A REST request with an access token."""
    headers = {"authorization": f"Bearer {token}"}
    return read(office.vendor.answer(Request("GET", "/services/data/v68.0/limits", "", headers, b"")))


@dataclass(slots=True)
class Person:
    """Somebody with a browser: keeps the cookie, follows forms as the pages give them."""

    office: Office
    cookie: str = ""
    page: str = ""
    action: str = ""
    shown: list[str] = field(default_factory=list[str])

    def open(self, **wish: str) -> Answer:
        asked = {
            "response_type": "code",
            "client_id": "mailsync",
            "redirect_uri": CALLBACK,
            "state": "s t/a&te",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
            **wish,
        }
        return self.go(f"/services/oauth2/authorize?{urlencode({k: v for k, v in asked.items() if v})}")

    def go(self, address: str, form: Mapping[str, str] | None = None) -> Answer:
        path, _, query = address.partition("?")
        headers = {"host": "127.0.0.1:8025", **({"cookie": self.cookie} if self.cookie else {})}
        body = urlencode(form or {}).encode()
        answer = self.office.vendor.answer(Request("GET" if form is None else "POST", path, query, headers, body))
        self.cookie = answer.headers.get("set-cookie", self.cookie).partition(";")[0]
        self.page = answer.body.decode()
        found = re.search(r'<form method="post" action="([^"]*)"', self.page)
        self.action = unescape(found[1]) if found else ""
        title = re.search(r"<h1>(.*?)</h1>", self.page)
        self.shown.append(unescape(title[1]) if title else f"{answer.status}")
        return answer

    def submit(self, **form: str) -> Answer:
        """Sends the form on the page with its hidden fields; follows a redirect within the sandbox."""
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', self.page))
        answer = self.go(self.action, {**{name: unescape(value) for name, value in hidden.items()}, **form})
        location = answer.headers.get("location", "")
        return self.go(location) if location.startswith("/") else answer

    def log_in(self, username: str = "ann@acme.example", password: str = "sandbox") -> Answer:
        return self.submit(username=username, pw=password)


def sent_back(answer: Answer) -> dict[str, str]:
    """The parameters with which a browser is sent back to the application."""
    assert answer.status == 302
    location = answer.headers["location"]
    assert location.partition("?")[0] == CALLBACK
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def code_of(office: Office, username: str = "ann@acme.example", **wish: str) -> str:
    """The code that a person's approval gives, this one or an earlier one."""
    person = Person(office)
    person.open(**wish)
    answer = person.log_in(username)
    return sent_back(person.submit(step="allow") if person.action else answer)["code"]


def exchange(office: Office, code: str, **form: str) -> Got:
    asked = {"grant_type": "authorization_code", "redirect_uri": CALLBACK, "code_verifier": VERIFIER, **CLIENT}
    return post(office, "token", **{**asked, "code": code, **form})


def tokens_of(office: Office, username: str = "ann@acme.example", **wish: str) -> dict[str, Any]:
    got = exchange(office, code_of(office, username, **wish))
    assert got.status == 200, got.body
    return got.body


def refresh(office: Office, token: str, **form: str) -> Got:
    return post(office, "token", **{**CLIENT, "grant_type": "refresh_token", "refresh_token": token, **form})


@dataclass(frozen=True, slots=True)
class Signer:
    """An application's key pair."""

    private: str
    public: str

    def sign(self, algorithm: str = "RS256", **claims: object) -> str:
        return jwt.encode(dict(claims), self.private, algorithm=algorithm)


def make_signer() -> Signer:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return Signer(private, public)
