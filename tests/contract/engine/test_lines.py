"""PgQueuer's driver on two connections: whoever waits for a notice keeps no statement waiting."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import psycopg
from pgqueuer.ports.driver import Driver

from mailsync.engine.lines import connect, join_lines
from tests.services.postgres import Server

Lines = tuple[Driver, psycopg.AsyncConnection, psycopg.AsyncConnection]


@asynccontextmanager
async def lines(server: Server) -> AsyncGenerator[Lines]:
    """The driver, and the connections that ask and hear."""
    async with await connect(server.dsn, "asking") as asking, await connect(server.dsn, "hearing") as hearing:
        driver = join_lines(asking, hearing)
        async with driver:
            yield driver, asking, hearing


def test_a_statement_never_waits_for_a_notice(postgres: Server) -> None:
    async def ask() -> None:
        async with lines(postgres) as (driver, asking, hearing):
            await driver.add_listener("news", lambda _: None)
            while not hearing.lock.locked():  # as long as its notices are waited for
                await asyncio.sleep(0)
            assert not asking.lock.locked()
            assert await driver.fetch("SELECT 1 AS one") == [{"one": 1}]

    asyncio.run(ask())


def test_a_notice_reaches_who_listens(postgres: Server) -> None:
    async def listen() -> object:
        async with lines(postgres) as (driver, _, _):
            heard = asyncio.get_running_loop().create_future()
            await driver.add_listener("news", heard.set_result)
            await driver.notify("news", "a job")
            return await asyncio.wait_for(heard, 30)

    assert asyncio.run(listen()) == "a job"
