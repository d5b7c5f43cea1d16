"""The vendors that are built, in the order in which they are asked for a path."""

from mailsync.sandbox.estate import VendorMaker
from mailsync.sandbox.exchange import Exchange
from mailsync.sandbox.google import Google
from mailsync.sandbox.microsoft import Microsoft
from mailsync.sandbox.salesforce import Salesforce

VENDORS: tuple[VendorMaker, ...] = (Salesforce, Exchange, Google, Microsoft)
