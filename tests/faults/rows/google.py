"""How Google fails (vendors/mailbox.md D)."""

from tests.faults.rows.shared import (
    CREATES,
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

_LISTS = frozenset({"connections.list"})
_PAGED = _LISTS | {"contactGroups.list"}
_READS = frozenset({"getBatchGet"})
_CREATE = frozenset({"batchCreateContacts"})
_UPDATE = frozenset({"batchUpdateContacts"})
_DELETE = frozenset({"batchDeleteContacts"})
_TOKENS = {"EXPIRED_SYNC_TOKEN, 400": {"status": 400}, "EXPIRED_SYNC_TOKEN, 410": {"status": 410}}

GOOGLE = (
    *WIRE,
    *THROTTLED,
    *SESSIONS,
    *name_rows(
        {
            "quota of critical reads": {"kind": "throttle", "quota": "critical_reads"},
            "quota of critical writes": {"kind": "throttle", "quota": "critical_writes"},
            "quota of full syncs": {"kind": "throttle", "quota": "full_syncs"},
            "403 userRateLimitExceeded": {"kind": "throttle", "status": 403},
            "403 userRateLimitExceeded with Retry-After": {"kind": "throttle", "status": 403, "retry_after": 2},
            "quota of the day": {"kind": "quota_day"},
            "ABORTED": {"kind": "abort"},
            "INTERNAL": {"kind": "refuse"},
            "INTERNAL after all was done": {"kind": "refuse", "carry_out": True},
            "UNAVAILABLE": {"kind": "refuse", "code": "UNAVAILABLE"},
            "UNAVAILABLE after all was done": {"kind": "refuse", "code": "UNAVAILABLE", "carry_out": True},
            "PERMISSION_DENIED": {"kind": "refuse", "code": "PERMISSION_DENIED"},
            "SERVICE_DISABLED": {"kind": "refuse", "code": "PERMISSION_DENIED", "reason": "SERVICE_DISABLED"},
        }
    ),
    *name_rows({name: {"kind": "expire_cursor", **how} for name, how in _TOKENS.items()}, on=_LISTS),
    Row("a list that is behind", {"kind": "lag"}, _LISTS, quiet=True),
    Row("a list that tells everything as changed", {"kind": "replay"}, _LISTS),
    *name_rows({f"pages: {how}": {"kind": "paging", "how": how} for how in PAGING}, on=_PAGED),
    Row("the account is full", {"kind": "refuse", "code": "CONTACT_LIMIT"}, _CREATE, again=True),
    Row(
        "a stale etag, without saying whose", {"kind": "refuse", "code": "STALE_ETAG"}, _UPDATE, quiet=True, again=True
    ),
    Row("INVALID_ARGUMENT for all", {"kind": "refuse", "code": "INVALID_ARGUMENT"}, doing=WRITES, again=True),
    *reject_items(("INVALID_ARGUMENT", "FAILED_PRECONDITION"), _CREATE, CREATES, frozenset()),
    *reject_items(("STALE_ETAG", "CONTACT_GONE", "INVALID_ARGUMENT"), _UPDATE, UPDATES, frozenset()),
    *reject_items(("CONTACT_GONE", "INVALID_ARGUMENT"), _DELETE, frozenset({"delete"}), frozenset()),
    *reject_items(("INTERNAL", "UNAVAILABLE", "PERMISSION_DENIED"), _READS, frozenset({"read"}), frozenset()),
)
