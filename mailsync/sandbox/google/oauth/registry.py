"""The applications and service accounts of worlds that name none."""

from typing import Final

from mailsync.sandbox.google.grants import CONTACTS, EMAIL, OTHERS, PROFILE, READ_ONLY, Application, ServiceAccount
from mailsync.sandbox.google.oauth.keys import SERVICE_ACCOUNT

INSTALLED: Final = "sandbox-installed.apps.googleusercontent.com"
SECRET: Final = "sandbox-secret"


def make_applications() -> dict[str, Application]:
    """An installed application (any loopback address), a web application, and a device."""
    made = (
        Application(INSTALLED, SECRET, "installed"),
        Application(
            "sandbox-web.apps.googleusercontent.com", SECRET, "web",
            ("https://mailsync.example/callback", "http://127.0.0.1:8765/callback", "http://localhost:8765/callback"),
        ),
        Application("sandbox-device.apps.googleusercontent.com", SECRET, "device"),
    )  # fmt: skip
    return {each.client_id: each for each in made}


def make_services() -> dict[str, ServiceAccount]:
    """One service account, without keys yet, that may read and write the contacts of the domain's users."""
    delegated = (CONTACTS, READ_ONLY, OTHERS, EMAIL, PROFILE)
    return {SERVICE_ACCOUNT: ServiceAccount(SERVICE_ACCOUNT, "104857600000000000001", delegated=delegated)}
