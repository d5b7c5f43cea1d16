"""msal, unmodified, over TLS: authorization code with PKCE, refresh, device code, client credentials, certificate."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msal
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from mailsync.sandbox.microsoft.oauth.registration import CLIENT_ID
from mailsync.sandbox.server import RunningSandbox, running_sandbox

SCOPES = ["https://graph.microsoft.com/Contacts.ReadWrite", "User.Read"]
BACK = "http://localhost:8765"


@pytest.fixture
def box() -> Iterator[RunningSandbox]:
    with running_sandbox("empty", tls=True) as box:
        yield box


@pytest.fixture
def web(box: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> requests.Session:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    session = requests.Session()
    session.verify, session.trust_env = str(box.ca), False
    return session


def authority(box: RunningSandbox) -> str:
    return f"{box.url}/acme.example"


def public(box: RunningSandbox, web: requests.Session) -> Any:
    return msal.PublicClientApplication(
        CLIENT_ID, authority=authority(box), instance_discovery=False, validate_authority=False, http_client=web
    )


def confidential(box: RunningSandbox, web: requests.Session, credential: Any) -> Any:
    return msal.ConfidentialClientApplication(
        CLIENT_ID,
        authority=authority(box),
        client_credential=credential,
        instance_discovery=False,
        validate_authority=False,
        http_client=web,
    )


def sign_in(box: RunningSandbox, app: Any) -> dict[str, Any]:
    flow = app.initiate_auth_code_flow(SCOPES, redirect_uri=BACK)
    location = box.sandbox.act("cem", "tenant_sign_in", {"url": flow["auth_uri"]})["location"]
    answer = {name: found[0] for name, found in parse_qs(urlsplit(location).query).items()}
    return app.acquire_token_by_auth_code_flow(flow, answer)


def read(box: RunningSandbox, web: requests.Session, token: str, path: str = "me/contacts") -> int:
    return web.get(f"{box.url}/v1.0/{path}", headers={"Authorization": f"Bearer {token}"}).status_code


def test_authorization_code_with_pkce_and_refresh(box: RunningSandbox, web: requests.Session) -> None:
    app = public(box, web)
    first = sign_in(box, app)
    assert first["id_token_claims"]["preferred_username"] == "cem@acme.example"
    assert read(box, web, first["access_token"]) == 200
    (account,) = app.get_accounts()
    again = app.acquire_token_silent(SCOPES, account, force_refresh=True)
    assert again["access_token"] != first["access_token"]
    assert read(box, web, again["access_token"]) == 200
    box.sandbox.advance(3600)
    assert read(box, web, again["access_token"]) == 401


def test_a_changed_password_ends_the_refresh_token(box: RunningSandbox, web: requests.Session) -> None:
    app = public(box, web)
    first = sign_in(box, app)
    box.sandbox.act("cem", "tenant_revoke", {})
    assert read(box, web, first["access_token"]) == 401
    refused = app.acquire_token_by_refresh_token(first["refresh_token"], SCOPES)
    assert (refused["error"], refused["error_codes"]) == ("invalid_grant", [50173])


def test_device_code(box: RunningSandbox, web: requests.Session) -> None:
    app = public(box, web)
    flow = app.initiate_device_flow(SCOPES)
    pending = app.acquire_token_by_device_flow(flow, exit_condition=lambda _: True)
    assert pending["error"] == "authorization_pending"
    box.sandbox.act("cem", "tenant_device", {"user_code": flow["user_code"]})
    assert read(box, web, app.acquire_token_by_device_flow(flow)["access_token"]) == 200
    denied = app.initiate_device_flow(SCOPES)
    box.sandbox.act("cem", "tenant_device", {"user_code": denied["user_code"], "approved": False})
    assert app.acquire_token_by_device_flow(denied)["error"] == "access_denied"


def test_an_applications_own_token_by_secret_and_by_certificate(box: RunningSandbox, web: requests.Session) -> None:
    scope = ["https://graph.microsoft.com/.default"]
    token = confidential(box, web, "sandbox-secret").acquire_token_for_client(scope)["access_token"]
    assert read(box, web, token, "users/cem@acme.example/contacts") == 200
    assert read(box, web, token) == 400
    wrong = confidential(box, web, "wrong").acquire_token_for_client(scope)
    assert (wrong["error"], wrong["error_codes"]) == ("invalid_client", [7000215])
    key, certificate = make_certificate()
    details = {"client_id": CLIENT_ID, "certificate": certificate, "roles": ["Contacts.Read"]}
    box.sandbox.act("admin", "tenant_app", details)
    app = confidential(box, web, {"private_key": key, "public_certificate": certificate})
    token = app.acquire_token_for_client(scope)["access_token"]
    assert read(box, web, token, "users/cem@acme.example/contacts") == 200
    headers = {"Authorization": f"Bearer {token}"}
    made = web.post(f"{box.url}/v1.0/users/cem@acme.example/contacts", json={"givenName": "A"}, headers=headers)
    assert made.json()["error"]["code"] == "ErrorAccessDenied"


def make_certificate() -> tuple[str, str]:
    key = generate_private_key(public_exponent=65537, key_size=2048)
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mailsync")]), datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    signed = builder.serial_number(x509.random_serial_number()).not_valid_before(now)
    signed = signed.not_valid_after(now + timedelta(days=3650)).sign(key, SHA256())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem.decode(), signed.public_bytes(Encoding.PEM).decode()


@pytest.mark.parametrize(
    ("form", "error", "number"),
    [
        ({"grant_type": "authorization_code", "client_id": CLIENT_ID, "code": "x", "redirect_uri": BACK},
         "invalid_grant", 70000),
        ({"grant_type": "refresh_token", "client_id": "other", "refresh_token": "x"}, "unauthorized_client", 700016),
        ({"grant_type": "refresh_token", "client_id": CLIENT_ID}, "invalid_request", 900144),
        ({"grant_type": "password", "client_id": CLIENT_ID}, "unsupported_grant_type", 70003),
        ({"grant_type": "client_credentials", "client_id": CLIENT_ID, "scope": "x/.default"},
         "invalid_client", 7000218),
    ],
)  # fmt: skip
def test_refusals_have_the_tenants_numbers(
    box: RunningSandbox, web: requests.Session, form: dict[str, str], error: str, number: int
) -> None:
    answer = web.post(f"{authority(box)}/oauth2/v2.0/token", data=form).json()
    assert (answer["error"], answer["error_codes"]) == (error, [number])
    assert answer["error_description"].startswith(f"AADSTS{number}: ")


def test_a_persons_browser_signs_in_on_the_page(box: RunningSandbox, web: requests.Session) -> None:
    app = public(box, web)
    flow = app.initiate_auth_code_flow(SCOPES, redirect_uri=BACK)
    assert "Password" in web.get(flow["auth_uri"]).text
    login = {"login": "cem@acme.example", "passwd": "wrong", "step": "accept"}
    assert "AADSTS50126" in web.post(flow["auth_uri"], data=login).text
    posted = web.post(flow["auth_uri"], data={**login, "passwd": "sandbox"}, allow_redirects=False)
    answer = {name: found[0] for name, found in parse_qs(urlsplit(posted.headers["location"]).query).items()}
    assert "access_token" in app.acquire_token_by_auth_code_flow(flow, answer)
    elsewhere = web.get(flow["auth_uri"].replace("localhost", "evil.example"), allow_redirects=False)
    assert (elsewhere.status_code, "AADSTS50011" in elsewhere.text) == (400, True)
