"""Opening: new, again, older, newer, somebody else's, restored, copied, without its key."""

import shutil
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mailsync.errors import StoreError
from mailsync.ports.ledger import Batch
from mailsync.store import Secrets, open_store, upgrade
from mailsync.store.places import open_database
from mailsync.store.sqlite import connect
from mailsync.store.tables import REVISION, metadata
from mailsync.store.witness import beside
from tests.contract.store.people import NOW, make_pair, reopen

SECRET = "refresh-token-5Aep861"


def _run_session(folder: Path, cursor: str) -> None:
    store = reopen(folder)
    fence = store.begin("ann", NOW)
    store.commit("ann", fence, Batch(state={"crm_cursor": cursor, "repairing": False}), NOW)
    store.finish("ann", fence, {}, NOW)
    store.close()


def test_a_new_store_and_its_key_are_closed_to_others(tmp_path: Path) -> None:
    store = reopen(tmp_path)
    store.begin("ann", NOW)
    assert {p.name for p in tmp_path.iterdir()} >= {"mailsync.db", "mailsync.db-wal", "mailsync.key", "mailsync.db.seq"}
    assert {p.name: stat.S_IMODE(p.stat().st_mode) for p in tmp_path.iterdir()} == {
        p.name: 0o600 for p in tmp_path.iterdir()
    }
    store.close()


def test_the_installation_stays_the_same(tmp_path: Path) -> None:
    first = reopen(tmp_path)
    mark = first.installation
    first.close()
    _run_session(tmp_path, "a")
    again = open_store(f"sqlite:///{tmp_path / 'mailsync.db'}", Secrets(tmp_path / "mailsync.key"))
    assert again.installation == mark
    assert 0 < mark.generation < 2**31
    assert again.state("ann")["repairing"] is False
    again.close()


def test_migrations_make_the_tables_that_the_program_uses(tmp_path: Path) -> None:
    reopen(tmp_path).close()
    engine = connect(tmp_path / "model.db")
    metadata.create_all(engine)
    engine.dispose()
    schemas: list[dict[str, object]] = []
    for name in ("mailsync.db", "model.db"):
        with closing(sqlite3.connect(tmp_path / name)) as database:
            query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name != 'alembic_version'"
            tables = [row[0] for row in database.execute(query)]
            schemas.append(
                {
                    table: (
                        [as_kept(column) for column in database.execute(f"PRAGMA table_info({table})")],
                        sorted(row[1:4] for row in database.execute(f"PRAGMA index_list({table})")),
                        sorted(row[2:7] for row in database.execute(f"PRAGMA foreign_key_list({table})")),
                    )
                    for table in tables
                }
            )
    assert schemas[0] == schemas[1]
    assert len(schemas[0]) == 23


def as_kept(column: tuple[Any, ...]) -> tuple[Any, ...]:
    """A column as SQLite keeps it, to which a text of any length is a text (datatype3.html, 3.1): since revision 0010
    none has a length, but in a file the older ones stay declared as they were."""
    number, name, declared, *others = column
    return number, name, "TEXT" if declared.startswith("VARCHAR") else declared, *others


def test_alembic_is_not_loaded_to_open_a_store_of_today(tmp_path: Path) -> None:
    reopen(tmp_path).close()
    script = (
        "import sys; from pathlib import Path; from tests.contract.store.people import reopen;"
        "reopen(Path(sys.argv[1])).close(); print('alembic' in sys.modules)"
    )
    root = Path(__file__).parents[3]
    said = subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=root, capture_output=True, text=True)
    assert said.stdout == "False\n", said.stderr


def test_upgrade_says_from_what_to_what(tmp_path: Path) -> None:
    assert upgrade(tmp_path / "mailsync.db") == ("", REVISION)
    assert upgrade(f"sqlite:///{tmp_path}/mailsync.db") == (REVISION, REVISION)
    reopen(tmp_path).close()  # it had tables only: now it is founded


def test_a_folder_with_a_percent_sign_is_no_trouble(tmp_path: Path) -> None:
    folder = tmp_path / "100%s #?"
    folder.mkdir()
    _run_session(folder, "a")
    assert (folder / "mailsync.db").exists()


def _alter(database: Path, statement: str) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(statement)


def test_a_newer_store_is_left_alone(tmp_path: Path) -> None:
    reopen(tmp_path).close()
    _alter(tmp_path / "mailsync.db", "UPDATE alembic_version SET version_num = '0999'")
    _alter(tmp_path / "mailsync.db", "UPDATE installation SET readable_from = '0999'")
    with pytest.raises(StoreError, match="newer mailsync") as caught:
        reopen(tmp_path)
    assert "install that version" in caught.value.remedy
    with pytest.raises(StoreError, match="newer mailsync"):
        upgrade(tmp_path / "mailsync.db")


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    _alter(tmp_path / "mailsync.db", "CREATE TABLE songs (title TEXT)")
    with pytest.raises(StoreError, match="another program's database"):
        reopen(tmp_path)
    (tmp_path / "letter.txt").write_text("Dear Ann, " * 200)
    with pytest.raises(StoreError, match="no mailsync store"):
        open_store(tmp_path / "letter.txt", Secrets(tmp_path / "mailsync.key"))
    assert (tmp_path / "letter.txt").read_text() == "Dear Ann, " * 200
    assert not (tmp_path / "mailsync.key").exists()


@pytest.mark.parametrize("place", ["missing/mailsync.db", "."])
def test_a_place_that_can_not_be_written_is_named(tmp_path: Path, place: str) -> None:
    with pytest.raises(StoreError, match="can't be opened") as caught:
        open_store(tmp_path / place, Secrets(tmp_path / "mailsync.key"))
    assert caught.value.remedy


@pytest.mark.parametrize(
    "url", ["mysql://me:hush@db/mailsync", "postgresql://me:hush@db", "sqlite://", "sqlite:///:memory:", "foo://[bar"]
)
def test_other_databases_are_refused_without_their_password(url: str) -> None:
    with pytest.raises(StoreError) as caught:
        open_database(url)
    assert "hush" not in str(caught.value)
    assert "mailsync.db" in caught.value.remedy


@pytest.mark.rule("A1")
def test_A1_a_restored_store_is_noticed_and_repairs(tmp_path: Path) -> None:
    _run_session(tmp_path, "a")
    shutil.copy(tmp_path / "mailsync.db", tmp_path / "backup")
    _run_session(tmp_path, "b")
    before = reopen(tmp_path)
    mark = before.installation
    before.close()
    shutil.copy(tmp_path / "backup", tmp_path / "mailsync.db")
    restored = reopen(tmp_path)
    assert restored.installation.installation == mark.installation
    assert restored.installation.generation != mark.generation
    assert restored.state("ann") == {"crm_cursor": "a", "repairing": True}
    fresh = restored.installation
    restored.close()
    _run_session(tmp_path, "c")
    again = reopen(tmp_path)  # noticed once, not for ever
    assert again.installation == fresh
    assert again.state("ann")["repairing"] is False
    again.close()


@pytest.mark.rule("A1")
def test_A1_what_was_committed_before_a_crash_counts_too(tmp_path: Path) -> None:
    store = reopen(tmp_path)
    fence = store.begin("ann", NOW)
    store.close()
    shutil.copy(tmp_path / "mailsync.db", tmp_path / "backup")
    store = reopen(tmp_path)
    mark = store.installation
    store.commit("ann", fence, Batch(pairs=(make_pair(1),)), NOW)  # and then it crashes
    store.close()
    shutil.copy(tmp_path / "backup", tmp_path / "mailsync.db")
    restored = reopen(tmp_path)
    assert restored.installation.generation != mark.generation
    restored.close()


@pytest.mark.rule("A1")
@pytest.mark.parametrize("witness", [None, "", "gibberish", "0a0a 00000000000000000009\n"])
def test_A1_a_copy_without_its_witness_repairs(tmp_path: Path, witness: str | None) -> None:
    _run_session(tmp_path, "a")
    place = beside(tmp_path / "mailsync.db")
    place.unlink()
    if witness is not None:
        place.write_text(witness)
    store = reopen(tmp_path)
    assert store.state("ann")["repairing"] is True
    store.close()
    _run_session(tmp_path, "b")
    store = reopen(tmp_path)
    assert store.state("ann")["repairing"] is False
    store.close()


@pytest.mark.rule("A1")
def test_A1_a_lost_store_is_another_installation(tmp_path: Path) -> None:
    _run_session(tmp_path, "a")
    store = reopen(tmp_path)
    mark = store.installation
    store.close()
    (tmp_path / "mailsync.db").unlink()
    _run_session(tmp_path, "b")
    store = reopen(tmp_path)
    assert store.installation.installation != mark.installation
    assert store.state("ann")["repairing"] is False
    store.close()


def test_a_witness_that_can_not_be_written_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    beside(tmp_path / "mailsync.db").mkdir()
    _run_session(tmp_path, "a")
    assert "witness.unwritable" in caplog.text


def test_the_key_must_be_the_stores_own(tmp_path: Path) -> None:
    reopen(tmp_path).close()
    own = (tmp_path / "mailsync.key").read_text()
    (tmp_path / "mailsync.key").unlink()
    with pytest.raises(StoreError, match="missing") as caught:
        reopen(tmp_path)
    assert "backup" in caught.value.remedy
    assert not (tmp_path / "mailsync.key").exists()  # no new key is made for an old store
    Secrets(tmp_path / "other.key").create()
    with pytest.raises(StoreError, match="does not belong"):
        open_store(tmp_path / "mailsync.db", Secrets(tmp_path / "other.key"))
    for content, said in (("not a key\n", "damaged"), ("", "damaged"), ("ключ", "damaged"), (own, "open to others")):
        (tmp_path / "mailsync.key").write_text(content)
        (tmp_path / "mailsync.key").chmod(0o644 if content == own else 0o600)
        with pytest.raises(StoreError, match=said) as caught:
            reopen(tmp_path)
        assert own.splitlines()[-1] not in str(caught.value)


def test_log_ins_are_nowhere_in_the_clear(tmp_path: Path) -> None:
    store = reopen(tmp_path)
    store.logins.save_credentials("ann", {"salesforce_refresh": SECRET, "password": "pässword"})
    assert store.logins.credential("ann", "salesforce_refresh") == SECRET
    assert store.logins.credential("ann", "password") == "pässword"
    assert store.logins.credential("bob", "password") is None
    stored = b"".join(p.read_bytes() for p in tmp_path.iterdir())
    assert SECRET.encode() not in stored
    assert SECRET not in repr(store.export("ann"))
    assert store.export("ann")["credentials"] == [{"name": "password"}, {"name": "salesforce_refresh"}]
    store.logins.save_credentials("ann", {"password": None})
    assert store.logins.credential("ann", "password") is None
    store.close()
    Secrets(tmp_path / "other.key").create()
    shutil.copy(tmp_path / "other.key", tmp_path / "mailsync.key")
    with pytest.raises(StoreError, match="does not belong"):
        reopen(tmp_path)


def test_a_key_is_replaced_with_everything_under_it(tmp_path: Path) -> None:
    store = reopen(tmp_path)
    store.logins.save_credentials("ann", {"token": SECRET})
    old = (tmp_path / "mailsync.key").read_text()
    store.logins.rotate()
    new = (tmp_path / "mailsync.key").read_text()
    assert set(old.splitlines()[1:]).isdisjoint(new.splitlines()[1:])
    assert len(new.splitlines()) == 2
    assert stat.S_IMODE((tmp_path / "mailsync.key").stat().st_mode) == 0o600
    assert store.logins.credential("ann", "token") == SECRET
    store.close()
    reopened = reopen(tmp_path)
    assert reopened.logins.credential("ann", "token") == SECRET
    reopened.close()
    (tmp_path / "mailsync.key").write_text(old)
    with pytest.raises(StoreError, match="does not belong"):
        reopen(tmp_path)


def test_L9_rotations_at_once_lose_nothing(home: Path) -> None:
    """One put its key in the place of the other's, under which log-ins and the store's own check stood by then."""
    stores = [reopen(home) for _ in range(3)]
    stores[0].logins.save_credentials("ann", {"token": SECRET})
    with ThreadPoolExecutor(len(stores)) as threads:
        for _ in range(6):
            list(threads.map(lambda store: store.logins.rotate(), stores))
            stores[0].logins.save_credentials("bob", {"token": SECRET})
    for store in stores:
        assert [store.logins.credential(user, "token") for user in ("ann", "bob")] == [SECRET, SECRET]
        store.close()
    reopen(home).close()


def test_a_rotation_that_was_stopped_loses_nothing(tmp_path: Path) -> None:
    store = reopen(tmp_path)
    store.logins.save_credentials("ann", {"token": SECRET})
    Secrets(tmp_path / "mailsync.key").add_key()  # and then it crashes
    assert store.logins.credential("ann", "token") == SECRET
    store.logins.save_credentials("ann", {"newer": "x"})
    store.logins.rotate()
    assert (store.logins.credential("ann", "token"), store.logins.credential("ann", "newer")) == (SECRET, "x")
    assert len((tmp_path / "mailsync.key").read_text().splitlines()) == 2
    store.close()
