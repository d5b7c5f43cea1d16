"""Gmail as a service: floors of requests, lists that lag, lost answers, tokens that end, two agents, and privacy."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.gmail import GmailStage, gmail_stage, labels_of, own_of
from tests.services.postgres import stores_on

CREATE = "batchCreateContacts"


@pytest.fixture
def synced(tmp_path: Path, keeps: str) -> Iterator[GmailStage]:
    with stores_on(keeps), gmail_stage(tmp_path) as standing:
        standing.sync()
        yield standing


def zoe(scene: GmailStage) -> tuple[str, str]:
    made = scene.bob.create("Zoe", "Quinn", scene.label, email="zoe@x.example")
    scene.sync()
    return made, scene.org.named("Quinn")["Id"]


def lag(scene: GmailStage, seconds: int) -> None:
    """From now on lists learn of changes so much later."""
    scene.act("propagation_delay", seconds=seconds)


def test_an_idle_session_is_one_request_and_a_thousand_new_contacts_are_five(tmp_path: Path):
    """vendors/mailbox.md E: ⌈N/200⌉ creations, the label before anything is written, one list."""
    rows = [
        {"type": "Contact", "fields": {"FirstName": "Kim", "LastName": f"Doe{n}", "OwnerId": "bob"}}
        for n in range(1000)
    ]
    with gmail_stage(tmp_path) as scene:
        scene.sync()
        for start in range(0, 1000, 200):
            records = [{"attributes": {"type": "Contact"}, **r["fields"]} for r in rows[start : start + 200]]
            for record in records:
                del record["OwnerId"]
            scene.org.client.restful("composite/sobjects", method="POST", json={"records": records})
        report, asked = scene.sessions_operations()
        assert report["mailbox"]["created"] == 1000
        assert asked == ["connections.list", "contactGroups.list", *[CREATE] * 5]
        report, asked = scene.sessions_operations()
        assert asked == ["connections.list", *["getBatchGet"] * 5]  # the echo
        report, asked = scene.sessions_operations()
        assert asked == ["connections.list"]
        assert report["requests"] == {"salesforce": 1, "mailbox": 1}
        assert scene.writes() == []


def test_L8_lists_that_lag_bring_nothing_back(synced: GmailStage):
    """Creations and updates of ours come minutes later, in old and in new shape: nothing is taken for an edit."""
    lag(synced, 300)
    record = synced.org.create(FirstName="Kim", LastName="Doe", Title="One")
    synced.sync()
    synced.org.update(record, Title="Two")
    assert synced.sync()["mailbox"]["updated"] == 1
    for _ in range(6):
        synced.advance(100)
        synced.forget_requests()
        synced.sync()
        assert synced.writes() == []
    assert synced.bob.get("Kim Doe")["organizations"][0]["title"] == "Two"
    assert synced.org.get(record)["Title"] == "Two"
    synced.assert_settled()


def test_A9_the_label_taken_off_before_a_list_told_of_our_creation(synced: GmailStage):
    lag(synced, 300)
    record = synced.org.create(FirstName="Kim", LastName="Doe")
    synced.sync()
    (kim,) = synced.bob.contacts(synced.label)
    synced.bob.take_off(kim["resourceName"], synced.label)
    synced.advance(400)
    synced.sync()
    synced.advance(400)
    synced.sync()
    assert "salesforceId" not in own_of(synced.bob.look(kim["resourceName"]))
    (again,) = synced.bob.contacts(synced.label)
    assert own_of(again)["salesforceId"] == record
    synced.advance(400)
    synced.assert_settled()


def test_A3_a_label_deleted_while_lists_lag_is_seen_before_anything_is_written(synced: GmailStage):
    synced.set(auto_removal="allowed")
    for n in range(3):
        synced.org.create(FirstName="Kim", LastName=f"Doe{n}")
    synced.sync()
    synced.sync()
    lag(synced, 300)
    synced.bob.delete_label(synced.label)
    synced.org.create(FirstName="Kim", LastName="Doe9")
    report = synced.sync()
    assert (report["salesforce"]["deleted"], report["mailbox"]["created"]) == (0, 1)
    for _ in range(3):
        synced.advance(400)
        assert synced.sync()["salesforce"]["deleted"] == 0
    assert len(synced.bob.contacts()) == 4
    assert {tuple(labels_of(c)) for c in synced.bob.contacts()} == {(synced.label,)}
    synced.assert_settled()


def test_B15_a_creation_whose_answer_was_lost_is_found_by_its_key(synced: GmailStage):
    record = synced.org.create(FirstName="Kim", LastName="Doe")
    synced.fault(vendor="google", operation=CREATE, kind="drop_after", times=1)
    report, asked = synced.sessions_operations()
    assert asked.count(CREATE) == 1
    assert report["mailbox"]["created"] == 1
    (kim,) = synced.bob.contacts()
    assert own_of(kim)["salesforceId"] == record
    synced.assert_settled()


@pytest.mark.parametrize("lost", ["drop_before", "drop_after"])
def test_B15_a_creation_that_is_not_found_is_in_doubt_while_lists_may_lag(synced: GmailStage, lost: str):
    """Looked for in a label that shows nothing new, and then not at all: only ten minutes prove that it failed."""
    synced.org.create(FirstName="Kim", LastName="Doe")
    synced.fault(vendor="google", operation=CREATE, kind=lost, times=1)
    synced.fault(vendor="google", operation="contactGroups.get", kind="refuse", code="UNAVAILABLE", times=1)
    first = synced.sync(None)
    created = len(synced.bob.contacts())
    assert created == (1 if lost == "drop_after" else 0)
    assert first["mailbox"]["created"] == created
    if lost == "drop_before":
        assert [i["code"] for i in first["issues"]] == ["IN_DOUBT"]
        assert first["status"] == "done"
        synced.advance(300)
        report, asked = synced.sessions_operations()
        assert (report["mailbox"]["created"], asked.count(CREATE)) == (0, 0)
        assert [i["code"] for i in report["issues"]] == ["IN_DOUBT"]
        synced.advance(400)
        assert synced.sync()["mailbox"]["created"] == 1
    assert len(synced.bob.contacts()) == 1
    assert synced.issues() == []
    synced.advance(1200)
    synced.assert_settled()


@pytest.mark.parametrize("status", [503, 500])
def test_B15_a_creation_that_failed_after_it_was_carried_out_is_not_repeated(synced: GmailStage, status: int):
    synced.org.create(FirstName="Kim", LastName="Doe")
    synced.fault(vendor="google", operation=CREATE, kind="refuse", code="UNAVAILABLE", status=status, carry_out=True)
    report, asked = synced.sessions_operations()
    assert (asked.count(CREATE), report["mailbox"]["created"]) == (1, 1)
    assert len(synced.bob.contacts()) == 1


def test_a_quota_that_is_used_up_is_waited_for(synced: GmailStage):
    """Retry-After is honoured; a creation that was refused is in nobody's doubt."""
    synced.org.create(FirstName="Kim", LastName="Doe")
    synced.fault(vendor="google", operation="connections.list", kind="throttle", retry_after=1, times=1)
    report, asked = synced.sessions_operations()
    assert asked.count("connections.list") == 2
    assert report["mailbox"]["created"] == 1
    synced.org.create(FirstName="Kim", LastName="Roe")
    synced.fault(vendor="google", operation=CREATE, kind="throttle", retry_after=1, times=1)
    report, asked = synced.sessions_operations()
    assert (report["mailbox"]["created"], asked.count(CREATE)) == (1, 2)
    synced.org.create(FirstName="Kim", LastName="Poe")
    synced.fault(vendor="google", operation=CREATE, kind="throttle", retry_after=600, times=1)
    synced.sync("failed")
    assert synced.sync()["mailbox"]["created"] == 1
    assert len(synced.bob.contacts()) == 3


@pytest.mark.parametrize("status", [400, 410])
def test_an_expired_token_reads_everything_once_and_writes_nothing(synced: GmailStage, status: int):
    zoe(synced)
    synced.org.create(FirstName="Kim", LastName="Doe")
    synced.sync()
    synced.sync()
    synced.act("expired_token_status", status=status)
    synced.advance(8 * 86400)
    report, asked = synced.sessions_operations()
    assert asked == ["connections.list", "contactGroups.list", "connections.list", "getBatchGet"]
    assert synced.writes() == []
    assert report["status"] == "done"
    synced.assert_settled()


def test_a_token_is_renewed_within_six_days_without_reading_values(synced: GmailStage):
    zoe(synced)
    synced.sync()
    lists: list[list[str]] = []
    for _ in range(6):
        synced.advance(2 * 86400 + 60)
        lists.append(synced.sessions_operations()[1])
    assert lists[:3] == [["connections.list"], ["connections.list"], ["connections.list"] * 2]
    assert all(set(asked) == {"connections.list"} for asked in lists)  # never expired, never a value


def test_everything_reported_as_changed_is_read_and_left_alone(synced: GmailStage):
    """Google at times reports all contacts as changed (vendors/mailbox.md D2)."""
    for n in range(3):
        synced.org.create(FirstName="Kim", LastName=f"Doe{n}")
    synced.bob.create("Uncle", "Bob")
    synced.sync()
    synced.sync()
    synced.act("replay", as_user="bob")
    _, asked = synced.sessions_operations()
    assert asked == ["connections.list", "getBatchGet"]
    assert synced.writes() == []


def test_A1_a_second_installation_is_refused_before_it_writes(synced: GmailStage, tmp_path: Path):
    zoe(synced)
    second = GmailStage(synced.box, tmp_path / "second")
    second.home.mkdir()
    second.configure()
    assert second.sync("skipped")["reason"]
    second.run("takeover", "bob")
    second.sync(None)
    second.sync(None)
    synced.org.create(FirstName="Kim", LastName="Doe")
    assert synced.sync("skipped")["mailbox"]["created"] == 0
    assert second.sync()["mailbox"]["created"] == 1


def test_C3_a_token_that_google_refuses_is_a_log_in_to_be_made_again(synced: GmailStage):
    synced.fault(vendor="google", kind="expire_token", operation="connections.list", times=1)
    report = synced.sync("failed")
    assert "Google" in report["reason"]
    assert synced.sync()["status"] == "done"


CANARY = "Canary"


def canary(n: int) -> dict[str, Any]:
    """A personal contact with a canary in every field."""
    word = f"{CANARY}{n}"
    return {
        "names": [{"givenName": word, "familyName": word, "honorificPrefix": word, "honorificSuffix": word}],
        "emailAddresses": [{"value": f"{word}@personal.example", "type": "home"}],
        "phoneNumbers": [{"value": f"+1 415 5550142 {word}", "type": "mobile"}],
        "addresses": [{"type": "home", "streetAddress": f"1 {word} St", "city": word}],
        "organizations": [{"name": word, "title": word}],
        "biographies": [{"value": word, "contentType": "TEXT_PLAIN"}],
        "urls": [{"value": f"https://{word}.example", "type": "homePage"}],
        "relations": [{"person": word, "type": "assistant"}],
        "userDefined": [{"key": word, "value": word}],
        "clientData": [{"key": word, "value": word}],
        "nicknames": [{"value": word}],
    }


def test_A6_L3_personal_contacts_are_never_asked_for_sent_stored_or_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    """The list tells ids and memberships; values are asked for by id, of marked contacts alone."""
    caplog.set_level(0)
    with gmail_stage(tmp_path) as scene:
        friends = scene.bob.new_label(f"{CANARY} friends")
        personal = [scene.bob.create("", "", *([friends] if n % 2 else []), **canary(n)) for n in range(6)]
        scene.forget_requests()
        scene.sync()
        _, record = zoe(scene)
        scene.org.update(record, Title="CTO")
        scene.sync()
        scene.act("replay", as_user="bob")
        scene.sync()
        scene.advance(8 * 86400)
        scene.sync()
        scene.bob.edit(scene.bob.look(personal[0]), nicknames=[{"value": f"{CANARY} again"}])
        scene.bob.delete(personal[1])
        scene.bob.delete_label(scene.label)
        scene.sync()
        for command in ("plan", "issues", "status", "history", "check", "export"):
            scene.run(command, "bob")
        agents = [r for r in scene.requests() if r["headers"]["user-agent"].startswith("mailsync/")]
        assert len(agents) > 20
        names = {n for r in agents if r["operation"] != "connections.list" for n in personal if n in json.dumps(r)}
        assert names == set()
        for request in agents:
            told = json.dumps(request["request"]) + json.dumps(request["response"])
            assert CANARY not in told.replace(f"{CANARY} friends", ""), request["operation"]
        assert all(CANARY not in json.dumps(r) for r in scene.requests(vendor="salesforce"))
        fields = [record.__dict__.get("fields", {}) for record in caplog.records]
        assert any(found.get("vendor") == "google" for found in fields)  # each request is told, and how it was answered
        assert CANARY not in caplog.text + str(fields)
        for file in tmp_path.iterdir():
            assert CANARY.encode() not in file.read_bytes(), file.name
