"""What a log-in request brings, and the errors of Google's token endpoint."""

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl, unquote_plus

import orjson

from mailsync.sandbox.google.grants import SCOPES, SHORT, Application
from mailsync.sandbox.google.service import Service
from mailsync.sandbox.vendor import Answer, Request

JSON: Final = {"content-type": "application/json; charset=utf-8", "cache-control": "no-store", "pragma": "no-cache"}


@dataclass(frozen=True, slots=True)
class OAuthError(Exception):
    """A refusal: Google's code and description, and the HTTP status."""

    code: str
    description: str
    status: int = 400


@dataclass(frozen=True, slots=True)
class Form:
    """The parameters of a request: of its query, its form or its JSON object; later ones win."""

    service: Service
    request: Request
    values: Mapping[str, str]

    @property
    def now(self) -> datetime:
        """The vendor's time."""
        return self.service.clock.now()

    @property
    def origin(self) -> str:
        """The address under which the client reached the sandbox."""
        return f"{self.request.scheme}://{self.request.headers.get('host', '127.0.0.1')}"

    def get(self, name: str) -> str:
        """A parameter, "" where it isn't given."""
        return self.values.get(name, "")

    def need(self, name: str) -> str:
        """A parameter. Raises OAuthError without it."""
        if not self.get(name):
            raise OAuthError("invalid_request", f"Missing required parameter: {name}")
        return self.get(name)


def read_form(service: Service, request: Request, *, body: bool = True) -> Form:
    """The parameters of a request; without `body` those of its query alone."""
    pairs = parse_qsl(request.query, keep_blank_values=True, errors="replace")
    if body and request.body:
        if "json" in request.headers.get("content-type", ""):
            pairs += _read_json(request.body)
        else:
            pairs += parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True, errors="replace")
    return Form(service, request, dict(pairs))


def find_application(form: Form) -> Application:
    """The application of client_id. Raises OAuthError."""
    known = form.service.grants.applications.get(form.need("client_id"))
    if known is None:
        raise OAuthError("invalid_client", "The OAuth client was not found.", 401)
    return known


def authenticate(form: Form) -> Application:
    """The application, proved by its secret: in the form, or as Basic. Raises OAuthError."""
    scheme, _, coded = form.request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        client_id, secret = _read_basic(coded)
        form = Form(form.service, form.request, {**form.values, "client_id": client_id, "client_secret": secret})
    application = find_application(form)
    secret = form.get("client_secret")
    if not secret:
        raise OAuthError("invalid_request", "client_secret is missing.")
    if not hmac.compare_digest(secret.encode(), application.secret.encode()):
        raise OAuthError("invalid_client", "Unauthorized", 401)
    return application


def read_scopes(text: str) -> tuple[str, ...]:
    """The scopes in a text, in full names. Raises OAuthError for one that the sandbox doesn't give, or none."""
    scopes = tuple(dict.fromkeys(SHORT.get(scope, scope) for scope in text.split()))
    wrong = [scope for scope in scopes if scope not in SCOPES]
    if wrong:
        raise OAuthError("invalid_scope", f"Some requested scopes were invalid. {{invalid=[{', '.join(wrong)}]}}")
    if not scopes:
        raise OAuthError("invalid_request", "Missing required parameter: scope")
    return scopes


def show_object(content: Mapping[str, Any], status: int = 200) -> Answer:
    """A JSON object that nobody may store."""
    return Answer(status, orjson.dumps(content, option=orjson.OPT_INDENT_2), JSON)


def show_error(error: OAuthError) -> Answer:
    """The refusal of a token, device or revocation request."""
    return show_object({"error": error.code, "error_description": error.description}, error.status)


def _read_json(body: bytes) -> list[tuple[str, str]]:
    try:
        content: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise OAuthError("invalid_request", "Bad Request") from None
    if not isinstance(content, dict):
        raise OAuthError("invalid_request", "Bad Request")
    return [(str(name), str(value)) for name, value in content.items()]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - any JSON


def _read_basic(coded: str) -> tuple[str, str]:
    try:
        text = base64.b64decode(coded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise OAuthError("invalid_client", "Unauthorized", 401) from None
    client_id, _, secret = text.partition(":")
    return unquote_plus(client_id), unquote_plus(secret)
