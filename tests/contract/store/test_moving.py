"""A store moved to the other database is the same installation with everything that it had."""

from pathlib import Path

import pytest

from mailsync.errors import StoreError
from mailsync.ports.ledger import Batch
from mailsync.store import Secrets, SqlStore, move_store, open_store
from tests.contract.store.people import NOW, make_entry, make_hold, make_pair, reopen
from tests.services.postgres import Server


def fill(store: SqlStore) -> None:
    for user in ("ann", "bob"):
        fence = store.begin(user, NOW)
        batch = Batch(
            pairs=tuple(make_pair(n) for n in range(40)),
            holds=(make_hold("D8-1"),),
            entries=(make_entry("create", make_pair(1).origin),),
            state={"crm_cursor": "c", "repairing": False},
        )
        store.commit(user, fence, batch, NOW)
        store.finish(user, fence, {"status": "done"}, NOW)
        store.save_settings(user, {"view": "all"})
        store.logins.save_credentials(user, {"salesforce": "s3cret"})


@pytest.mark.parametrize("ways", [("sqlite", "postgresql"), ("postgresql", "sqlite"), ("sqlite", "sqlite")])
def test_everything_is_there_and_the_installation_is_the_same(
    tmp_path: Path, postgres: Server, ways: tuple[str, str]
) -> None:
    places = [postgres.fresh() if way == "postgresql" else str(tmp_path / f"{n}.db") for n, way in enumerate(ways)]
    secrets = Secrets(tmp_path / "key")
    store = open_store(places[0], secrets)
    fill(store)
    before, mark = {user: store.export(user) for user in ("ann", "bob")}, store.installation
    store.close()
    moved = move_store(places[0], places[1], secrets)
    assert (moved["users"], moved["pairs"], moved["history"]) == (2, 80, 2)
    again = open_store(places[1], secrets)
    assert again.installation == mark
    assert {user: again.export(user) for user in ("ann", "bob")} == before
    assert again.logins.credential("ann", "salesforce") == "s3cret"
    fence = again.begin("cem", NOW)  # new rows get new numbers
    again.commit("cem", fence, Batch(entries=(make_entry("update", make_pair(1).origin),)), NOW)
    assert again.state("ann")["repairing"] is False
    again.close()
    assert ways[0] == "postgresql" or not Path(places[0]).exists()


def test_a_target_that_holds_something_is_refused_and_nothing_is_lost(tmp_path: Path, postgres: Server) -> None:
    url, secrets = postgres.fresh(), Secrets(tmp_path / "key")
    open_store(url, secrets).close()
    store = reopen(tmp_path)
    fill(store)
    store.close()
    with pytest.raises(StoreError, match="holds a store already"):
        move_store(tmp_path / "mailsync.db", url, Secrets(tmp_path / "mailsync.key"))
    assert reopen(tmp_path).count("ann") == 40


def test_a_session_that_runs_is_not_moved(tmp_path: Path, postgres: Server) -> None:
    store = reopen(tmp_path)
    store.begin("ann", NOW)
    with pytest.raises(StoreError, match="session of ann is running"):
        move_store(tmp_path / "mailsync.db", postgres.fresh(), Secrets(tmp_path / "mailsync.key"))
    store.close()


def test_A1_a_file_that_somebody_has_open_is_not_moved(tmp_path: Path) -> None:
    """A service between two sessions; it would go on in the file that is put aside, as a second agent."""
    service, target = reopen(tmp_path), str(tmp_path / "other.db")
    fill(service)
    with pytest.raises(StoreError, match="another process has the store open"):
        move_store(tmp_path / "mailsync.db", target, Secrets(tmp_path / "mailsync.key"))
    service.save_settings("ann", {"view": "mine"})
    service.close()
    assert move_store(tmp_path / "mailsync.db", target, Secrets(tmp_path / "mailsync.key"))["pairs"] == 80
    moved = open_store(target, Secrets(tmp_path / "mailsync.key"))
    assert moved.settings("ann") == {"view": "mine"}
    moved.close()
