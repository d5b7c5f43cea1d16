"""Gmail over Google People: the mailbox port where a label is folder and category in one."""

from mailsync.mailbox.google.adapter import GoogleMailbox, open_google
from mailsync.mailbox.google.login import GoogleLogin

__all__ = ["GoogleLogin", "GoogleMailbox", "open_google"]
