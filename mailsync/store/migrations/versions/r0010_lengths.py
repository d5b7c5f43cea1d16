"""The tenth revision: no text has a length, so that nothing is ever too long for its column."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_LIMITED = {
    "installation": ("uuid", "readable_from"),
    "organisations": ("name",),
    "gates": ("key", "why"),
    "users": ("name", "organisation", "asleep", "mailbox"),
    "pairs": ("record", "state", "origin", "account"),
    "tombstones": ("record",),
    "intents": ("key", "side"),
    "parked": ("side",),
    "holds": ("answer",),
    "history": ("side", "kind", "record"),
    "presets": ("name", "mode"),
    "preset_settings": ("preset",),
    "preset_targets": ("preset", "kind", "name"),
    "members": ("group_name", "user_name"),
    "activity": ("action", "user_name"),
    "feeds": ("organisation", "trouble"),
    "feed_candidates": ("organisation", "kind", "ref", "owner"),
    "feed_views": ("organisation", "view", "digest"),
}


def upgrade() -> None:
    """Takes the lengths away. SQLite never heeded them; PostgreSQL rewrites no table for it (ALTER TABLE, Notes: "the
    old type is binary coercible to the new type"). Statements of older programs stay valid (decision 0024)."""
    if op.get_bind().dialect.name == "postgresql":
        for table, columns in _LIMITED.items():
            for column in columns:
                op.alter_column(table, column, type_=sa.Text())


def downgrade() -> None:
    """Refused: older programs read a newer store no more."""
    raise NotImplementedError("put back the store from before its upgrade")
