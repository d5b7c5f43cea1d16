"""PgQueuer's driver on two connections: one that asks, one that waits for notices.

PgQueuer's own has one for both. While it waits for a notice (up to a second at a time) psycopg 3.2 and later keep the
connection locked, so every statement waited for that: a worker put 2 to 4 jobs a second away, whatever it had to do.
Source: `PsycopgDriver.watch_notifies` of PgQueuer 1.6.0, `AsyncConnection.notifies` of psycopg 3.3.
"""

import asyncio
from dataclasses import dataclass
from typing import Self

import psycopg
from pgqueuer.adapters.drivers.psycopg import PsycopgDriver
from pgqueuer.ports.driver import Driver, NotifyCallback, TaskManagerPort


@dataclass(frozen=True, slots=True)
class TwoLines:
    """Implements PgQueuer's Driver."""

    asking: PsycopgDriver
    hearing: PsycopgDriver

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        """Rows of a query."""
        return await self.asking.fetch(query, *args)

    async def execute(self, query: str, *args: object) -> str:
        """A statement's status."""
        return await self.asking.execute(query, *args)

    async def notify(self, channel: str, payload: str) -> None:
        """Sends a notice."""
        await self.asking.notify(channel, payload)

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:
        """Notices on the channel go to the callback."""
        await self.hearing.add_listener(channel, callback)

    async def remove_listener(self, channel: str, callback: NotifyCallback) -> None:
        """They don't any more."""
        await self.hearing.remove_listener(channel, callback)

    @property
    def shutdown(self) -> asyncio.Event:
        """Set when no more notices are waited for."""
        return self.hearing.shutdown

    @property
    def tm(self) -> TaskManagerPort:
        """Tasks that wait for notices."""
        return self.hearing.tm

    async def __aenter__(self) -> Self:
        await self.asking.__aenter__()
        await self.hearing.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.hearing.__aexit__()
        await self.asking.__aexit__()


async def connect(url: str, name: str) -> psycopg.AsyncConnection:
    """A connection of the queue's, under a name for pg_stat_activity."""
    return await psycopg.AsyncConnection.connect(url, autocommit=True, application_name=name)


def join_lines(asking: psycopg.AsyncConnection, hearing: psycopg.AsyncConnection) -> Driver:
    """The driver on both."""
    return TwoLines(PsycopgDriver(asking), PsycopgDriver(hearing))
