"""The fourth revision: the schedule – whose user it is, who waits, who sleeps, and who is in the engine's queue."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_SLEEPERS = (
    ("suspended", '"needs_login"', "needs_login"),
    ("suspended", '"failing"', "failing"),
    ("paused", "true", "paused"),
)
"""Keys of the state, their values as JSON, and the reason that stands for them in the schedule."""


def upgrade() -> None:
    """Adds the columns and their indexes; who is paused or suspended by now sleeps."""
    op.create_table(
        "organisations",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("served", sa.DateTime()),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_organisations")),
    )
    for column in (
        sa.Column("organisation", sa.String(length=255), nullable=False, server_default=""),
        sa.Column("priority", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("asked", sa.DateTime()),
        sa.Column("asleep", sa.String(length=16), nullable=False, server_default=""),
        sa.Column("queued", sa.DateTime()),
    ):
        op.add_column("users", column)
    op.drop_index("ix_users_next_run_at", table_name="users")
    for name, columns, where in (
        ("ix_users_due", ["organisation", "priority", "next_run_at"], "queued IS NULL AND asleep = ''"),
        ("ix_users_queued", ["queued"], "queued IS NOT NULL"),
    ):
        op.create_index(name, "users", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    mine = "SELECT user_id FROM state WHERE key = :key AND value = :value"
    asleep = sa.text(f"UPDATE users SET asleep = :reason WHERE id IN ({mine})")  # noqa: S608 - constants
    for key, value, reason in _SLEEPERS:
        op.get_bind().execute(asleep, {"reason": reason, "key": key, "value": value})


def downgrade() -> None:
    """Refused: older programs read a newer store no more."""
    raise NotImplementedError("put back the store from before its upgrade")
