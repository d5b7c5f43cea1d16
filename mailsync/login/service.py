"""Service accounts: one key of an administrator's acts for each person, who never logs in.

Google: domain-wide delegation (`sub` is the person). Salesforce: JWT bearer of an app that an administrator authorised.
"""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportPrivateImportUsage=false
# google-auth publishes no types.

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
import requests

from mailsync.errors import AnswerBroken, LoginRefused, SettingsError
from mailsync.login.apps import GOOGLE_SCOPES, App
from mailsync.login.grant import Granted
from mailsync.login.web import TIMEOUTS, plain_session, read_granted, read_object, unreachable

_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LIFE = 180  # seconds: Salesforce takes assertions that end within five minutes


def issue_google(key_file: Path, address: str, ca: str | None) -> Granted:
    """A token for a person's contacts, by a service account's JSON key. Raises SettingsError, LoginRefused,
    Unreachable.
    """
    from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError
    from google.auth.transport.requests import Request
    from google.oauth2.service_account import Credentials

    try:
        info = json.loads(key_file.read_text(encoding="utf-8"))
        made = Credentials.from_service_account_info(info, scopes=list(GOOGLE_SCOPES[:1]), subject=address)
    except (OSError, ValueError, GoogleAuthError):
        problem = f"google.service_account_file: {key_file} is no JSON key of a service account"
        raise SettingsError((problem,)) from None
    with plain_session(ca) as session:
        try:
            made.refresh(Request(session))
        except TransportError as error:
            cause = error.args[0] if error.args and isinstance(error.args[0], requests.RequestException) else None
            raise unreachable("google", cause or requests.ConnectionError()) from None
        except RefreshError as error:
            raise LoginRefused(
                "google",
                f"google refused the service account for {address}",
                code=_code_in(error.args),
                remedy="allow its client id domain-wide delegation with the scope " + GOOGLE_SCOPES[0],
            ) from None
    ends = made.expiry.replace(tzinfo=UTC) if made.expiry else None  # naive, in UTC (google-auth's own habit)
    return Granted(str(made.token), "", ends)


def _code_in(args: tuple[Any, ...]) -> str:
    found = args[1] if len(args) > 1 and isinstance(args[1], dict) else {}
    return str(found.get("error") or "refused")


def issue_salesforce(app: App, audience: str, username: str, key_file: Path, now: datetime) -> Granted:
    """A token for a person, by the private key (PEM) that belongs to the app's certificate. `audience`: the log-in
    host, https://login.salesforce.com or https://test.salesforce.com. Raises SettingsError, LoginRefused, Unreachable.
    """
    try:
        key = key_file.read_text(encoding="ascii")
        at = int(now.timestamp())
        claims = {"iss": app.client_id, "aud": audience, "sub": username, "exp": at + _LIFE}
        assertion = jwt.encode(claims, key, "RS256")
    except (OSError, ValueError, jwt.PyJWTError):
        raise SettingsError((f"salesforce.private_key_file: {key_file} is no private key (PEM)",)) from None
    form = {"grant_type": _JWT_BEARER, "assertion": assertion}
    with plain_session(app.ca) as session:
        try:
            answer = session.post(app.token_url, data=form, timeout=TIMEOUTS, allow_redirects=False)
        except requests.RequestException as error:
            raise unreachable(app.vendor, error) from None
    content = read_object(app.vendor, answer)
    if answer.status_code >= 500:
        raise AnswerBroken(app.vendor, "salesforce can't issue a token now", code=str(answer.status_code))
    if "error" in content:
        code = str(content["error"])
        remedy = "let an administrator authorise the app for this user; check client_id, key and user name"
        said = f"salesforce refused the app's assertion for {username}: {code} ({content.get('error_description', '')})"
        raise LoginRefused(app.vendor, said, code=code, remedy=remedy)
    return read_granted(app.vendor, content, now)
