"""Log-ins of Microsoft, through msal: authorization code with PKCE, device code, refresh, and applications acting for
themselves (client credentials with a secret or a certificate).
"""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false
# msal publishes no types.

import warnings
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msal
import requests

from mailsync.errors import AnswerBroken, LoginRefused, SettingsError, VendorError
from mailsync.login.apps import ENTRA, GRAPH_DEFAULT, MICROSOFT_SCOPES, EntraApp
from mailsync.login.grant import Granted
from mailsync.login.web import TIMEOUTS, plain_session, read_granted, unreachable

VENDOR = "microsoft"


@dataclass(frozen=True, slots=True)
class Flow:
    """A log-in under way: what the person opens (and types), and msal's own notes of it."""

    url: str
    state: str
    notes: Mapping[str, Any] = field(repr=False)
    message: str = ""


def start(app: EntraApp, redirect: str) -> Flow:
    """Begins a log-in whose answer comes to the address `redirect`. Raises Unreachable, SettingsError."""
    with _client(app) as client, warnings.catch_warnings():
        # It advises another response_mode, on stderr; state and PKCE guard an answer on a loopback address (RFC 8252).
        warnings.simplefilter("ignore")
        notes = client.initiate_auth_code_flow(list(MICROSOFT_SCOPES), redirect_uri=redirect)
    return Flow(str(notes["auth_uri"]), str(notes["state"]), notes)


def redeem(app: EntraApp, flow: Flow, answer: Mapping[str, str], now: datetime) -> tuple[Granted, str]:
    """The grant for what came to the redirect address, and the user name it is for. Raises LoginRefused …"""
    with _client(app) as client:
        try:
            content = client.acquire_token_by_auth_code_flow(dict(flow.notes), dict(answer))
        except ValueError:
            raise LoginRefused(
                VENDOR, "the answer belongs to another log-in", code="state", remedy="begin anew"
            ) from None
    return _read(content, now), _name_in(content)


def offer_device(app: EntraApp) -> Flow:
    """Asks for a code that the person types elsewhere. Raises LoginRefused, Unreachable."""
    with _client(app) as client:
        notes = client.initiate_device_flow(list(MICROSOFT_SCOPES))
    if "user_code" not in notes:
        raise _refused(notes)
    return Flow(str(notes["verification_uri"]), "", notes, str(notes["user_code"]))


def await_device(app: EntraApp, flow: Flow, now: Callable[[], datetime]) -> tuple[Granted, str]:
    """Asks until the person has answered, and whose log-in it is. Raises LoginRefused, Unreachable."""
    with _client(app) as client:
        content = client.acquire_token_by_device_flow(dict(flow.notes))
    return _read(content, now()), _name_in(content)


def refresh(app: EntraApp, token: str, now: datetime) -> Granted:
    """The next grant for a refresh token. Raises LoginRefused, Unreachable."""
    with _client(app) as client:
        content = client.acquire_token_by_refresh_token(token, list(MICROSOFT_SCOPES))
    granted = _read(content, now)
    return granted if granted.refresh else Granted(granted.access, token, granted.ends)


def issue(app: EntraApp, now: datetime) -> Granted:
    """A grant for the application itself. Raises LoginRefused, Unreachable, SettingsError."""
    with _client(app) as client:
        content = client.acquire_token_for_client(list(GRAPH_DEFAULT))
    granted = _read(content, now)
    return Granted(granted.access, "", granted.ends)


@contextmanager
def _client(app: EntraApp) -> Generator[Any]:
    """msal's client, with its errors in our words. It is public where there is neither secret nor certificate."""
    own = app.login_url == ENTRA
    session = plain_session(app.ca)
    options: dict[str, Any] = {
        "authority": f"{app.login_url}/{app.tenant}",
        "instance_discovery": None if own else False,  # only Microsoft's own clouds are in its directory
        "http_client": _Once(session),
    }
    try:
        if app.client_secret or app.certificate_file:
            yield msal.ConfidentialClientApplication(app.client_id, client_credential=_credential(app), **options)
        else:
            yield msal.PublicClientApplication(app.client_id, **options)
    except requests.RequestException as error:
        raise unreachable(VENDOR, error) from None
    except ValueError as error:
        if isinstance(error, requests.exceptions.JSONDecodeError) or "json" in str(error).lower():
            raise AnswerBroken(VENDOR, "microsoft's answer is no JSON object", code="not_json") from None
        raise SettingsError((f"[microsoft]: {_first_line(error)}; check tenant, login_url and client_id",)) from None
    finally:
        session.close()


class _Once:
    """What msal asks of an HTTP client, with time limits and without redirects: a secret stays with its vendor."""

    def __init__(self, session: requests.Session) -> None:
        self._session = session

    def get(self, url: str, **options: Any) -> requests.Response:
        return self._session.get(url, timeout=TIMEOUTS, allow_redirects=False, **_kept(options))

    def post(self, url: str, **options: Any) -> requests.Response:
        return self._session.post(url, timeout=TIMEOUTS, allow_redirects=False, **_kept(options))

    def close(self) -> None:
        self._session.close()


def _kept(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name in ("params", "data", "headers")}


def _credential(app: EntraApp) -> str | dict[str, str]:
    """msal's form of a secret, or of a certificate with its key."""
    if app.certificate_file is None:
        return app.client_secret
    try:
        pem = app.certificate_file.read_text(encoding="ascii")
    except (OSError, ValueError):
        place = app.certificate_file
        raise SettingsError((f"microsoft.certificate_file: {place} is no PEM file",)) from None
    return {"private_key": pem, "public_certificate": pem}


def _read(content: Mapping[str, Any], now: datetime) -> Granted:
    if "error" in content:
        raise _refused(content)
    return read_granted(VENDOR, content, now)


def _name_in(content: Mapping[str, Any]) -> str:
    claims: Mapping[str, Any] = content.get("id_token_claims") or {}
    return str(claims.get("preferred_username") or "")


def _refused(content: Mapping[str, Any]) -> VendorError:
    """Microsoft's descriptions begin with AADSTS and a number, which names the reason; what follows may hold names."""
    described = str(content.get("error_description") or "")
    code = described.partition(":")[0] if described.startswith("AADSTS") else str(content.get("error") or "refused")
    remedies = {
        "AADSTS7000215": "check client_secret in [microsoft]",
        "AADSTS700016": "check client_id and tenant in [microsoft]",
        "AADSTS50011": "register the address http://localhost in the application (Mobile and desktop applications)",
        "AADSTS65001": "let an administrator consent to the application's permissions",
        "access_denied": "log in again and allow it",
    }
    remedy = remedies.get(code, "log in anew: mailsync connect USER microsoft")
    return LoginRefused(VENDOR, f"microsoft refused the log-in: {code}", code=code, remedy=remedy)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:200]
