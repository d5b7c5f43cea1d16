"""The table of faults: each row a way in which a vendor fails, as the sandbox is asked for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

WRITES = frozenset({"create", "update", "delete", "move"})


@dataclass(frozen=True, slots=True)
class Row:
    """One way to fail. `on`: the operations that it can meet (none named: all); `doing`: requests that do one of these.

    `quiet`: what is missing after the session need not be told, since nothing could be noticed. `again`: a person asks
    for another try, because the vendor refused what was sent and an issue waits.
    """

    name: str
    fault: Mapping[str, Any]
    on: frozenset[str] = frozenset()
    doing: frozenset[str] = frozenset()
    quiet: bool = False
    again: bool = False

    def meets(self, operation: str, actions: frozenset[str]) -> bool:
        """Whether it can strike requests of that operation."""
        return (not self.on or operation in self.on) and (not self.doing or bool(actions & self.doing))


def _named(groups: Mapping[str, Mapping[str, Any]], **more: Any) -> tuple[Row, ...]:
    return tuple(Row(name, fault, **more) for name, fault in groups.items())


WIRE = (
    *_named(
        {
            "connection closed before anything was done": {"kind": "drop_before"},
            "connection closed after all was done": {"kind": "drop_after"},
            "connection reset within the answer": {"kind": "reset"},
            "time-out, nothing done": {"kind": "hang", "seconds": 1.6},
            "time-out, all done": {"kind": "hang", "seconds": 1.6, "carry_out": True},
            "answer drop by drop": {"kind": "trickle", "seconds": 0.3, "pieces": 50},
            "500 after all was done": {"kind": "error_after", "status": 500},
            "502 page, nothing done": {"kind": "status", "status": 502, "body": "<html>Bad Gateway</html>"},
            "503 after all was done": {"kind": "error_after", "status": 503},
            "504 after all was done": {"kind": "error_after", "status": 504, "body": "<html>Gateway Timeout</html>"},
            "404 page of a proxy": {"kind": "status", "status": 404, "body": "<html>Not Found</html>"},
            "cut, Content-Length fits": {"kind": "truncate", "at": 0.5},
            "cut at its end, Content-Length fits": {"kind": "truncate", "at": 0.98},
            "cut, Content-Length of the whole": {"kind": "truncate", "at": 0.5, "declared": "whole"},
            "cut, chunks without an end": {"kind": "truncate", "at": 0.5, "declared": "chunked"},
            "empty body": {"kind": "empty"},
            "log-in page with 200": {"kind": "html"},
            "redirect to another host, 302": {"kind": "redirect", "status": 302},
            "redirect to another host, 307": {"kind": "redirect", "status": 307},
            "redirect to another host, 308 after all was done": {"kind": "redirect", "status": 308, "carry_out": True},
            "Date ten minutes behind": {"kind": "skew", "seconds": -600},
            "Date ten minutes ahead": {"kind": "skew", "seconds": 600},
        }
    ),
    *_named(
        {
            f"spoilt body: {how}": {"kind": "malform", "how": how}
            for how in (
                *("garble", "utf8", "control", "bom", "duplicate_keys"),
                *("gzip", "gzip_cut", "gzip_undeclared", "content_type"),
            )
        }
    ),
)
"""What every server, and everything between it and us, does wrong."""

_AFTER: Mapping[str, Mapping[str, Any]] = {
    "without Retry-After": {},
    "Retry-After in seconds": {"retry_after": 2},
    "Retry-After as a date": {"retry_after": 2, "retry_after_as": "date"},
    "Retry-After of an hour": {"retry_after": 3600},
    "Retry-After in the past": {"retry_after": -30},
    "Retry-After that is none": {"retry_after": "soon"},
}
THROTTLED = _named(
    {
        f"{status} {name}": {"kind": "throttle", "status": status, **after}
        for status, (name, after) in product((429, 503), _AFTER.items())
    }
)
SESSIONS = _named(
    {
        "token or password expired": {"kind": "expire_token"},
        "token revoked": {"kind": "revoke_token"},
        "scope or permission taken away": {"kind": "remove_scope"},
    }
)


def _rejected(
    codes: tuple[str, ...], on: frozenset[str], doing: frozenset[str], passing: frozenset[str], **more: Any
) -> tuple[Row, ...]:
    """Each code at the first, the second and the last item of a batch, and at all of them."""
    places: Mapping[str, Mapping[str, Any]] = {
        "first": {"items": [0]},
        "second": {"items": [1]},
        "last": {"items": [-1]},
        "every": {},
    }
    what = {_CREATES: "creation", _UPDATES: "update"}.get(doing, "write")
    return tuple(
        Row(
            f"{code}, {place} {what}",
            {"kind": "reject", "code": code, **items, **more},
            on,
            doing,
            quiet=code in _MOVED_ON,
            again=code not in passing,
        )
        for code, (place, items) in product(codes, places.items())
    )


_CREATES = frozenset({"create"})
_UPDATES = frozenset({"update"})
_DELETES = frozenset({"delete"})
# What these say is that the item is another one by now: the change is parked and planned anew (A21), without a word.
_MOVED_ON = frozenset({"ErrorItemNotFound", "ErrorIrresolvableConflict"})
_PAGING = ("missing", "repeated", "loop", "zero", "unordered", "twice")
_SF_PAGED = frozenset({"composite", "query", "queryMore"})
_SF_CODES = (
    *("UNABLE_TO_LOCK_ROW", "DUPLICATES_DETECTED", "FIELD_CUSTOM_VALIDATION_EXCEPTION"),
    *("STRING_TOO_LONG", "REQUIRED_FIELD_MISSING", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"),
    *("INSUFFICIENT_ACCESS_OR_READONLY", "STORAGE_LIMIT_EXCEEDED"),
)
_SF_PASSING = frozenset({"UNABLE_TO_LOCK_ROW"})
_COMPOSITE = frozenset({"composite"})
_EWS_PAGED = frozenset({"SyncFolderItems", "FindItem", "SyncFolderHierarchy"})
_EWS_BATCHES = frozenset({"CreateItem", "UpdateItem", "MoveItem", "DeleteItem"})

SALESFORCE = (
    *WIRE,
    *THROTTLED,
    *SESSIONS,
    *_named(
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
    Row("query locator or window expired", {"kind": "expire_cursor"}, _SF_PAGED),
    *_named({f"pages: {how}": {"kind": "paging", "how": how} for how in _PAGING}, on=_SF_PAGED),
    # Creations are one collection within a composite, updates are parts of it.
    *_rejected(_SF_CODES, _COMPOSITE, _CREATES, _SF_PASSING, part=0),
    # An edit of a record that the user may not change is left where it is (B10), which is another end.
    *_rejected(_SF_CODES[:-2] + _SF_CODES[-1:], _COMPOSITE, _UPDATES, _SF_PASSING),
    # What may not be deleted is created again in the mailbox (D3), which is another end; a lock passes.
    Row("UNABLE_TO_LOCK_ROW, every deletion", {"kind": "reject", "code": "UNABLE_TO_LOCK_ROW"}, _COMPOSITE, _DELETES),
)
EXCHANGE = (
    *WIRE,
    *THROTTLED,
    *SESSIONS,
    *_named(
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
    Row("ErrorInvalidSyncStateData", {"kind": "expire_cursor"}, _EWS_PAGED - {"FindItem"}),
    Row("a sync that is behind", {"kind": "lag"}, _EWS_PAGED - {"FindItem"}, quiet=True),
    Row("a read from a server that is behind", {"kind": "lag"}, frozenset({"GetItem", "FindItem"}), quiet=True),
    *_named({f"pages: {how}": {"kind": "paging", "how": how} for how in _PAGING[1:]}, on=_EWS_PAGED),
    # A search that comes back empty can't be told from one that finds nothing: the next session finds what is there.
    # A sync that swallows changes, whole and with a good state, is nowhere to be seen (docs/reliability.md).
    Row("pages: missing", {"kind": "paging", "how": "missing"}, frozenset({"FindItem"}), quiet=True),
    *_rejected(("ErrorItemNotFound",), _EWS_BATCHES - {"DeleteItem"}, WRITES, frozenset()),
    *_rejected(
        (
            *("ErrorIrresolvableConflict", "ErrorQuotaExceeded", "ErrorAccessDenied"),
            *("ErrorInternalServerError", "ErrorServerBusy", "ErrorFolderNotFound"),
        ),
        _EWS_BATCHES,
        WRITES,
        frozenset({"ErrorInternalServerError", "ErrorServerBusy"}),
    ),
)
TABLE: Mapping[str, tuple[Row, ...]] = {"salesforce": SALESFORCE, "exchange": EXCHANGE}
