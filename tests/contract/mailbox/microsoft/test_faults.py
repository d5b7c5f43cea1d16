"""What goes wrong on the way, on the sandbox: nothing is lost, nothing is done twice, nobody is left without a word."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from mailsync.core.changes import FolderState
from mailsync.core.policy import CATEGORY
from mailsync.core.refs import FieldName, FolderId, ItemId, Key
from mailsync.errors import (
    AnswerBroken,
    LoginRefused,
    OutcomeUnknown,
    PermissionMissing,
    Throttled,
    Unreachable,
    VendorError,
)
from mailsync.mailbox.microsoft import MicrosoftLogin, MicrosoftMailbox, open_microsoft
from mailsync.mapping.table import load
from mailsync.ports.bearer import FixedBearer
from mailsync.ports.mailbox import ItemEdit
from mailsync.ports.outcomes import Refusal, Stale, Written
from mailsync.sandbox.server import RunningSandbox, running_sandbox
from tests.contract.mailbox.drafts import make_draft, make_record, version_of, written
from tests.contract.mailbox.microsoft.conftest import WORLD, sandbox_login
from tests.contract.mailbox.microsoft.wire import count_parts, log_of, parts_of, strike
from tests.contract.mailbox.port.graph import GraphPerson
from tests.contract.mailbox.port.vocabulary import Card

SPOILT = [
    {"kind": "truncate", "at": 0.5},
    {"kind": "truncate", "at": 0.99},
    {"kind": "malform"},
    {"kind": "malform", "how": "utf8"},
    {"kind": "malform", "how": "gzip"},
    {"kind": "empty"},
    {"kind": "html"},
]
name_fault = lambda f: "-".join(map(str, f.values()))  # noqa: E731 - a name for pytest


@pytest.mark.parametrize("fault", SPOILT, ids=name_fault)
def test_a_spoilt_answer_to_a_read_is_never_believed(
    box: RunningSandbox, opened: MicrosoftMailbox, home: FolderId, fault: dict[str, object]
) -> None:
    """measure.md §0.1."""
    first = opened.changes(home, None)
    opened.create([make_draft(n) for n in range(40)], home)
    strike(box, "$batch", **fault)
    with pytest.raises(AnswerBroken):
        opened.changes(home, first.cursor)
    assert len(opened.changes(home, first.cursor).seen) == 40


@pytest.mark.parametrize("how", ["repeated", "loop", "zero"])
def test_pages_that_lead_in_a_circle_are_not_believed(
    box: RunningSandbox, opened: MicrosoftMailbox, home: FolderId, how: str
) -> None:
    first = opened.changes(home, None)
    opened.create([make_draft(n) for n in range(3)], home)
    strike(box, "$batch", kind="paging", how=how, times=1000)
    with pytest.raises(AnswerBroken):
        opened.changes(home, first.cursor)
    strike(box, "$batch", kind="")
    assert len(opened.changes(home, first.cursor).seen) == 3


@pytest.mark.parametrize("how", ["twice", "unordered"])
def test_pages_that_tell_twice_or_in_no_order_are_read_once(
    box: RunningSandbox, opened: MicrosoftMailbox, home: FolderId, how: str
) -> None:
    first = opened.changes(home, None)
    opened.create([make_draft(n) for n in range(3)], home)
    strike(box, "$batch", kind="paging", how=how)
    assert len(opened.changes(home, first.cursor).seen) == 3


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "error_after"])
def test_a_read_without_an_answer_is_repeated(
    box: RunningSandbox, opened: MicrosoftMailbox, home: FolderId, kind: str
) -> None:
    cursor = opened.changes(home, None).cursor
    opened.create([make_draft(1)], home)
    strike(box, "$batch", kind=kind)
    assert len(opened.changes(home, cursor).seen) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "drop_after"},
        {"kind": "error_after"},
        {"kind": "throttle", "status": 503, "carry_out": True},
        *SPOILT[:-1],
    ],
    ids=name_fault,
)
def test_B15_a_create_whose_answer_is_lost_is_in_doubt_sent_once_and_found_again(
    box: RunningSandbox, opened: MicrosoftMailbox, home: FolderId, fault: dict[str, object]
) -> None:
    strike(box, "$batch", **fault)
    with pytest.raises(OutcomeUnknown):
        opened.create([make_draft(1)], home)
    assert count_parts(box, "POST", "/contacts") == 1
    assert set(opened.find_keys([Key("key-1")])) == {"key-1"}
    assert len(opened.changes(home, None).seen) == 1


def test_B15_a_part_that_failed_on_its_way_leaves_the_create_in_doubt(
    box: RunningSandbox, opened: MicrosoftMailbox, home: FolderId
) -> None:
    strike(box, "$batch", kind="throttle", status=503, items=[1], retry_after=1, carry_out=True)
    with pytest.raises(OutcomeUnknown):
        opened.create([make_draft(n) for n in range(3)], home)
    assert set(opened.find_keys([Key(f"key-{n}") for n in range(3)])) == {"key-0", "key-1", "key-2"}
    assert len(opened.changes(home, None).seen) == 3


@pytest.mark.parametrize(
    "fault",
    [{"kind": "throttle", "status": 503, "retry_after": 60}, {"kind": "drop_before"}, {"kind": "expire_token"}],
    ids=name_fault,
)
def test_B15_what_was_created_is_created_though_it_can_not_be_read_back(
    box: RunningSandbox, opened: MicrosoftMailbox, home: FolderId, fault: dict[str, object]
) -> None:
    """An error would say that none was: the session would forget its intents, and the history what it made."""
    strike(box, "$batch", after=1, times=100, **fault)
    outcomes = opened.create([make_draft(n) for n in range(3)], home)
    assert all(isinstance(o, Written) for o in outcomes)
    strike(box, "$batch", kind="")
    assert len(opened.changes(home, None).seen) == 3


def test_an_inner_429_is_waited_for_and_only_that_part_is_sent_again(
    box: RunningSandbox, opened: MicrosoftMailbox, home: FolderId
) -> None:
    """GRD concepts/json-batching: parts are throttled one by one within a batch that is answered 200."""
    strike(box, "$batch", kind="throttle", items=[0, 2], retry_after=0)
    outcomes = opened.create([make_draft(n) for n in range(4)], home)
    assert all(isinstance(o, Written) for o in outcomes)
    assert count_parts(box, "POST", "/contacts") == 6
    assert len(opened.changes(home, None).seen) == 4


def test_an_inner_429_beyond_our_patience_is_a_refusal_to_try_later(
    box: RunningSandbox, opened: MicrosoftMailbox, home: FolderId
) -> None:
    strike(box, "$batch", kind="throttle", items=[1], retry_after=60)
    first, second, third = opened.create([make_draft(n) for n in range(3)], home)
    assert isinstance(second, Refusal)
    assert second.transient
    assert {written(o).id for o in (first, third)} == {i.id for i in opened.changes(home, None).seen}


def test_a_throttled_batch_is_waited_for_or_told(box: RunningSandbox, opened: MicrosoftMailbox, home: FolderId) -> None:
    strike(box, "$batch", kind="throttle", retry_after=0)
    assert isinstance(opened.create([make_draft(1)], home)[0], Written)
    strike(box, "$batch", kind="throttle", retry_after=600)
    with pytest.raises(Throttled) as caught:
        opened.create([make_draft(2)], home)
    assert caught.value.after == 600
    assert len(opened.changes(home, None).seen) == 1


@pytest.mark.parametrize("form", ["state", "resync"])
def test_an_expired_cursor_is_one_full_reading(
    box: RunningSandbox, opened: MicrosoftMailbox, home: FolderId, form: str
) -> None:
    opened.create([make_draft(n) for n in range(3)], home)
    cursor = opened.changes(home, None).cursor
    strike(box, "$batch", kind="expire_cursor", form=form)
    told = opened.changes(home, cursor)
    assert (told.complete, len(told.seen), told.gone) == (True, 3, ())


def test_a_replay_of_everything_as_changed_does_no_harm(
    box: RunningSandbox, opened: MicrosoftMailbox, home: FolderId
) -> None:
    opened.create([make_draft(n) for n in range(3)], home)
    cursor = opened.changes(home, None).cursor
    strike(box, "$batch", kind="replay")
    told = opened.changes(home, cursor)
    assert (told.complete, len(told.seen), told.gone) == (False, 3, ())


def test_a_lagging_feed_tells_it_the_next_time(box: RunningSandbox, opened: MicrosoftMailbox, home: FolderId) -> None:
    cursor = opened.changes(home, None).cursor
    opened.create([make_draft(1)], home)
    strike(box, "$batch", kind="lag")
    first = opened.changes(home, cursor)
    assert first.seen == ()
    assert len(opened.changes(home, first.cursor).seen) == 1


def test_D1_an_item_below_a_folder_that_no_feed_has_told_of_yet_is_not_gone(
    box: RunningSandbox, opened: MicrosoftMailbox, home: FolderId, cem: GraphPerson
) -> None:
    """Taken for gone it would be made again beside itself."""
    items = [ItemId(written(o).id) for o in opened.create([make_draft(n) for n in (1, 2, 3)], home)]
    cursor = opened.changes(home, None).cursor
    cem.move_contact(items[0], cem.create_folder("Inner", cem.create_folder("Below", home)))
    cem.move_contact(items[1], cem.create_folder("Elsewhere"))
    strike(box, "$batch", kind="lag")
    told = opened.changes(home, cursor)
    assert (told.seen, told.gone) == ((), ())
    read = opened.read(items)
    assert [i.inside for i in read.values() if i] == [read[i] is not None and i != items[1] for i in items]
    told = opened.changes(home, told.cursor)
    assert (items[0] in {i.id for i in told.seen}, items[1] in told.gone) == (True, True)


def test_L5_an_item_that_graph_would_not_show_is_asked_for_again(
    box: RunningSandbox, opened: MicrosoftMailbox, home: FolderId
) -> None:
    """The feed tells of a change once."""
    cursor = opened.changes(home, None).cursor
    opened.create([make_draft(1), make_draft(2)], home)
    strike(box, "$batch", kind="reject", code="ErrorAccessDenied", items=[0], after=1)
    first = opened.changes(home, cursor)
    assert (len(first.seen), len(first.notes)) == (1, 1)
    again = opened.changes(home, first.cursor)
    assert (len(again.seen), again.notes) == (1, ())
    assert {i.id for i in (*first.seen, *again.seen)} == {i.id for i in opened.changes(home, None).seen}
    assert opened.changes(home, again.cursor).seen == ()


def test_B15_a_412_to_a_removal_without_a_change_is_sent_once_more(
    box: RunningSandbox, opened: MicrosoftMailbox, home: FolderId
) -> None:
    item = ItemId(written(opened.create([make_draft(1)], home)[0]).id)
    opened.changes(home, None)
    strike(box, "delete", kind="reject", code="ErrorIrresolvableConflict", items=[0])
    assert opened.remove([item]) == [Written(item)]


def test_A9_a_filter_that_a_tenant_does_not_take_is_split(
    box: RunningSandbox, opened: MicrosoftMailbox, home: FolderId, cem: GraphPerson
) -> None:
    made = written(opened.create([make_draft(1)], home)[0]).id
    cem.categorise_contact(made)
    cem.move_contact(made)
    marked = cem.create_contact(Card(surname="Marked", categories=(CATEGORY,)))
    strike(box, "$batch", kind="reject", items={"1": "ErrorInvalidUrlQueryFilter"}, after=1)
    told = opened.changes(home, None)
    assert {i.id for i in told.outside} == {made, marked}
    assert '"split":true' in told.cursor
    again = opened.changes(home, told.cursor)
    assert {i.id for i in again.outside} == {made, marked}


@pytest.mark.parametrize("kind", ["expire_token", "revoke_token"])
def test_a_refused_log_in_is_told_with_a_remedy(
    box: RunningSandbox, opened: MicrosoftMailbox, home: FolderId, kind: str
) -> None:
    strike(box, "$batch", kind=kind)
    with pytest.raises(LoginRefused) as caught:
        opened.changes(home, None)
    assert "log in again" in caught.value.remedy


def test_C3_an_unknown_token_is_refused(box: RunningSandbox) -> None:
    mailbox = open_microsoft(sandbox_login(box, "nobody"), load("microsoft"), patience=1.0)
    (problem,) = mailbox.check()
    assert "refused the log-in" in problem
    mailbox.close()


class RenewedBearer:
    """A token that was refused is renewed once."""

    def __init__(self) -> None:
        self.renewed = 0

    def token(self) -> str:
        return "sandbox-cem" if self.renewed else "stale"

    def renew(self, refused: str) -> bool:
        assert refused == "stale"
        self.renewed += 1
        return True


def test_a_refused_token_is_renewed_and_the_request_sent_once_more(box: RunningSandbox) -> None:
    bearer = RenewedBearer()
    mailbox = open_microsoft(MicrosoftLogin(box.url, bearer), load("microsoft"), patience=1.0)
    assert mailbox.prepare(None) is not None
    assert bearer.renewed == 1
    mailbox.close()


def test_missing_permissions_are_told(box: RunningSandbox, opened: MicrosoftMailbox, home: FolderId) -> None:
    strike(box, "$batch", kind="access_denied")
    with pytest.raises(PermissionMissing) as caught:
        opened.changes(home, None)
    assert "Contacts.ReadWrite" in caught.value.remedy


def test_B15_a_412_without_a_change_is_sent_once_more_and_a_real_one_is_stale(
    box: RunningSandbox, opened: MicrosoftMailbox, home: FolderId
) -> None:
    """vendors/mailbox.md C3: seen right after another write of one's own."""
    first, second = opened.create([make_draft(1), make_draft(2)], home)
    title = {FieldName("Title"): "Ours"}
    edits = [ItemEdit(ItemId(written(o).id), version_of(o), title) for o in (first, second)]
    strike(box, "$batch", kind="reject", items={"0": "ErrorIrresolvableConflict"}, after=0)
    outcomes = opened.update(edits)
    assert [type(o) for o in outcomes] == [Written, Written]
    assert opened.update(edits) == [Stale(), Stale()]


@pytest.mark.parametrize("carry_out", [True, False])
def test_L5_B15_an_update_that_failed_on_its_way_is_in_doubt_where_the_contact_has_changed(
    box: RunningSandbox, opened: MicrosoftMailbox, home: FolderId, *, carry_out: bool
) -> None:
    """Taken for refused, the value that it replaced would be in no history; one that changed nothing is refused."""
    (made,) = opened.create([make_draft(1)], home)
    edit = ItemEdit(ItemId(written(made).id), version_of(made), {FieldName("Title"): "Ours"})
    strike(box, "$batch", kind="throttle", status=503, items=[0], retry_after=1, carry_out=carry_out)
    if carry_out:
        with pytest.raises(OutcomeUnknown):
            opened.update([edit])
    else:
        (outcome,) = opened.update([edit])
        assert isinstance(outcome, Refusal)
        assert outcome.transient
    (item,) = opened.read([edit.item]).values()
    assert item is not None
    assert (item.values[FieldName("Title")] == "Ours") is carry_out


def test_B8_B15_a_full_mailbox_is_a_refusal_and_not_in_doubt(
    box: RunningSandbox, opened: MicrosoftMailbox, home: FolderId
) -> None:
    """507 is definite (GRD concepts/errors), although it is a 5xx."""
    strike(box, "create", kind="reject", code="ErrorQuotaExceeded", items=[1])
    kept, refused = opened.create([make_draft(1), make_draft(2)], home)
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.transient) == ("ErrorQuotaExceeded", False)
    edit = ItemEdit(ItemId(written(kept).id), version_of(kept), {FieldName("Title"): "Ours"})
    strike(box, "update", kind="reject", code="ErrorQuotaExceeded", items=[0])
    (outcome,) = opened.update([edit])
    assert isinstance(outcome, Refusal)
    assert (outcome.code, outcome.transient) == ("ErrorQuotaExceeded", False)


@pytest.mark.parametrize("carry_out", [True, False])
def test_a_removal_in_doubt_is_settled_by_where_the_item_lies(
    box: RunningSandbox, opened: MicrosoftMailbox, home: FolderId, *, carry_out: bool
) -> None:
    """A second DELETE would be for good; Graph was seen to answer 404 to one that it had carried out."""
    item = ItemId(written(opened.create([make_draft(901)], home)[0]).id)
    opened.changes(home, None)
    strike(box, "$batch", kind="throttle", status=503, items=[0], retry_after=1, carry_out=carry_out)
    (outcome,) = opened.remove([item])
    assert isinstance(outcome, Written if carry_out else Refusal)
    assert count_parts(box, "DELETE", "/contacts/") == 1
    assert bool(opened.find([make_record(901)])) is carry_out


def test_nothing_listens(box: RunningSandbox) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    mailbox = open_microsoft(MicrosoftLogin(url, FixedBearer("t")), load("microsoft"), patience=0.1)
    with pytest.raises(Unreachable):
        mailbox.changes(FolderId("f"), None)
    with pytest.raises(Unreachable):
        mailbox.create([make_draft(1)], FolderId("f"))
    mailbox.close()


def test_only_trusted_certificates_are_spoken_to() -> None:
    with running_sandbox(WORLD, tls=True) as box:
        login = MicrosoftLogin(box.url, FixedBearer("sandbox-cem"))
        mailbox = open_microsoft(login, load("microsoft"), patience=5.0)
        with pytest.raises(Unreachable) as caught:
            mailbox.create([make_draft(1)], FolderId("f"))
        assert caught.value.code == "TLS"
        mailbox.close()
        mailbox = open_microsoft(replace(login, ca=str(box.ca)), load("microsoft"), patience=5.0)
        assert mailbox.check() == ()
        mailbox.close()


def test_nothing_of_the_environment_leads_requests_elsewhere(
    box: RunningSandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login a password b")
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    mailbox = open_microsoft(sandbox_login(box), load("microsoft"), patience=0.1)
    assert mailbox.check() == ()
    mailbox.close()


def test_an_administrators_application_names_the_mailbox(box: RunningSandbox) -> None:
    login = replace(sandbox_login(box), user="cem@acme.example")
    mailbox = open_microsoft(login, load("microsoft"), patience=1.0)
    prepared = mailbox.prepare(None)
    assert prepared is not None
    mailbox.create([make_draft(1)], prepared.folder)
    cursor = mailbox.changes(prepared.folder, None).cursor
    assert mailbox.changes(prepared.folder, cursor).complete is False
    assert {p["url"].split("/")[1] for p in parts_of(box)} == {"users"}
    mailbox.close()


@contextmanager
def listening(answer: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A server that gives one answer to everything; its URL, and what it was sent."""
    heard: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                line, _ = server.accept()
            except OSError:
                return
            with line:
                heard.append(line.recv(65536))
                line.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}", heard
    server.close()


def test_redirects_are_not_followed_and_tokens_stay_here(box: RunningSandbox) -> None:
    with listening(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}") as (elsewhere, heard):
        head = f"HTTP/1.1 307 Moved\r\nLocation: {elsewhere}/v1.0/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        with listening(head.encode()) as (url, _):
            mailbox = open_microsoft(MicrosoftLogin(url, FixedBearer("secret")), load("microsoft"), patience=0.1)
            with pytest.raises(VendorError):
                mailbox.changes(FolderId("f"), None)
            mailbox.close()
    assert heard == []


def test_a_folder_that_is_gone_takes_no_creates(opened: MicrosoftMailbox, home: FolderId, cem: GraphPerson) -> None:
    cem.delete_folder(home, for_good=True)
    with pytest.raises(VendorError):
        opened.create([make_draft(1)], home)
    assert opened.changes(home, None).folder is FolderState.LOST


def test_every_request_asks_for_immutable_ids(box: RunningSandbox, opened: MicrosoftMailbox, home: FolderId) -> None:
    (made,) = opened.create([make_draft(1)], home)
    opened.changes(home, None)
    opened.remove([ItemId(written(made).id)])
    for entry in log_of(box, bodies=True):
        assert 'IdType="ImmutableId"' in entry["headers"]["prefer"]
        assert entry["headers"]["user-agent"].startswith("mailsync/")
