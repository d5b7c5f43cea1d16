"""POST /device/code: a device gets a code; GET and POST /device: a person types it in.

Google's list of scopes for devices doesn't name contacts; the sandbox gives them, so that the flow can be tried.
"""

import secrets
from datetime import timedelta
from typing import Final

from mailsync.sandbox.google.grants import Device
from mailsync.sandbox.google.oauth.authorization import WRONG, find_person
from mailsync.sandbox.google.oauth.forms import Form, find_application, read_form, read_scopes, show_object
from mailsync.sandbox.google.oauth.granting import INTERVAL
from mailsync.sandbox.google.oauth.pages import show_device, show_page
from mailsync.sandbox.google.service import Service
from mailsync.sandbox.vendor import Answer, Request

_LIFE: Final = timedelta(seconds=1800)
_LETTERS: Final = "BCDFGHJKLMNPQRSTVWXZ"


def give_device_code(form: Form) -> Answer:
    """The codes of a device. Raises OAuthError."""
    application = find_application(form)
    scopes = read_scopes(form.get("scope"))
    letters = "".join(secrets.choice(_LETTERS) for _ in range(8))
    user_code, device_code = f"{letters[:4]}-{letters[4:]}", f"AH-1Ng{secrets.token_urlsafe(60)}"
    devices = {key: each for key, each in form.service.grants.devices.items() if each.until > form.now - _LIFE}
    device = Device(application.client_id, user_code, scopes, form.now + _LIFE)
    form.service.grants.devices = {**devices, device_code: device}
    return show_object(
        {
            "device_code": device_code,
            "user_code": user_code,
            "expires_in": int(_LIFE.total_seconds()),
            "interval": INTERVAL,
            "verification_url": f"{form.origin}/device",
        }
    )


def connect_device(service: Service, request: Request) -> Answer:
    """The page on which the code is typed in, and what comes of it."""
    form = read_form(service, request)
    if request.method.upper() != "POST":
        return show_device(request.path, form.get("user_code"))
    device = find_device(service, form.get("user_code"))
    if device is None:
        return show_device(request.path, form.get("user_code"), "That code didn't work. Try again.")
    box = find_person(service, form.get("identifier"), form.get("password"))
    if box is None:
        return show_device(request.path, form.get("user_code"), WRONG)
    device.user = box.user if form.get("step") == "allow" else None
    return show_page("Success!" if device.user else "Cancelled", "<p>You can close this window.</p>")


def find_device(service: Service, user_code: str) -> Device | None:
    """The device that shows this code and still waits."""
    given = user_code.replace("-", "").replace(" ", "").upper()
    now = service.clock.now()
    for device in service.grants.devices.values():
        if device.user_code.replace("-", "") == given and device.until > now and device.user == "":
            return device
    return None
