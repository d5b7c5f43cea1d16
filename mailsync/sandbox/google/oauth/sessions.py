"""Giving and ending access: tokens, the grants behind them, and what a user allowed an application."""

import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

from mailsync.sandbox.google.grants import Access, Application, Code, Grant
from mailsync.sandbox.google.service import Service

ACCESS_LIFE: Final = timedelta(seconds=3599)
_CODE_LIFE: Final = timedelta(minutes=10)
_IDLE: Final = timedelta(days=183)  # "has not been used for six months" (Using OAuth 2.0, refresh token expiration)
_MOST_GRANTS: Final = 100  # of a user and an application; beyond that the oldest ends without a warning (same page)


def open_access(
    service: Service, user: str, client_id: str, scopes: tuple[str, ...], grant: Grant | None = None
) -> dict[str, Any]:
    """A new access token, as the token endpoint answers it."""
    token = f"ya29.{secrets.token_urlsafe(48)}"
    until = service.clock.now() + ACCESS_LIFE
    held = Access(token, user, client_id, scopes, until, "" if grant is None else grant.token)
    service.grants.access[token] = held
    return {
        "access_token": token,
        "expires_in": int(ACCESS_LIFE.total_seconds()),
        "scope": " ".join(scopes),
        "token_type": "Bearer",
    }


def open_grant(service: Service, user: str, client_id: str, scopes: tuple[str, ...]) -> Grant:
    """A new refresh token; the oldest of too many ends."""
    grants = service.grants
    held = [each for each in grants.refresh.values() if (each.user, each.client_id) == (user, client_id)]
    for each in held[: max(0, len(held) - _MOST_GRANTS + 1)]:
        end_grant(service, each)
    grant = Grant(f"1//0{secrets.token_urlsafe(40)}", user, client_id, scopes, service.clock.now())
    grants.refresh[grant.token] = grant
    return grant


def find_grant(service: Service, token: str, client_id: str) -> Grant | None:
    """The refresh token if it still holds and is that application's."""
    grant, now = service.grants.refresh.get(token), service.clock.now()
    if grant is None or grant.client_id != client_id:
        return None
    if now - grant.used > _IDLE or (grant.until is not None and now >= grant.until):
        end_grant(service, grant)
        return None
    return grant


def end_grant(service: Service, grant: Grant) -> None:
    """Ends a refresh token and all access that came with it."""
    service.grants.refresh.pop(grant.token, None)
    _end_access(service, [each.token for each in service.grants.access.values() if each.grant == grant.token])


def end_approval(service: Service, user: str, client_id: str) -> int:
    """Ends all that an application may do in a user's name; how many refresh tokens that were."""
    grants = service.grants
    held = [each for each in grants.refresh.values() if (each.user, each.client_id) == (user, client_id)]
    for each in held:
        end_grant(service, each)
    own = [each.token for each in grants.access.values() if (each.user, each.client_id) == (user, client_id)]
    _end_access(service, own)
    grants.approvals.pop((user, client_id), None)
    return len(held)


def give_code(
    service: Service,
    user: str,
    application: Application,
    redirect_uri: str,
    scopes: tuple[str, ...],
    *,
    offline: bool,
    challenge: str = "",
    method: str = "plain",
) -> str:
    """An authorization code, after the user has allowed these scopes."""
    grants, until = service.grants, service.clock.now() + _CODE_LIFE
    before = grants.approvals.get((user, application.client_id), ())
    grants.approvals[user, application.client_id] = tuple(dict.fromkeys((*before, *scopes)))
    code = f"4/0{secrets.token_urlsafe(40)}"
    grants.codes[code] = Code(user, application.client_id, redirect_uri, scopes, until, offline, challenge, method)
    return code


def _end_access(service: Service, tokens: Iterable[str]) -> None:
    for token in tokens:
        service.grants.access.pop(token, None)
