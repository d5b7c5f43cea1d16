"""The seventh revision: a gate for each vendor's tenant, and whose mailbox tenant a user belongs to."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the gates; all are open."""
    op.create_table(
        "gates",
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("closed", sa.DateTime()),
        sa.Column("why", sa.String(length=16), nullable=False),
        sa.Column("trying", sa.Boolean(), nullable=False),
        sa.Column("tokens", sa.Float(), nullable=False),
        sa.Column("filled", sa.DateTime()),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("allowed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_gates")),
    )
    op.add_column("users", sa.Column("mailbox", sa.String(length=255), nullable=False, server_default=""))


def downgrade() -> None:
    """Refused: older programs read a newer store no more."""
    raise NotImplementedError("put back the store from before its upgrade")
