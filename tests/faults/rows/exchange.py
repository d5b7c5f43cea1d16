"""How Exchange fails."""

from tests.faults.rows.shared import (
    PAGING,
    SESSIONS,
    THROTTLED,
    WIRE,
    WRITES,
    Row,
    name_rows,
    reject_items,
)

_PAGED = frozenset({"SyncFolderItems", "FindItem", "SyncFolderHierarchy"})
_BATCHES = frozenset({"CreateItem", "UpdateItem", "MoveItem", "DeleteItem"})

EXCHANGE = (
    *WIRE,
    *THROTTLED,
    *SESSIONS,
    *name_rows(
        {
            "ErrorServerBusy with a back-off": {"kind": "throttle", "milliseconds": 1500},
            "ErrorServerBusy with a back-off of an hour": {"kind": "throttle", "milliseconds": 3_600_000},
            "ErrorServerBusy without a back-off": {"kind": "throttle", "milliseconds": None},
            "ErrorServerBusy within each item": {"kind": "throttle", "form": "items"},
            "ErrorServerBusy within each item, after all was done": {
                "kind": "throttle",
                "form": "items",
                "carry_out": True,
            },
            "ErrorExceededConnectionCount": {"kind": "concurrency"},
            "ErrorExceededConnectionCount for each item": {"kind": "concurrency", "form": "items"},
            "ErrorTooManyObjectsOpened": {"kind": "refuse", "code": "ErrorTooManyObjectsOpened"},
            "fault ErrorInternalServerError": {"kind": "refuse", "form": "fault"},
            "fault ErrorInternalServerError after all was done": {"kind": "refuse", "form": "fault", "carry_out": True},
            "ErrorInternalServerError for each item": {"kind": "refuse"},
            "ErrorTimeoutExpired": {"kind": "refuse", "code": "ErrorTimeoutExpired", "form": "fault"},
            "ErrorMailboxStoreUnavailable": {"kind": "refuse", "code": "ErrorMailboxStoreUnavailable"},
            "ErrorMailboxMoveInProgress": {"kind": "refuse", "code": "ErrorMailboxMoveInProgress", "form": "fault"},
            "ErrorAccessDenied": {"kind": "access_denied"},
        }
    ),
    Row("ErrorInvalidSyncStateData", {"kind": "expire_cursor"}, _PAGED - {"FindItem"}),
    Row("a sync that is behind", {"kind": "lag"}, _PAGED - {"FindItem"}, quiet=True),
    Row("a read from a server that is behind", {"kind": "lag"}, frozenset({"GetItem", "FindItem"}), quiet=True),
    *name_rows({f"pages: {how}": {"kind": "paging", "how": how} for how in PAGING[1:]}, on=_PAGED),
    # A search that comes back empty can't be told from one that finds nothing: the next session finds what is there.
    # A sync that swallows changes, whole and with a good state, is nowhere to be seen (docs/reliability.md).
    Row("pages: missing", {"kind": "paging", "how": "missing"}, frozenset({"FindItem"}), quiet=True),
    *reject_items(("ErrorItemNotFound",), _BATCHES - {"DeleteItem"}, WRITES, frozenset()),
    *reject_items(
        (
            *("ErrorIrresolvableConflict", "ErrorQuotaExceeded", "ErrorAccessDenied"),
            *("ErrorInternalServerError", "ErrorServerBusy", "ErrorFolderNotFound"),
        ),
        _BATCHES,
        WRITES,
        frozenset({"ErrorInternalServerError", "ErrorServerBusy"}),
    ),
    Row("ErrorInternalServerError for each item after all was done", {"kind": "refuse", "carry_out": True}),
)
