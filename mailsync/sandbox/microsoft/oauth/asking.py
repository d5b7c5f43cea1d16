"""One request to the sign-in as its endpoints see it, and the answers they give."""

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qs, unquote_plus

import orjson

from mailsync.sandbox.microsoft.directory import TENANT, TENANT_NAMES, Person, find_person
from mailsync.sandbox.microsoft.oauth.records import App, Registry
from mailsync.sandbox.microsoft.oauth.refusals import Refusal, make_body
from mailsync.sandbox.microsoft.oauth.signing import check_assertion
from mailsync.sandbox.vendor import Answer, Request

PASSWORD: Final = "sandbox"
ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_JSON: Final = {"content-type": "application/json; charset=utf-8", "cache-control": "no-store", "pragma": "no-cache"}


@dataclass(frozen=True, slots=True)
class Asking:
    """A request: its tenant (the first segment of the path), its form, and whom it may be about."""

    registry: Registry
    people: Mapping[str, Person]
    request: Request
    tenant: str
    form: Mapping[str, str]
    now: datetime

    @property
    def origin(self) -> str:
        """Scheme and host under which the client reached the sandbox."""
        return f"{self.request.scheme}://{self.request.headers.get('host', 'login.microsoftonline.com')}"

    @property
    def issuer(self) -> str:
        """Who tokens are from."""
        return f"{self.origin}/{TENANT}/v2.0"

    def need(self, name: str) -> str:
        """A parameter. Raises Refusal where it is missing."""
        value = self.form.get(name, "")
        if not value:
            raise Refusal(900144, name)
        return value


def read_form(request: Request, *, with_query: bool = False) -> dict[str, str]:
    """The parameters of the body, for what may be asked by GET those of the query too."""
    text = request.body.decode("utf-8", "replace") if request.method.upper() == "POST" else ""
    if with_query:
        text = f"{text}&{request.query}"
    return {name: found[0] for name, found in parse_qs(text, keep_blank_values=True).items()}


def check_tenant(asking: Asking) -> None:
    """Raises Refusal for another tenant than this one."""
    if asking.tenant.lower() not in TENANT_NAMES:
        raise Refusal(90002, asking.tenant)


def find_app(asking: Asking, client_id: str) -> App:
    """Raises Refusal for an application that isn't registered."""
    app = asking.registry.apps.get(client_id)
    if app is None:
        raise Refusal(700016, client_id)
    return app


def authenticate(asking: Asking, *, needed: bool = False) -> App:
    """The application by its secret, in the form or as Basic, or its signed assertion; a public one by its id alone.

    Raises Refusal.
    """
    client_id, secret = _read_basic(asking.request.headers.get("authorization", ""))
    client_id, secret = client_id or asking.need("client_id"), secret or asking.form.get("client_secret", "")
    app = find_app(asking, client_id)
    if asking.form.get("client_assertion_type") == ASSERTION:
        check_assertion(
            asking.form.get("client_assertion", ""), app.certificate, client_id, "/oauth2/v2.0/token", asking.now
        )
        return app
    if secret:
        if not app.secret or not hmac.compare_digest(secret.encode(), app.secret.encode()):
            raise Refusal(7000215, client_id)
    elif needed or not app.public:
        raise Refusal(7000218)
    return app


def sign_in(asking: Asking, username: str, password: str) -> Person:
    """The person of a name and password. Raises Refusal."""
    person = find_person(asking.people.values(), username)
    if person is None or not hmac.compare_digest(password.encode(), PASSWORD.encode()):
        raise Refusal(50126)
    return person


def answer_object(content: Mapping[str, Any], status: int = 200) -> Answer:
    """A JSON answer that nobody keeps."""
    return Answer(status, orjson.dumps(content), _JSON)


def answer_refusal(asking: Asking, refusal: Refusal) -> Answer:
    """A refusal; wrong credentials of an application are 401."""
    status = 401 if refusal.code == "invalid_client" else 400
    return answer_object(make_body(refusal, asking.now, asking.origin), status)


def _read_basic(header: str) -> tuple[str, str]:
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        client_id, _, secret = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return unquote_plus(client_id), unquote_plus(secret)
