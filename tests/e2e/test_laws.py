"""L1, L3, L9 and the floors: what an idle session costs, what first sessions cost, and that personal contacts stay."""

import sqlite3
from pathlib import Path

from tests.e2e.stage import Stage
from tests.services.statements import counted

SECRET = "Canary"


def vendor_requests(scene: Stage, vendor: str) -> list[str]:
    return [r["operation"] for r in scene.requests(vendor=vendor) if r["status"] != 401]


def test_L1_an_idle_session_is_one_salesforce_and_three_exchange_requests(synced: Stage):
    for n in range(5):
        synced.org.create(FirstName="Kim", LastName=f"Doe{n}")
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", email="zoe@x.example", company_name="Nowhere")
    synced.sync()
    synced.forget_requests()
    report = synced.sync()
    assert report["requests"] == {"salesforce": 1, "mailbox": 3}
    assert vendor_requests(synced, "salesforce") == ["composite"]
    assert sorted(vendor_requests(synced, "exchange")) == ["FindItem", "SyncFolderHierarchy", "SyncFolderItems"]


def test_L1_an_idle_session_asks_the_store_as_little_whatever_the_number_of_pairs(synced: Stage):
    """Most of an idle session's processor time is the store's. Opening it is in the figure, too."""
    asked: list[list[str]] = []
    for number in (3, 60):
        records = [{"attributes": {"type": "Contact"}, "LastName": f"Doe{number}.{n}"} for n in range(number)]
        synced.org.client.restful("composite/sobjects", method="POST", json={"allOrNone": True, "records": records})
        synced.sync()
        synced.sync()
        with counted() as statements:
            synced.sync()
        asked.append([s for s in statements if not s.startswith("BEGIN")])
    assert len(asked[0]) == len(asked[1]), [s[:80] for s in asked[1]]
    assert len(asked[0]) <= 38, [s[:80] for s in asked[0]]


def test_L1_A18_pairs_are_counted_again_only_after_a_session_that_changed_some(synced: Stage):
    def count() -> int:
        with counted() as statements:
            synced.sync()
        return sum("pairs.in_scope IS" in s for s in statements)

    synced.configure(view="all")
    kim = synced.admin.create(FirstName="Kim", LastName="Doe")
    synced.act("share", record=kim, user="ann")
    synced.sync()
    synced.sync()  # what was written comes back once
    count()
    assert count() == 0
    synced.act("unshare", record=kim, user="ann")  # no event tells of it
    assert synced.sync()["mailbox"]["removed"] == 1
    assert count() == 1
    assert count() == 0
    with sqlite3.connect(synced.home / "mailsync.db") as store:  # as if another program's session came between
        store.execute("UPDATE users SET fence = fence + 1")
    assert [count(), count()] == [1, 0]


def test_L1_an_idle_session_on_a_list_view_is_at_the_floor_too(scene: Stage):
    scene.act("create_view", object="Contact", name="Berlin", where="MailingCity = 'Berlin'", scope="mine")
    scene.configure(view="view:Berlin")
    scene.org.create(LastName="In", MailingCity="Berlin")
    scene.sync()
    assert scene.sync()["requests"] == {"salesforce": 1, "mailbox": 3}


def test_L1_two_hundred_up_and_two_thousand_down_at_batch_limits(scene: Stage):
    """Floors of the vendors: up ⌈200/200⌉ creates and ⌈200/100⌉ stamps; down ⌈2000/2000⌉ reads, ⌈2000/100⌉ creates."""
    for start in range(0, 2000, 200):
        records = [{"attributes": {"type": "Contact"}, "LastName": f"Down{start + n}"} for n in range(200)]
        scene.org.client.restful("composite/sobjects", method="POST", json={"allOrNone": True, "records": records})
    report = scene.sync()
    assert report["mailbox"]["created"] == 2000
    assert report["requests"]["salesforce"] <= 3
    assert len(scene.requests(vendor="exchange", operation="CreateItem")) == 20
    assert report["requests"]["mailbox"] <= 20 + 10
    folder = scene.ann.folder
    from exchangelib.items import Contact

    items = [Contact(folder=folder, display_name=f"Ann Up{n}", given_name="Ann", surname=f"Up{n}") for n in range(200)]
    scene.ann.account.bulk_create(folder=folder, items=items)
    scene.forget_requests()
    report = scene.sync()
    assert report["salesforce"]["created"] == 200
    assert report["requests"]["salesforce"] <= 1 + 1 + 1
    assert report["requests"]["mailbox"] <= 3 + 5 + 2
    assert len(scene.requests(vendor="exchange", operation="UpdateItem")) == 2
    assert scene.sync()["requests"]["mailbox"] <= 4
    scene.assert_settled()


def test_L3_A6_nothing_of_a_personal_contact_is_sent_stored_or_logged(scene: Stage, capfd):
    family = scene.ann.new_folder("Family")
    for folder in (scene.ann.contacts, family):
        scene.ann.create(
            folder,
            f"{SECRET}Given",
            f"{SECRET}Family",
            email=f"{SECRET}@personal.example",
            phones={"MobilePhone": "+1 415 555 0142"},
            company_name=f"{SECRET} Corp",
            categories=["Golf"],
            body=f"{SECRET} notes",
        )
    scene.sync()
    scene.ann.create(scene.ann.folder, "Zoe", "Quinn", email="zoe@x.example")
    scene.org.create(LastName="Doe")
    scene.sync()
    scene.sync()
    assert scene.requests(vendor="salesforce")
    for request in scene.requests(vendor="salesforce"):
        assert SECRET.lower() not in (request["request"] + request["response"]).lower()
        assert "5550142" not in request["request"].replace(" ", "")
    for path in Path(scene.home).rglob("*"):
        if path.is_file():
            assert SECRET.encode().lower() not in path.read_bytes().lower(), path
    assert SECRET.lower() not in "".join(capfd.readouterr()).lower()


def test_L3_the_server_is_never_asked_for_personal_contacts(synced: Stage):
    """Not even the answers of Exchange to the agent hold anything of them."""
    synced.ann.create(synced.ann.contacts, f"{SECRET}Given", f"{SECRET}Family", email=f"{SECRET}@personal.example")
    synced.ann.mark(synced.ann.create(synced.ann.contacts, "Zoe", "Quinn"))
    synced.forget_requests()
    synced.sync()
    for request in synced.requests(vendor="exchange"):
        assert SECRET.lower() not in request["response"].lower(), request["operation"]


def test_L9_no_secret_and_a_database_only_for_its_owner(synced: Stage):
    stored = dict(synced.shelf.contents())
    assert stored
    assert b"sandbox-ann" not in b"".join(stored.values())
    key = next(synced.home.glob("*.key"))
    assert key.stat().st_mode & 0o777 == 0o600
    for database in synced.home.glob("*.db"):
        assert database.stat().st_mode & 0o077 == 0
        assert sqlite3.connect(database).execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_L9_A9_the_base_of_a_removed_pair_is_erased(synced: Stage):
    synced.set(direction="up")
    synced.ann.create(synced.ann.folder, "Zoe", f"{SECRET}Name")
    synced.sync()
    assert len(synced.shelf.rows("pairs")) == 1
    synced.ann.get(f"Zoe {SECRET}Name").move(synced.ann.contacts)
    synced.sync()
    assert list(synced.shelf.rows("pairs")) == []


def test_L8_what_was_written_does_not_come_back(synced: Stage):
    synced.org.create(FirstName="Kim", LastName="Doe", Phone="4155550101", MailingStreet="A\r\nB", Email="K@X.example")
    report = synced.sync()
    assert report["mailbox"]["created"] == 1
    for _ in range(3):
        synced.assert_settled()
