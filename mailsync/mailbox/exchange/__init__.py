"""Exchange Server over EWS: the mailbox port for Exchange SE, 2019, 2016 and servers that speak like them."""

from mailsync.mailbox.exchange.adapter import ExchangeMailbox, open_exchange
from mailsync.mailbox.exchange.login import ExchangeLogin

__all__ = ["ExchangeLogin", "ExchangeMailbox", "open_exchange"]
