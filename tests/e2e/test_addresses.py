"""Addresses that lead nowhere, or to somebody else: the session says so at once, and no log-in is sent anywhere."""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from mailsync.sandbox.certificate import WRONG
from mailsync.sandbox.server import RunningSandbox, running_sandbox
from tests.e2e.stage import Stage, stage
from tests.faults.busy import skip_waits

SIDES = ("salesforce", "exchange")


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tried again is tried at once, as often as the real waits would allow."""
    skip_waits(monkeypatch)


def lead(scene: Stage, side: str, url: str, ca: Path | None = None) -> str:
    """Points one side to another address; the text of the settings as they were."""
    text = scene.config.read_text()
    head, users = text.split("[users.ann]")
    more = "" if ca is None else f'\nca = "{ca}"'
    if side == "salesforce":
        head = head.replace(f'url = "{scene.url}"', f'url = "{url}"{more}')
    else:
        users = users.replace(f'url = "{scene.url}/EWS', f'url = "{url}/EWS').rstrip() + more + "\n"
    scene.config.write_text(f"{head}[users.ann]{users}")
    return text


def edit_both(scene: Stage) -> None:
    """Something for the next session to do on each side."""
    scene.org.create(FirstName="Kim", LastName="Down")
    scene.ann.create(scene.ann.folder, "Zoe", "Up")


def go_on(scene: Stage, text: str) -> None:
    """Back at the right addresses, the next sessions carry out what waited, once."""
    scene.config.write_text(text)
    scene.sync()
    scene.sync()
    assert sorted(item.display_name for item in scene.ann.all_in()) == ["Kim Down", "Zoe Up"]
    assert sorted(row["Name"] for row in scene.org.all()) == ["Kim Down", "Zoe Up"]
    scene.assert_settled()


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("how", ["no such name", "nobody listens"])
def test_a_host_that_is_not_there(synced: Stage, side: str, how: str) -> None:
    edit_both(synced)
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]
    # RFC 6761: names under .invalid never resolve
    url = "https://mail.nowhere.invalid" if how == "no such name" else f"http://127.0.0.1:{port}"
    text = lead(synced, side, url)
    synced.forget_requests()
    report = synced.sync("failed")
    named = "Salesforce" if side == "salesforce" else "Exchange"
    assert f"{named} can't be reached" in report["reason"], report
    assert synced.writes() == []
    go_on(synced, text)


@contextmanager
def shown(scene: Stage, side: str, how: str) -> Iterator[RunningSandbox]:
    """A server that pretends to be one side, with a certificate that is wrong in one way, and its CA is trusted."""
    with running_sandbox(scene.box.sandbox.dump(), tls=True) as other:
        assert other.sandbox.showing is not None
        other.sandbox.showing.show(how, None)
        lead(scene, side, other.url, other.ca)
        yield other


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("how", sorted(WRONG))
def test_a_certificate_that_is_wrong_in_one_way_gets_no_log_in(synced: Stage, side: str, how: str) -> None:
    edit_both(synced)
    text = synced.config.read_text()
    synced.forget_requests()
    with shown(synced, side, how) as other:
        report = synced.sync("failed")
        assert "certificate is not trusted" in report["reason"], report
        assert other.sandbox.log.entries() == ()
        assert synced.run("status", "ann")["users"][0]["state"] != "needs_login"
    assert synced.writes() == []
    go_on(synced, text)


@pytest.mark.parametrize(
    ("side", "operation", "said"),
    [
        ("salesforce", "changes", "certificate is not trusted"),
        ("salesforce", "create", "the answer to this contact's creation was lost"),
        ("exchange", "changes", "certificate is not trusted"),
        ("exchange", "create", "certificate is not trusted"),
        ("exchange", "update", "did not answer"),
    ],
)
def test_a_certificate_that_ends_in_the_middle_of_a_session(
    tmp_path: Path, side: str, operation: str, said: str
) -> None:
    """The connection ends at that call; the next one meets an expired certificate. Nothing is lost or doubled."""
    with running_sandbox(tls=True) as box, stage(tmp_path) as scene:
        box.sandbox.reset(scene.box.sandbox.dump())
        lead(scene, "salesforce", box.url, box.ca)
        lead(scene, "exchange", box.url, box.ca)
        scene.sync()
        box.sandbox.act("ann", "ews", {"operation": _create(_folder(box), "Zoe")})
        person = {"LastName": "Kim"}
        path = "/services/data/v68.0/sobjects/Contact"
        box.sandbox.act("ann", "rest", {"method": "POST", "path": path, "body": person})
        fault = {"vendor": side, "operation": operation, "kind": "certificate", "how": "expired"}
        box.sandbox.add_fault(fault)
        first = scene.sync(None)
        assert [entry.fault for entry in box.sandbox.log.entries() if entry.fault] == ["certificate"]
        told = " ".join([first["reason"], *(issue["message"] for issue in first["issues"])])
        assert said in told, first
        box.sandbox.lift_faults()
        box.sandbox.advance(700)
        for _ in range(3):
            last = scene.sync()
        assert (_items(box), _records(box)) == (["Kim", "Zoe"], ["Kim", "Zoe"])
        box.sandbox.log.clear()
        last = scene.sync()
        assert last["status"] == "done"
        written = {"create", "update", "delete", "move"}
        assert [e for e in box.sandbox.log.entries() if written & set(e.call.actions)] == []


def _mailbox(box: RunningSandbox) -> dict[str, Any]:
    return box.sandbox.dump()["exchange"]["mailboxes"][0]


def _folder(box: RunningSandbox) -> str:
    return str(_mailbox(box)["folders"][0]["Id"])


def _items(box: RunningSandbox) -> list[str]:
    return sorted(item["Surname"] for item in _mailbox(box)["folders"][0]["items"])


def _records(box: RunningSandbox) -> list[str]:
    return sorted(row["LastName"] for row in box.sandbox.dump()["salesforce"]["records"]["Contact"])


def _create(folder: str, name: str) -> str:
    return (
        f'<m:CreateItem><m:SavedItemFolderId><t:FolderId Id="{folder}"/></m:SavedItemFolderId><m:Items><t:Contact>'
        f"<t:DisplayName>{name}</t:DisplayName><t:Surname>{name}</t:Surname></t:Contact></m:Items></m:CreateItem>"
    )
