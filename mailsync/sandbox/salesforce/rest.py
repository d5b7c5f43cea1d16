"""One REST request of a user and its reply, as the endpoints see them: decoded, and the same inside a composite."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any, cast
from urllib.parse import parse_qs

import orjson

from mailsync.sandbox.salesforce.ids import full_id
from mailsync.sandbox.salesforce.refusal import ApiError, entity_is_deleted, not_found
from mailsync.sandbox.salesforce.saving import SaveOptions
from mailsync.sandbox.salesforce.schema import ObjectSpec
from mailsync.sandbox.salesforce.values import WrongType
from mailsync.sandbox.salesforce.viewer import Viewer

ABSENT = object()  # no body at all


@dataclass(frozen=True, slots=True)
class Ask:
    """`parts` are the segments of the path after the version, `arguments` those that a route's {} stand for.

    `content` is the body as JSON value, or bytes that are still to be read.
    """

    viewer: Viewer
    method: str
    parts: tuple[str, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    content: object = ABSENT
    arguments: tuple[str, ...] = ()
    inside: bool = False

    def read_object(self) -> dict[str, Any]:
        """The body as a JSON object. Raises ApiError JSON_PARSER_ERROR, or 415 for another kind of content."""
        value = self.content
        if isinstance(value, bytes):
            value = self._parse(value)
        if not isinstance(value, dict):
            raise ApiError("JSON_PARSER_ERROR", "The HTTP entity body is required, as a JSON object")
        return cast(dict[str, Any], value)

    def options(self) -> SaveOptions:
        """What Sforce-Duplicate-Rule-Header allows."""
        header = self.headers.get("sforce-duplicate-rule-header", "")
        pairs = dict(part.strip().lower().split("=", 1) for part in header.split(";") if "=" in part)
        return SaveOptions(pairs.get("allowsave") == "true", pairs.get("includerecorddetails") == "true")

    def since(self, name: str) -> datetime | None:
        """The HTTP date of a header; None where it is absent or no date."""
        text = self.headers.get(name)
        if not text:
            return None
        try:
            found = parsedate_to_datetime(text)
            return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        except (ValueError, OverflowError):
            return None

    def _parse(self, content: bytes) -> object:
        kind = self.headers.get("content-type", "application/json")
        if "json" not in kind.lower():
            raise ApiError("UNSUPPORTED_MEDIA_TYPE", f"Content-Type not supported: {kind}", status=415)
        try:
            return orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise ApiError("JSON_PARSER_ERROR", f"{error.msg} at [line:{error.lineno}, column:{error.colno}]") from None


@dataclass(frozen=True, slots=True)
class Reply:
    """`body` is a JSON value; None is no body; bytes are one of the type that the headers name."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


Endpoint = Callable[[Ask], Reply]
Respond = Callable[[Ask], Reply]


def read_query(text: str) -> dict[str, str]:
    """The parameters of a query string, the first of each name; + is a space."""
    return {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}


def bearer_of(headers: Mapping[str, str]) -> str:
    """The token of an Authorization header of the schemes Bearer and OAuth."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() in ("bearer", "oauth") else ""


def find_object(ask: Ask, name: str) -> ObjectSpec:
    """The object of a path. Raises ApiError NOT_FOUND."""
    spec = ask.viewer.org.spec(name)
    if spec is None:
        raise not_found()
    return spec


def find_row(ask: Ask, spec: ObjectSpec, text: str) -> dict[str, Any]:
    """The live record of a path's id. Raises ApiError: malformed, not there (or not visible), deleted."""
    if len(text) not in (15, 18) or not text.isalnum():
        raise not_found(f"Provided external ID field does not exist or is not accessible: {text}")
    record_id = full_id(text)
    if record_id is None:
        raise ApiError("MALFORMED_ID", f"malformed id {text}")
    if not record_id.startswith(spec.prefix):
        raise ApiError("MALFORMED_ID", f"{spec.label} ID: id value of incorrect type: {text}", ("Id",))
    row = ask.viewer.find(spec, record_id)
    if row is None:
        raise not_found()
    if row.get("IsDeleted"):
        raise entity_is_deleted()
    return row


def http_date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def parse_error(error: WrongType) -> ApiError:
    """A wrong JSON type as a single resource reports it: the body could not be read."""
    match error.value:
        case str():
            found = f"VALUE_STRING value {error.value}"
        case bool():
            found = f"VALUE_{str(error.value).upper()} value {str(error.value).lower()}"
        case int() | float():
            found = f"VALUE_NUMBER value {error.value}"
        case _:
            found = "START_OBJECT or START_ARRAY value"
    return ApiError(
        "JSON_PARSER_ERROR",
        f"Cannot deserialize instance of {error.expected} from {found} or request may be missing a required "
        f"field at field {error.field}",
    )


def item_error(error: WrongType) -> ApiError:
    """A wrong JSON type as an item of a collection reports it."""
    return ApiError(
        "INVALID_TYPE_ON_FIELD_IN_RECORD",
        f"{error.field}: value not of required type: {error.value}",
        (error.field,),
    )
