"""The shape of mailsync.toml, checked by pydantic: every problem at once, by its key, never with the value itself."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from ipaddress import ip_address
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails


def _address(text: str) -> str:
    """An e-mail address."""
    if not re.fullmatch(r"[^\s@]+@[^\s@]+", text):
        raise ValueError("fill in the mailbox's e-mail address: name@example.com")
    return text


def _filled(text: str) -> str:
    if not text.strip():
        raise ValueError("fill it in")
    return text.strip()


def _url(text: str) -> str:
    """An https URL; plain http for loopback addresses only, since log-ins travel on it."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("this is no URL; write it as https://host/…") from None
    if not host or re.search(r"\s", text) or parts.scheme not in ("https", "http"):
        raise ValueError("fill in a URL: https://host/…")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("leave user names, ? and # out of the URL; log-ins have keys of their own")
    if parts.scheme == "http" and not _is_loopback(host):
        raise ValueError("plain http is accepted for loopback addresses only; write https://")
    return text


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _origin(text: str) -> str:
    url = _url(text)
    if urlsplit(url).path not in ("", "/"):
        raise ValueError("leave the path away: https://host")
    return url.rstrip("/")


def _version(text: str) -> str:
    if not re.fullmatch(r"[0-9]{2,3}\.0", text):
        raise ValueError('write the API version like this: "68.0"')
    return text


Url = Annotated[str, AfterValidator(_url)]
Filled = Annotated[str, AfterValidator(_filled)]
Port = Annotated[int, Field(ge=0, le=65535)]
_STRICT = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class ExchangeShape(BaseModel):
    """[users.NAME.exchange]"""

    model_config = _STRICT
    url: Url
    username: Filled
    password: SecretStr | None = None
    password_env: str | None = None
    password_file: str | None = None
    auth: Literal["basic", "ntlm"] = "basic"
    impersonate: bool = False
    ca: Filled | None = None


class GoogleShape(BaseModel):
    """[users.NAME.google]"""

    model_config = _STRICT
    url: Annotated[str, AfterValidator(_origin)] = "https://people.googleapis.com"
    token: SecretStr | None = None
    token_env: str | None = None
    token_file: str | None = None
    ca: Filled | None = None


class MicrosoftShape(BaseModel):
    """[users.NAME.microsoft]"""

    model_config = _STRICT
    url: Annotated[str, AfterValidator(_origin)] = "https://graph.microsoft.com"
    token: SecretStr | None = None
    token_env: str | None = None
    token_file: str | None = None
    ca: Filled | None = None


class UserShape(BaseModel):
    """[users.NAME]"""

    model_config = _STRICT
    salesforce_token: SecretStr | None = None
    salesforce_token_env: str | None = None
    salesforce_token_file: str | None = None
    salesforce_username: Filled | None = None
    organisation: Filled | None = None
    mailbox: Literal["exchange", "google", "microsoft"]
    address: Annotated[str, AfterValidator(_address)]
    settings: dict[str, Any] = {}
    exchange: ExchangeShape | None = None
    google: GoogleShape | None = None
    microsoft: MicrosoftShape | None = None


class SalesforceShape(BaseModel):
    """[salesforce]"""

    model_config = _STRICT
    url: Annotated[str, AfterValidator(_origin)]
    api_version: Annotated[str, AfterValidator(_version)] = "68.0"
    ca: Filled | None = None
    client_id: Filled | None = None
    client_secret: SecretStr | None = None
    client_secret_env: str | None = None
    client_secret_file: str | None = None
    login_url: Annotated[str, AfterValidator(_origin)] | None = None
    redirect_port: Port = 8765
    private_key_file: Filled | None = None
    sessions_per_minute: Annotated[float, Field(ge=0, le=1_000_000)] = 0


class GoogleAppShape(BaseModel):
    """[google]"""

    model_config = _STRICT
    client_id: Filled | None = None
    client_secret: SecretStr | None = None
    client_secret_env: str | None = None
    client_secret_file: str | None = None
    service_account_file: Filled | None = None
    login_url: Annotated[str, AfterValidator(_origin)] | None = None
    redirect_port: Port = 0
    ca: Filled | None = None


class MicrosoftAppShape(BaseModel):
    """[microsoft]"""

    model_config = _STRICT
    client_id: Filled
    tenant: Filled = "organizations"
    client_secret: SecretStr | None = None
    client_secret_env: str | None = None
    client_secret_file: str | None = None
    certificate_file: Filled | None = None
    login_url: Annotated[str, AfterValidator(_origin)] = "https://login.microsoftonline.com"
    redirect_port: Port = 0
    ca: Filled | None = None


class OrganisationShape(BaseModel):
    """[organisations.NAME]"""

    model_config = _STRICT
    salesforce: SalesforceShape
    google: GoogleAppShape | None = None
    microsoft: MicrosoftAppShape | None = None
    defaults: dict[str, Any] = {}
    feed: "FeedShape | None" = None


class WorkerShape(BaseModel):
    """[worker]"""

    model_config = _STRICT
    sessions: Annotated[int, Field(ge=1, le=64)] = 8
    grace: Annotated[int, Field(ge=0, le=3600)] = 30


class FeedShape(BaseModel):
    """[feed]"""

    model_config = _STRICT
    enabled: bool = True
    user: Filled | None = None
    username: Filled | None = None
    token: SecretStr | None = None
    token_env: str | None = None
    token_file: str | None = None
    minutes: Annotated[float, Field(ge=0.1, le=60)] = 3


class FileShape(BaseModel):
    """The file."""

    model_config = _STRICT
    store: Filled = "mailsync.db"
    key_file: Filled = "mailsync.key"
    defaults: dict[str, Any] = {}
    salesforce: SalesforceShape | None = None
    google: GoogleAppShape | None = None
    microsoft: MicrosoftAppShape | None = None
    organisations: dict[str, OrganisationShape] = {}
    worker: WorkerShape = WorkerShape()
    feed: FeedShape | None = None
    users: dict[str, UserShape] = {}


def check_shape(raw: Mapping[str, Any]) -> tuple[FileShape | None, list[str]]:
    """The file as its shape says, or None and a line for each problem."""
    try:
        return FileShape.model_validate(raw), []
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False, include_context=False)
        return None, [f"{_place(detail)}: {_words(detail)}" for detail in details]


def _place(detail: ErrorDetails) -> str:
    return ".".join(str(part) for part in detail["loc"])


def _words(detail: ErrorDetails) -> str:
    match detail["type"]:
        case "missing":
            return "missing; add it"
        case "extra_forbidden":
            return _unknown(detail)
        case "string_type":
            return 'write it as text in quotes: "…"'
        case "model_type" | "dict_type" | "model_attributes_type":
            return f"write it as a table: [{_place(detail)}]"
        case "value_error":
            return detail["msg"].removeprefix("Value error, ")
        case "literal_error":
            return detail["msg"].replace("Input should be", "give")
        case _:
            return detail["msg"]


def _unknown(detail: ErrorDetails) -> str:
    known = list(_shape_at(detail["loc"]).model_fields)
    near = get_close_matches(str(detail["loc"][-1]), known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}"
    return f"there is no such key; {hint}"


_MAILBOXES = {"exchange": ExchangeShape, "google": GoogleShape, "microsoft": MicrosoftShape}
_SECTIONS = {
    "salesforce": SalesforceShape,
    "google": GoogleAppShape,
    "microsoft": MicrosoftAppShape,
    "worker": WorkerShape,
    "feed": FeedShape,
}


def _shape_at(place: tuple[int | str, ...]) -> type[BaseModel]:
    """The shape of the section that holds a key."""
    match place:
        case ("users", _, str() as mailbox, _) if mailbox in _MAILBOXES:
            return _MAILBOXES[mailbox]
        case ("users", _, _):
            return UserShape
        case ("organisations", _, str() as section, _) if section in _SECTIONS:
            return _SECTIONS[section]
        case ("organisations", _, _):
            return OrganisationShape
        case (str() as section, _) if section in _SECTIONS:
            return _SECTIONS[section]
        case _:
            return FileShape
