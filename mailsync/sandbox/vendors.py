"""The vendors that are built, in the order in which they are asked for a path."""

from mailsync.sandbox.estate import VendorMaker

VENDORS: tuple[VendorMaker, ...] = ()
