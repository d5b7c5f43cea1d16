"""Tokens: their answer, life, rotation, revocation; JWT bearers and client credentials; what may be asked of them."""

import base64
import hashlib
import hmac
from concurrent.futures import ThreadPoolExecutor

import orjson
import pytest
import requests

from mailsync.sandbox.server import running_sandbox
from mailsync.sandbox.vendor import Refused, Request
from tests.contract.sandbox_salesforce.desk import Office, open_office, read
from tests.contract.sandbox_salesforce.logins import (
    CALLBACK,
    CLIENT,
    JWT_BEARER,
    VERIFIER,
    Signer,
    call,
    code_of,
    exchange,
    make_signer,
    post,
    refresh,
    refused,
    tokens_of,
)

EXPIRED = (400, "invalid_grant", "expired access/refresh token")


@pytest.fixture(scope="module")
def signer() -> Signer:
    return make_signer()


@pytest.fixture
def trusted(office: Office, signer: Signer) -> Office:
    office.admin.act("register_app", client_id="jwt", secret_required=False, public_key=signer.public)
    return office


def bear(office: Office, assertion: str) -> tuple[int, dict[str, str]]:
    got = post(office, "token", grant_type=JWT_BEARER, assertion=assertion)
    return got.status, got.body


def claims(office: Office, **more: object) -> dict[str, object]:
    until = int(office.clock.now().timestamp()) + 180
    return {"iss": "jwt", "sub": "bob@acme.example", "aud": "https://login.salesforce.com", "exp": until, **more}


def introspect(office: Office, token: str, **form: str) -> dict[str, object]:
    return post(office, "introspect", **{**CLIENT, "token": token, **form}).body


def get(office: Office, path: str, token: str = "", query: str = ""):
    headers = {"host": "127.0.0.1:8025", **({"authorization": f"Bearer {token}"} if token else {})}
    return read(office.vendor.answer(Request("GET", path, query, headers, b"")))


def test_the_answer_has_the_vendors_fields_and_a_right_signature(office: Office) -> None:
    given = tokens_of(office)
    assert set(given) == {
        "access_token",
        "refresh_token",
        "signature",
        "scope",
        "instance_url",
        "id",
        "token_type",
        "issued_at",
    }
    assert given["access_token"].startswith(office.vendor.dump()["organisation"]["id"][:15] + "!")
    assert (given["token_type"], given["instance_url"]) == ("Bearer", "http://127.0.0.1:8025")
    assert abs(int(given["issued_at"]) / 1000 - office.clock.now().timestamp()) < 5
    signed = hmac.new(b"sandbox-secret", (given["id"] + given["issued_at"]).encode(), hashlib.sha256).digest()
    assert given["signature"] == base64.b64encode(signed).decode()


def test_the_vendors_own_hosts_are_https(office: Office) -> None:
    for host, instance in [("login.salesforce.com", "acme.my.salesforce.com"), ("acme.my.salesforce.com:8443", None)]:
        headers = {"host": host}
        got = post(office, "token", headers, **CLIENT, grant_type="refresh_token", refresh_token="x")
        assert refused(got) == EXPIRED
        code = code_of(office)
        form = {"code": code, "code_verifier": "", "redirect_uri": CALLBACK, "grant_type": "authorization_code"}
        given = post(office, "token", headers, **CLIENT, **{**form, "code_verifier": VERIFIER}).body
        assert given["instance_url"] == f"https://{instance or host}"
        assert given["id"].startswith(f"https://{host}/id/00D")


def test_access_tokens_serve_rest_and_soap_and_cost_nothing_to_get(office: Office) -> None:
    token = tokens_of(office)["access_token"]
    got = call(office, token)
    assert got.headers["Sforce-Limit-Info"] == "api-usage=1/15000"
    envelope = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com">'
        f"<e:Header><SessionHeader><sessionId>{token}</sessionId></SessionHeader></e:Header>"
        "<e:Body><undelete><ids>003000000000000AAA</ids></undelete></e:Body></e:Envelope>"
    )
    for body, status in [(envelope, 200), (envelope.replace(token, "00Dx!no"), 500)]:
        answer = office.vendor.answer(Request("POST", "/services/Soap/u/68.0", "", {}, body.encode()))
        assert answer.status == status


def test_a_session_ends_after_two_hours_without_use(office: Office) -> None:
    used, idle = tokens_of(office)["access_token"], tokens_of(office)["access_token"]
    office.clock.advance(3600 + 60)
    assert call(office, used).status == 200
    office.clock.advance(3600)
    assert call(office, used).status == 200
    assert call(office, idle).status == 401
    office.clock.advance(7200)
    got = call(office, used)
    assert got.body == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


def test_the_session_timeout_is_a_setting_of_the_world() -> None:
    office = open_office({"organisation": {"session_life": 900}})
    token = tokens_of(office)["access_token"]
    office.clock.advance(899 / 2 + 451)
    assert call(office, token).status == 401


def test_refresh_rotates_and_older_access_tokens_go_on(office: Office) -> None:
    first = tokens_of(office)
    second = refresh(office, first["refresh_token"]).body
    assert second["refresh_token"] != first["refresh_token"]
    assert second["scope"] == first["scope"]
    third = refresh(office, second["refresh_token"]).body
    for given in (first, second, third):
        assert call(office, given["access_token"]).status == 200


def test_a_rotated_token_used_again_ends_the_whole_family(office: Office) -> None:
    first, other = tokens_of(office), tokens_of(office)
    second = refresh(office, first["refresh_token"]).body
    third = refresh(office, second["refresh_token"]).body
    assert refused(refresh(office, first["refresh_token"])) == EXPIRED
    assert refused(refresh(office, third["refresh_token"])) == EXPIRED
    assert [call(office, given["access_token"]).status for given in (first, second, third)] == [401, 401, 401]
    assert call(office, other["access_token"]).status == 200
    assert refresh(office, other["refresh_token"]).status == 200


def test_two_refreshes_at_once_end_the_family() -> None:
    with running_sandbox("empty") as box, ThreadPoolExecutor(2) as pool:
        office = Office(box.sandbox.clock, box.sandbox.vendor("salesforce"))  # type: ignore[arg-type]
        held = tokens_of(office)["refresh_token"]
        form = {**CLIENT, "grant_type": "refresh_token", "refresh_token": held}
        sent = [pool.submit(requests.post, f"{box.url}/services/oauth2/token", form, timeout=10) for _ in range(2)]
        answers = sorted((one.result() for one in sent), key=lambda answer: answer.status_code)
        assert [answer.status_code for answer in answers] == [200, 400]
        won = answers[0].json()
        assert refused(refresh(office, won["refresh_token"])) == EXPIRED
        assert call(office, won["access_token"]).status == 401


def test_an_app_without_rotation_keeps_its_token(office: Office) -> None:
    office.admin.act("register_app", **CLIENT, redirect_uris=[CALLBACK], rotating=False)
    held = tokens_of(office)["refresh_token"]
    for _ in range(2):
        again = refresh(office, held)
        assert (again.status, "refresh_token" in again.body) == (200, False)


def test_a_refresh_token_is_its_apps_and_ends_when_idle(office: Office) -> None:
    office.admin.act("register_app", client_id="other", client_secret="its own")
    held = tokens_of(office)["refresh_token"]
    stolen = refresh(office, held, client_id="other", client_secret="its own")
    assert refused(stolen) == EXPIRED
    office.clock.advance(29 * 86400)
    held = refresh(office, held).body["refresh_token"]
    office.clock.advance(30 * 86400)
    assert refused(refresh(office, held)) == EXPIRED


def test_deactivated_users(trusted: Office, signer: Signer) -> None:
    ann, code = tokens_of(trusted), code_of(trusted)
    for user in ("ann", "bob"):
        trusted.admin.act("deactivate", user=user)
    expected = (400, "inactive_user", "user is inactive")
    assert refused(refresh(trusted, ann["refresh_token"])) == expected
    assert refused(exchange(trusted, code)) == expected
    status, body = bear(trusted, signer.sign(**claims(trusted)))
    assert (status, body["error"]) == (400, "inactive_user")
    assert call(trusted, ann["access_token"]).status == 401
    assert introspect(trusted, ann["access_token"]) == {"active": False}


def test_a_jwt_stands_for_its_user(trusted: Office, signer: Signer) -> None:
    for audience in ("https://login.salesforce.com", ["x", "https://acme.my.salesforce.com/"], "http://127.0.0.1:8025"):
        status, body = bear(trusted, signer.sign(**claims(trusted, aud=audience)))
        assert (status, body["scope"], "refresh_token" in body) == (200, "id api", False)
    text = str(int(trusted.clock.now().timestamp()) + 60)
    status, body = bear(trusted, signer.sign(**claims(trusted, exp=text, sub="BOB@acme.example")))
    user = get(trusted, "/services/oauth2/userinfo", body["access_token"]).body
    assert user["preferred_username"] == "bob@acme.example"


@pytest.mark.parametrize(
    ("change", "error", "description"),
    [
        ({"aud": "https://evil.example"}, "invalid_grant", "audience is invalid"),
        ({"aud": None}, "invalid_grant", "audience is invalid"),
        ({"iss": "nobody"}, "invalid_client_id", "client identifier invalid"),
        ({"iss": "mailsync"}, "invalid_grant", "invalid assertion"),
        ({"sub": "nobody@acme.example"}, "invalid_grant", "user hasn't approved this consumer"),
        ({"exp": 1}, "invalid_grant", "expired authorization code"),
        ({"exp": 4_000_000_000}, "invalid_grant", "invalid assertion"),
        ({"exp": "soon"}, "invalid_grant", "invalid assertion"),
        ({"exp": "nan"}, "invalid_grant", "invalid assertion"),
        ({"exp": True}, "invalid_grant", "invalid assertion"),
    ],
)
def test_what_a_jwt_must_say(
    trusted: Office, signer: Signer, change: dict[str, object], error: str, description: str
) -> None:
    status, body = bear(trusted, signer.sign(**claims(trusted, **change)))
    assert (status, body["error"], body["error_description"]) == (400, error, description)


def test_who_must_have_signed_a_jwt(trusted: Office, signer: Signer) -> None:
    right = signer.sign(**claims(trusted))
    head, _, signature = right.split(".")
    forged = base64.urlsafe_b64encode(orjson.dumps(claims(trusted, sub="admin@acme.example"))).rstrip(b"=").decode()
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    for assertion in (
        make_signer().sign(**claims(trusted)),
        signer.sign("RS512", **claims(trusted)),
        f"{head}.{forged}.{signature}",
        f"{none}.{forged}.",
        right[:-8],
        "no.jwt",
        "é.é.é",
        "",
    ):
        status, body = bear(trusted, assertion)
        assert (status, body["error"], body["error_description"]) == (400, "invalid_grant", "invalid assertion")


def test_a_jwt_needs_an_approved_user(office: Office, signer: Signer) -> None:
    office.admin.act("register_app", client_id="jwt", secret_required=False, public_key=signer.public, approved=["ann"])
    status, body = bear(office, signer.sign(**claims(office)))
    assert (status, body["error_description"]) == (400, "user hasn't approved this consumer")
    assert bear(office, signer.sign(**claims(office, sub="ann@acme.example")))[0] == 200


def test_client_credentials_run_as_one_user(office: Office) -> None:
    office.admin.act("register_app", client_id="bot", client_secret="its own", run_as="cem")
    office.admin.act("register_app", client_id="nobodys", client_secret="its own")
    basic = {"authorization": "Basic " + base64.b64encode(b"bot:its own").decode()}
    given = post(office, "token", basic, grant_type="client_credentials").body
    user = get(office, "/services/oauth2/userinfo", given["access_token"]).body
    assert (user["preferred_username"], "refresh_token" in given) == ("cem@acme.example", False)
    wrong = {"authorization": "Basic " + base64.b64encode(b"bot:wrong").decode()}
    got = post(office, "token", wrong, grant_type="client_credentials")
    assert refused(got) == (400, "invalid_client", "invalid client credentials")
    got = post(office, "token", grant_type="client_credentials", client_id="nobodys", client_secret="its own")
    assert refused(got) == (400, "invalid_grant", "no client credentials user enabled")
    got = post(office, "token", {**basic, "host": "login.salesforce.com"}, grant_type="client_credentials")
    assert refused(got) == (400, "invalid_grant", "request not supported on this domain")


def test_revoking_a_refresh_token_takes_its_access_tokens_along(office: Office) -> None:
    first, other = tokens_of(office), tokens_of(office)
    second = refresh(office, first["refresh_token"]).body
    got = post(office, "revoke", token=second["refresh_token"])
    assert (got.status, got.body) == (200, None)
    assert [call(office, given["access_token"]).status for given in (first, second, other)] == [401, 401, 200]
    assert refused(refresh(office, second["refresh_token"])) == EXPIRED
    assert refused(post(office, "revoke", token=second["refresh_token"]))[1] == "invalid_token"
    assert get(office, "/services/oauth2/revoke", query=f"token={other['access_token']}").status == 200
    assert call(office, other["access_token"]).status == 401
    assert refresh(office, other["refresh_token"]).status == 200


def test_introspection_is_for_the_tokens_own_app(office: Office) -> None:
    office.admin.act("register_app", client_id="other", client_secret="its own")
    given = tokens_of(office)
    seen = introspect(office, given["access_token"])
    now = office.clock.now().timestamp()
    assert {**seen, "exp": 0, "iat": 0, "nbf": 0} == {
        "active": True,
        "scope": "id api refresh_token",
        "client_id": "mailsync",
        "username": "ann@acme.example",
        "sub": given["id"],
        "token_type": "access_token",
        "exp": 0,
        "iat": 0,
        "nbf": 0,
    }
    assert abs(float(str(seen["exp"])) - now - 7200) < 5
    assert introspect(office, given["refresh_token"])["token_type"] == "refresh_token"
    for token, form in [("x", {}), (given["access_token"], {"client_id": "other", "client_secret": "its own"})]:
        assert introspect(office, token, **form) == {"active": False}
    assert refused(post(office, "introspect", token="x", client_id="mailsync"))[1] == "invalid_client"
    office.clock.advance(7200)
    assert introspect(office, given["access_token"]) == {"active": False}


def test_the_identity_url_is_for_oneself(office: Office) -> None:
    given = tokens_of(office)
    path = given["id"].removeprefix("http://127.0.0.1:8025")
    seen = get(office, path, given["access_token"]).body
    assert (seen["id"], seen["username"], seen["urls"]["custom_domain"]) == (
        given["id"],
        "ann@acme.example",
        "http://127.0.0.1:8025",
    )
    assert get(office, path, "sandbox-ann").body == seen
    assert get(office, path, query=f"oauth_token={given['access_token']}").status == 200
    for address, token, word in [
        (path, "", "Missing_OAuth_Token"),
        (path, "x", "Bad_OAuth_Token"),
        (path, "sandbox-bob", "Bad_Id"),
        (path.replace("/id/00D", "/id/00E"), "sandbox-ann", "Wrong_Org"),
        ("/id/", "sandbox-ann", "Wrong_Org"),
    ]:
        got = get(office, address, token)
        assert (got.status, got.body) == (403, word)


def test_administrators_end_tokens(office: Office) -> None:
    given = tokens_of(office)
    assert office.admin.act("expire_sessions", user="ann") == {"sessions": 1}
    assert call(office, given["access_token"]).status == 401
    given = refresh(office, given["refresh_token"]).body
    assert office.admin.act("revoke_approvals", user="ann") == {"approvals": 1, "sessions": 0}
    assert call(office, given["access_token"]).status == 401
    assert refused(refresh(office, given["refresh_token"])) == EXPIRED


def test_tokens_are_part_of_the_world(office: Office) -> None:
    given = tokens_of(office)
    second = refresh(office, given["refresh_token"]).body
    world = office.vendor.dump()
    copy = open_office(world)
    assert copy.vendor.dump() == world
    assert call(copy, given["access_token"]).status == 200
    assert refresh(copy, second["refresh_token"]).status == 200
    assert refused(refresh(copy, given["refresh_token"])) == EXPIRED


@pytest.mark.parametrize(
    ("app", "message"),
    [
        ({}, "client_id: give it as text"),
        ({"client_id": "x"}, r"connected_apps\.x\.client_secret: give one, or secret_required: false"),
        ({"client_id": "x", "client_secret": "y", "scopes": ["all"]}, r"connected_apps\.x\.scopes: all is none"),
        ({"client_id": "x", "client_secret": "y", "run_as": "eve"}, "run_as: there is no Salesforce user eve"),
        ({"client_id": "x", "client_secret": "y", "certificate": "z"}, "x.certificate: give the PEM"),
        ({"client_id": "x", "client_secret": "y", "redirect_uris": "z"}, "redirect_uris: give a list of texts"),
        ({"client_id": "x", "client_secret": "y", "color": "z"}, r"connected_apps\.color: unknown key"),
    ],
)
def test_apps_that_cannot_be(app: dict[str, object], message: str) -> None:
    with pytest.raises(Refused, match=message):
        open_office({"connected_apps": [app]})


def test_a_world_may_name_its_apps_or_none() -> None:
    office = open_office({"connected_apps": []})
    assert refused(refresh(office, "x")) == (400, "invalid_client_id", "client identifier invalid")
    assert open_office(office.vendor.dump()).vendor.dump()["connected_apps"] == []


def test_a_host_that_is_none(office: Office) -> None:
    got = post(office, "token", {"host": "["}, grant_type="client_credentials", **CLIENT)
    assert (got.status, got.body["token_type"]) == (200, "Bearer")


def test_methods_and_paths(office: Office) -> None:
    for endpoint in ("token", "introspect"):
        got = get(office, f"/services/oauth2/{endpoint}", query="grant_type=client_credentials")
        assert refused(got) == (400, "invalid_request", "must use HTTP POST")
    assert get(office, "/services/oauth2/nothing").status == 404
    for path, operation in [("/id/00D/005", "identity"), ("/services/oauth2/introspect", "introspect")]:
        assert office.vendor.serves(path)
        assert office.vendor.classify(Request("GET", path, "", {}, b"")).operation == operation


def test_an_expired_token_as_a_fault(office: Office) -> None:
    answer = office.vendor.fault("expire_token", Request("POST", "/services/oauth2/token", "", {}, b""), {})
    assert answer is not None
    assert refused(read(answer)) == EXPIRED
