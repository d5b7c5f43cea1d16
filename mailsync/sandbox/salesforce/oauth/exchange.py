"""One OAuth request as the endpoints see it, and their answers: JSON objects, never the array of the REST API."""

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlsplit

import orjson

from mailsync.sandbox.salesforce.grants import ConnectedApp
from mailsync.sandbox.salesforce.org import Org
from mailsync.sandbox.vendor import Answer, Request

_LOG_IN_HOSTS = ("login.salesforce.com", "test.salesforce.com")
_LOOPBACK = ("127.0.0.1", "localhost")
_MY_DOMAIN = "acme.my.salesforce.com"
_HEADERS = {"content-type": "application/json;charset=UTF-8", "cache-control": "no-store", "pragma": "no-cache"}


class OAuthError(Exception):
    """A refused request: the vendor's code and text, shown as {"error", "error_description"}."""

    def __init__(self, code: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.status = status


@dataclass(frozen=True, slots=True)
class Form:
    """`values` are the parameters of the body, for what may be asked by GET those of the query too."""

    org: Org
    request: Request
    values: Mapping[str, str]

    def get(self, name: str) -> str:
        return self.values.get(name, "")


def read_form(org: Org, request: Request, *, with_query: bool = False) -> Form:
    """The parameters of a request; of one that is repeated the first."""
    text = request.body.decode("utf-8", errors="replace") if request.method.upper() == "POST" else ""
    if with_query:
        text = f"{text}&{request.query}"
    return Form(org, request, {name: found[0] for name, found in parse_qs(text, keep_blank_values=True).items()})


def find_app(org: Org, client_id: str) -> ConnectedApp:
    """Raises OAuthError invalid_client_id."""
    app = org.grants.apps.get(client_id)
    if app is None:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    return app


def authenticate_app(form: Form, *, secret_needed: bool = False) -> ConnectedApp:
    """The application by its credentials, in the body or as Basic. Raises OAuthError for others than its own."""
    client_id, secret = _basic(form.request.headers.get("authorization", ""))
    client_id, secret = client_id or form.get("client_id"), secret or form.get("client_secret")
    app = find_app(form.org, client_id)
    needed = secret_needed or app.secret_required
    right = bool(app.client_secret) and hmac.compare_digest(secret.encode(), app.client_secret.encode())
    if (secret or needed) and not right:
        raise OAuthError("invalid_client", "invalid client credentials")
    return app


def host_of(request: Request) -> str:
    """The name in Host, without its port."""
    try:
        return urlsplit(f"//{request.headers.get('host', '')}").hostname or _MY_DOMAIN
    except ValueError:
        return _MY_DOMAIN


def is_log_in_host(request: Request) -> bool:
    """Whether it was asked at the log-in host that all organisations share."""
    return host_of(request) in _LOG_IN_HOSTS


def origin_of(request: Request) -> str:
    """Scheme and host under which the client reached the sandbox; the vendor's own names are always https."""
    scheme = request.scheme if host_of(request) in _LOOPBACK else "https"
    return f"{scheme}://{request.headers.get('host') or _MY_DOMAIN}"


def instance_of(request: Request) -> str:
    """The organisation's own address: where it was asked, or My Domain where that was the log-in host."""
    origin = origin_of(request)
    return origin.replace(host_of(request), _MY_DOMAIN, 1) if is_log_in_host(request) else origin


def show_object(body: Mapping[str, Any], status: int = 200) -> Answer:
    return Answer(status, orjson.dumps(body), _HEADERS)


def show_refusal(error: OAuthError) -> Answer:
    return show_object({"error": error.code, "error_description": error.description}, error.status)


def _basic(header: str) -> tuple[str, str]:
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        client_id, _, secret = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return unquote_plus(client_id), unquote_plus(secret)
