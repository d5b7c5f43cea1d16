"""The second revision: a database knows where it is, so that a restored PostgreSQL is noticed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds installation.place, empty until the database is opened."""
    op.add_column("installation", sa.Column("place", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """Refused: older programs read a newer store no more."""
    raise NotImplementedError("put back the store from before its upgrade")
