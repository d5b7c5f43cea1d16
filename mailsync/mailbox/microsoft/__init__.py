"""Microsoft 365 over Graph: the mailbox port for everything that lives in Exchange Online."""

from mailsync.mailbox.microsoft.adapter import MicrosoftMailbox, open_microsoft
from mailsync.mailbox.microsoft.login import MicrosoftLogin

__all__ = ["MicrosoftLogin", "MicrosoftMailbox", "open_microsoft"]
