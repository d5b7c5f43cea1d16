"""The log-in of Google accounts (OAuth 2.0), at Google's own paths and at the short ones of the sandbox's contract."""

from collections.abc import Callable
from typing import Final

from mailsync.sandbox.google.oauth.authorization import authorize
from mailsync.sandbox.google.oauth.devices import connect_device, give_device_code
from mailsync.sandbox.google.oauth.forms import Form, OAuthError, read_form, show_error
from mailsync.sandbox.google.oauth.granting import give_token
from mailsync.sandbox.google.oauth.inquiries import revoke, tell_token, tell_user
from mailsync.sandbox.google.service import Service
from mailsync.sandbox.vendor import Answer, Call, Request

_PATHS: Final = {
    "authorize": ("/o/oauth2/v2/auth", "/o/oauth2/auth", "/authorize"),
    "token": ("/token", "/o/oauth2/token", "/oauth2/v4/token"),
    "device": ("/device/code", "/o/oauth2/device/code", "/device"),
    "revoke": ("/revoke", "/o/oauth2/revoke"),
    "tokeninfo": ("/tokeninfo", "/oauth2/v1/tokeninfo", "/oauth2/v3/tokeninfo"),
    "userinfo": ("/userinfo", "/v1/userinfo", "/oauth2/v1/userinfo", "/oauth2/v2/userinfo", "/oauth2/v3/userinfo"),
}
_OPERATIONS: Final = {path: operation for operation, paths in _PATHS.items() for path in paths}
_FORMS: Final[dict[str, Callable[[Form], Answer]]] = {
    "token": give_token,
    "device": give_device_code,
    "revoke": revoke,
    "tokeninfo": tell_token,
}


def is_log_in(path: str) -> bool:
    """Whether a path is one of the log-in."""
    return path in _OPERATIONS


def classify_log_in(request: Request) -> Call:
    """authorize, token, device, revoke and tokeninfo are `token`; userinfo reads."""
    operation = _OPERATIONS[request.path]
    return Call(operation, ("read" if operation == "userinfo" else "token",))


def answer_log_in(service: Service, request: Request) -> Answer:
    """Carries a request of the log-in out."""
    operation = _OPERATIONS[request.path]
    if operation == "authorize":
        return authorize(service, request)
    if operation == "userinfo":
        return tell_user(service, request)
    try:
        if request.path == "/device" and not _asks_for_code(service, request):
            return connect_device(service, request)
        return _FORMS[operation](read_form(service, request))
    except OAuthError as error:
        return show_error(error)


def _asks_for_code(service: Service, request: Request) -> bool:
    """/device is the page for people, and, posted to by an application, where device codes are given."""
    return request.method.upper() == "POST" and "client_id" in read_form(service, request).values
