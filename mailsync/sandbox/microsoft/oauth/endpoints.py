"""The paths of the sign-in and what each of them does."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from mailsync.sandbox.microsoft.directory import TENANT, Person
from mailsync.sandbox.microsoft.oauth.asking import Asking, answer_object, answer_refusal, check_tenant, read_form
from mailsync.sandbox.microsoft.oauth.consenting import authorize, enter_device, start_device
from mailsync.sandbox.microsoft.oauth.exchange import exchange
from mailsync.sandbox.microsoft.oauth.records import Registry
from mailsync.sandbox.microsoft.oauth.refusals import Refusal
from mailsync.sandbox.microsoft.oauth.signing import list_keys
from mailsync.sandbox.vendor import Answer, Request

_PATHS: Final = re.compile(
    r"/([^/]+)/(?:oauth2/v2\.0/(authorize|token|devicecode|logout)|v2\.0/\.well-known/(openid-configuration)"
    r"|discovery/v2\.0/(keys)|(?:discovery)/(instance)|oauth2/(deviceauth))/?",
    re.IGNORECASE,
)


def find_endpoint(path: str) -> tuple[str, str] | None:
    """The tenant and the endpoint of a path; None for what isn't the sign-in's."""
    found = _PATHS.fullmatch(path)
    if found is None:
        return None
    return found[1], next(name for name in found.groups()[1:] if name).lower()


def serve_sign_in(registry: Registry, people: Mapping[str, Person], request: Request, now: datetime) -> Answer:
    """The answer to a request of the sign-in."""
    found = find_endpoint(request.path)
    assert found is not None, "only the sign-in's paths come here"
    tenant, endpoint = found
    form = read_form(request, with_query=endpoint != "token")
    asking = Asking(registry, people, request, tenant, form, now)
    method = request.method.upper()
    if method not in (("POST",) if endpoint in ("token", "devicecode") else ("GET", "POST", "HEAD")):
        return Answer(405, b"", {"allow": "POST"})
    try:
        check_tenant(asking)
        return _ENDPOINTS[endpoint](asking)
    except Refusal as refusal:
        return answer_refusal(asking, refusal)


def _describe(asking: Asking) -> Answer:
    place = f"{asking.origin}/{asking.tenant}"
    content: dict[str, Any] = {
        "token_endpoint": f"{place}/oauth2/v2.0/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": f"{place}/discovery/v2.0/keys",
        "response_modes_supported": ["query", "fragment"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": f"{asking.origin}/{TENANT}/v2.0",
        "authorization_endpoint": f"{place}/oauth2/v2.0/authorize",
        "device_authorization_endpoint": f"{place}/oauth2/v2.0/devicecode",
        "end_session_endpoint": f"{place}/oauth2/v2.0/logout",
        "tenant_region_scope": "EU",
        "cloud_instance_name": "microsoftonline.com",
        "msgraph_host": "graph.microsoft.com",
    }
    return answer_object(content)


def _discover(asking: Asking) -> Answer:
    host = asking.origin.partition("://")[2]
    place = f"{asking.origin}/{TENANT}/v2.0/.well-known/openid-configuration"
    metadata = [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}]
    return answer_object({"tenant_discovery_endpoint": place, "api-version": "1.1", "metadata": metadata})


def _log_out(asking: Asking) -> Answer:
    """Ends the browser's session, which the sandbox doesn't keep; tokens go on, as Entra's do."""
    back = asking.form.get("post_logout_redirect_uri", "")
    registered = any(back in app.redirect_uris for app in asking.registry.apps.values())
    return Answer(302, b"", {"location": back}) if back and registered else Answer(200, b"You signed out.")


_ENDPOINTS: Final[dict[str, Callable[[Asking], Answer]]] = {
    "authorize": authorize,
    "token": lambda asking: answer_object(exchange(asking)),
    "devicecode": lambda asking: answer_object(start_device(asking)),
    "deviceauth": enter_device,
    "logout": _log_out,
    "openid-configuration": _describe,
    "keys": lambda _: answer_object(list_keys()),
    "instance": _discover,
}
