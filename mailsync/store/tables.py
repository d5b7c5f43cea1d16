"""The tables of the store. Core tables only: nothing here is particular to SQLite, and no row leaves this package.

Every table of OWNED belongs to a user and goes with them (ON DELETE CASCADE).
Item ids of Exchange are about 150 characters long: where they are looked up, a 16-byte digest is indexed instead.
No text has a length: PostgreSQL refuses what is longer, and gains nothing by it (its manual, 8.3).
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from mailsync.store.columns import Instant, Words
from mailsync.store.feed_tables import feed_candidates as feed_candidates
from mailsync.store.feed_tables import feed_views as feed_views
from mailsync.store.feed_tables import feeds as feeds
from mailsync.store.metadata import metadata

REVISION = "0010"
"""The newest migration: what these tables are."""
READABLE_FROM = "0006"
"""The oldest revision whose programs can work with these tables. Migrations that only add leave it as it is; one that
takes something away or changes what a column means raises it, here and in the installation's row (decision 0024)."""


installation = Table(
    "installation",
    metadata,
    Column("id", Integer, primary_key=True),  # the one row has 1
    Column("uuid", Text, nullable=False),
    Column("generation", Integer, nullable=False),  # A1
    Column("changes", BigInteger, nullable=False),  # transactions of sessions so far (witness.py)
    Column("fence_floor", Integer, nullable=False),  # fences of erased users are never given again
    Column("key_check", Text, nullable=False),  # the uuid, encrypted: tells a wrong key at once
    Column("place", Text, nullable=False, server_default=""),  # where the database was when it was opened (database.py)
    Column("readable_from", Text, nullable=False, server_default=READABLE_FROM),  # see there
)

organisations = Table(
    "organisations",
    metadata,
    Column("name", Text, primary_key=True),  # its address
    Column("served", Instant),  # when users of it were last given to the queue
)

gates = Table(
    "gates",
    metadata,
    Column("key", Text, primary_key=True),  # vendor and tenant
    Column("failures", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    Column("closed", Instant),
    Column("why", Text, nullable=False),
    Column("trying", Boolean, nullable=False),
    Column("tokens", Float, nullable=False),
    Column("filled", Instant),
    Column("used", BigInteger, nullable=False),
    Column("allowed", BigInteger, nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("fence", Integer, nullable=False),  # the number of the latest session
    Column("holder", Text, nullable=False),  # who holds the lock (holder.py); "" nobody
    Column("renewed", Instant),  # when the holder last said that it lives
    Column("next_run_at", Instant),  # None: the user was never enrolled (schedule.py)
    Column("removed", Boolean, nullable=False),
    Column("organisation", Text, nullable=False, server_default=""),  # "": not enrolled
    Column("priority", Integer, nullable=False, server_default="0"),  # 1: a person waits for the session
    Column("asked", Instant),  # when a person's "sync now" was last taken (A2)
    Column("asleep", Text, nullable=False, server_default=""),  # why the user has no sessions; "": has some
    Column("queued", Instant),  # when the engine was given the user, until their session ends
    Column("mailbox", Text, nullable=False, server_default=""),  # the gate of the mailbox's tenant
)
_DUE = text("queued IS NULL AND asleep = ''")
Index(
    "ix_users_due",
    users.c.organisation,
    users.c.priority,
    users.c.next_run_at,
    sqlite_where=_DUE,
    postgresql_where=_DUE,
)
_QUEUED = text("queued IS NOT NULL")
Index("ix_users_queued", users.c.queued, sqlite_where=_QUEUED, postgresql_where=_QUEUED)


def _owner(*, key: bool = True) -> Column[int]:
    return Column("user_id", Integer, ForeignKey("users.id", ondelete="CASCADE"), primary_key=key, nullable=False)


settings = Table("settings", metadata, _owner(), Column("key", Text, primary_key=True), Column("value", Text))
state = Table("state", metadata, _owner(), Column("key", Text, primary_key=True), Column("value", Text))  # JSON
credentials = Table(
    "credentials",
    metadata,
    _owner(),
    Column("name", Text, primary_key=True),
    Column("token", Text, nullable=False),  # encrypted (secrets.py)
)

pairs = Table(
    "pairs",
    metadata,
    _owner(),
    Column("record", Text, primary_key=True),
    Column("item", Text),
    Column("item_hash", LargeBinary(16)),
    Column("crm_values", Text, nullable=False),  # JSON
    Column("crm_version", Text, nullable=False),
    Column("mailbox_values", Text, nullable=False),  # JSON
    Column("mailbox_version", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("frozen_for", Text, nullable=False),
    Column("pinned", Boolean, nullable=False),
    Column("in_scope", Boolean, nullable=False),
    Column("origin", Text, nullable=False),
    Column("made_item", Boolean, nullable=False),
    Column("edited", Boolean, nullable=False),
    Column("account", Text),
    Column("account_name", Words, nullable=False),
    Column("recreated", Integer, nullable=False),
    Column("link_note", Words, nullable=False),
    UniqueConstraint("user_id", "item_hash", name="uq_pairs_item"),
    Index("ix_pairs_account", "user_id", "account"),
    Index("ix_pairs_left", "user_id", sqlite_where=text("in_scope IS 0"), postgresql_where=text("in_scope IS false")),
)

tombstones = Table(
    "tombstones",
    metadata,
    _owner(),
    Column("record", Text, primary_key=True),
    Column("item", Text),
    Column("rule", Text, nullable=False),
    Column("last", Text, nullable=False),  # JSON
    Column("ended", Instant, nullable=False),
)

intents = Table(
    "intents",
    metadata,
    _owner(),
    Column("key", Text, primary_key=True),
    Column("side", Text, nullable=False),
    Column("pair", Text, nullable=False),  # JSON: the pair to be, as a list; a pending write as an object
    Column("begun", Instant, nullable=False),
    Column("session", Integer, nullable=False),
    Column("rule", Text, nullable=False),
)

parked = Table(
    "parked",
    metadata,
    _owner(),
    Column("side", Text, primary_key=True),
    Column("ref", Text, primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("reason", Words, nullable=False),
    Column("due", Instant),
    Column("print", Words, nullable=False),
    Column("in_scope", Boolean, nullable=False),
)

issues = Table(
    "issues",
    metadata,
    _owner(),
    Column("code", Words, primary_key=True),
    Column("record", Text, primary_key=True),  # "" none
    Column("item", Text, primary_key=True),  # "" none
    Column("field", Words, primary_key=True),
    Column("rule", Text, nullable=False),
    Column("message", Words, nullable=False),
)

holds = Table(
    "holds",
    metadata,
    _owner(),
    Column("name", Text, primary_key=True),
    Column("rule", Text, nullable=False),
    Column("question", Words, nullable=False),
    Column("on_approve", Words, nullable=False),
    Column("on_reject", Words, nullable=False),
    Column("members", Text, nullable=False),  # JSON
    Column("answer", Text, nullable=False),
    Column("typed", Words),  # B12: what a person typed with the answer; gone with the hold
)

history = Table(
    "history",
    metadata,
    Column("id", Integer, primary_key=True),
    _owner(key=False),
    Column("session", Integer, nullable=False),
    Column("time", Instant, nullable=False),
    Column("rule", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("record", Text),
    Column("item", Text),
    Column("item_hash", LargeBinary(16)),
    Column("fields", Text, nullable=False),  # JSON
    Column("blanked", Integer, nullable=False),  # how many values an update turned blank (D8)
    Column("reason", Words, nullable=False),
    Index("ix_history_record", "user_id", "record"),
    Index("ix_history_item", "user_id", "item_hash"),
    Index("ix_history_time", "user_id", "time"),
)

sessions = Table(
    "sessions",
    metadata,
    _owner(),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("begun", Instant, nullable=False),
    Column("ended", Instant),
    Column("report", Text),  # JSON
)

presets = Table(
    "presets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("place", Integer, nullable=False),  # later ones win
    Column("mode", Text, nullable=False),
    Column("everybody", Boolean, nullable=False),
    Column("about", Words, nullable=False),
)

preset_settings = Table(
    "preset_settings",
    metadata,
    Column("preset", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("value", Words, nullable=False),
)

preset_targets = Table(
    "preset_targets",
    metadata,
    Column("preset", Text, primary_key=True),
    Column("kind", Text, primary_key=True),  # user, group
    Column("name", Text, primary_key=True),
)

members = Table(
    "members",
    metadata,
    Column("group_name", Text, primary_key=True),
    Column("user_name", Text, primary_key=True, index=True),
)

activity = Table(
    "activity",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("time", Instant, nullable=False, index=True),
    Column("actor", Words, nullable=False),
    Column("action", Text, nullable=False),
    Column("user_name", Text, nullable=False, index=True),  # "" the installation
    Column("details", Text, nullable=False),  # JSON
)

OWNED = (settings, state, credentials, pairs, tombstones, intents, parked, issues, holds, history, sessions)
"""What belongs to a user."""

JSON_COLUMNS = frozenset(
    {
        ("state", "value"),
        ("pairs", "crm_values"),
        ("pairs", "mailbox_values"),
        ("tombstones", "last"),
        ("intents", "pair"),
        ("holds", "members"),
        ("history", "fields"),
        ("sessions", "report"),
    }
)
"""Columns that hold JSON, for the export (D9)."""
