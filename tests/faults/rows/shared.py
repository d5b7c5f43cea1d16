"""What a row of the table is, and the rows that all vendors share: ways to fail, as the sandbox is asked for them."""

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

    @property
    def slow(self) -> bool:
        """Whether no answer comes in time, for which nobody should have to wait long."""
        return self.fault["kind"] in ("hang", "trickle")

    def meets(self, operation: str, actions: frozenset[str]) -> bool:
        """Whether it can strike requests of that operation."""
        return (not self.on or operation in self.on) and (not self.doing or bool(actions & self.doing))


def name_rows(groups: Mapping[str, Mapping[str, Any]], **more: Any) -> tuple[Row, ...]:
    """A row for each fault by its name."""
    return tuple(Row(name, fault, **more) for name, fault in groups.items())


WIRE = (
    *name_rows(
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
            "503 after all was done, with Retry-After": {"kind": "error_after", "status": 503, "retry_after": 2},
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
    *name_rows(
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
THROTTLED = name_rows(
    {
        f"{status} {name}": {"kind": "throttle", "status": status, **after}
        for status, (name, after) in product((429, 503), _AFTER.items())
    }
)
SESSIONS = name_rows(
    {
        "token or password expired": {"kind": "expire_token"},
        "token revoked": {"kind": "revoke_token"},
        "scope or permission taken away": {"kind": "remove_scope"},
    }
)


CREATES = frozenset({"create"})
UPDATES = frozenset({"update"})
MOVES = frozenset({"move"})
DELETES = frozenset({"delete"})
# What these say is that the item is another one by now: the change is parked and planned anew (A21), without a word.
MOVED_ON = frozenset({"ErrorItemNotFound", "ErrorIrresolvableConflict", "STALE_ETAG", "CONTACT_GONE"})
PAGING = ("missing", "repeated", "loop", "zero", "unordered", "twice")
_PLACES: Mapping[str, Mapping[str, Any]] = {
    "first": {"items": [0]},
    "second": {"items": [1]},
    "last": {"items": [-1]},
    "every": {},
}


def reject_items(
    codes: tuple[str, ...], on: frozenset[str], doing: frozenset[str], passing: frozenset[str], **more: Any
) -> tuple[Row, ...]:
    """Each code at the first, the second and the last item of a batch, and at all of them. `passing`: those that mend
    by themselves, so that nobody has to ask for another try.
    """
    what = {CREATES: "creation", UPDATES: "update", MOVES: "move", DELETES: "deletion"}.get(doing, "write")
    return tuple(
        Row(
            f"{code}, {place} {what}",
            {"kind": "reject", "code": code, **items, **more},
            on,
            doing,
            quiet=code in MOVED_ON,
            again=code not in passing,
        )
        for code, (place, items) in product(codes, _PLACES.items())
    )
