"""What Salesforce refuses, in its own words: code, message, fields, and the HTTP status of a single resource."""

from collections.abc import Mapping
from typing import Any


class ApiError(Exception):
    """A refused request or record. Collections show `code` as statusCode, everything else as errorCode."""

    def __init__(
        self,
        code: str,
        message: str,
        fields: tuple[str, ...] | None = None,
        status: int = 400,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fields = fields
        self.status = status
        self.extra = extra or {}


def describe_refusal(error: ApiError) -> dict[str, Any]:
    """One entry of the array that a single resource answers: message, errorCode, fields where the vendor names some."""
    entry: dict[str, Any] = {**error.extra, "message": error.message, "errorCode": error.code}
    if error.fields is not None:
        entry["fields"] = list(error.fields)
    return entry


def describe_item_refusal(error: ApiError) -> dict[str, Any]:
    """One entry of `errors` of a collection's item (statusCode, not errorCode)."""
    return {"statusCode": error.code, "message": error.message, "fields": list(error.fields or ())}


def not_found(message: str = "The requested resource does not exist") -> ApiError:
    return ApiError("NOT_FOUND", message, status=404)


def entity_is_deleted(status: int = 404) -> ApiError:
    return ApiError("ENTITY_IS_DELETED", "entity is deleted", (), status=status)


def unknown_column(field: str, table: str) -> ApiError:
    """A field that is not there, or that field security hides: to the caller these are the same."""
    return ApiError("INVALID_FIELD", f"No such column '{field}' on sobject of type {table}")


def unwritable(fields: tuple[str, ...]) -> ApiError:
    return ApiError(
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        f"Unable to create/update fields: {', '.join(fields)}. Please check the security settings of this field and "
        "verify that it is read/write for your profile or permission set.",
        fields,
    )


def no_access() -> ApiError:
    return ApiError("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", (), status=403)


def unparsable(expected: str, found: str) -> ApiError:
    return ApiError(
        "JSON_PARSER_ERROR",
        f"Cannot deserialize instance of {expected} from {found} or request may be missing a required field",
    )
