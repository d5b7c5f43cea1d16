"""What may be asked about a token: revoke, introspect, userinfo, the identity URL."""

from collections.abc import Mapping
from datetime import datetime

from mailsync.sandbox.salesforce.grants import Family, Session
from mailsync.sandbox.salesforce.ids import full_id
from mailsync.sandbox.salesforce.oauth.exchange import (
    Form,
    OAuthError,
    authenticate_app,
    instance_of,
    origin_of,
    show_object,
)
from mailsync.sandbox.salesforce.oauth.sessions import (
    end_family,
    end_sessions,
    find_caller,
    find_person,
    refresh_ends,
)
from mailsync.sandbox.salesforce.org import Org, Person
from mailsync.sandbox.salesforce.rest import bearer_of
from mailsync.sandbox.salesforce.values import show_instant
from mailsync.sandbox.vendor import Answer

_HTML = {"content-type": "text/html;charset=UTF-8", "cache-control": "no-store"}


def revoke_token(form: Form) -> Answer:
    """GET or POST revoke?token=: 200 without a body. A refresh token takes its access tokens along.

    Raises OAuthError for a token that doesn't hold.
    """
    org, token = form.org, form.get("token")
    family = org.grants.families.get(org.grants.refreshes.get(token, ""))
    if family is not None:
        end_family(org, family.id)
    elif end_sessions(org, lambda session: session.token == token) == 0:
        raise OAuthError("invalid_token", "the token was invalid")
    return Answer(200, b"", {"cache-control": "no-store"})


def introspect_token(form: Form) -> Answer:
    """POST introspect (RFC 7662): an app sees its own tokens; of all others it learns that they are not active."""
    if form.request.method.upper() != "POST":
        raise OAuthError("invalid_request", "must use HTTP POST")
    app = authenticate_app(form, secret_needed=True)
    org, token = form.org, form.get("token")
    session = org.grants.sessions.get(token)
    if session is not None and session.client_id == app.client_id and session.until > org.clock.now():
        return _describe(form, session, "access_token", session.until)
    family = org.grants.families.get(org.grants.refreshes.get(token, ""))
    if family is None or family.client_id != app.client_id or family.refresh != token:
        return show_object({"active": False})
    return _describe(form, family, "refresh_token", refresh_ends(org, family))


def show_userinfo(form: Form) -> Answer:
    """GET or POST userinfo: who the token stands for."""
    person = find_caller(form.org, _token(form))
    if person is None:
        return _forbidden("Bad_OAuth_Token")
    user = form.org.records["User"][person.id]
    instance = instance_of(form.request)
    return show_object(
        {
            "sub": f"{origin_of(form.request)}/id/{form.org.id}/{person.id}",
            "user_id": person.id,
            "organization_id": form.org.id,
            "preferred_username": user.get("Username"),
            "nickname": user.get("Alias"),
            "name": user.get("Name"),
            "email": user.get("Email"),
            "email_verified": True,
            "given_name": user.get("FirstName"),
            "family_name": user.get("LastName"),
            "zoneinfo": user.get("TimeZoneSidKey"),
            "user_type": "STANDARD",
            "active": True,
            "locale": user.get("LocaleSidKey"),
            "urls": _urls(form.org, instance, person),
        }
    )


def show_identity(form: Form) -> Answer:
    """GET /id/{organisation}/{user}: the identity URL; a person sees themselves only."""
    organisation, user_id = [*form.request.path.split("/"), "", "", ""][2:4]
    if not _token(form):
        return _forbidden("Missing_OAuth_Token")
    person = find_caller(form.org, _token(form))
    if person is None:
        return _forbidden("Bad_OAuth_Token")
    if full_id(organisation) != form.org.id:
        return _forbidden("Wrong_Org")
    if full_id(user_id) != person.id:
        return _forbidden("Bad_Id")
    user = form.org.records["User"][person.id]
    instance = instance_of(form.request)
    return show_object(
        {
            "id": f"{origin_of(form.request)}/id/{form.org.id}/{person.id}",
            "asserted_user": True,
            "user_id": person.id,
            "organization_id": form.org.id,
            "username": user.get("Username"),
            "nick_name": user.get("Alias"),
            "display_name": user.get("Name"),
            "email": user.get("Email"),
            "email_verified": True,
            "first_name": user.get("FirstName"),
            "last_name": user.get("LastName"),
            "timezone": user.get("TimeZoneSidKey"),
            "status": {"created_date": None, "body": None},
            "urls": _urls(form.org, instance, person),
            "active": True,
            "user_type": "STANDARD",
            "language": "en_US",
            "locale": user.get("LocaleSidKey"),
            "utcOffset": 0,
            "last_modified_date": show_instant(user["LastModifiedDate"]),
        }
    )


def _token(form: Form) -> str:
    return bearer_of(form.request.headers) or form.get("access_token") or form.get("oauth_token")


def _describe(form: Form, held: Session | Family, kind: str, until: datetime) -> Answer:
    person = find_person(form.org, held.user_id)
    if person is None or not person.active:
        return show_object({"active": False})
    began = int(held.issued.timestamp())
    return show_object(
        {
            "active": True,
            "scope": " ".join(held.scopes),
            "client_id": held.client_id,
            "username": form.org.records["User"][held.user_id].get("Username"),
            "sub": f"{origin_of(form.request)}/id/{form.org.id}/{held.user_id}",
            "token_type": kind,
            "exp": int(until.timestamp()),
            "iat": began,
            "nbf": began,
        }
    )


def _urls(org: Org, instance: str, person: Person) -> Mapping[str, str]:
    rest = f"{instance}/services/data/v{{version}}/"
    return {
        "partner": f"{instance}/services/Soap/u/{{version}}/{org.id[:15]}",
        "rest": rest,
        "sobjects": f"{rest}sobjects/",
        "query": f"{rest}query/",
        "profile": f"{instance}/{person.id}",
        "custom_domain": instance,
    }


def _forbidden(reason: str) -> Answer:
    """HELP:remoteaccess_using_openid: the identity URL refuses with 403 and one word."""
    return Answer(403, reason.encode(), _HTML)
