"""Quota buckets: what calls cost (People API guide, "Read and manage contacts"), counted by minute or day and user.

How large the buckets are Google doesn't publish; a project's console shows it. Those here were read there by others.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from mailsync.sandbox.google.errors import SERVICE, ApiError, make_info

PROJECT: Final = "453227609897"


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket: its metric and limit as Google's errors name them, its usual size, and over how many seconds."""

    metric: str
    title: str
    limit: str
    usual: int
    seconds: int = 60


BUCKETS: Final[Mapping[str, Bucket]] = {
    "critical_reads": Bucket(
        "critical_read_requests",
        "Critical read requests (Contact and Profile Reads)",
        "CriticalReadsPerMinutePerProjectPerUser",
        90,
    ),
    "critical_writes": Bucket(
        "critical_write_requests",
        "Critical write requests (Contact Creates and Updates)",
        "CriticalWritesPerMinutePerProjectPerUser",
        90,
    ),
    "photo_writes": Bucket(
        "photo_write_requests", "Photo write requests (Photo Updates)", "PhotoWritesPerMinutePerProjectPerUser", 50
    ),
    "reads": Bucket("read_requests", "Read requests (Contact Group Reads)", "ReadsPerMinutePerProjectPerUser", 90),
    "writes": Bucket(
        "write_requests",
        "Write requests (Contact Deletes and Contact Group Writes)",
        "WritesPerMinutePerProjectPerUser",
        90,
    ),
    "daily_writes": Bucket(
        "daily_contact_writes", "Daily Contact Writes (Total)", "DailyContactWritesPerProject", 100_000, 86_400
    ),
    "full_syncs": Bucket("full_sync_requests", "", "", 60),
}


@dataclass(slots=True)
class Quotas:
    """The sizes of the buckets that are counted, and what each user has used up in the present window."""

    limits: dict[str, int] = field(default_factory=dict[str, int])
    used: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict[tuple[str, str], tuple[int, int]])


def charge(quotas: Quotas, user: str, costs: Mapping[str, int], now: datetime) -> None:
    """Takes what a call costs from the user's buckets. Raises ApiError, nothing taken, where one has too little."""
    taken: dict[tuple[str, str], tuple[int, int]] = {}
    for name, units in costs.items():
        if name not in quotas.limits:
            continue
        window = int(now.timestamp()) // BUCKETS[name].seconds
        began, used = quotas.used.get((user, name), (window, 0))
        used = used if began == window else 0
        if used + units > quotas.limits[name]:
            raise make_refusal(name, quotas.limits[name])
        taken[user, name] = (window, used + units)
    quotas.used |= taken


def make_refusal(name: str, size: int | None = None) -> ApiError:
    """429 for a bucket that is used up."""
    bucket = BUCKETS[name]
    if name == "full_syncs":
        return ApiError("RESOURCE_EXHAUSTED", "Sync quota exceeded.", (make_info("RATE_LIMIT_EXCEEDED"),))
    daily = bucket.seconds > 60
    limit = f"{bucket.title} per day" if daily else f"{bucket.title} per minute per user"
    text = (
        f"Quota exceeded for quota metric '{bucket.title}' and limit '{limit}' of service '{SERVICE}' "
        f"for consumer 'project_number:{PROJECT}'."
    )
    info = make_info(
        "RATE_LIMIT_EXCEEDED",
        "googleapis.com",
        service=SERVICE,
        consumer=f"projects/{PROJECT}",
        quota_metric=f"{SERVICE}/{bucket.metric}",
        quota_limit=bucket.limit,
        quota_limit_value=str(bucket.usual if size is None else size),
        quota_location="global",
        quota_unit="1/d/{project}" if daily else "1/min/{project}/{user}",
    )
    help_link: dict[str, Any] = {
        "@type": "type.googleapis.com/google.rpc.Help",
        "links": [
            {
                "description": "Request a higher quota limit.",
                "url": "https://cloud.google.com/docs/quotas/help/request_increase",
            }
        ],
    }
    return ApiError("RESOURCE_EXHAUSTED", text, (info, help_link))
