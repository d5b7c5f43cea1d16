"""What is kept of all users, on SQLite or PostgreSQL. The only package that knows SQL.

See docs/decisions/0003 for what is encrypted, 0009 for the two databases.

Import `open_store` from here; the rest is the package's own.
"""

from mailsync.store.moving import move_store as move_store
from mailsync.store.opening import open_store as open_store
from mailsync.store.reading import Past as Past
from mailsync.store.schema import upgrade as upgrade
from mailsync.store.secrets import Secrets as Secrets
from mailsync.store.store import SqlStore as SqlStore
