"""What reading Exchange's answers costs: a page of 512 contacts decoded by our codec and by exchangelib, same bytes.

Run: .venv/bin/python -m bench.decoding. The bytes are what the sandbox answers to our own SyncFolderItems for contacts
that our own adapter created. Both take turns, round by round; figures are contacts a second of processor time. Nothing
is asserted but that both read the same values: see tests/contract/mailbox/test_decoding.py.
"""

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from exchangelib import DELEGATE, Account, Build, Configuration, Credentials, ExtendedProperty, FailFast, Version
from exchangelib.items import Contact
from exchangelib.services import SyncFolderItems

from mailsync.cli.garbage import collect_less
from mailsync.core.person import Address, Value, Values, display_name, file_as
from mailsync.core.refs import FieldName, Key, RecordId
from mailsync.line import Reply
from mailsync.mailbox.exchange.adapter import ExchangeMailbox
from mailsync.mailbox.exchange.channel import Channel
from mailsync.mailbox.exchange.feed import Feed, read_feed
from mailsync.mailbox.exchange.items import make_wanted
from mailsync.mailbox.exchange.login import ExchangeLogin
from mailsync.mailbox.exchange.transport import Transport
from mailsync.mapping.table import load
from mailsync.ports.mailbox import ItemDraft
from mailsync.sandbox.server import running_sandbox

ANN = "ann@acme.example"
WORLD = {"exchange": {"mailboxes": [{"user": "ann", "address": ANN}]}}
PAGE = 512
ROUNDS = 7


def person(n: int) -> Values:
    """A contact with every mapped field filled but the note."""
    texts: dict[str, Value] = {
        "FirstName": f"Kim {n}",
        "MiddleName": "Q.",
        "LastName": f"Doe-Ångström {n}",
        "Suffix": "Jr.",
        "Salutation": "Ms.",
        "Title": "Head of Things & More",
        "Department": "Research",
        "Company": f"Globex {n % 40}",
        "Email": f"kim.doe.{n}@globex.example",
        "Phone": f"+1 415 555 01{n % 100:02}",
        "MobilePhone": f"(415) 555-01{n % 97:02}",
        "HomePhone": f"+49 30 5550 1{n % 90:02}",
        "OtherPhone": "+1 415 555 0199 ext. 12",
        "Fax": f"415.555.01{n % 89:02}",
        "AssistantPhone": "+1 415 555 0198",
        "AssistantName": "Sam Assistant",
        "MailingAddress": Address(f"{n} Canal Terrace\nSuite 5", "New York", "NY", "10013", "United States"),
        "OtherAddress": Address("480 Foundry Lane", "Denver", "CO", "80205", "United States"),
        "Birthdate": f"19{n % 60 + 30}-0{n % 9 + 1}-1{n % 10}",
    }
    return {FieldName(name): value for name, value in texts.items()}


def draft(n: int) -> ItemDraft:
    """The same as an item to create."""
    values = person(n)
    record = RecordId(f"003Ib{n:010}IAA")
    link = f"https://acme.example/lightning/r/Contact/{record}/view"
    return ItemDraft(Key(f"key-{n:028}"), values, record, display_name(values), file_as(values), link)


@dataclass(slots=True)
class Tap:
    """A transport that keeps the answers to SyncFolderItems."""

    transport: Transport
    kept: list[bytes]

    def post(self, body: bytes) -> Reply:
        """As Transport.post."""
        reply = self.transport.post(body)
        if b"SyncFolderItemsResponse" in reply.body:
            self.kept.append(reply.body)
        return reply

    def close(self) -> None:
        """As Transport.close."""
        self.transport.close()


@dataclass(frozen=True, slots=True)
class Canned:
    """A transport whose one answer is there already."""

    reply: Reply

    def post(self, body: bytes) -> Reply:
        """The answer, whatever is asked."""
        del body
        return self.reply

    def close(self) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True)
class Captured:
    """A page of a folder's feed as it came over the line, and the folder that its contacts lie in."""

    body: bytes
    folder: str


def capture(count: int = PAGE) -> Captured:
    """A page of so many contacts (512 at most) from the sandbox."""
    with running_sandbox(WORLD) as box:
        tap = Tap(Transport(ExchangeLogin(f"{box.url}/EWS/Exchange.asmx", ANN, ANN, "sandbox")), [])
        mailbox = ExchangeMailbox(Channel(cast(Transport, tap), ANN, 10.0), load())
        prepared = mailbox.prepare(None)
        assert prepared is not None
        mailbox.create([draft(n) for n in range(count)], prepared.folder)
        changes = mailbox.changes(prepared.folder, None)
        assert len(changes.seen) == count
        mailbox.close()
        return Captured(max(tap.kept, key=len), prepared.folder)


def decode(captured: Captured) -> Feed:
    """By our own codec: parsed strictly, told by the core's items."""
    channel = Channel(cast(Transport, Canned(Reply(200, {}, captured.body))), ANN, 10.0)
    return read_feed(channel, captured.folder, "", make_wanted(load()), {captured.folder})


class Salutation(ExtendedProperty):
    """PidTagDisplayNamePrefix."""

    property_tag = 0x3A45
    property_type = "String"


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer as exchangelib takes it: in pieces of so many bytes (0: at once); requests gives it one by one."""

    body: bytes
    piece: int

    def iter_content(self) -> Iterator[bytes]:
        """The body's pieces."""
        size = self.piece or len(self.body)
        return (self.body[n : n + size] for n in range(0, len(self.body), size))


def decode_with_exchangelib(captured: Captured, piece: int = 1) -> list[tuple[str, Any]]:
    """By exchangelib's own: what its folder.sync_items() would give for these bytes."""
    config = Configuration(
        service_endpoint="http://127.0.0.1/EWS/Exchange.asmx",
        credentials=Credentials(ANN, "sandbox"),
        auth_type="basic",
        version=Version(Build(15, 2, 1748, 10)),
        retry_policy=FailFast(),
    )
    service: Any = SyncFolderItems(account=Account(ANN, config=config, access_type=DELEGATE))
    _, body = service._get_soap_parts(response=Answer(captured.body, piece))
    elements = service._get_elements_in_response(response=service._get_soap_messages(body=body))
    return list(service._elems_to_objs(elements))


def rate(decoding: Callable[[], object], count: int) -> float:
    """Contacts a second of this process's processor time."""
    begun = time.process_time()
    decoding()
    return count / (time.process_time() - begun)


def measure(count: int = PAGE, rounds: int = ROUNDS) -> dict[str, list[float]]:
    """Contacts a second, round by round: ours, exchangelib's, and exchangelib's given the answer in one piece."""
    Contact.register("salutation", Salutation)
    captured = capture(count)
    ways: dict[str, Callable[[], object]] = {
        "ours": lambda: decode(captured),
        "exchangelib": lambda: decode_with_exchangelib(captured),
        "exchangelib, in one piece": lambda: decode_with_exchangelib(captured, 0),
    }
    found: dict[str, list[float]] = {name: [] for name in ways}
    for n in range(rounds + 1):
        for name, way in ways.items():
            speed = rate(way, count)
            if n:  # the first round warms caches
                found[name].append(speed)
    return found


def main() -> None:
    """Prints medians, and how many times as fast ours is, round by round."""
    collect_less()  # as the program does
    found = measure()
    for name, rates in found.items():
        factors = [ours / theirs for ours, theirs in zip(found["ours"], rates, strict=True)]
        line = f"{name:28} {statistics.median(rates):8.0f} contacts a CPU-second"
        line += f", ours is {statistics.median(factors):5.1f} times as fast"
        sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
