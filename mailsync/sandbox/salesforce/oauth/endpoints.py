"""Which endpoint an OAuth path is. None of them is an API call: they are not counted against the daily limit."""

from collections.abc import Callable, Mapping

from mailsync.sandbox.salesforce.oauth.authorization import authorize
from mailsync.sandbox.salesforce.oauth.exchange import Form, OAuthError, read_form, show_refusal
from mailsync.sandbox.salesforce.oauth.granting import give_token
from mailsync.sandbox.salesforce.oauth.inquiries import introspect_token, revoke_token, show_identity, show_userinfo
from mailsync.sandbox.salesforce.org import Org
from mailsync.sandbox.vendor import Answer, Request

_PREFIX = "/services/oauth2"


def serves_oauth(path: str) -> bool:
    """Whether a path is one of the log-in endpoints or an identity URL."""
    return path == _PREFIX or path.startswith((f"{_PREFIX}/", "/id/"))


def answer_oauth(org: Org, request: Request) -> Answer:
    """Carries the request out, whatever it is."""
    path = request.path.rstrip("/")
    if path == f"{_PREFIX}/authorize":
        return authorize(org, request)
    endpoint = show_identity if request.path.startswith("/id/") else _ENDPOINTS.get(path.removeprefix(f"{_PREFIX}/"))
    if endpoint is None:
        return Answer(404, b"", {"content-type": "text/html;charset=UTF-8"})
    try:
        return endpoint(read_form(org, request, with_query=endpoint not in _POSTED))
    except OAuthError as error:
        return show_refusal(error)


_ENDPOINTS: Mapping[str, Callable[[Form], Answer]] = {
    "token": give_token,
    "revoke": revoke_token,
    "introspect": introspect_token,
    "userinfo": show_userinfo,
}
_POSTED = (give_token, introspect_token)
