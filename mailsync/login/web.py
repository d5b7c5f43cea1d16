"""The authorization code with PKCE, and refreshing: Salesforce and Google, through Authlib.

A token request is sent once and follows no redirect: where refresh tokens rotate, a repeated one may end the log-in
(vendors/salesforce.md §7), and a secret belongs to its vendor alone.
"""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false
# Authlib publishes no types.

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session

from mailsync.errors import AnswerBroken, LoginRefused, Unreachable, VendorError
from mailsync.login.answers import Unmeasured, measure
from mailsync.login.apps import App
from mailsync.login.grant import Granted

TIMEOUTS = (10.0, 30.0)  # seconds: to connect, to answer
_ONCE: Mapping[str, Any] = {"timeout": TIMEOUTS, "allow_redirects": False}


@dataclass(frozen=True, slots=True)
class Started:
    """A log-in under way: the address that the person opens, and what its answer is held against."""

    url: str
    redirect: str
    state: str
    verifier: str = field(repr=False)


def start(app: App, redirect: str) -> Started:
    """Begins a log-in whose answer comes to the address `redirect`. Sends nothing."""
    verifier, state = generate_token(64), generate_token(32)
    with _session(app, redirect) as session:
        url, _ = session.create_authorization_url(app.authorize_url, state=state, code_verifier=verifier, **app.extra)
    return Started(url, redirect, state, verifier)


def redeem(app: App, started: Started, answer: Mapping[str, str], now: datetime) -> Granted:
    """The grant for what came to the redirect address (its query's parameters). Raises LoginRefused, Unreachable,
    AnswerBroken.
    """
    if answer.get("state") != started.state:
        raise LoginRefused(app.vendor, "the answer belongs to another log-in", code="state", remedy="begin anew")
    if answer.get("error"):
        raise _refused(app, answer["error"], answer.get("error_description", ""))
    if not answer.get("code"):
        raise LoginRefused(app.vendor, "the answer holds no code", code="no_code", remedy="begin anew")
    with _session(app, started.redirect) as session:
        return _ask(
            app,
            now,
            lambda: session.fetch_token(
                app.token_url, code=answer["code"], code_verifier=started.verifier, state=started.state, **_ONCE
            ),
        )


def refresh(app: App, token: str, now: datetime) -> Granted:
    """The next grant for a refresh token; it holds the refresh token to use from now on. Raises LoginRefused,
    Unreachable where nothing was sent, AnswerBroken where the answer is lost.
    """
    with _session(app, None) as session:
        granted = _ask(
            app, now, lambda: session.refresh_token(app.token_url, refresh_token=token, **_ONCE), spending=True
        )
    return granted if granted.refresh else Granted(granted.access, token, granted.ends)


def ask_who(app: App, access: str) -> Mapping[str, Any]:
    """What the vendor's userinfo says of an access token's owner. Raises VendorError."""
    with plain_session(app.ca) as session:
        try:
            answer = session.get(app.userinfo_url, headers={"Authorization": f"Bearer {access}"}, **_ONCE)
        except requests.RequestException as error:
            raise unreachable(app.vendor, error) from None
    content = read_object(app.vendor, answer)
    if answer.status_code != HTTPStatus.OK:
        raise LoginRefused(app.vendor, f"{app.vendor} doesn't say whose token it is", code=str(answer.status_code))
    return content


def plain_session(ca: str | None) -> requests.Session:
    """A session that takes certificates from the settings alone, nothing from the environment, and no answer without
    measure."""
    session = requests.Session()
    session.trust_env = False
    session.verify = ca or True
    measure(session)
    return session


def read_object(vendor: str, answer: requests.Response) -> dict[str, Any]:
    """The JSON object of an answer. Raises AnswerBroken."""
    try:
        content = answer.json()
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise AnswerBroken(vendor, f"{vendor}'s answer is no JSON object", code="not_json")
    return content


def read_granted(vendor: str, content: Mapping[str, Any], now: datetime) -> Granted:
    """The grant in a token answer (RFC 6749, 5.1). Raises AnswerBroken."""
    access, seconds = content.get("access_token"), content.get("expires_in")
    if not isinstance(access, str) or not access:
        raise AnswerBroken(vendor, f"{vendor}'s answer holds no access token", code="no_token")
    try:
        ends = now + timedelta(seconds=float(seconds)) if seconds is not None else None
    except (TypeError, ValueError, OverflowError):
        raise AnswerBroken(vendor, f"{vendor}'s answer has an end that can't be read", code="expires_in") from None
    return Granted(access, str(content.get("refresh_token") or ""), ends)


def unreachable(vendor: str, error: requests.RequestException) -> VendorError:
    """A token or user request that got no answer, or none that may be believed, in words."""
    if isinstance(error, Unmeasured):
        return AnswerBroken(vendor, f"{vendor}'s answer to the log-in is too long to be believed", code="too_long")
    if isinstance(error, requests.exceptions.SSLError):
        return Unreachable(vendor, f"the certificate of {vendor} is not trusted", code="tls", remedy="check ca")
    return Unreachable(vendor, f"the log-in of {vendor} can't be reached", code="connect", remedy="check the network")


def _session(app: App, redirect: str | None) -> Any:
    session: Any = OAuth2Session(
        app.client_id,
        app.client_secret or None,
        scope=" ".join(app.scopes) if redirect else None,
        redirect_uri=redirect,
        code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_post" if app.client_secret else "none",
    )
    session.trust_env = False
    session.verify = app.ca or True
    measure(session)
    return session


def _ask(app: App, now: datetime, call: Callable[[], Mapping[str, Any]], *, spending: bool = False) -> Granted:
    try:
        return read_granted(app.vendor, call(), now)
    except OAuthError as error:
        raise _refused(app, str(error.error), str(error.description or "")) from None
    except requests.exceptions.JSONDecodeError:
        raise AnswerBroken(app.vendor, f"{app.vendor}'s answer is no JSON object", code="not_json") from None
    except requests.RequestException as error:
        raise _lost(app, error, spending=spending) from None


def _lost(app: App, error: requests.RequestException, *, spending: bool) -> VendorError:
    """A refresh that may have been carried out must not be repeated: only a later session tries again."""
    never_sent = isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.SSLError)
    reason = getattr(error.args[0], "reason", None) if error.args else None
    if not spending or never_sent or type(reason).__name__ in ("NewConnectionError", "NameResolutionError"):
        return unreachable(app.vendor, error)
    return AnswerBroken(app.vendor, f"{app.vendor}'s answer to a token request got lost", code="lost")


def _refused(app: App, code: str, description: str) -> VendorError:
    remedies = {
        "access_denied": "log in again and allow it",
        "invalid_client": f"check client_id and client_secret in [{app.vendor}]",
        "redirect_uri_mismatch": f"register the address in the app, or set redirect_port in [{app.vendor}]",
        "invalid_scope": "let the app ask for these scopes: " + ", ".join(app.scopes),
    }
    remedy = remedies.get(code, f"log in anew: mailsync connect USER {app.vendor}")
    said = f"{app.vendor} refused the log-in: {code}" + (f" ({description})" if description else "")
    return LoginRefused(app.vendor, said, code=code, remedy=remedy)
