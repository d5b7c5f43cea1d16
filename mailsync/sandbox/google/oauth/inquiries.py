"""userinfo, tokeninfo and revoke: who a token stands for, what it may do, and its end."""

from typing import Any, Final

from mailsync.sandbox.google.errors import ApiError, invalid_credentials, missing_scope
from mailsync.sandbox.google.gateway import find_access, look_up, write_answer, write_refusal
from mailsync.sandbox.google.grants import EMAIL, OPENID, PROFILE
from mailsync.sandbox.google.oauth.forms import Form, OAuthError, show_object
from mailsync.sandbox.google.oauth.sessions import end_grant
from mailsync.sandbox.google.service import Service
from mailsync.sandbox.vendor import Answer, Request

_WHO: Final = frozenset({EMAIL, OPENID, PROFILE})


def tell_user(service: Service, request: Request) -> Answer:
    """OpenID Connect's userinfo; the second version of the API has `id` for `sub` and its own word for verified."""
    try:
        access = find_access(service, request)
        if access is None:
            raise invalid_credentials()
        if not _WHO.intersection(access.scopes):
            raise missing_scope("google.identity.oauth2.UserInfo", (EMAIL, PROFILE))
    except ApiError as error:
        return write_refusal(request, error)
    box, second = service.boxes[access.user], request.path.startswith(("/oauth2/v1/", "/oauth2/v2/"))
    shown: dict[str, Any] = {"id" if second else "sub": str(box.account)}
    if PROFILE in access.scopes:
        name = box.user.capitalize()
        shown |= {"name": name, "given_name": name, "picture": "https://lh3.googleusercontent.com/a/default=s96-c"}
    if EMAIL in access.scopes:
        shown |= {"email": box.address, "verified_email" if second else "email_verified": True}
    return write_answer({}, {**shown, "hd": box.address.rpartition("@")[2]})


def tell_token(form: Form) -> Answer:
    """tokeninfo of an access token. Raises OAuthError for one that doesn't hold."""
    access = look_up(form.service, form.need("access_token"))
    if access is None:
        raise OAuthError("invalid_token", "Invalid Value")
    box = form.service.boxes[access.user]
    ends = int(access.until.timestamp())
    shown: dict[str, Any] = {
        "azp": access.client_id,
        "aud": access.client_id,
        "sub": str(box.account),
        "scope": " ".join(access.scopes),
        "exp": str(ends),
        "expires_in": str(ends - int(form.now.timestamp())),
        "access_type": "offline" if access.grant else "online",
    }
    if EMAIL in access.scopes:
        shown |= {"email": box.address, "email_verified": "true"}
    return show_object(shown)


def revoke(form: Form) -> Answer:
    """Ends a refresh token with its access, or an access token with the refresh token that it came with."""
    if form.request.method.upper() != "POST":
        raise OAuthError("invalid_request", "Bad Request", 405)
    token = form.need("token")
    grants = form.service.grants
    access = grants.access.pop(token, None)
    grant = grants.refresh.get(token) or (None if access is None else grants.refresh.get(access.grant))
    if access is None and grant is None:
        raise OAuthError("invalid_token", "Token expired or revoked")
    if grant is not None:
        end_grant(form.service, grant)
        grants.approvals.pop((grant.user, grant.client_id), None)
    return show_object({})
