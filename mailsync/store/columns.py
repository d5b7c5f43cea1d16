"""Types of columns: times and texts as neither database keeps them by itself."""

import re
from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, Text, TypeDecorator


class Instant(TypeDecorator[datetime]):
    """An aware time; kept as UTC without a zone, since SQLite keeps none."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database. ValueError for a naive time."""
        if value is not None and value.tzinfo is None:
            raise ValueError("the store takes aware times only")
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database: UTC."""
        return value.replace(tzinfo=UTC) if value else None


class Words(TypeDecorator[str]):
    """Text that people or vendors wrote: without what neither database can hold (NUL, halves of surrogate pairs)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """To the database."""
        return value if value is None or value.isprintable() else _UNSTORABLE.sub("\ufffd", value)


_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
