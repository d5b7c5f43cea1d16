"""The log-in page, the approval page, and what the code is worth."""

import pytest

from tests.contract.sandbox_salesforce.desk import Office
from tests.contract.sandbox_salesforce.logins import (
    CALLBACK,
    VERIFIER,
    Person,
    call,
    challenge_of,
    code_of,
    exchange,
    refused,
    sent_back,
    tokens_of,
)


def test_a_person_logs_in_approves_and_comes_back(office: Office) -> None:
    person = Person(office)
    assert person.open().headers["x-frame-options"] == "DENY"
    assert "<script" not in person.page
    person.log_in()
    assert "Manage user data via APIs" in person.page
    back = sent_back(person.submit(step="allow"))
    assert back["state"] == "s t/a&te"
    assert back["code"].startswith("aPrx")
    assert back["code"].endswith("==")
    assert person.shown == ["Log in", "302", "Allow access?", "302"]
    assert exchange(office, back["code"]).status == 200


def test_who_has_approved_is_sent_back_at_once_unless_asked_again(office: Office) -> None:
    person = Person(office)
    person.open()
    person.log_in()
    code = sent_back(person.submit(step="allow"))["code"]
    person.open()
    assert person.shown[-1] == "Allow access?"
    assert exchange(office, code).status == 200
    assert set(sent_back(person.open())) == {"code", "state"}
    assert set(sent_back(person.open(prompt="none"))) == {"code", "state"}
    for prompt, page in [("consent", "Allow access?"), ("login", "Log in")]:
        person.open(prompt=prompt)
        assert person.shown[-1] == page
    person.log_in()
    assert set(sent_back(person.open())) == {"code", "state"}
    office.clock.advance(2 * 3600)
    person.open()
    assert person.shown[-1] == "Log in"


def test_denied(office: Office) -> None:
    person = Person(office)
    person.open()
    person.log_in()
    back = sent_back(person.submit(step="deny"))
    assert back == {
        "error": "access_denied",
        "error_description": "end-user denied authorization",
        "state": "s t/a&te",
    }


@pytest.mark.parametrize(
    ("username", "password"),
    [("ann@acme.example", "wrong"), ("nobody@acme.example", "sandbox"), ("ann", "sandbox"), ("ann@acme.example", "")],
)
def test_a_wrong_log_in_shows_the_page_again(office: Office, username: str, password: str) -> None:
    person = Person(office)
    person.open()
    person.log_in(username, password)
    assert person.shown == ["Log in", "Log in"]
    assert "Please check your username and password" in person.page
    assert person.cookie == ""


def test_who_was_deactivated_cannot_log_in_nor_go_on(office: Office) -> None:
    person = Person(office)
    person.open()
    person.log_in()
    office.admin.act("deactivate", user="ann")
    person.submit(step="allow")
    assert person.shown[-1] == "Log in"
    person.log_in()
    assert person.shown[-1] == "Log in"


def test_an_approval_from_another_site_is_asked_for_again(office: Office) -> None:
    person = Person(office)
    person.open()
    person.log_in()
    person.go(person.action, {"step": "allow", "proof": "guessed"})
    assert person.shown[-1] == "Allow access?"
    stranger = Person(office)
    stranger.open()
    stranger.go(stranger.action, {"step": "allow", "proof": ""})
    assert stranger.shown[-1] == "Log in"


def test_names_are_shown_as_text(office: Office) -> None:
    person = Person(office)
    person.open(login_hint='"><script>')
    assert "<script>" not in person.page
    person.log_in('"><script>', "x")
    assert "<script>" not in person.page


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        ({"client_id": "nobody"}, "error=invalid_client_id&error_description=client identifier invalid"),
        ({"redirect_uri": f"{CALLBACK}/"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "https://evil.example/callback"}, "redirect_uri must match configuration"),
        ({"redirect_uri": f"{CALLBACK}?x=1"}, "redirect_uri_mismatch"),
        ({"redirect_uri": ""}, "invalid_request"),
    ],
)
def test_nothing_is_sent_to_an_address_that_is_not_the_apps(office: Office, wish: dict[str, str], error: str) -> None:
    person = Person(office)
    answer = person.open(**wish)
    assert (answer.status, answer.headers.get("location")) == (400, None)
    assert error in person.page.replace("&amp;", "&")


@pytest.mark.parametrize(
    ("wish", "error", "description"),
    [
        ({"response_type": "token"}, "unsupported_response_type", "response type not supported"),
        ({"code_challenge": ""}, "invalid_request", "missing required code challenge"),
        ({"code_challenge_method": "plain"}, "invalid_request", "code challenge method not supported"),
        ({"code_challenge": "short"}, "invalid_request", "invalid code challenge"),
        ({"scope": "api everything"}, "invalid_scope", "the requested scope is invalid, unknown, or malformed"),
        ({"scope": "full"}, "invalid_scope", "the requested scope is not allowed"),
        ({"prompt": "none"}, "immediate_unsuccessful", None),
    ],
)
def test_errors_go_back_to_the_app(office: Office, wish: dict[str, str], error: str, description: str | None) -> None:
    back = sent_back(Person(office).open(**wish))
    assert (back["error"], back["state"]) == (error, "s t/a&te")
    assert description is None or back["error_description"] == description


def test_an_address_with_a_query_keeps_it(office: Office) -> None:
    office.admin.act("register_app", client_id="q", secret_required=False, redirect_uris=[f"{CALLBACK}?a=1"])
    answer = Person(office).open(client_id="q", redirect_uri=f"{CALLBACK}?a=1", response_type="x")
    assert answer.headers["location"].startswith(f"{CALLBACK}?a=1&error=unsupported_response_type&")


def test_a_code_holds_once_and_its_second_use_ends_what_the_first_gave(office: Office) -> None:
    code = code_of(office)
    given = exchange(office, code).body
    assert call(office, given["access_token"]).status == 200
    assert refused(exchange(office, code)) == (400, "invalid_grant", "expired authorization code")
    assert call(office, given["access_token"]).status == 401


def test_a_code_holds_for_fifteen_minutes(office: Office) -> None:
    early, late = code_of(office), code_of(office)
    office.clock.advance(14 * 60)
    assert exchange(office, early).status == 200
    office.clock.advance(61)
    assert refused(exchange(office, late)) == (400, "invalid_grant", "expired authorization code")


@pytest.mark.parametrize(
    ("form", "error", "description"),
    [
        ({"code_verifier": VERIFIER + "x"}, "invalid_grant", "invalid code verifier"),
        ({"code_verifier": ""}, "invalid_grant", "invalid code verifier"),
        ({"code_verifier": challenge_of(VERIFIER)}, "invalid_grant", "invalid code verifier"),
        ({"redirect_uri": "http://localhost:8765/callback"}, "redirect_uri_mismatch", None),
        ({"redirect_uri": ""}, "redirect_uri_mismatch", "redirect_uri must match configuration"),
        ({"client_id": "nobody"}, "invalid_client_id", "client identifier invalid"),
        ({"client_secret": "wrong"}, "invalid_client", "invalid client credentials"),
        ({"client_secret": ""}, "invalid_client", "invalid client credentials"),
        ({"code": "aPrxnever=="}, "invalid_grant", "invalid authorization code"),
        ({"client_id": "other", "client_secret": "its own"}, "invalid_grant", "invalid authorization code"),
        ({"grant_type": "password"}, "unsupported_grant_type", "grant type not supported"),
    ],
)
def test_a_code_is_given_to_its_own_app_alone(
    office: Office, form: dict[str, str], error: str, description: str | None
) -> None:
    office.admin.act("register_app", client_id="other", client_secret="its own", redirect_uris=[CALLBACK])
    code = code_of(office)
    got = refused(exchange(office, **{"code": code, **form}))
    assert got[:2] == (400, error)
    assert description is None or got[2] == description
    assert exchange(office, code).status == 200


def test_verifiers_are_of_up_to_128_bytes_and_s256_is_the_default(office: Office) -> None:
    for length, status in [(42, 400), (43, 200), (171, 200), (172, 400)]:
        verifier = "v" * length
        code = code_of(office, code_challenge=challenge_of(verifier), code_challenge_method="")
        assert exchange(office, code, code_verifier=verifier).status == status


def test_an_app_without_secret_or_challenge_where_it_may(office: Office) -> None:
    office.admin.act(
        "register_app", client_id="open", secret_required=False, pkce_required=False, redirect_uris=[CALLBACK]
    )
    public = {"client_id": "open", "client_secret": ""}
    wish = {"client_id": "open", "code_challenge": "", "code_challenge_method": ""}
    assert exchange(office, code_of(office, **wish), code_verifier="", **public).status == 200
    got = exchange(office, code_of(office, **wish), **public)
    assert refused(got) == (400, "invalid_grant", "invalid code verifier")


def test_scopes_are_those_allowed_and_only_one_gives_a_refresh_token(office: Office) -> None:
    everything = tokens_of(office)
    assert everything["scope"] == "id api refresh_token"
    only = tokens_of(office, scope="api")
    assert (only["scope"], "refresh_token" in only) == ("api", False)
    assert call(office, only["access_token"]).status == 200
    narrow = tokens_of(office, scope="id refresh_token")
    got = call(office, narrow["access_token"])
    assert (got.status, got.body[0]["errorCode"]) == (401, "INVALID_SESSION_ID")
    assert got.body[0]["message"] == "This session is not valid for use with the REST API"


def test_an_app_may_be_kept_to_approved_users(office: Office) -> None:
    office.admin.act("register_app", client_id="few", secret_required=False, redirect_uris=[CALLBACK], approved=["bob"])
    assert code_of(office, "bob@acme.example", client_id="few")
    person = Person(office)
    person.open(client_id="few")
    person.log_in()
    assert sent_back(person.submit(step="allow"))["error"] == "OAUTH_APP_BLOCKED"
