"""The log-in of Google accounts: codes with PKCE, refresh, devices, service accounts, and the end of tokens."""

import base64
import hashlib
import json
import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from google.auth import crypt, jwt

from mailsync.sandbox.google import Google
from mailsync.sandbox.google.grants import CONTACTS, EMAIL, PROFILE, READ_ONLY
from mailsync.sandbox.google.oauth.keys import SERVICE_ACCOUNT
from mailsync.sandbox.google.oauth.registry import INSTALLED, SECRET
from mailsync.sandbox.vendor import Answer, Clock, Request

WEB = "sandbox-web.apps.googleusercontent.com"
DEVICE = "sandbox-device.apps.googleusercontent.com"
BACK = "http://127.0.0.1:45678/back"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
FORM = "application/x-www-form-urlencoded"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def post(google: Google, path: str, **form: str) -> tuple[int, Any]:
    answer = google.answer(Request("POST", path, "", {"content-type": FORM}, urlencode(form).encode()))
    return answer.status, json.loads(answer.body)


def token(google: Google, grant: str, client: str = INSTALLED, **form: str) -> tuple[int, Any]:
    return post(google, "/token", grant_type=grant, client_id=client, client_secret=SECRET, **form)


def query(**more: str) -> dict[str, str]:
    return {
        "client_id": INSTALLED,
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": f"{CONTACTS} email",
        "state": "s&1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **more,
    }


def consent(google: Google, asked: dict[str, str], **more: Any) -> dict[str, str]:
    given = google.act("bob", "consent", {"url": f"http://x/o/oauth2/v2/auth?{urlencode(asked)}", **more})
    assert given is not None
    return dict(parse_qsl(urlsplit(given["location"]).query))


class Browser:
    """A person's browser: it keeps cookies, fills forms in and follows redirects within Google."""

    def __init__(self, google: Google) -> None:
        self.google, self.cookie, self.page = google, "", ""

    def go(self, path: str, form: dict[str, str] | None = None) -> str:
        """Where it ends: the location of a redirect that leaves Google, else ''."""
        where, _, text = path.partition("?")
        body = b"" if form is None else urlencode(form).encode()
        headers = {"cookie": self.cookie, "content-type": FORM}
        verb = "GET" if form is None else "POST"
        answer: Answer = self.google.answer(Request(verb, where, text, headers, body))
        self.cookie = answer.headers.get("set-cookie", self.cookie).partition(";")[0]
        self.page = answer.body.decode()
        location = answer.headers.get("location", "")
        if location.startswith("/"):
            return self.go(location)
        return location

    def submit(self, **form: str) -> str:
        """Posts the page's form with its hidden fields."""
        found = re.search(r'action="([^"]*)"', self.page)
        assert found is not None
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', self.page))
        return self.go(unescape(found[1]), {**hidden, **form})


def test_a_person_logs_in_allows_and_is_sent_back(google: Google) -> None:
    browser = Browser(google)
    assert browser.go(f"/o/oauth2/v2/auth?{urlencode(query())}") == ""
    assert "Sign in" in browser.page
    browser.submit(identifier="bob@acme.example", password="wrong")
    assert "Wrong password" in browser.page
    browser.submit(identifier="bob@acme.example", password="sandbox")
    assert "permanently delete your contacts" in browser.page
    back = browser.submit(step="allow")
    given = parse_qs(urlsplit(back).query)
    assert (back.startswith(f"{BACK}?"), given["state"]) == (True, ["s&1"])
    status, tokens = token(
        google, "authorization_code", code=given["code"][0], redirect_uri=BACK, code_verifier=VERIFIER
    )
    assert (status, tokens["token_type"], tokens["expires_in"]) == (200, "Bearer", 3599)
    assert tokens["scope"] == f"{CONTACTS} {EMAIL}"
    assert tokens["refresh_token"].startswith("1//")
    again = browser.go(f"/o/oauth2/v2/auth?{urlencode(query())}")
    assert again.startswith(BACK)  # who allowed these scopes before is not asked again
    browser.go(f"/o/oauth2/v2/auth?{urlencode(query(prompt='consent'))}")
    assert parse_qs(urlsplit(browser.submit(step="deny")).query)["error"] == ["access_denied"]


def test_a_form_of_another_site_allows_nothing(google: Google) -> None:
    browser = Browser(google)
    browser.go(f"/authorize?{urlencode(query())}")
    browser.submit(identifier="bob", password="sandbox")
    assert browser.submit(step="allow", proof="forged") == ""
    assert "wants to access" in browser.page


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"client_id": "none"}, "invalid_client"),
        ({"redirect_uri": "https://evil.example/x"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "http://127.0.0.1.evil.example/"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "https://127.0.0.1/"}, "redirect_uri_mismatch"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "mail"}, "invalid_scope"),
        ({"scope": ""}, "Missing required parameter: scope"),
        ({"prompt": "maybe"}, "prompt"),
        ({"code_challenge_method": "S512"}, "code_challenge_method"),
        ({"code_challenge": "short"}, "code_challenge"),
        ({"access_type": "sometimes"}, "access_type"),
    ],
)
def test_errors_of_the_authorization_page_stay_on_it(google: Google, changed: dict[str, str], said: str) -> None:
    browser = Browser(google)
    assert browser.go(f"/o/oauth2/v2/auth?{urlencode(query(**changed))}") == ""
    assert "Access blocked" in browser.page
    assert said in unescape(browser.page)


def test_loopback_addresses_of_any_port_are_an_installed_applications(google: Google) -> None:
    for uri in ("http://localhost:1/x", "http://[::1]:9/", "http://127.0.0.1"):
        assert "code" in consent(google, query(redirect_uri=uri))
    browser = Browser(google)
    browser.go(f"/o/oauth2/v2/auth?{urlencode(query(client_id=WEB))}")
    assert "redirect_uri_mismatch" in browser.page


def test_prompt_none_asks_nobody(google: Google) -> None:
    back = Browser(google).go(f"/o/oauth2/v2/auth?{urlencode(query(prompt='none'))}")
    assert parse_qs(urlsplit(back).query)["error"] == ["login_required"]


def test_a_code_is_good_once_and_for_ten_minutes(google: Google, clock: Clock) -> None:
    code = consent(google, query())["code"]
    form = {"code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
    _, tokens = token(google, "authorization_code", **form)
    status, body = token(google, "authorization_code", **form)
    assert (status, body["error"]) == (400, "invalid_grant")
    status, _ = token(google, "refresh_token", refresh_token=tokens["refresh_token"])
    assert status == 400  # whoever has the code twice keeps nothing
    late = consent(google, query())["code"]
    clock.advance(600)
    assert token(google, "authorization_code", **{**form, "code": late})[1]["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_verifier": "w" * 64}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_grant"),
        ({"redirect_uri": "http://127.0.0.1:1/"}, "redirect_uri_mismatch"),
        ({"code": "4/0none"}, "invalid_grant"),
        ({"client": WEB}, "invalid_grant"),
        ({"client": "none"}, "invalid_client"),
    ],
)
def test_codes_are_checked(google: Google, changed: dict[str, str], error: str) -> None:
    form = {"code": consent(google, query())["code"], "redirect_uri": BACK, "code_verifier": VERIFIER, **changed}
    assert token(google, "authorization_code", **form)[1]["error"] == error


def test_plain_challenges(google: Google) -> None:
    code = consent(google, query(code_challenge=VERIFIER, code_challenge_method="plain"))["code"]
    assert token(google, "authorization_code", code=code, redirect_uri=BACK, code_verifier=VERIFIER)[0] == 200


def test_a_web_application_gets_a_refresh_token_only_when_asked_offline(google: Google) -> None:
    back = "https://mailsync.example/callback"
    for access, given in (("online", False), ("offline", True)):
        asked = query(client_id=WEB, redirect_uri=back, access_type=access)
        code = consent(google, asked)["code"]
        _, tokens = token(google, "authorization_code", WEB, code=code, redirect_uri=back, code_verifier=VERIFIER)
        assert ("refresh_token" in tokens) is given


def test_scopes_given_before_are_included_when_asked(google: Google) -> None:
    consent(google, query(scope=READ_ONLY))
    assert READ_ONLY in consent(google, query(include_granted_scopes="true"))["scope"].split()


def test_a_refresh_gives_access_for_an_hour_and_no_new_refresh_token(google: Google, clock: Clock) -> None:
    tokens = google.act("bob", "consent", {})
    assert tokens is not None
    clock.advance(3599)
    assert people(google, tokens["access_token"]) == 401
    status, fresh = token(google, "refresh_token", refresh_token=tokens["refresh_token"])
    assert (status, "refresh_token" in fresh, people(google, fresh["access_token"])) == (200, False, 200)
    narrowed = token(google, "refresh_token", refresh_token=tokens["refresh_token"], scope=EMAIL)[1]
    assert narrowed["scope"] == EMAIL
    wider = token(google, "refresh_token", refresh_token=tokens["refresh_token"], scope=READ_ONLY)
    assert wider[1]["error"] == "invalid_scope"


def people(google: Google, access: str) -> int:
    headers = {"authorization": f"Bearer {access}"}
    return google.answer(Request("GET", "/v1/people/me/connections", "personFields=names", headers, b"")).status


def test_a_refresh_token_that_lies_idle_for_six_months_ends(google: Google, clock: Clock) -> None:
    tokens = google.act("bob", "consent", {})
    assert tokens is not None
    clock.advance(184 * 86_400)
    status, body = token(google, "refresh_token", refresh_token=tokens["refresh_token"])
    assert (status, body) == (
        400,
        {"error": "invalid_grant", "error_description": "Token has been expired or revoked."},
    )


def test_the_hundred_and_first_refresh_token_ends_the_first(google: Google) -> None:
    given = [google.act("bob", "consent", {}) for _ in range(101)]
    refresh = [each["refresh_token"] for each in given if each is not None]
    assert [token(google, "refresh_token", refresh_token=each)[0] for each in (refresh[0], refresh[1])] == [400, 200]


@pytest.mark.parametrize("which", ["refresh_token", "access_token"])
def test_revoking_either_token_ends_both(google: Google, which: str) -> None:
    tokens = google.act("bob", "consent", {})
    assert tokens is not None
    assert post(google, "/revoke", token=tokens[which]) == (200, {})
    assert people(google, tokens["access_token"]) == 401
    assert token(google, "refresh_token", refresh_token=tokens["refresh_token"])[1]["error"] == "invalid_grant"
    assert post(google, "/revoke", token=tokens[which]) == (
        400,
        {"error": "invalid_token", "error_description": "Token expired or revoked"},
    )


def test_a_person_takes_the_access_back(google: Google) -> None:
    tokens = google.act("bob", "consent", {})
    assert tokens is not None
    assert google.act("bob", "revoke_access", {}) == {"refresh_tokens": 1}
    assert people(google, tokens["access_token"]) == 401


def test_a_device_waits_for_its_code_to_be_typed_in(google: Google, clock: Clock) -> None:
    status, given = post(google, "/device/code", client_id=DEVICE, scope=CONTACTS)
    assert (status, given["interval"], given["expires_in"]) == (200, 5, 1800)
    assert re.fullmatch(r"[A-Z]{4}-[A-Z]{4}", given["user_code"])

    def poll() -> tuple[int, str]:
        status, body = token(google, DEVICE_GRANT, DEVICE, device_code=given["device_code"])
        return status, body.get("error", "")

    assert poll() == (428, "authorization_pending")
    assert poll() == (403, "slow_down")
    clock.advance(6)
    assert poll() == (428, "authorization_pending")
    browser = Browser(google)
    browser.go("/device")
    browser.submit(user_code="XXXX-XXXX", identifier="bob", password="sandbox", step="allow")
    assert "didn't work" in unescape(browser.page)
    browser.submit(user_code=given["user_code"].lower(), identifier="bob", password="sandbox", step="allow")
    assert "Success" in browser.page
    clock.advance(6)
    status, tokens = token(google, DEVICE_GRANT, DEVICE, device_code=given["device_code"])
    assert (status, people(google, tokens["access_token"]), "refresh_token" in tokens) == (200, 200, True)
    assert poll() == (400, "invalid_grant")


def test_a_device_is_denied_or_comes_too_late(google: Google, clock: Clock) -> None:
    denied, late = (post(google, "/device", client_id=DEVICE, scope=CONTACTS)[1] for _ in range(2))
    google.act("bob", "enter_code", {"user_code": denied["user_code"], "allow": False})
    assert token(google, DEVICE_GRANT, DEVICE, device_code=denied["device_code"])[1]["error"] == "access_denied"
    clock.advance(1800)
    assert token(google, DEVICE_GRANT, DEVICE, device_code=late["device_code"])[1]["error"] == "expired_token"
    assert post(google, "/device/code", client_id=DEVICE, scope="mail")[1]["error"] == "invalid_scope"
    assert post(google, "/device/code", client_id="none", scope=CONTACTS)[0] == 401


def assertion(google: Google, clock: Clock, **changed: Any) -> str:
    key = google.act("admin", "service_account_key", {})
    assert key is not None
    now = int(clock.now().timestamp())
    claims = {
        "iss": SERVICE_ACCOUNT,
        "sub": "bob@acme.example",
        "scope": CONTACTS,
        "aud": "https://oauth2.googleapis.com/token",
        "iat": now,
        "exp": now + 3600,
        **changed,
    }
    return jwt.encode(crypt.RSASigner.from_service_account_info(key), claims).decode()


def test_a_service_account_acts_in_the_name_of_a_user(google: Google, clock: Clock) -> None:
    status, given = post(google, "/token", grant_type=JWT_GRANT, assertion=assertion(google, clock))
    assert (status, "refresh_token" in given, people(google, given["access_token"])) == (200, False, 200)


@pytest.mark.parametrize(
    ("changed", "error", "said"),
    [
        ({"iss": "none@x.iam.gserviceaccount.com"}, "invalid_grant", "account not found"),
        ({"sub": "nobody@acme.example"}, "invalid_grant", "Invalid email or User ID"),
        ({"sub": None}, "unauthorized_client", "Client is unauthorized"),
        ({"aud": "https://elsewhere.example/token"}, "invalid_grant", "Failed audience check"),
        ({"exp": 1}, "invalid_grant", "short-lived token"),
        ({"iat": "now"}, "invalid_grant", "short-lived token"),
        ({"exp": 9_999_999_999}, "invalid_grant", "short-lived token"),
        ({"scope": ""}, "invalid_scope", "Invalid OAuth scope"),
        ({"scope": "mail"}, "invalid_scope", "invalid"),
        ({"scope": "https://www.googleapis.com/auth/directory.readonly"}, "unauthorized_client", "not authorized"),
    ],
)
def test_assertions_are_checked(google: Google, clock: Clock, changed: Any, error: str, said: str) -> None:
    status, body = post(google, "/token", grant_type=JWT_GRANT, assertion=assertion(google, clock, **changed))
    assert (body["error"], said in body["error_description"]) == (error, True)
    assert status in (400, 401)


def test_a_signature_of_another_key_is_none(google: Google, clock: Clock) -> None:
    head, _, rest = assertion(google, clock).partition(".")
    claims = assertion(google, clock, sub="eve@acme.example").split(".")[1]
    for text in (f"{head}.{claims}.{rest.partition('.')[2]}", "a.b.c", "x", f"{head}.{claims}."):
        status, body = post(google, "/token", grant_type=JWT_GRANT, assertion=text)
        assert (status, body["error"]) == (400, "invalid_grant")


def test_delegation_is_the_administrators(google: Google, clock: Clock) -> None:
    google.act("admin", "delegate", {"scopes": [READ_ONLY]})
    status, body = post(google, "/token", grant_type=JWT_GRANT, assertion=assertion(google, clock))
    assert (status, body["error"]) == (401, "unauthorized_client")
    given = post(google, "/token", grant_type=JWT_GRANT, assertion=assertion(google, clock, scope=READ_ONLY))[1]
    assert people(google, given["access_token"]) == 200


def test_userinfo_and_tokeninfo(google: Google) -> None:
    tokens = google.act("bob", "consent", {"scopes": [EMAIL, PROFILE, CONTACTS]})
    assert tokens is not None
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    for path in ("/userinfo", "/v1/userinfo", "/oauth2/v3/userinfo"):
        shown = json.loads(google.answer(Request("GET", path, "", headers, b"")).body)
        assert (shown["email"], shown["email_verified"], shown["name"]) == ("bob@acme.example", True, "Bob")
    older = json.loads(google.answer(Request("GET", "/oauth2/v2/userinfo", "", headers, b"")).body)
    assert (older["id"], older["verified_email"]) == (shown["sub"], True)
    text = urlencode({"access_token": tokens["access_token"]})
    info = json.loads(google.answer(Request("GET", "/tokeninfo", text, {}, b"")).body)
    assert (info["aud"], info["email"], int(info["expires_in"]) > 3500) == (INSTALLED, "bob@acme.example", True)
    wrong = google.answer(Request("GET", "/tokeninfo", "access_token=x", {}, b""))
    assert (wrong.status, json.loads(wrong.body)["error_description"]) == (400, "Invalid Value")
    only = google.act("bob", "consent", {"scopes": [CONTACTS]})
    assert only is not None
    headers = {"authorization": f"Bearer {only['access_token']}"}
    assert google.answer(Request("GET", "/userinfo", "", headers, b"")).status == 403
    assert google.answer(Request("GET", "/userinfo", "", {}, b"")).status == 401


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, 400, "invalid_request"),
        ({"grant_type": "refresh_token", "client_id": INSTALLED}, 400, "invalid_request"),
        ({"grant_type": "refresh_token", "client_id": INSTALLED, "client_secret": "x"}, 401, "invalid_client"),
    ],
)
def test_token_requests_that_are_none(google: Google, form: dict[str, str], status: int, error: str) -> None:
    assert (lambda given: (given[0], given[1]["error"]))(post(google, "/token", **form)) == (status, error)


def test_credentials_may_be_basic_and_bodies_json(google: Google) -> None:
    tokens = google.act("bob", "consent", {})
    assert tokens is not None
    coded = base64.b64encode(f"{INSTALLED}:{SECRET}".encode()).decode()
    body = json.dumps({"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}).encode()
    headers = {"authorization": f"Basic {coded}", "content-type": "application/json"}
    assert google.answer(Request("POST", "/token", "", headers, body)).status == 200
    for broken in (b"[]", b"{"):
        assert google.answer(Request("POST", "/token", "", headers, broken)).status == 400
