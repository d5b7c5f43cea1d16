"""`mailsync connect`: a person logs in, and what the vendor grants is kept encrypted."""

import getpass
import sys
import webbrowser
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import assert_never
from urllib.parse import parse_qsl, urlsplit

from mailsync.adapters import open_exchange_mailbox
from mailsync.bearers import (
    EXCHANGE,
    GOOGLE,
    MICROSOFT,
    SALESFORCE,
    entra_app,
    google_client,
    kept_as,
    salesforce_client,
)
from mailsync.bootstrap import Setup, SystemClock, open_setup, pick_users, table_of
from mailsync.cli.output import print_json, say, warn
from mailsync.cli.recording import acts_of
from mailsync.errors import LoginRefused, MailsyncError, SettingsError
from mailsync.login.apps import App, EntraApp
from mailsync.login.grant import Granted, write_grant
from mailsync.login.loopback import Loopback
from mailsync.session.agent import Keys
from mailsync.settings import ExchangeConnection, GoogleConnection, MicrosoftConnection, UserConnection

VENDORS = (SALESFORCE, GOOGLE, MICROSOFT, EXCHANGE)


class Way(Enum):
    """How the person gets to the vendor's log-in page, and the answer back."""

    BROWSER = "browser"  # on this machine; the answer comes to a loopback address
    DEVICE = "device"  # anywhere: a code is typed in there
    PASTE = "paste"  # anywhere: the address that the browser ends at is pasted here


@dataclass(frozen=True, slots=True)
class Connected:
    """What is kept, and whose log-in it is by the vendor's own word."""

    kept: str
    name: str


def connect_user(config: Path | None, user: str, vendor: str, way: Way, *, as_json: bool) -> None:
    """Logs a user in. Raises SettingsError; MailsyncError where the vendor says no."""
    if vendor not in VENDORS:
        raise SettingsError((f"{vendor}: no such vendor; there are: {', '.join(VENDORS)}",))
    with open_setup(config) as setup:
        pick_users(setup, [user])
        given = setup.settings.users[user]
        person = given.at(vendor) or given
        check_fits(setup, person, vendor)
        connected = _connect(setup, person, vendor, way)
        # C3: whoever logs in again need not resume as well.
        cleared = {Keys.SUSPENDED: "", Keys.REFUSED_LOGINS: 0, Keys.FAILURES: 0, Keys.NEXT_RUN: None}
        with setup.store.acting() as hand:
            hand.save_credentials(user, {kept_as(vendor, person): connected.kept})
            hand.save_state(user, cleared)
            hand.record(acts_of("connect", user, vendor=vendor))
    if as_json:
        print_json({"user": user, "vendor": vendor, "name": connected.name})
    else:
        say(f"{user} is connected to {vendor} as {connected.name}")


def check_fits(setup: Setup, person: UserConnection, vendor: str) -> None:
    """Raises SettingsError where the log-in would not be used: another mailbox, or a log-in that wins over it."""
    kinds = {ExchangeConnection: EXCHANGE, GoogleConnection: GOOGLE, MicrosoftConnection: MICROSOFT}
    kind = kinds[type(person.mailbox)]
    if vendor not in (SALESFORCE, kind):
        raise SettingsError((f"{person.name}'s mailbox is {kind}; connect {kind}, or change mailbox in the file",))
    given = {
        SALESFORCE: ("salesforce_token", person.salesforce_token),
        EXCHANGE: ("exchange.password", getattr(person.mailbox, "password", "")),
        GOOGLE: ("google.token", getattr(person.mailbox, "token", "")),
        MICROSOFT: ("microsoft.token", getattr(person.mailbox, "token", "")),
    }
    key, value = given[vendor]
    if value:
        raise SettingsError((f"users.{person.name}.{key} stands in the file and wins over a log-in; remove it first",))
    organisation = setup.settings.organisation_of(person.name)
    app, google = organisation.salesforce.app, organisation.google
    if vendor == SALESFORCE and app is not None and app.private_key_file:
        key = organisation.place("salesforce.private_key_file")
        raise SettingsError((f"{key} acts for everybody: nobody needs to connect",))
    if vendor == GOOGLE and google is not None and google.service_account_file:
        raise SettingsError(("google.service_account_file acts for everybody: nobody needs to connect",))


def _connect(setup: Setup, person: UserConnection, vendor: str, way: Way) -> Connected:
    org = setup.settings.organisation_of(person.name)
    match vendor:
        case "exchange":
            return _connect_exchange(setup, person)
        case "microsoft":
            port = org.microsoft.redirect_port if org.microsoft else 0
            return _connect_microsoft(entra_app(org), person.address, way, port)
        case "google":
            port = org.google.redirect_port if org.google else 0
            granted, name = _connect_web(google_client(org), way, port)
            return Connected(write_grant(granted), _own(GOOGLE, name, person.address))
        case _:
            port = org.salesforce.app.redirect_port if org.salesforce.app else 0
            granted, name = _connect_web(salesforce_client(org), way, port)
            return Connected(write_grant(granted), name)


def _connect_exchange(setup: Setup, person: UserConnection) -> Connected:
    """The password is proven before it is kept."""
    assert isinstance(person.mailbox, ExchangeConnection)
    password = _ask_password(f"Password of {person.mailbox.username}: ")
    table, region = table_of(setup, person.name), "US"
    mailbox = open_exchange_mailbox(person.mailbox, person.address, password, table, region)
    try:
        problems = mailbox.check()
    finally:
        mailbox.close()
    if problems:
        raise MailsyncError("; ".join(problems))
    return Connected(password, person.mailbox.username)


def _ask_password(question: str) -> str:
    password = getpass.getpass(question, sys.stderr) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise SettingsError(("the password is empty; type it, or give it as the first line of stdin",))
    return password


def _connect_web(app: App, way: Way, port: int) -> tuple[Granted, str]:
    """Salesforce and Google: the grant, and whose it is."""
    from mailsync.login import device, web

    now = SystemClock().now
    match way:
        case Way.DEVICE if app.device_url:
            offered = device.offer(app)
            warn(f"open {offered.url} in any browser and type {offered.code}")
            granted = device.await_grant(app, offered, now)
        case Way.DEVICE:
            raise SettingsError((f"--device: {app.vendor} has no device codes for this; use --paste",))
        case Way.BROWSER:
            with Loopback(port) as listening:
                started = web.start(app, listening.redirect)
                _show(started.url, browse=True)
                granted = web.redeem(app, started, listening.wait(app.vendor, started.state), now())
        case Way.PASTE:
            started = web.start(app, f"http://127.0.0.1:{port or 8765}/callback")
            granted = web.redeem(app, started, _ask_pasted(started.url, app.vendor), now())
        case _:
            assert_never(way)
    who = web.ask_who(app, granted.access)
    if not granted.refresh:
        remedy = "let the app give refresh tokens (scope refresh_token, offline access), then connect again"
        raise LoginRefused(app.vendor, f"{app.vendor} gave no refresh token", code="no_refresh", remedy=remedy)
    return granted, str(who.get("email") if app.vendor == GOOGLE else who.get("preferred_username") or "")


def _connect_microsoft(app: EntraApp, address: str, way: Way, port: int) -> Connected:
    from mailsync.login import microsoft as entra

    now = SystemClock().now
    match way:
        case Way.DEVICE:
            flow = entra.offer_device(app)
            warn(f"open {flow.url} in any browser and type {flow.message}")
            granted, name = entra.await_device(app, flow, now)
        case Way.BROWSER:
            with Loopback(port, host="localhost", path="") as listening:
                flow = entra.start(app, listening.redirect)
                _show(flow.url, browse=True)
                granted, name = entra.redeem(app, flow, listening.wait(MICROSOFT, flow.state), now())
        case Way.PASTE:
            flow = entra.start(app, f"http://localhost:{port or 8765}")
            granted, name = entra.redeem(app, flow, _ask_pasted(flow.url, MICROSOFT), now())
        case _:
            assert_never(way)
    return Connected(write_grant(granted), _own(MICROSOFT, name, address))


def _own(vendor: str, name: str, address: str) -> str:
    """The name, where it is the user's own. Raises LoginRefused: contacts of somebody else must not be mixed in."""
    if name.casefold() != address.casefold():
        said = f"somebody else logged in to {vendor}: {name or 'nobody by name'}, not {address}"
        remedy = "log out there, then log in as the user; or correct `address` in the file"
        raise LoginRefused(vendor, said, code="other_user", remedy=remedy)
    return name


def _show(url: str, *, browse: bool) -> None:
    """The address on stderr, and in a browser where a person sits at this machine."""
    opened = browse and sys.stdin.isatty() and webbrowser.open(url)
    warn(f"{'a browser is open at' if opened else 'open this address in a browser on this machine:'} {url}")
    sys.stderr.flush()


def _ask_pasted(url: str, vendor: str) -> Mapping[str, str]:
    """The parameters of the address that the browser ends at, which shows an error page there."""
    warn(f"open this address in any browser: {url}")
    warn(
        "log in; the browser then ends at an address on 127.0.0.1 or localhost that it can't show. Paste that address:"
    )
    sys.stderr.flush()
    answer = dict(parse_qsl(urlsplit(sys.stdin.readline().strip()).query, keep_blank_values=True))
    if not answer:
        raise LoginRefused(vendor, "what was pasted is no address with an answer in it", remedy="begin anew")
    return answer
