"""The device code (RFC 8628): the person types a code into a browser on any other machine. Google's kind."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any

import requests

from mailsync.errors import AnswerBroken, LoginRefused
from mailsync.login.apps import App
from mailsync.login.grant import Granted
from mailsync.login.web import TIMEOUTS, plain_session, read_granted, read_object, unreachable

_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_SLOWER = 5.0  # seconds (RFC 8628, 3.5)
_LIFE = 1800.0  # seconds, where the vendor names no end
_LONGEST = 3600.0


@dataclass(frozen=True, slots=True)
class Offered:
    """What the person is told, and what is asked for meanwhile. `seconds`: how long the code is good."""

    url: str
    code: str
    device: str = field(repr=False)
    seconds: float
    interval: float


def offer(app: App) -> Offered:
    """Asks for a code. Raises LoginRefused, Unreachable, AnswerBroken."""
    status, content = _post(app, app.device_url, {"client_id": app.client_id, "scope": " ".join(app.scopes)})
    if status != HTTPStatus.OK:
        raise _refused(app, content)
    return read_offer(app.vendor, content)


def read_offer(vendor: str, content: Mapping[str, Any]) -> Offered:
    """The code in a device answer (RFC 8628, 3.2). Raises AnswerBroken."""
    url = content.get("verification_url") or content.get("verification_uri")
    user_code, device = content.get("user_code"), content.get("device_code")
    if not (isinstance(url, str) and isinstance(user_code, str) and isinstance(device, str)):
        raise AnswerBroken(vendor, f"{vendor}'s answer holds no code", code="no_code")
    seconds = _seconds(vendor, content.get("expires_in"), _LIFE)
    return Offered(url, user_code, device, seconds, _seconds(vendor, content.get("interval"), _SLOWER))


def _seconds(vendor: str, told: object, default: float) -> float:
    """Seconds in an answer, a second at least and an hour at most, so that asking has an end. Raises AnswerBroken."""
    if told is None:
        return default
    if isinstance(told, bool) or not isinstance(told, int | float | str):
        raise AnswerBroken(vendor, f"{vendor}'s answer has a time that can't be read", code="seconds")
    try:
        seconds = float(told)
    except (ValueError, OverflowError):
        seconds = math.nan
    if not math.isfinite(seconds):
        raise AnswerBroken(vendor, f"{vendor}'s answer has a time that can't be read", code="seconds")
    return min(max(seconds, 1.0), _LONGEST)


def await_grant(
    app: App, offered: Offered, now: Callable[[], datetime], sleep: Callable[[float], None] = time.sleep
) -> Granted:
    """Asks until the person has answered. Raises LoginRefused (no, or too late), Unreachable, AnswerBroken."""
    asked = {"client_id": app.client_id, "client_secret": app.client_secret, "device_code": offered.device}
    waited, interval = 0.0, offered.interval
    while waited < offered.seconds:
        sleep(interval)
        waited += interval
        status, content = _post(app, app.token_url, {**asked, "grant_type": _GRANT})
        if status == HTTPStatus.OK:
            return read_granted(app.vendor, content, now())
        match content.get("error"):
            case "authorization_pending":
                continue
            case "slow_down":
                interval += _SLOWER
            case _:
                raise _refused(app, content)
    raise LoginRefused(app.vendor, "nobody typed the code in time", code="expired_token", remedy="begin anew")


def _post(app: App, url: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
    with plain_session(app.ca) as session:
        try:
            answer = session.post(url, data=form, timeout=TIMEOUTS, allow_redirects=False)
        except requests.RequestException as error:
            raise unreachable(app.vendor, error) from None
    return answer.status_code, read_object(app.vendor, answer)


def _refused(app: App, content: dict[str, Any]) -> LoginRefused:
    code = str(content.get("error") or content.get("error_code") or "refused")
    remedy = "begin anew, or log in with a browser: leave --device away"
    return LoginRefused(app.vendor, f"{app.vendor} refused the code: {code}", code=code, remedy=remedy)
