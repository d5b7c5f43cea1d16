"""What goes wrong on the way, on the sandbox: nothing is lost, nothing is done twice, nobody is left without a word."""

import os
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from exchangelib import Account
from exchangelib.folders import Folder as MailFolder

from mailsync.core.changes import FolderState
from mailsync.core.refs import FieldName, FolderId, ItemId, Key
from mailsync.errors import (
    AnswerBroken,
    LoginRefused,
    OutcomeUnknown,
    PermissionMissing,
    SettingsError,
    Throttled,
    Unreachable,
    VendorError,
)
from mailsync.mailbox.exchange import ExchangeLogin, ExchangeMailbox, open_exchange, writing
from mailsync.mapping.table import load
from mailsync.ports.mailbox import ItemEdit
from mailsync.ports.outcomes import Refusal, Written
from mailsync.sandbox.server import RunningSandbox
from tests.contract.mailbox import person
from tests.contract.mailbox.conftest import ANN, sandbox_login
from tests.contract.mailbox.drafts import make_draft, make_record, written
from tests.contract.mailbox.wire import count_sent, log_of, strike

READS = ("SyncFolderHierarchy", "SyncFolderItems", "FindItem")
SPOILT = [
    {"kind": "truncate", "at": 0.5},
    {"kind": "truncate", "at": 0.99},
    {"kind": "malform"},
    {"kind": "malform", "how": "utf8"},
    {"kind": "malform", "how": "control"},
    {"kind": "malform", "how": "gzip"},
    {"kind": "empty"},
    {"kind": "html"},
]


@pytest.fixture
def opened(box: RunningSandbox, name: str) -> Iterator[ExchangeMailbox]:
    mailbox = open_exchange(sandbox_login(box), load(), patience=1.0)
    yield mailbox
    mailbox.close()


@pytest.fixture
def home(opened: ExchangeMailbox) -> FolderId:
    prepared = opened.prepare(None)
    assert prepared is not None
    return prepared.folder


@pytest.fixture
def ann(box: RunningSandbox) -> Account:
    return person.log_in(f"{box.url}/EWS/Exchange.asmx", ANN, ANN, "sandbox")


@pytest.mark.parametrize("operation", READS)
@pytest.mark.parametrize("fault", SPOILT, ids=lambda f: "-".join(map(str, f.values())))
def test_a_spoilt_answer_to_a_read_is_never_believed(
    box: RunningSandbox, opened: ExchangeMailbox, home: FolderId, operation: str, fault: dict[str, object]
) -> None:
    """measure.md §0.1: a library that recovers from a cut answer loses half of the changes without an error."""
    first = opened.changes(home, None)
    opened.create([make_draft(n) for n in range(40)], home)
    strike(box, operation, **fault)
    with pytest.raises(AnswerBroken):
        opened.changes(home, first.cursor)
    assert len(opened.changes(home, first.cursor).seen) == 40


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "error_after"])
@pytest.mark.parametrize("operation", READS)
def test_a_read_without_an_answer_is_repeated(
    box: RunningSandbox, opened: ExchangeMailbox, home: FolderId, operation: str, kind: str
) -> None:
    cursor = opened.changes(home, None).cursor
    opened.create([make_draft(1)], home)
    strike(box, operation, kind=kind)
    assert len(opened.changes(home, cursor).seen) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "drop_after"},
        {"kind": "error_after"},
        {"kind": "status", "status": 500, "carry_out": True},
        *SPOILT[:7],
    ],
    ids=lambda f: "-".join(map(str, f.values())),
)
def test_B15_a_create_whose_answer_is_lost_is_in_doubt_sent_once_and_found_again(
    box: RunningSandbox, opened: ExchangeMailbox, home: FolderId, fault: dict[str, object]
) -> None:
    """measure.md §0.3 and vendors/mailbox.md, traps of exchangelib, 3: FaultTolerance creates twice after a 503."""
    strike(box, "CreateItem", **fault)
    with pytest.raises(OutcomeUnknown):
        opened.create([make_draft(1)], home)
    assert count_sent(box, "CreateItem") == 1
    assert set(opened.find_keys([Key("key-1")])) == {"key-1"}
    assert len(opened.changes(home, None).seen) == 1


def test_B15_a_create_that_may_have_been_dropped_is_in_doubt_and_not_found(
    box: RunningSandbox, opened: ExchangeMailbox, home: FolderId
) -> None:
    strike(box, "CreateItem", kind="drop_before")
    with pytest.raises(OutcomeUnknown):
        opened.create([make_draft(1)], home)
    assert count_sent(box, "CreateItem") == 1
    assert opened.find_keys([Key("key-1")]) == {}


def test_B15_an_update_whose_answer_is_lost_is_in_doubt_and_not_repeated(
    box: RunningSandbox, opened: ExchangeMailbox, home: FolderId
) -> None:
    made = written(opened.create([make_draft(1)], home)[0])
    strike(box, "UpdateItem", kind="drop_after")
    with pytest.raises(OutcomeUnknown):
        opened.update([ItemEdit(ItemId(made.id), made.version, {FieldName("Title"): "T"})])
    assert count_sent(box, "UpdateItem") == 1


def test_a_lost_answer_to_creating_the_folder_makes_no_second_one(box: RunningSandbox, opened: ExchangeMailbox) -> None:
    strike(box, "CreateFolder", kind="drop_after")
    prepared = opened.prepare(None)
    assert prepared is not None
    assert prepared.created
    again = opened.prepare(None)
    assert again is not None
    assert (again.folder, again.notes) == (prepared.folder, ())


def test_busy_is_waited_for_where_the_request_may_be_repeated(
    box: RunningSandbox, opened: ExchangeMailbox, home: FolderId
) -> None:
    cursor = opened.changes(home, None).cursor
    made = written(opened.create([make_draft(1)], home)[0])
    strike(box, "SyncFolderItems", kind="throttle", milliseconds=20)
    assert len(opened.changes(home, cursor).seen) == 1
    strike(box, "UpdateItem", kind="throttle", milliseconds=20)
    (outcome,) = opened.update([ItemEdit(ItemId(made.id), made.version, {FieldName("Title"): "T"})])
    assert isinstance(outcome, Written)


def test_B15_a_create_is_not_repeated_even_where_it_was_refused_for_a_moment(
    box: RunningSandbox, opened: ExchangeMailbox, home: FolderId
) -> None:
    strike(box, "CreateItem", kind="throttle", milliseconds=20)
    with pytest.raises(Throttled):
        opened.create([make_draft(1)], home)
    assert count_sent(box, "CreateItem") == 1


def test_busy_for_longer_than_we_are_patient_is_told_with_the_time(
    box: RunningSandbox, opened: ExchangeMailbox, home: FolderId
) -> None:
    strike(box, "CreateItem", kind="throttle", milliseconds=90_000)
    with pytest.raises(Throttled) as caught:
        opened.create([make_draft(1)], home)
    assert caught.value.after == 90.0
    strike(box, "SyncFolderHierarchy", kind="throttle", milliseconds=90_000)
    with pytest.raises(Throttled):
        opened.changes(home, None)
    assert count_sent(box, "CreateItem") == 1
    assert opened.changes(home, None).seen == ()


def test_busy_in_the_middle_of_a_write_keeps_what_was_written(
    box: RunningSandbox, opened: ExchangeMailbox, home: FolderId
) -> None:
    strike(box, "CreateItem", kind="throttle", milliseconds=90_000, after=1)
    outcomes = opened.create([make_draft(n) for n in range(150)], home)
    assert all(isinstance(o, Written) for o in outcomes[:100])
    assert all(isinstance(o, Refusal) and o.transient for o in outcomes[100:])
    assert len(opened.changes(home, None).seen) == 100


@pytest.mark.parametrize("carry_out", [True, False])
@pytest.mark.parametrize("code", ["ErrorInternalServerError", "ErrorTimeoutExpired"])
def test_B15_an_item_that_exchange_failed_at_while_creating_is_in_doubt(
    box: RunningSandbox, opened: ExchangeMailbox, home: FolderId, code: str, carry_out: bool
) -> None:
    strike(box, "CreateItem", kind="refuse", code=code, carry_out=carry_out)
    with pytest.raises(OutcomeUnknown):
        opened.create([make_draft(1)], home)
    assert len(opened.find_keys([Key("key-1")])) == carry_out


@pytest.mark.parametrize("carry_out", [True, False])
def test_A19_an_item_that_exchange_failed_at_while_removing_is_looked_for(
    box: RunningSandbox, opened: ExchangeMailbox, home: FolderId, carry_out: bool
) -> None:
    """Taken for a refusal, the agent's own removal would be read back as its person's."""
    made = written(opened.create([make_draft(1)], home)[0])
    strike(box, "DeleteItem", kind="refuse", carry_out=carry_out)
    (outcome,) = opened.remove([ItemId(made.id)])
    assert isinstance(outcome, Written) == carry_out


def test_B15_an_update_that_exchange_failed_at_is_in_doubt_where_the_item_has_changed(
    box: RunningSandbox, opened: ExchangeMailbox, home: FolderId
) -> None:
    """Taken for a refusal, the loser of a conflict would be in no history (L5)."""
    made = written(opened.create([make_draft(1)], home)[0])
    edit = ItemEdit(ItemId(made.id), made.version, {FieldName("Title"): "Ours"})
    strike(box, "UpdateItem", kind="refuse")
    (outcome,) = opened.update([edit])
    assert isinstance(outcome, Refusal)
    assert outcome.transient
    strike(box, "UpdateItem", kind="refuse", carry_out=True)
    with pytest.raises(OutcomeUnknown):
        opened.update([edit])


@pytest.mark.parametrize("code", ["ErrorBatchProcessingStopped", "ErrorQuotaExceeded"])
def test_a_refusal_is_told_of_each_item(
    box: RunningSandbox, opened: ExchangeMailbox, home: FolderId, code: str
) -> None:
    strike(box, "CreateItem", kind="refuse", code=code)
    (outcome,) = opened.create([make_draft(1)], home)
    assert isinstance(outcome, Refusal)
    assert (outcome.code, outcome.transient) == (code, code != "ErrorQuotaExceeded")
    assert "Exchange refused it" in outcome.message


def test_a_refusal_names_the_field(opened: ExchangeMailbox, home: FolderId) -> None:
    made = written(opened.create([make_draft(1)], home)[0])
    (outcome,) = opened.update([ItemEdit(ItemId(made.id), made.version, categories=("x" * 256,))])
    assert isinstance(outcome, Refusal)
    assert outcome.code == "ErrorPropertyValidationFailure"


def test_one_input_that_breaks_the_schema_does_not_hide_its_neighbours(
    opened: ExchangeMailbox, home: FolderId, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = writing.write_draft
    monkeypatch.setattr(
        writing,
        "write_draft",
        lambda table, draft: "<t:Contact><t:Nonsense/></t:Contact>" if draft.key == "key-2" else whole(table, draft),
    )
    outcomes = opened.create([make_draft(n) for n in range(5)], home)
    assert [isinstance(o, Written) for o in outcomes] == [True, True, False, True, True]
    refusal = outcomes[2]
    assert isinstance(refusal, Refusal)
    assert refusal.code == "ErrorSchemaValidation"
    assert len(opened.changes(home, None).seen) == 4


def test_C3_a_wrong_password_is_asked_once(box: RunningSandbox) -> None:
    """vendors/mailbox.md, traps of exchangelib, 3: repeated log-ins lock accounts out."""
    mailbox = open_exchange(sandbox_login(box, "wrong"), load())
    with pytest.raises(LoginRefused) as caught:
        mailbox.prepare(None)
    assert "password" in caught.value.remedy
    assert len(log_of(box)) == 1
    assert mailbox.requests == 0
    (problem,) = mailbox.check()
    assert "password" in problem
    mailbox.close()


def test_access_denied_is_a_missing_permission(box: RunningSandbox, opened: ExchangeMailbox, home: FolderId) -> None:
    for operation in ("SyncFolderItems", "CreateItem", "GetFolder"):
        strike(box, operation, kind="access_denied")
        with pytest.raises(PermissionMissing) as caught:
            opened.create([make_draft(1)], home) if operation == "CreateItem" else opened.changes(home, None)
        assert caught.value.remedy
    strike(box, "GetFolder", kind="status", status=403)
    with pytest.raises(PermissionMissing):
        opened.changes(home, None)


def test_somebody_elses_address_is_a_missing_permission(box: RunningSandbox) -> None:
    login = ExchangeLogin(f"{box.url}/EWS/Exchange.asmx", "nobody@acme.example", ANN, "sandbox")
    mailbox = open_exchange(login, load())
    (problem,) = mailbox.check()
    assert "`address`" in problem
    mailbox.close()


def test_an_address_without_EWS_is_told(box: RunningSandbox) -> None:
    mailbox = open_exchange(ExchangeLogin(f"{box.url}/nothing", ANN, ANN, "sandbox"), load(), patience=0)
    (problem,) = mailbox.check()
    assert "`url`" in problem
    mailbox.close()


def test_a_sync_state_that_exchange_forgot_reads_everything(
    box: RunningSandbox, opened: ExchangeMailbox, home: FolderId
) -> None:
    opened.create([make_draft(n) for n in range(3)], home)
    cursor = opened.changes(home, None).cursor
    for operation in ("SyncFolderItems", "SyncFolderHierarchy"):
        strike(box, operation, kind="invalid_sync_state")
        again = opened.changes(home, cursor)
        assert (again.complete, len(again.seen), again.total, again.gone) == (True, 3, 3, ())
        assert opened.changes(home, again.cursor).seen == ()


def test_D1_an_item_is_not_proven_gone_where_a_folder_came_below_ours_since_the_changes(
    opened: ExchangeMailbox, home: FolderId, ann: Account
) -> None:
    """It may lie there, under another id: taken for gone it would be made again beside itself."""
    item = ItemId(written(opened.create([make_draft(1)], home)[0]).id)
    other = ItemId(written(opened.create([make_draft(2)], home)[0]).id)
    cursor = opened.changes(home, None).cursor
    person.delete_contact(ann, other)
    person.create_folder(ann, "Elsewhere")
    assert opened.read([other]) == {other: None}
    moved = person.move_contact(ann, item, person.create_folder(ann, "Below", home))
    assert opened.read([moved]) != {moved: None}
    with pytest.raises(Unreachable, match="a folder was made below"):
        opened.read([item])
    told = opened.changes(home, cursor)
    assert [i.id for i in told.seen if i.record == make_record(1)] == [moved]
    assert opened.read([item]) == {item: None}


def test_A3_a_count_that_exchange_does_not_tell_again_is_no_lower_one(
    box: RunningSandbox, opened: ExchangeMailbox, home: FolderId
) -> None:
    """A listing that lacks what the server counts would pass for whole."""
    opened.create([make_draft(n) for n in range(5)], home)
    strike(box, "SyncFolderItems", kind="paging", how="missing")
    strike(box, "GetFolder", kind="refuse", code="ErrorInternalServerTransientError", after=1)
    with pytest.raises(Unreachable):
        opened.changes(home, None)


def test_A3_a_folder_is_not_lost_where_exchange_does_not_show_what_it_lies_in(
    box: RunningSandbox, opened: ExchangeMailbox, home: FolderId, ann: Account
) -> None:
    """A mail folder, which nothing of ours hung on before, is asked for once ours was dragged there (A4)."""
    archive = MailFolder(parent=ann.msg_folder_root, name="Archive").save().id
    cursor = opened.changes(home, opened.changes(home, None).cursor).cursor
    person.move_folder(ann, home, archive)
    strike(box, "GetFolder", kind="refuse", code="ErrorInternalServerTransientError")
    with pytest.raises(Unreachable):
        opened.changes(home, cursor)
    assert opened.changes(home, cursor).folder is FolderState.PRESENT


def test_a_folder_that_goes_while_it_is_read_is_lost(
    box: RunningSandbox, opened: ExchangeMailbox, home: FolderId
) -> None:
    cursor = opened.changes(home, None).cursor
    strike(box, "SyncFolderItems", kind="refuse", code="ErrorSyncFolderNotFound")
    lost = opened.changes(home, cursor)
    assert (lost.folder, lost.cursor) == (FolderState.LOST, cursor)
    assert opened.changes(home, cursor).folder is FolderState.PRESENT


def test_a_part_that_cannot_be_read_leaves_its_field_unknown(
    box: RunningSandbox, opened: ExchangeMailbox, home: FolderId, ann: Account
) -> None:
    """B13: an unreadable field keeps its base."""
    person.create_contact(ann, home, surname="Long", street="x" * 300)
    strike(box, "GetItem", kind="refuse", code="ErrorCorruptData")
    (item,) = opened.changes(home, None).seen
    assert item.values["LastName"] == "Long"
    assert "MailingAddress" not in item.values


def test_read_tells_none_only_where_the_server_does(
    box: RunningSandbox, opened: ExchangeMailbox, home: FolderId
) -> None:
    made = ItemId(written(opened.create([make_draft(1)], home)[0]).id)
    answered = opened.read([made, ItemId("nonsense")])
    assert answered[made] is not None
    # The server says so of what can be no id of its own, as one of another mailbox is (decision 0017).
    assert answered[ItemId("nonsense")] is None
    strike(box, "GetItem", kind="refuse", code="ErrorCorruptData")
    with pytest.raises(VendorError):
        opened.read([made])


def test_nothing_listens_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    mailbox = open_exchange(ExchangeLogin(f"http://127.0.0.1:{port}/EWS", ANN, ANN, "sandbox"), load(), patience=0)
    for call in (lambda: mailbox.prepare(None), lambda: mailbox.create([make_draft(1)], FolderId("x"))):
        with pytest.raises(Unreachable) as caught:
            call()
        assert "`url`" in caught.value.remedy


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """A TLS server with a certificate that nobody trusts: its port and the certificate's file. It answers 404."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stranger")])
    now = datetime.now(UTC)  # noqa: TID251 - a certificate's validity is measured by the machine's clock
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), 7, now - timedelta(1), now + timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "stranger.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_answer, args=(listener, context), daemon=True).start()
        yield listener.getsockname()[1], file


def _answer(listener: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        try:
            plain, _ = listener.accept()
            with context.wrap_socket(plain, server_side=True) as line:
                _read_request(line)
                line.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        except ssl.SSLError:
            continue
        except OSError:
            return


def _read_request(line: ssl.SSLSocket) -> None:
    """All of it: closing on unread bytes would reset the connection before the answer is seen."""
    head, _, body = line.recv(65536).partition(b"\r\n\r\n")
    length = next(int(h.split(b":")[1]) for h in head.split(b"\r\n") if h.lower().startswith(b"content-length"))
    while len(body) < length:
        body += line.recv(65536)


def test_a_certificate_is_trusted_by_the_setting_alone(
    stranger: tuple[int, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """measure.md §0.8: REQUESTS_CA_BUNDLE in the environment must not decide."""
    port, file = stranger
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(file))
    url = f"https://127.0.0.1:{port}/EWS/Exchange.asmx"
    refused = open_exchange(ExchangeLogin(url, ANN, ANN, "sandbox"), load())
    with pytest.raises(Unreachable) as caught:  # at once: patience would be a minute
        refused.prepare(None)
    assert "`ca`" in caught.value.remedy
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    trusted = open_exchange(ExchangeLogin(url, ANN, ANN, "sandbox", ca=str(file)), load(), patience=0)
    with pytest.raises(VendorError, match="404"):
        trusted.prepare(None)
    with pytest.raises(SettingsError, match="ca:"):
        open_exchange(ExchangeLogin(url, ANN, ANN, "sandbox", ca=str(tmp_path / "none")), load(), patience=0)


def test_a_redirect_is_not_followed_with_the_password(box: RunningSandbox, opened: ExchangeMailbox) -> None:
    elsewhere = f"{box.url}/EWS/elsewhere.asmx"
    strike(box, "GetFolder", kind="status", status=302, headers={"location": elsewhere})
    with pytest.raises(VendorError, match="302"):
        opened.prepare(None)
    assert {entry["path"].lower() for entry in log_of(box)} == {"/ews/exchange.asmx"}


def test_closing_leaves_no_connection_open(box: RunningSandbox) -> None:
    """measure.md §0.5: exchangelib's cache keeps a socket and a password for every log-in."""

    def visit(number: int) -> None:
        mailbox = open_exchange(sandbox_login(box, f"wrong-{number}"), load())
        assert mailbox.check()
        mailbox.close()

    visit(0)
    before = len(os.listdir("/proc/self/fd"))
    for number in range(1, 21):
        visit(number)
    assert len(os.listdir("/proc/self/fd")) <= before + 1
    from exchangelib.protocol import CachingProtocol

    assert not [key for key in CachingProtocol._protocol_cache if "wrong" in str(key[1].password)]


def test_settings_that_cannot_be_used_are_all_named() -> None:
    with pytest.raises(SettingsError) as caught:
        open_exchange(ExchangeLogin("ftp://x", "nobody", "", "p", "oauth"), load())
    assert [p.split(":")[0] for p in caught.value.problems] == ["url", "address", "username", "auth"]
    assert "secret" not in repr(ExchangeLogin("http://x", ANN, ANN, "secret"))
