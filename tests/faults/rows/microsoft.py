"""How Microsoft Graph fails (vendors/mailbox.md C)."""

from typing import Any

from tests.faults.rows.shared import (
    CREATES,
    DELETES,
    MOVES,
    PAGING,
    SESSIONS,
    THROTTLED,
    UPDATES,
    WIRE,
    Row,
    name_rows,
    reject_items,
)

_BATCH = frozenset({"$batch"})
_CHANGES = frozenset({"changes"})
_READS = frozenset({"read"})
_TOO_MANY = "The multi value property BusinessPhones has 3 entries, that exceeds the max allowed value of 2."
_PASSING = frozenset({"ErrorInternalServerError", "serviceNotAvailable"})
_PARTS: dict[str, dict[str, Any]] = {"first": {"items": [0]}, "last": {"items": [-1]}, "every": {"items": [0, 1, 2, 3]}}


def _throttle_parts() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for place, items in _PARTS.items():
        found[f"429 for the {place} part"] = {"kind": "throttle", "retry_after": 2, **items}
        found[f"503 for the {place} part"] = {"kind": "throttle", "status": 503, "retry_after": 2, **items}
        found[f"503 for the {place} part after it was done"] = {
            "kind": "throttle", "status": 503, "retry_after": None, "carry_out": True, **items,
        }  # fmt: skip
        found[f"504 for the {place} part after it was done"] = {
            "kind": "throttle", "status": 504, "retry_after": None, "carry_out": True, **items,
        }  # fmt: skip
    found["429 for the first part, an hour"] = {"kind": "throttle", "retry_after": 3600, "items": [0]}
    found["429 for the first part, no time told"] = {"kind": "throttle", "retry_after": None, "items": [0]}
    return found


MICROSOFT = (
    *WIRE,
    *(Row(r.name, {"retry_after": None, **r.fault}) for r in THROTTLED),
    *SESSIONS,
    *name_rows(
        {
            "ApplicationThrottled, no time told": {"kind": "refuse", "code": "ApplicationThrottled"},
            "TooManyRequests": {"kind": "refuse", "code": "TooManyRequests"},
            "ErrorInternalServerError": {"kind": "refuse"},
            "ErrorInternalServerError after all was done": {"kind": "refuse", "carry_out": True},
            "serviceNotAvailable": {"kind": "refuse", "code": "serviceNotAvailable"},
            "serviceNotAvailable after all was done": {
                "kind": "refuse",
                "code": "serviceNotAvailable",
                "carry_out": True,
            },
            "ErrorMailboxMoveInProgress": {"kind": "refuse", "code": "ErrorMailboxMoveInProgress", "status": 503},
            "MailboxNotEnabledForRESTAPI": {"kind": "refuse", "code": "MailboxNotEnabledForRESTAPI"},
            "ErrorAccessDenied": {"kind": "access_denied"},
        }
    ),
    *name_rows(_throttle_parts(), on=_BATCH),
    *name_rows(
        {
            "410 SyncStateNotFound": {"kind": "expire_cursor"},
            "410 resyncRequired": {"kind": "expire_cursor", "form": "resync"},
            "a delta that tells everything as changed": {"kind": "replay"},
        },
        doing=_CHANGES,
    ),
    Row("a delta that is behind", {"kind": "lag"}, doing=_CHANGES, quiet=True),
    *name_rows({f"pages: {how}": {"kind": "paging", "how": how} for how in PAGING[1:]}, doing=_CHANGES | _READS),
    *reject_items(("ErrorAccessDenied", "ErrorQuotaExceeded", "ErrorInternalServerError"), _BATCH, CREATES, _PASSING),
    *reject_items(
        (
            *("ErrorItemNotFound", "ErrorIrresolvableConflict", "ErrorAccessDenied"),
            *("ErrorQuotaExceeded", "ErrorInternalServerError", "serviceNotAvailable"),
        ),
        _BATCH,
        UPDATES,
        _PASSING,
    ),
    *reject_items(("ErrorItemNotFound", "ErrorAccessDenied", "ErrorInternalServerError"), _BATCH, MOVES, _PASSING),
    *reject_items(
        ("ErrorItemNotFound", "ErrorIrresolvableConflict", "ErrorAccessDenied", "ErrorInternalServerError"),
        _BATCH,
        DELETES,
        _PASSING,
    ),
    *reject_items(("ErrorInvalidRequest",), _BATCH, CREATES | UPDATES, frozenset(), message=_TOO_MANY),
    *reject_items(("ErrorAccessDenied", "ErrorInternalServerError"), _BATCH, _READS, frozenset()),
)
