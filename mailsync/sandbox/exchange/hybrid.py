"""Mailboxes that lie in the tenant of the same organisation: EWS answers for them as long as the tenant lets it.

Microsoft switches EWS off for Exchange Online (mailbox.md A); no report of the wire error of a blocked tenant is known,
403 with ErrorAccessDenied is held to be the likeliest.
"""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from mailsync.sandbox.exchange.errors import Fault
from mailsync.sandbox.exchange.records import Mailbox
from mailsync.sandbox.exchange.soap import XML, write_fault
from mailsync.sandbox.vendor import Answer, Vendor


@runtime_checkable
class Online(Protocol):
    """The vendor that keeps the tenant's mailboxes."""

    def find_online(self, user: str) -> Mailbox | None:
        """A person's mailbox in the tenant."""
        ...

    def allows_ews(self, user: str) -> bool:
        """Whether EWS answers for it."""
        ...


def find_tenant(vendors: Mapping[str, Vendor]) -> Online | None:
    """The vendor among those of a sandbox that keeps mailboxes online."""
    return next((vendor for vendor in vendors.values() if isinstance(vendor, Online)), None)


def refuse_blocked() -> Answer:
    """The answer for a mailbox of a tenant that doesn't let EWS in any more."""
    return Answer(403, write_fault(Fault("ErrorAccessDenied")), XML)
