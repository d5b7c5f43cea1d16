"""The ninth revision: the shared feed of each organisation."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the feeds; none was read."""
    op.create_table(
        "feeds",
        sa.Column("organisation", sa.String(length=255), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("taken", sa.DateTime()),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("head", sa.BigInteger(), nullable=False),
        sa.Column("floor", sa.BigInteger(), nullable=False),
        sa.Column("begun", sa.DateTime()),
        sa.Column("since", sa.DateTime()),
        sa.Column("mark", sa.DateTime()),
        sa.Column("doubted", sa.DateTime()),
        sa.Column("trouble", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("organisation", name=op.f("pk_feeds")),
    )
    op.create_table(
        "feed_candidates",
        sa.Column("organisation", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("ref", sa.String(length=18), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.String(length=18), nullable=False),
        sa.Column("stamp", sa.DateTime(), nullable=False),
        sa.Column("seen", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "kind", "ref", name=op.f("pk_feed_candidates")),
    )
    op.create_index("ix_feed_candidates_number", "feed_candidates", ["organisation", "number"])
    op.create_index("ix_feed_candidates_owner", "feed_candidates", ["organisation", "owner", "number"])
    op.create_table(
        "feed_views",
        sa.Column("organisation", sa.String(length=255), nullable=False),
        sa.Column("view", sa.String(length=18), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "view", name=op.f("pk_feed_views")),
    )


def downgrade() -> None:
    """Refused: older programs read a newer store no more."""
    raise NotImplementedError("put back the store from before its upgrade")
