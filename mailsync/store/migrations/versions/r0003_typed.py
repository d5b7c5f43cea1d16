"""The third revision: an answer may carry the value that a person typed (C7, B12)."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds holds.typed; no open hold has one yet."""
    op.add_column("holds", sa.Column("typed", sa.Text()))


def downgrade() -> None:
    """Refused: older programs read a newer store no more."""
    raise NotImplementedError("put back the store from before its upgrade")
