"""What is PostgreSQL's own: restored copies, clients that race, values that it can't hold, absent servers."""

import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url, text

from mailsync.errors import StoreError
from mailsync.ports.ledger import Batch
from mailsync.store import Secrets, SqlStore, open_store
from mailsync.store.postgres import open_postgres
from tests.contract.store.people import NOW, make_pair, reopen
from tests.services.postgres import Server, find_programs


@pytest.fixture
def url(postgres: Server) -> str:
    return postgres.fresh()


@pytest.fixture
def folder(tmp_path: Path, url: str) -> Path:
    (tmp_path / "store.url").write_text(url)
    return tmp_path


def test_connections_that_many_sessions_needed_at_once_are_kept(url: str) -> None:
    database = open_postgres(make_url(url))

    def hold(count: int) -> set[int]:
        with ExitStack() as ending:
            held = [ending.enter_context(database.engine.connect()) for _ in range(count)]
            return {c.execute(text("SELECT pg_backend_pid()")).scalar_one() for c in held}

    first = hold(12)
    assert len(first) == 12
    assert hold(12) == first  # each opened anew is a process of the server's
    database.engine.dispose()


def test_A1_a_dump_put_back_is_noticed_and_repairs(folder: Path, url: str) -> None:
    store = reopen(folder)
    fence = store.begin("ann", NOW)
    store.commit("ann", fence, Batch(pairs=(make_pair(1),), state={"repairing": False}), NOW)
    mark = store.installation
    store.close()
    programs, dump = find_programs(), folder / "dump"
    schema = url.rpartition("search_path%3D")[2]
    plain = url.partition("&options")[0]
    subprocess.run([programs / "pg_dump", "-n", schema, "-f", dump, plain], check=True, capture_output=True)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f'DROP SCHEMA "{schema}" CASCADE')
    subprocess.run([programs / "psql", "-q", "-f", dump, plain], check=True, capture_output=True)
    restored = reopen(folder)
    assert restored.installation.installation == mark.installation
    assert restored.installation.generation != mark.generation
    assert restored.state("ann")["repairing"] is True
    again, restored_mark = reopen(folder), restored.installation
    assert again.installation == restored_mark  # noticed once, not for ever
    restored.close()
    again.close()


def test_many_that_open_a_new_store_at_once_found_one_installation(folder: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(lambda _: reopen(folder), range(8)))
    assert len({store.installation for store in stores}) == 1
    for store in stores:
        store.close()


def test_a_user_that_two_add_at_once_is_one(folder: Path) -> None:
    stores = [reopen(folder) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda store: [store.save_settings(f"u{n}", {"view": "all"}) for n in range(20)], stores))
    assert len(stores[0].users()) == 20
    for store in stores:
        store.close()


def test_users_commit_beside_each_other(folder: Path) -> None:
    """A transaction of one user keeps nobody else waiting: nothing is counted in a row that all share."""
    store = reopen(folder)
    fences = {user: store.begin(user, NOW) for user in ("ann", "bob")}
    done = threading.Event()

    def commit() -> None:
        store.commit("bob", fences["bob"], Batch(pairs=(make_pair(2),)), NOW)
        done.set()

    with psycopg.connect((folder / "store.url").read_text()) as connection:
        connection.execute("SELECT 1 FROM users WHERE name = 'ann' FOR UPDATE")  # ann's transaction is long
        threading.Thread(target=commit).start()
        assert done.wait(20)
    store.close()


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("postgresql://me:hush@127.0.0.1:1/mailsync", "can't be reached"),
        ("postgresql://me:hush@host.invalid/mailsync", "can't be reached"),
    ],
)
def test_a_server_that_is_not_there_is_named_without_its_password(tmp_path: Path, place: str, said: str) -> None:
    with pytest.raises(StoreError, match=said) as caught:
        open_store(place, Secrets(tmp_path / "key"))
    assert "hush" not in str(caught.value) + caught.value.remedy


def test_a_database_that_is_not_there(postgres: Server, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such database"):
        open_store(postgres.dsn.replace("/postgres?", "/nowhere?"), Secrets(tmp_path / "key"))


def test_a_connection_that_the_server_ended_is_no_failure(folder: Path) -> None:
    store: SqlStore = reopen(folder)
    store.save_settings("ann", {"view": "all"})
    with psycopg.connect((folder / "store.url").read_text(), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'mailsync' "
            "AND pid <> pg_backend_pid()"
        )
    assert store.settings("ann") == {"view": "all"}
    store.close()
