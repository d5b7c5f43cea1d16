"""Google's faults at the adapter: what is asked again, what is in doubt, and whose fault a refused batch is."""

import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from mailsync.core.refs import FieldName, FolderId, ItemId, Key
from mailsync.errors import (
    AnswerBroken,
    CertificateRefused,
    LoginRefused,
    OutcomeUnknown,
    PermissionMissing,
    SettingsError,
    Throttled,
    Unreachable,
    VendorError,
)
from mailsync.mailbox.google import GoogleLogin, GoogleMailbox, open_google
from mailsync.mapping.table import load
from mailsync.ports.bearer import FixedBearer
from mailsync.ports.mailbox import ItemEdit
from mailsync.ports.outcomes import Missing, Refusal, Stale, Written
from mailsync.sandbox.server import RunningSandbox, running_sandbox
from tests.contract.mailbox.drafts import FULL, make_draft, version_of, written
from tests.contract.mailbox.port.google import WORLD, GooglePerson, log_in

TITLE = {FieldName("Title"): "Ours"}


@pytest.fixture
def box() -> Iterator[RunningSandbox]:
    with running_sandbox(WORLD) as running:
        yield running


@pytest.fixture
def mailbox(box: RunningSandbox) -> Iterator[GoogleMailbox]:
    opened = open_google(GoogleLogin(box.url, FixedBearer("sandbox-bob")), load("google"), patience=8.0)
    yield opened
    opened.close()


@pytest.fixture
def folder(mailbox: GoogleMailbox) -> FolderId:
    prepared = mailbox.prepare(None)
    assert prepared is not None
    return prepared.folder


def fault(box: RunningSandbox, operation: str, kind: str, **details: Any) -> None:
    body = {"vendor": "google", "operation": operation, "kind": kind, "times": 1, **details}
    answer = requests.post(f"{box.url}/sandbox/faults", json=body, timeout=10)
    assert answer.ok, answer.text


def operations(box: RunningSandbox) -> list[str]:
    return [r["operation"] for r in requests.get(f"{box.url}/sandbox/requests", timeout=10).json()]


def forget(box: RunningSandbox) -> None:
    requests.delete(f"{box.url}/sandbox/requests", timeout=10)


@pytest.mark.parametrize("kind", ["drop_after", "truncate", "malform", "empty", "html"])
def test_B15_a_creation_without_an_answer_is_in_doubt_and_sent_once(
    box: RunningSandbox, mailbox: GoogleMailbox, folder: FolderId, kind: str
) -> None:
    """httplib2 would post it again on a dropped connection (measure.md §2.2)."""
    forget(box)
    fault(box, "batchCreateContacts", kind)
    with pytest.raises(OutcomeUnknown):
        mailbox.create([make_draft(1)], folder)
    assert operations(box) == ["batchCreateContacts"]
    assert len(mailbox.changes(folder, None).seen) == (0 if kind == "html" else 1)  # a proxy's page comes instead


@pytest.mark.parametrize("status", [302, 308, 404, 409])
def test_B15_what_is_not_googles_own_refusal_leaves_a_creation_in_doubt(
    box: RunningSandbox, mailbox: GoogleMailbox, folder: FolderId, status: int
) -> None:
    """A proxy's page or a redirect after all was done: halving the batch would create its contacts twice."""
    forget(box)
    fault(box, "batchCreateContacts", "error_after", status=status, body="<html>Elsewhere</html>")
    with pytest.raises(OutcomeUnknown):
        mailbox.create([make_draft(1), make_draft(2)], folder)
    assert operations(box) == ["batchCreateContacts"]


def test_D7_a_proxys_404_is_no_deletion(box: RunningSandbox, mailbox: GoogleMailbox, folder: FolderId) -> None:
    made = written(mailbox.create([make_draft(1)], folder)[0])
    for operation in ("batchUpdateContacts", "batchDeleteContacts"):
        fault(box, operation, "status", status=404, body="<html>Not Found</html>")
    with pytest.raises(OutcomeUnknown):
        mailbox.update([ItemEdit(ItemId(made.id), version_of(made), TITLE)])
    with pytest.raises(OutcomeUnknown):
        mailbox.remove([ItemId(made.id)])


def test_D7_a_removal_that_google_denies_knowing_of_is_looked_at(
    box: RunningSandbox, mailbox: GoogleMailbox, folder: FolderId
) -> None:
    """The contact is there: it does not count as gone."""
    made = written(mailbox.create([make_draft(1)], folder)[0])
    fault(box, "batchDeleteContacts", "reject", code="CONTACT_GONE")
    (outcome,) = mailbox.remove([ItemId(made.id)])
    assert isinstance(outcome, Refusal)
    assert outcome.transient


def test_D7_a_contact_of_which_google_says_nothing_is_not_gone(
    box: RunningSandbox, mailbox: GoogleMailbox, folder: FolderId
) -> None:
    """PersonResponse: a person, or a status that says why there is none."""
    made = [ItemId(written(o).id) for o in mailbox.create([make_draft(1), make_draft(2)], folder)]
    cursor = mailbox.changes(folder, None).cursor
    fault(box, "getBatchGet", "fail_parts", items=[0])
    with pytest.raises(AnswerBroken):
        mailbox.read(made)
    assert all(mailbox.read(made).values())
    mailbox.create([make_draft(3)], folder)
    fault(box, "getBatchGet", "fail_parts")
    with pytest.raises(AnswerBroken):
        mailbox.changes(folder, cursor)


@pytest.mark.parametrize("code", ["INTERNAL", "UNAVAILABLE"])
def test_B15_a_contact_that_google_failed_at_while_creating_is_in_doubt(
    box: RunningSandbox, mailbox: GoogleMailbox, folder: FolderId, code: str
) -> None:
    """Decision 0016: what Google refuses before doing anything is in nobody's doubt, a failure is."""
    fault(box, "batchCreateContacts", "fail_parts", code=code, items=[1])
    with pytest.raises(OutcomeUnknown):
        mailbox.create([make_draft(n) for n in range(3)], folder)
    assert len(mailbox.find_keys([Key(f"key-{n}") for n in range(3)])) == 3


def test_L5_B15_a_contact_that_google_failed_at_while_changing_it_is_in_doubt(
    box: RunningSandbox, mailbox: GoogleMailbox, folder: FolderId
) -> None:
    """Taken for refused, the value that it replaced would be in no history."""
    made = written(mailbox.create([make_draft(1)], folder)[0])
    fault(box, "batchUpdateContacts", "fail_parts", code="INTERNAL", items=[0])
    with pytest.raises(OutcomeUnknown):
        mailbox.update([ItemEdit(ItemId(made.id), made.version, {FieldName("Title"): "Ours"})])
    (item,) = mailbox.read([ItemId(made.id)]).values()
    assert item is not None
    assert item.values[FieldName("Title")] == "Ours"


def test_a_part_that_another_change_stood_in_the_way_of_is_worth_trying_again(
    box: RunningSandbox, mailbox: GoogleMailbox, folder: FolderId
) -> None:
    fault(box, "batchCreateContacts", "fail_parts", code="ABORTED", items=[0])
    first, second = mailbox.create([make_draft(1), make_draft(2)], folder)
    assert isinstance(first, Refusal)
    assert first.transient
    assert isinstance(second, Written)


def test_keys_that_are_told_twice_and_lists_without_googles_groups_are_not_believed(
    box: RunningSandbox, mailbox: GoogleMailbox, folder: FolderId
) -> None:
    cursor = mailbox.changes(folder, None).cursor
    mailbox.create([make_draft(1)], folder)
    fault(box, "connections.list", "malform", how="duplicate_keys")
    with pytest.raises(AnswerBroken):
        mailbox.changes(folder, cursor)
    fault(box, "contactGroups.list", "paging", how="missing")
    with pytest.raises(AnswerBroken):
        mailbox.changes(folder, None)


def test_B15_a_creation_that_google_refused_for_its_quota_goes_out_again(
    box: RunningSandbox, mailbox: GoogleMailbox, folder: FolderId
) -> None:
    fault(box, "batchCreateContacts", "throttle")
    fault(box, "batchCreateContacts", "abort")
    assert isinstance(mailbox.create([make_draft(1)], folder)[0], Written)
    assert len(mailbox.changes(folder, None).seen) == 1
    fault(box, "batchCreateContacts", "throttle", retry_after=600)
    with pytest.raises(Throttled) as refused:
        mailbox.create([make_draft(2)], folder)
    assert refused.value.after == 600


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "truncate", "malform"])
def test_a_reading_without_an_answer_is_asked_again(
    box: RunningSandbox, mailbox: GoogleMailbox, folder: FolderId, kind: str
) -> None:
    fault(box, "connections.list", kind)
    if kind in ("truncate", "malform"):
        with pytest.raises(AnswerBroken):
            mailbox.changes(folder, None)
        return
    assert mailbox.changes(folder, None).complete


@pytest.mark.parametrize("code", ["INTERNAL", "UNAVAILABLE"])
def test_a_reading_that_google_fails_at_is_asked_again(
    box: RunningSandbox, mailbox: GoogleMailbox, folder: FolderId, code: str
) -> None:
    fault(box, "connections.list", "refuse", code=code)
    assert mailbox.changes(folder, None).complete


def test_refused_log_ins_and_permissions_have_names_and_remedies(box: RunningSandbox) -> None:
    refused = open_google(GoogleLogin(box.url, FixedBearer("nobody")), load("google"), patience=0)
    with pytest.raises(LoginRefused):
        refused.prepare(None)
    assert refused.requests == 0
    (said,) = refused.check()
    assert "token" in said
    mailbox = open_google(GoogleLogin(box.url, FixedBearer("sandbox-bob")), load("google"), patience=0)
    fault(box, "contactGroups.list", "remove_scope")
    with pytest.raises(PermissionMissing) as missing:
        mailbox.prepare(None)
    assert "https://www.googleapis.com/auth/contacts" in missing.value.remedy


class Renewing:
    """A bearer whose first token has run out."""

    def __init__(self) -> None:
        self.tokens = ["ended", "sandbox-bob"]
        self.refused: list[str] = []

    def token(self) -> str:
        return self.tokens[0]

    def renew(self, refused: str) -> bool:
        self.refused.append(refused)
        self.tokens.pop(0)
        return True


def test_a_refused_token_is_renewed_once_and_the_request_repeated(box: RunningSandbox) -> None:
    bearer = Renewing()
    mailbox = open_google(GoogleLogin(box.url, bearer), load("google"), patience=0)
    assert mailbox.prepare(None) is not None
    assert bearer.refused == ["ended"]
    assert mailbox.requests == 2  # the list and the creation; refused tokens are not counted


def test_a_cursor_of_another_account_reads_everything(
    box: RunningSandbox, mailbox: GoogleMailbox, folder: FolderId
) -> None:
    mailbox.create([make_draft(1)], folder)
    cursor = json.loads(mailbox.changes(folder, None).cursor)
    for token in ("garbage", cursor["token"][:-4]):
        changes = mailbox.changes(folder, json.dumps({**cursor, "token": token}))
        assert (changes.complete, len(changes.seen)) == (True, 1)


@pytest.mark.parametrize("how", ["missing", "unordered", "twice"])
def test_a_list_of_changes_that_lies_loses_nothing(
    box: RunningSandbox, mailbox: GoogleMailbox, folder: FolderId, how: str
) -> None:
    person = GooglePerson(log_in(box.url), "")
    made = [ItemId(written(o).id) for o in mailbox.create([make_draft(n) for n in range(3)], folder)]
    cursor = mailbox.changes(folder, None).cursor
    person.rename_contact(made[0], "Theirs")
    person.rename_contact(made[1], "Theirs")
    fault(box, "connections.list", "paging", how=how)
    changes = mailbox.changes(folder, cursor)
    assert {made[0], made[1]} <= {i.id for i in changes.seen}
    assert len({i.id for i in changes.seen}) == len(changes.seen)


def test_a_list_without_an_end_is_given_up(box: RunningSandbox, mailbox: GoogleMailbox, folder: FolderId) -> None:
    mailbox.create([make_draft(1)], folder)
    fault(box, "connections.list", "paging", how="loop", times=1000)
    with pytest.raises(AnswerBroken):
        mailbox.changes(folder, None)
    assert operations(box).count("connections.list") < 5


def test_one_stale_version_costs_two_requests_whatever_the_size_of_the_batch(
    box: RunningSandbox, mailbox: GoogleMailbox, folder: FolderId
) -> None:
    """All or nothing: the versions are asked for once, and the rest sent (vendors/mailbox.md H)."""
    person = GooglePerson(log_in(box.url), "")
    made = [written(o) for o in mailbox.create([make_draft(n) for n in range(200)], folder)]
    mailbox.read([ItemId(m.id) for m in made])
    person.rename_contact(made[7].id, "Theirs")
    person.delete_contact(made[8].id)
    forget(box)
    outcomes = mailbox.update([ItemEdit(ItemId(m.id), m.version, TITLE) for m in made])
    assert operations(box) == ["batchUpdateContacts", "getBatchGet", "batchUpdateContacts"]
    assert (outcomes[7], outcomes[8]) == (Stale(), Missing())
    assert sum(isinstance(o, Written) for o in outcomes) == 198


def test_updates_go_by_their_masks_and_contacts_at_hand_are_not_read_again(
    box: RunningSandbox, mailbox: GoogleMailbox, folder: FolderId
) -> None:
    made = [written(o) for o in mailbox.create([make_draft(n) for n in range(4)], folder)]
    mailbox.read([ItemId(m.id) for m in made])
    forget(box)
    names = [TITLE, {FieldName("FirstName"): "A"}, TITLE, {FieldName("FirstName"): "B"}]
    outcomes = mailbox.update([ItemEdit(ItemId(m.id), m.version, v) for m, v in zip(made, names, strict=True)])
    assert operations(box) == ["batchUpdateContacts"] * 2
    assert [written(o).id for o in outcomes] == [m.id for m in made]
    again = mailbox.update(
        [ItemEdit(ItemId(m.id), version_of(o), {FieldName("Title"): "X"}) for m, o in zip(made, outcomes, strict=True)]
    )
    assert all(isinstance(o, Written) for o in again)
    assert operations(box) == ["batchUpdateContacts"] * 3


def test_A6_of_a_contact_just_created_only_our_data_and_its_version_are_asked_for(
    box: RunningSandbox, mailbox: GoogleMailbox, folder: FolderId
) -> None:
    """An update of it within the same session reads it first, and loses nothing of it (L7)."""
    forget(box)
    made = written(mailbox.create([make_draft(1, **FULL)], folder)[0])
    [entry] = requests.get(f"{box.url}/sandbox/requests", params={"bodies": 1}, timeout=10).json()
    assert json.loads(entry["request"])["readMask"] == "clientData,metadata"
    [outcome] = mailbox.update([ItemEdit(ItemId(made.id), made.version, TITLE)])
    assert written(outcome).id == made.id
    assert operations(box) == ["batchCreateContacts", "getBatchGet", "batchUpdateContacts"]
    item = mailbox.read([ItemId(made.id)])[ItemId(made.id)]
    assert item is not None
    assert item.version == version_of(outcome)
    assert item.values == {**item.values, **FULL, **TITLE}


def test_a_contact_that_google_refuses_does_not_stop_its_neighbours(
    box: RunningSandbox, mailbox: GoogleMailbox, folder: FolderId
) -> None:
    long = make_draft(2, Title="x" * 1025)
    outcomes = mailbox.create([make_draft(1), long, make_draft(3)], folder)
    assert [type(o) for o in outcomes] == [Written, Refusal, Written]
    refusal = outcomes[1]
    assert isinstance(refusal, Refusal)
    assert "Title" in refusal.fields
    assert "x" * 100 not in refusal.message
    first = written(outcomes[0])
    edits = [ItemEdit(ItemId(first.id), first.version, {FieldName("Title"): "y" * 1025})]
    third = written(outcomes[2])
    edits.append(ItemEdit(ItemId(third.id), third.version, TITLE))
    assert [type(o) for o in mailbox.update(edits)] == [Refusal, Written]


def test_a_removal_with_one_that_is_gone_already_removes_the_others(
    box: RunningSandbox, mailbox: GoogleMailbox, folder: FolderId
) -> None:
    person = GooglePerson(log_in(box.url), "")
    made = [ItemId(written(o).id) for o in mailbox.create([make_draft(n) for n in range(4)], folder)]
    person.delete_contact(made[2])
    outcomes = mailbox.remove([*made, ItemId("AAMkAG="), ItemId("people/c404")])
    assert [type(o) for o in outcomes] == [Written, Written, Missing, Written, Missing, Missing]
    assert mailbox.changes(folder, None).seen == ()


def test_ids_of_another_kind_of_mailbox_are_no_ones(mailbox: GoogleMailbox, folder: FolderId) -> None:
    assert mailbox.read([ItemId("AAMkAGI=")]) == {ItemId("AAMkAGI="): None}


def test_a_full_account_is_said_once_for_all(box: RunningSandbox, mailbox: GoogleMailbox, folder: FolderId) -> None:
    forget(box)
    fault(box, "batchCreateContacts", "refuse", code="FAILED_PRECONDITION", message="MY_CONTACTS_OVERFLOW_COUNT")
    outcomes = mailbox.create([make_draft(n) for n in range(20)], folder)
    assert {o.code for o in outcomes if isinstance(o, Refusal)} == {"MY_CONTACTS_OVERFLOW_COUNT"}
    assert len(outcomes) == 20
    assert operations(box) == ["batchCreateContacts"]


def test_nothing_is_sent_where_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    mailbox = open_google(GoogleLogin(f"http://127.0.0.1:{port}", FixedBearer("x")), load("google"), patience=0)
    with pytest.raises(Unreachable) as absent:
        mailbox.create([make_draft(1)], FolderId("contactGroups/1"))
    assert not isinstance(absent.value, OutcomeUnknown)
    assert mailbox.check()


def test_a_token_never_follows_a_redirect(box: RunningSandbox, mailbox: GoogleMailbox) -> None:
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as trap:

        def listen() -> None:
            connection, _ = trap.accept()
            heard.append(connection.recv(100))

        threading.Thread(target=listen, daemon=True).start()
        fault(box, "contactGroups.list", "redirect", location=f"http://127.0.0.1:{trap.getsockname()[1]}/")
        with pytest.raises(VendorError):
            mailbox.prepare(None)
    assert heard == []


def test_a_certificate_that_is_not_trusted_is_told_at_once() -> None:
    with running_sandbox(WORLD, tls=True) as box:
        login = GoogleLogin(box.url, FixedBearer("sandbox-bob"))
        mailbox = open_google(login, load("google"), patience=30)
        with pytest.raises(CertificateRefused):
            mailbox.prepare(None)
        trusted = GoogleLogin(box.url, FixedBearer("sandbox-bob"), str(box.ca))
        assert open_google(trusted, load("google"), patience=0).prepare(None) is not None
        absent = GoogleLogin(box.url, FixedBearer("sandbox-bob"), "none.pem")
        with pytest.raises(SettingsError):
            open_google(absent, load("google"))


def test_an_address_that_is_none_is_a_setting_to_be_mended() -> None:
    with pytest.raises(SettingsError):
        open_google(GoogleLogin("ftp://people.example", FixedBearer("x")), load("google"))
