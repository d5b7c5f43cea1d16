"""A backup that is put back is noticed (A1): the next session matches both sides again, deletes and doubles nothing."""

import shutil
import sqlite3
import stat
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from mailsync.store import Secrets, open_store
from mailsync.store.backup import back_up
from tests.contract.store.people import NOW
from tests.e2e.stage import Stage, stage
from tests.services.postgres import STORE_DSN, Server, find_programs, running_postgres


@dataclass
class Keeper:
    """Somebody who makes backups of a scene's store and puts them back, as docs/operations.md says."""

    scene: Stage
    back_up: Callable[[], None]
    put_back: Callable[[], None]


def sqlite_keeper(scene: Stage) -> Keeper:
    folder, store = scene.home / "backups", scene.home / "mailsync.db"

    def put_back() -> None:
        (copy,) = folder.glob("mailsync-*.db")
        for suffix in ("-wal", "-shm"):
            store.with_name(store.name + suffix).unlink(missing_ok=True)
        shutil.copy(copy, store)

    return Keeper(scene, lambda: scene.run("db", "backup", str(folder)), put_back)


def postgres_keeper(scene: Stage, server: Server) -> Keeper:
    url = scene.store.partition('"')[2].rpartition('"')[0]
    schema = parse_qs(urlsplit(url).query)["options"][0].partition("search_path=")[2]
    dump, programs = scene.home / "store.dump", find_programs()

    def run(program: str, *words: object) -> None:
        subprocess.run([programs / program, *map(str, words)], check=True, capture_output=True, timeout=120)

    def put_back() -> None:
        with psycopg.connect(server.dsn, autocommit=True) as connection:
            connection.execute(f'DROP SCHEMA "{schema}" CASCADE')
        run("pg_restore", f"--dbname={server.dsn}", "--exit-on-error", dump)

    return Keeper(
        scene, lambda: run("pg_dump", "--format=custom", f"--schema={schema}", f"--file={dump}", server.dsn), put_back
    )


@pytest.fixture(params=["sqlite", "postgresql"])
def keeper(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Keeper]:
    if request.param == "sqlite":
        monkeypatch.delenv(STORE_DSN, raising=False)
        with stage(tmp_path) as scene:
            yield sqlite_keeper(scene)
        return
    with running_postgres() as server:
        monkeypatch.setenv(STORE_DSN, server.dsn)
        with stage(tmp_path) as scene:
            yield postgres_keeper(scene, server)


def names(scene: Stage) -> tuple[list[str], list[str]]:
    """Who is on either side."""
    items = sorted(str(i.display_name) for i in scene.ann.folder.all())
    return items, sorted(f"{r['FirstName']} {r['LastName']}" for r in scene.org.all("FirstName", "LastName"))


def test_A1_a_backup_put_back_costs_nothing_but_a_matching(keeper: Keeper) -> None:
    scene = keeper.scene
    scene.set(auto_removal="allowed")  # were it not noticed, the replayed deletion would reach Salesforce
    scene.org.create(FirstName="Kim", LastName="Doe", Email="kim@x.example")
    scene.sync()
    scene.ann.create(scene.ann.folder, "Zoe", "Quinn", email="zoe@x.example")
    scene.sync()
    keeper.back_up()
    scene.ann.create(scene.ann.folder, "Mia", "After", email="mia@x.example")
    scene.org.create(FirstName="Ida", LastName="After", Email="ida@x.example")
    scene.sync()
    scene.ann.trash(scene.ann.get("Zoe Quinn"))
    before = names(scene)
    keeper.put_back()
    scene.sync(None)
    items, contacts = names(scene)
    assert contacts == before[1]  # nothing deleted, nothing doubled in Salesforce
    assert set(before[0]) <= set(items)
    assert len(items) == len(set(items))
    scene.sync(None)
    assert names(scene)[1] == before[1]
    scene.assert_settled()


def test_a_backup_made_while_sessions_write_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(STORE_DSN, raising=False)
    with stage(tmp_path) as scene:
        for n in range(5):
            scene.org.create(FirstName="Kim", LastName=f"Doe{n}")
        scene.sync()
        writer = sqlite3.connect(tmp_path / "mailsync.db", isolation_level=None)
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE installation SET changes = changes + 1")
        made = scene.run("db", "backup", str(tmp_path / "backups"))
        writer.execute("ROLLBACK")
        writer.close()
        copy = Path(made["backup"])
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600
        assert stat.S_IMODE(copy.parent.stat().st_mode) == 0o700
        assert [p.name for p in copy.parent.iterdir()] == [copy.name]
        with sqlite3.connect(copy) as database:
            assert database.execute("SELECT count(*) FROM pairs").fetchone() == (5,)


def test_only_so_many_backups_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(STORE_DSN, raising=False)
    with stage(tmp_path) as scene:
        scene.sync()
        folder = tmp_path / "backups"
        folder.mkdir()
        for day in range(10, 16):
            (folder / f"mailsync-202601{day}T020000Z.db").write_text("old")
        (folder / "other.db").write_text("not ours")
        scene.run("db", "backup", str(folder), "--keep", "3")
        left = sorted(p.name for p in folder.iterdir())
        assert left[:2] == ["mailsync-20260114T020000Z.db", "mailsync-20260115T020000Z.db"]
        assert len(left) == 4


def test_a_backup_that_can_not_be_made_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(STORE_DSN, raising=False)
    with stage(tmp_path) as scene:
        assert "yet" in errors(scene.run("db", "backup", str(tmp_path / "backups"), code=1))
        scene.sync()
        (tmp_path / "file").write_text("in the way")
        assert "no backup was made" in errors(scene.run("db", "backup", str(tmp_path / "file"), code=1))
        content = bytearray((tmp_path / "mailsync.db").read_bytes())
        content[5 * 4096 : 40 * 4096] = bytes(35 * 4096)
        (tmp_path / "mailsync.db").write_bytes(content)
        assert "no backup was made" in errors(scene.run("db", "backup", str(tmp_path / "backups"), code=1))
        assert list((tmp_path / "backups").iterdir()) == []


def errors(shape: Any) -> str:
    return "\n".join(shape["errors"])


@pytest.mark.parametrize("name", ["mailsync-2.db", "mailsync-acme.db"])
def test_a_store_that_is_called_like_a_copy_is_none_and_is_not_taken_away(tmp_path: Path, name: str) -> None:
    store = tmp_path / name
    open_store(store, Secrets(tmp_path / "key")).close()
    made = [back_up(str(store), tmp_path, NOW + timedelta(days=day), keep=1) for day in range(2)]
    assert (store.exists(), made[0].exists(), made[1].exists()) == (True, False, True)
