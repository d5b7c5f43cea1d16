"""How Salesforce fails."""

from tests.faults.rows.shared import (
    CREATES,
    DELETES,
    PAGING,
    SESSIONS,
    THROTTLED,
    UPDATES,
    WIRE,
    WRITES,
    Row,
    name_rows,
    reject_items,
)

_PAGED = frozenset({"composite", "query", "queryMore"})
_CODES = (
    *("UNABLE_TO_LOCK_ROW", "DUPLICATES_DETECTED", "FIELD_CUSTOM_VALIDATION_EXCEPTION"),
    *("STRING_TOO_LONG", "REQUIRED_FIELD_MISSING", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"),
    *("INSUFFICIENT_ACCESS_OR_READONLY", "STORAGE_LIMIT_EXCEEDED"),
)
_PASSING = frozenset({"UNABLE_TO_LOCK_ROW"})
_COMPOSITE = frozenset({"composite"})

SALESFORCE = (
    *WIRE,
    *THROTTLED,
    *SESSIONS,
    *name_rows(
        {
            "REQUEST_LIMIT_EXCEEDED, calls of the day": {"kind": "throttle", "code": "REQUEST_LIMIT_EXCEEDED"},
            "REQUEST_LIMIT_EXCEEDED, ConcurrentRequests": {"kind": "concurrency"},
            "REQUEST_LIMIT_EXCEEDED, long transactions": {"kind": "concurrency", "limit": "ConcurrentPerOrgLongTxn"},
            "UNKNOWN_EXCEPTION": {"kind": "refuse"},
            "UNKNOWN_EXCEPTION after all was done": {"kind": "refuse", "carry_out": True},
            "API_DISABLED_FOR_ORG": {"kind": "refuse", "code": "API_DISABLED_FOR_ORG", "status": 403},
            "QUERY_TIMEOUT": {"kind": "refuse", "code": "QUERY_TIMEOUT", "status": 400},
            "ORG_IN_MAINTENANCE": {"kind": "refuse", "code": "ORG_IN_MAINTENANCE", "status": 503},
        }
    ),
    Row("every row locked", {"kind": "lock"}, doing=WRITES),
    Row("what is written shows a minute later", {"kind": "lag", "seconds": 60}, doing=WRITES, quiet=True),
    Row("query locator or window expired", {"kind": "expire_cursor"}, _PAGED),
    *name_rows({f"pages: {how}": {"kind": "paging", "how": how} for how in PAGING}, on=_PAGED),
    # Creations are one collection within a composite, updates are parts of it.
    *reject_items(_CODES, _COMPOSITE, CREATES, _PASSING, part=0),
    # An edit of a record that the user may not change is left where it is (B10), which is another end.
    *reject_items(_CODES[:-2] + _CODES[-1:], _COMPOSITE, UPDATES, _PASSING),
    # What may not be deleted is created again in the mailbox (D3), which is another end; a lock passes.
    Row("UNABLE_TO_LOCK_ROW, every deletion", {"kind": "reject", "code": "UNABLE_TO_LOCK_ROW"}, _COMPOSITE, DELETES),
)
