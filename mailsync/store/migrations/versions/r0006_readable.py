"""A database says which programs can work with it, so that one of an older version can be started beside newer ones."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds installation.readable_from. Programs before this revision don't ask for it, so it begins with this one."""
    op.add_column("installation", sa.Column("readable_from", sa.String(12), nullable=False, server_default=revision))


def downgrade() -> None:
    """Refused: older programs read a newer store no more."""
    raise NotImplementedError("put back the store from before its upgrade")
