"""The fifth revision: presets, groups of users, and the log of what people did."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds tables that older programs know nothing of."""
    op.create_table(
        "presets",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("everybody", sa.Boolean(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
    )
    op.create_table(
        "preset_settings",
        sa.Column("preset", sa.String(64), primary_key=True),
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
    )
    op.create_table(
        "preset_targets",
        sa.Column("preset", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(8), primary_key=True),
        sa.Column("name", sa.String(255), primary_key=True),
    )
    op.create_table(
        "members",
        sa.Column("group_name", sa.String(64), primary_key=True),
        sa.Column("user_name", sa.String(255), primary_key=True),
    )
    op.create_index("ix_members_user_name", "members", ["user_name"])
    op.create_table(
        "activity",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("time", sa.DateTime(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("user_name", sa.String(255), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
    )
    op.create_index("ix_activity_time", "activity", ["time"])
    op.create_index("ix_activity_user_name", "activity", ["user_name"])


def downgrade() -> None:
    """Refused: older programs read a newer store no more."""
    raise NotImplementedError("put back the store from before its upgrade")
