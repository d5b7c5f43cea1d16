"""Whose Salesforce it is: the settings of one user's connection, checked before anything is sent."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from mailsync.crm.soql import field_name
from mailsync.errors import SettingsError
from mailsync.ports.bearer import Bearer

_VERSION = re.compile(r"\d{2,3}\.0")


@dataclass(frozen=True, slots=True)
class SalesforceLogin:
    """`url` is the organisation's own (https://acme.my.salesforce.com), `bearer` gives the user's access token.

    `ca` is the path of a certificate bundle that replaces the usual one; `external_id` the API name of an own
    external-id text field on Contact, by which creates are found again (B15).
    """

    url: str
    bearer: Bearer
    api_version: str = "68.0"
    ca: str | None = None
    external_id: str = ""


def is_loopback(url: str) -> bool:
    """Whether a url is plain http on this machine itself, such as a proxy that speaks TLS to the outside: the only http
    that is ever spoken, since tokens travel on it.
    """
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        return False
    if parts.hostname == "localhost":
        return True
    try:
        address = ipaddress.ip_address(parts.hostname)
    except ValueError:
        return False
    return address.version == 4 and address.is_loopback


def check_login(login: SalesforceLogin) -> None:
    """Raises SettingsError with every problem of a login at once."""
    problems = (
        _url_problem(login.url),
        "" if _VERSION.fullmatch(login.api_version) else "salesforce.api_version: give it as 68.0",
        _external_problem(login.external_id),
    )
    found = tuple(problem for problem in problems if problem)
    if found:
        raise SettingsError(found)


def _url_problem(url: str) -> str:
    advice = "salesforce.url: give the organisation's address as https://acme.my.salesforce.com"
    try:
        parts = urlsplit(url)
        bare = not (parts.username or parts.password or parts.query or parts.fragment or parts.path.strip("/"))
        named = bool(parts.hostname) and ":" not in (parts.hostname or "") and parts.port != 0
    except ValueError:
        return advice
    if not bare or not named:
        return advice
    if parts.scheme == "https" or is_loopback(url):
        return ""
    return "salesforce.url: must be https; plain http is for an address of this machine itself (http://127.0.0.1:PORT)"


def _external_problem(name: str) -> str:
    try:
        field_name(name or "Id")
    except ValueError:
        return "salesforce.external_id: give the API name of a Contact field, as mailsync_key__c"
    return ""
