"""[salesforce], [google] and [microsoft]: the applications that people log in through, checked, as values."""

from collections.abc import Mapping
from pathlib import Path

from mailsync.settings.connections import GoogleApp, MicrosoftApp, SalesforceApp
from mailsync.settings.secret import find_secret, list_given
from mailsync.settings.shape import GoogleAppShape, MicrosoftAppShape, SalesforceShape
from mailsync.settings.tables import Table

APPS = ("salesforce", "google", "microsoft")
_FILES = {
    "ca": "a PEM file",
    "private_key_file": "the PEM file of the private key",  # pragma: allowlist secret
    "service_account_file": "the JSON key of the service account",
    "certificate_file": "a PEM file with private key and certificate",
}
_SECRET = "client_secret"  # noqa: S105 # pragma: allowlist secret


def app_problems(place: str, section: Table, base: Path, environ: Mapping[str, str]) -> list[str]:
    """What is wrong with a section beyond its shape: a secret that can't be read, files that are not there. `place`
    ends with the name of the section."""
    problems = [find_secret(section, _SECRET, place, base, environ)[1], *file_problems(place, section, base)]
    if place.endswith("salesforce") and "client_id" not in section:
        lonely = [key for key in (_SECRET, "private_key_file") if key in section]
        problems += [f"{place}.{key}: belongs to an app; give its client_id too" for key in lonely]
    return [problem for problem in problems if problem]


def file_problems(where: str, section: Table, base: Path) -> list[str]:
    """A line for each file that a section names and that is not there."""
    named = {key: section.get(key) for key in _FILES}
    return [
        f"{where}.{key}: there is no file {base / file}; give the path of {_FILES[key]}"
        for key, file in named.items()
        if isinstance(file, str) and file and not (base / file).is_file()
    ]


def place(file: str | None, base: Path) -> Path | None:
    """A file's path as seen from the settings file."""
    return base / file if file else None


def salesforce_app(shape: SalesforceShape, base: Path, environ: Mapping[str, str]) -> SalesforceApp | None:
    """The app of a section without problems; None where none is named."""
    if shape.client_id is None:
        return None
    secret, _ = find_secret(list_given(shape, _SECRET), _SECRET, "", base, environ)
    key = place(shape.private_key_file, base)
    return SalesforceApp(shape.client_id, secret, shape.login_url or "", shape.redirect_port, key)


def google_app(shape: GoogleAppShape | None, base: Path, environ: Mapping[str, str]) -> GoogleApp | None:
    """The app of a section without problems; None where there is no section."""
    if shape is None:
        return None
    secret, _ = find_secret(list_given(shape, _SECRET), _SECRET, "", base, environ)
    key, ca = place(shape.service_account_file, base), place(shape.ca, base)
    return GoogleApp(shape.client_id or "", secret, key, shape.login_url or "", shape.redirect_port, ca)


def microsoft_app(shape: MicrosoftAppShape | None, base: Path, environ: Mapping[str, str]) -> MicrosoftApp | None:
    """The app of a section without problems; None where there is no section."""
    if shape is None:
        return None
    secret, _ = find_secret(list_given(shape, _SECRET), _SECRET, "", base, environ)
    certificate, ca = place(shape.certificate_file, base), place(shape.ca, base)
    return MicrosoftApp(shape.client_id, shape.tenant, secret, certificate, shape.login_url, shape.redirect_port, ca)
