"""[organisations.NAME]: several Salesforce organisations in one installation, each with the file's sections of its own.

A file with one organisation has these sections at its top, and needs no name for it.
"""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit

from mailsync.settings.apps import APPS, app_problems, google_app, microsoft_app, place, salesforce_app
from mailsync.settings.connections import Organisation, SalesforceConnection
from mailsync.settings.integration import feed_problems, feed_settings
from mailsync.settings.keys import key_problems
from mailsync.settings.shape import FileShape, OrganisationShape, SalesforceShape
from mailsync.settings.tables import Table, flatten, subtable

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def organisation_problems(raw: Table, base: Path, environ: Mapping[str, str]) -> list[str]:
    """What is wrong with the organisations of a file, and with the users' words of theirs, beyond the shape."""
    found = subtable(raw, "organisations")
    problems: list[str] = []
    for name in found:
        where, table = f"organisations.{name}", subtable(found, name)
        if not _NAME.fullmatch(name):
            problems.append(f"{where}: a name has letters, digits, - and _ in it, 64 at most")
        problems += [p for app in APPS for p in app_problems(f"{where}.{app}", subtable(table, app), base, environ)]
        problems += key_problems(f"{where}.defaults", table.get("defaults"))
        problems += feed_problems(f"{where}.feed", table, _people(raw, name), base, environ)
    problems += feed_problems("feed", raw, _people(raw, None), base, environ)
    if not found and "salesforce" not in raw:
        problems.append("salesforce: missing; add it")
    return [*problems, *_twins(raw), *_homeless(raw, list(found))]


def _people(raw: Table, organisation: str | None) -> list[str]:
    users = subtable(raw, "users")
    return [user for user in users if subtable(users, user).get("organisation") == organisation]


def _twins(raw: Table) -> Iterator[str]:
    """Two sections for one organisation: its budget would be counted twice, and who mirrors what is not seen."""
    named = subtable(raw, "organisations")
    places = {"salesforce": subtable(raw, "salesforce")}
    places |= {f"organisations.{n}.salesforce": subtable(subtable(named, n), "salesforce") for n in named}
    seen: dict[str, str] = {}
    for where, table in places.items():
        url = table.get("url")
        host = _host(url) if isinstance(url, str) else ""
        if host in seen:
            yield f"{where}.url: {seen[host]} has the same; keep one of them, and put its users there"
        seen |= {host: where} if host else {}


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.casefold()
    except ValueError:
        return ""


def _homeless(raw: Table, names: list[str]) -> Iterator[str]:
    """Users who name no organisation of the file, and can't go without."""
    there = f"there are: {', '.join(names)}" if names else "there is no [organisations.…]; leave the key away"
    users = subtable(raw, "users")
    for user in users:
        wanted = subtable(users, user).get("organisation")
        if isinstance(wanted, str) and wanted.strip() and wanted.strip() not in names:
            near = get_close_matches(wanted.strip(), names, n=1)
            hint = f"did you mean {near[0]}?" if near else there
            yield f"users.{user}.organisation: there is no organisation {wanted.strip()}; {hint}"
        if wanted is None and names and "salesforce" not in raw:
            yield f"users.{user}.organisation: missing; add it: {there}"


def list_organisations(shape: FileShape, base: Path, environ: Mapping[str, str]) -> dict[str, Organisation]:
    """The organisations of a file without problems, by name; the file's own first."""
    common = dict(flatten(shape.defaults))
    google, microsoft = google_app(shape.google, base, environ), microsoft_app(shape.microsoft, base, environ)
    found: dict[str, Organisation] = {}
    if shape.salesforce is not None:
        own = _connection(shape.salesforce, base, environ)
        found[""] = Organisation("", own, google, microsoft, common, feed_settings(shape.feed, base, environ))

    def named(name: str, section: OrganisationShape) -> Organisation:
        return Organisation(
            name,
            _connection(section.salesforce, base, environ),
            google_app(section.google, base, environ) or google,
            microsoft_app(section.microsoft, base, environ) or microsoft,
            {**common, **dict(flatten(section.defaults))},
            feed_settings(section.feed, base, environ),
        )

    return found | {name: named(name, section) for name, section in shape.organisations.items()}


def _connection(shape: SalesforceShape, base: Path, environ: Mapping[str, str]) -> SalesforceConnection:
    app, ca = salesforce_app(shape, base, environ), place(shape.ca, base)
    return SalesforceConnection(shape.url, shape.api_version, ca, app, shape.sessions_per_minute)
