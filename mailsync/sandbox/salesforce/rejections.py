"""Why Salesforce refuses a record, for faults that reject on purpose: the codes with the vendor's words and statuses.

Codes and treatment: vendors' WSDL StatusCode; words as recorded in the sources of each line's rule elsewhere in this
package (rules, values, refusal), else those of the vendor's help pages. HTTP statuses hold for a single resource only.
"""

from collections.abc import Mapping
from typing import Any, Final, cast

from mailsync.sandbox.faultdetails import read_integer, read_text
from mailsync.sandbox.salesforce.refusal import ApiError
from mailsync.sandbox.vendor import Refused

# code → HTTP status, message, fields
KNOWN: Final[Mapping[str, tuple[int, str, tuple[str, ...]]]] = {
    "DUPLICATES_DETECTED": (400, "Use one of these records?", ()),
    "DUPLICATE_VALUE": (400, "duplicate value found: <unknown>", ()),
    "REQUIRED_FIELD_MISSING": (400, "Required fields are missing: [LastName]", ("LastName",)),
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": (400, "This record breaks a rule of your company.", ()),
    "FIELD_FILTER_VALIDATION_EXCEPTION": (
        400,
        "Value does not exist or does not match filter criteria.",
        ("AccountId",),
    ),
    "FIELD_INTEGRITY_EXCEPTION": (
        400,
        "There's a problem with this country, even though it may appear correct. Please select a country from the list "
        "of valid countries.: [MailingCountry]",
        ("MailingCountry",),
    ),
    "STRING_TOO_LONG": (400, "Title: data value too large: (max length=128)", ("Title",)),
    "INVALID_EMAIL_ADDRESS": (400, "Email: invalid email address", ("Email",)),
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": (400, "bad value for restricted picklist field", ("Salutation",)),
    "INVALID_FIELD_FOR_INSERT_UPDATE": (
        400,
        "Unable to create/update fields: Phone. Please check the security settings of this field and verify that it is "
        "read/write for your profile or permission set.",
        ("Phone",),
    ),
    "INVALID_CROSS_REFERENCE_KEY": (400, "invalid cross reference id", ()),
    "MALFORMED_ID": (400, "malformed id", ()),
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": (400, "insufficient access rights on cross-reference id", ()),
    "INSUFFICIENT_ACCESS_OR_READONLY": (403, "insufficient access rights on object id", ()),
    "INSUFFICIENT_ACCESS": (403, "insufficient access rights on object id", ()),
    "TRANSFER_REQUIRES_READ": (403, "The new owner must have read permission", ("OwnerId",)),
    "UNABLE_TO_LOCK_ROW": (400, "unable to obtain exclusive access to this record", ()),
    "ENTITY_IS_DELETED": (404, "entity is deleted", ()),
    "NOT_FOUND": (404, "The requested resource does not exist", ()),
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": (
        400,
        "ContactTrigger: execution of BeforeInsert\n\ncaused by: System.NullPointerException: Attempt to de-reference "
        "a null object\n\nTrigger.ContactTrigger: line 3, column 1",
        (),
    ),
    "DELETE_FAILED": (400, "Your attempt to delete this record could not be completed.", ()),
    "DEPENDENCY_EXISTS": (400, "This record is in use elsewhere.", ()),
    "CANNOT_DELETE_OWNER": (400, "the owner cannot be deleted", ()),
    "INVALID_PERSON_ACCOUNT_OPERATION": (400, "cannot create or delete a person contact", ()),
    "STORAGE_LIMIT_EXCEEDED": (403, "storage limit exceeded", ()),
    "INVALID_QUERY_LOCATOR": (400, "invalid query locator", ()),
    "INVALID_REPLICATION_DATE": (400, "startDate cannot be more than 15 days ago", ()),
}


def make_rejection(code: str, details: Mapping[str, Any]) -> ApiError:
    """The refusal of a record by its code, with the words, fields, status and candidates that a fault gives instead.

    Raises Refused, naming the detail that is wrong.
    """
    status, message, fields = KNOWN.get(code, (400, f"The record was refused: {code}", ()))
    records = _texts(details, "records", ())
    return ApiError(
        code,
        read_text(details, "message", message),
        _texts(details, "fields", fields),
        read_integer(details, "status", status, least=400, most=599),
        _show_duplicates(records) if code == "DUPLICATES_DETECTED" else None,
    )


def _texts(details: Mapping[str, Any], key: str, default: tuple[str, ...]) -> tuple[str, ...]:
    value: object = details.get(key, default)
    texts = cast(list[object], value) if isinstance(value, list | tuple) else [None]
    if not all(isinstance(text, str) for text in texts):
        raise Refused(f"{key}: give a list of texts")
    return tuple(str(text) for text in texts)


def _show_duplicates(records: tuple[str, ...]) -> dict[str, Any]:
    """`duplicateResult` as a single create shows it, with the candidates that the fault names."""
    matches: list[dict[str, Any]] = [
        {
            "additionalInformation": [],
            "fieldDiffs": [],
            "matchConfidence": 100.0,
            "record": {"attributes": {"type": "Contact"}, "Id": record},
        }
        for record in records
    ]
    found: dict[str, Any] = {
        "entityType": "Contact",
        "errors": [],
        "matchEngine": "ExactMatchEngine",
        "matchRecords": matches,
        "rule": "Standard_Contact_Match_Rule",
        "size": len(matches),
        "success": True,
    }
    return {
        "duplicateResult": {
            "allowSave": False,
            "duplicateRule": "Standard_Rule_for_Contacts_with_Duplicate_Contacts",
            "duplicateRuleEntityType": "Contact",
            "errorMessage": "Use one of these records?",
            "matchResults": [found],
        }
    }
