"""Which log-in a user's requests carry: a token of the file, a service account's, or what `mailsync connect` stored."""

from collections.abc import Callable
from datetime import datetime

from mailsync.errors import LoginRefused, SettingsError
from mailsync.login.apps import App, EntraApp, google_app, salesforce_app
from mailsync.login.grant import Granted, read_grant
from mailsync.login.keeping import HeldBearer, KeptBearer, need_log_in
from mailsync.ports.bearer import Bearer, FixedBearer
from mailsync.ports.logins import Logins
from mailsync.settings import (
    ExchangeConnection,
    FeedSettings,
    GoogleConnection,
    MicrosoftConnection,
    Organisation,
    Settings,
    UserConnection,
)

Now = Callable[[], datetime]
Issue = Callable[[Granted | None], Granted]

EXCHANGE, GOOGLE, MICROSOFT, SALESFORCE = "exchange", "google", "microsoft", "salesforce"
"""The names of vendors in commands and of stored log-ins."""


def salesforce_bearer(org: Organisation, user: UserConnection, logins: Logins, now: Now) -> Bearer:
    """The user's way into Salesforce; nothing is asked before its first token is."""
    if user.salesforce_token:
        return FixedBearer(user.salesforce_token)

    def issue(kept: Granted | None) -> Granted:
        from mailsync.login.service import issue_salesforce
        from mailsync.login.web import refresh

        app, own = salesforce_client(org), org.salesforce.app
        if own is not None and own.private_key_file is not None:
            audience = own.login_url or "https://login.salesforce.com"
            username = user.salesforce_username or user.address
            return issue_salesforce(app, audience, username, own.private_key_file, now())
        return refresh(app, need_log_in(user.name, SALESFORCE, kept), now())

    return KeptBearer(logins, user.name, SALESFORCE, issue, now, kept_as(SALESFORCE, user))


def kept_as(vendor: str, user: UserConnection) -> str:
    """The name under which a log-in is stored. That of a Salesforce organisation is never sent to another one: whoever
    changes to another organisation logs in there."""
    return f"{vendor} {user.organisation}" if vendor == SALESFORCE and user.organisation else vendor


def feed_bearer(settings: Settings, org: Organisation, feed: FeedSettings, logins: Logins, now: Now) -> Bearer:
    """The way in of the integration user who reads the shared feed."""
    if feed.user:
        return salesforce_bearer(org, settings.users[feed.user], logins, now)
    if feed.token:
        return FixedBearer(feed.token)

    def issue() -> Granted:
        from mailsync.login.service import issue_salesforce

        app, own = salesforce_client(org), org.salesforce.app
        if own is None or own.private_key_file is None:
            raise SettingsError((f"{org.place('feed.username')}: needs {org.place('salesforce.private_key_file')}",))
        audience = own.login_url or "https://login.salesforce.com"
        return issue_salesforce(app, audience, feed.username, own.private_key_file, now())

    return HeldBearer(issue, now)


def google_bearer(
    org: Organisation, user: UserConnection, mailbox: GoogleConnection, logins: Logins, now: Now
) -> Bearer:
    """The user's way into Google."""
    if mailbox.token:
        return FixedBearer(mailbox.token)

    def issue(kept: Granted | None) -> Granted:
        from mailsync.login.service import issue_google
        from mailsync.login.web import refresh

        own = org.google
        if own is not None and own.service_account_file is not None:
            return issue_google(own.service_account_file, user.address, str(own.ca) if own.ca else None)
        return refresh(google_client(org), need_log_in(user.name, GOOGLE, kept), now())

    return KeptBearer(logins, user.name, GOOGLE, issue, now)


def microsoft_bearer(
    org: Organisation, user: UserConnection, mailbox: MicrosoftConnection, logins: Logins, now: Now
) -> Bearer:
    """The user's way into Microsoft 365. Who logged in acts for themselves, even where the application could."""
    if mailbox.token:
        return FixedBearer(mailbox.token)

    def issue(kept: Granted | None) -> Granted:
        from mailsync.login import microsoft as entra

        own = entra_app(org)
        if kept is not None and kept.refresh:
            return entra.refresh(own, kept.refresh, now())
        if own.client_secret or own.certificate_file:
            return entra.issue(own, now())
        return entra.refresh(own, need_log_in(user.name, MICROSOFT, kept), now())

    return KeptBearer(logins, user.name, MICROSOFT, issue, now)


def acts_for_others(user: UserConnection, mailbox: MicrosoftConnection, logins: Logins) -> bool:
    """Whether the application itself logs in, which has no mailbox of its own: the path then names the user's."""
    kept = None if mailbox.token else logins.credential(user.name, MICROSOFT)
    return not mailbox.token and not (kept and read_grant(kept).refresh)


def exchange_password(user: UserConnection, mailbox: ExchangeConnection, logins: Logins) -> str:
    """The file's password, else the stored one. Raises LoginRefused where there is none."""
    password = mailbox.password or logins.credential(user.name, EXCHANGE)
    if not password:
        remedy = f"run: mailsync connect {user.name} exchange; or give password, password_env or password_file"
        raise LoginRefused(EXCHANGE, f"{user.name} has no password for Exchange", code="not_connected", remedy=remedy)
    return password


def salesforce_client(org: Organisation) -> App:
    """The organisation's app at Salesforce. Raises SettingsError where there is none."""
    place, own = org.salesforce, org.salesforce.app
    if own is None:
        key = org.place("salesforce.client_id")
        raise SettingsError((f"{key}: missing; give the app's client_id, or each user's salesforce_token",))
    ca = str(place.ca) if place.ca else None
    return salesforce_app(own.login_url or place.url, own.client_id, own.client_secret, ca)


def google_client(org: Organisation) -> App:
    """The desktop client of the organisation at Google. Raises SettingsError where there is none."""
    own = org.google
    if own is None or not own.client_id:
        raise SettingsError(
            ("google.client_id: missing; give [google] a client_id, or a service_account_file, or the user a token",)
        )
    return google_app(own.login_url, own.client_id, own.client_secret, str(own.ca) if own.ca else None)


def entra_app(org: Organisation) -> EntraApp:
    """The organisation's application at Microsoft. Raises SettingsError where there is none."""
    if org.microsoft is None:
        raise SettingsError(
            ("microsoft.client_id: missing; give [microsoft] a client_id and tenant, or the user a token",)
        )
    own = org.microsoft
    ca = str(own.ca) if own.ca else None
    return EntraApp(own.client_id, own.tenant, own.client_secret, own.certificate_file, own.login_url, ca)
