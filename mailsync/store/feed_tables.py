"""The tables of the shared feeds (decision 0028): ids, numbers and times, nothing of anybody's."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from mailsync.store.columns import Instant
from mailsync.store.metadata import metadata

feeds = Table(
    "feeds",
    metadata,
    Column("organisation", Text, primary_key=True),  # its gate's key
    Column("fence", Integer, nullable=False),  # of the latest reader
    Column("taken", Instant),  # when that one began; None: nobody reads
    Column("cursor", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("head", BigInteger, nullable=False),
    Column("floor", BigInteger, nullable=False),
    Column("begun", Instant),  # when the last reading that was kept began
    Column("since", Instant),
    Column("mark", Instant),
    Column("doubted", Instant),
    Column("trouble", Text, nullable=False),
)

feed_candidates = Table(
    "feed_candidates",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("ref", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("owner", Text, nullable=False),  # "" not told
    Column("stamp", Instant, nullable=False),
    Column("seen", Instant, nullable=False),  # the vendor's time of the reading that gave it its number
    Index("ix_feed_candidates_number", "organisation", "number"),
    Index("ix_feed_candidates_owner", "organisation", "owner", "number"),
)

feed_views = Table(
    "feed_views",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("view", Text, primary_key=True),
    Column("digest", Text, nullable=False),  # a digest: filters may hold names
    Column("at", Instant, nullable=False),
)
