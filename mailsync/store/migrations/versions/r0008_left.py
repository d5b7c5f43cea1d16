"""The eighth revision: an index of the pairs out of scope, so that counting them does not read every pair."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the index; programs of revision 0007 work on beside it."""
    op.create_index(
        "ix_pairs_left",
        "pairs",
        ["user_id"],
        sqlite_where=sa.text("in_scope IS 0"),
        postgresql_where=sa.text("in_scope IS false"),
    )


def downgrade() -> None:
    """Refused: older programs read a newer store no more."""
    raise NotImplementedError("put back the store from before its upgrade")
