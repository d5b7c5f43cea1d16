"""The kinds of mailbox over HTTP: ann has each in a world of its own, with its real adapter and its Post."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from mailsync.mailbox.exchange import adapter as exchange
from mailsync.mailbox.exchange.login import ExchangeLogin
from mailsync.mailbox.google import adapter as google
from mailsync.mailbox.google.login import GoogleLogin
from mailsync.mailbox.microsoft import adapter as microsoft
from mailsync.mailbox.microsoft.login import MicrosoftLogin
from mailsync.mapping.table import load
from mailsync.ports.bearer import FixedBearer
from mailsync.ports.mailbox import Capabilities
from mailsync.sandbox.server import RunningSandbox
from mailsync.sandbox.world import read_world
from tests.laws.histories.wiregmail import GmailPost
from tests.laws.histories.wiregraph import GraphPost
from tests.laws.histories.wirepost import WirePost

ANN = "ann@acme.example"
PATIENCE = 2.0
BEARER = "sandbox-ann"
NEEDED: Mapping[str, Callable[[Capabilities], object]] = {
    "copy_item": lambda can: can.copies,
    "switch_privacy": lambda can: can.private,
    "move_below": lambda can: can.sub_folders,
    "add_list": lambda can: can.lists,
}
"""Acts that a mailbox must be capable of, or they are left out."""


@dataclass(frozen=True)
class Kind:
    """A kind of mailbox. `draw`: its vendor's part of a world, with what its documents leave open drawn; `feed`: the
    request whose cursor expires, and whether it can tell everything once more.
    """

    name: str
    can: Capabilities
    open: Callable[[str], Any]
    post: Callable[[RunningSandbox], Any]
    draw: Callable[[Random], Mapping[str, Any]]
    feeds: tuple[str, ...]
    replays: bool = True

    def world(self, random: Random) -> Mapping[str, Any]:
        """A world in which ann's only mailbox is of this kind."""
        nobody = {name: {"mailboxes": []} for name in ("exchange", "google", "microsoft")}
        return {**read_world("empty"), **nobody, self.name: self.draw(random)}

    def leaves_out(self, act: str) -> str:
        """Why an act can't be done here; "" where it can."""
        needed = NEEDED.get(act)
        ability = needed(self.can) if needed else None
        if ability is not None and not ability:
            return str(getattr(ability, "reason", ""))
        return (
            f"{self.name} has no feed that tells everything once more"
            if act == "replay_feed" and not self.replays
            else ""
        )


def _open_exchange(url: str) -> Any:
    login = ExchangeLogin(f"{url}/EWS/Exchange.asmx", ANN, ANN, "sandbox")
    return exchange.open_exchange(login, load("exchange"), patience=PATIENCE)


def _open_google(url: str) -> Any:
    return google.open_google(GoogleLogin(url, FixedBearer(BEARER)), load("google"), patience=PATIENCE)


def _open_microsoft(url: str) -> Any:
    return microsoft.open_microsoft(MicrosoftLogin(url, FixedBearer(BEARER)), load("microsoft"), patience=PATIENCE)


def _draw_exchange(_: Random) -> Mapping[str, Any]:
    return {"mailboxes": [{"user": "ann", "address": ANN, "folders": [], "items": []}]}


def _draw_google(random: Random) -> Mapping[str, Any]:
    """Lists learn of changes at once, or minutes later; tokens expire with the status of now, or of before."""
    box = {"user": "ann", "address": ANN, "contacts": [], "groups": [], "other_contacts": []}
    delay, status = random.choice((0, 60, 180, 420)), random.choice((400, 400, 410))
    return {"propagation_seconds": delay, "expired_token_status": status, "mailboxes": [box]}


def _draw_microsoft(random: Random) -> Mapping[str, Any]:
    """Whether a PATCH of parentFolderId moves is not settled (decision 0011)."""
    moves = random.choice(("ignored", "moves", "refused"))
    return {"parent_folder": moves, "mailboxes": [{"user": "ann", "address": ANN, "folders": [], "items": []}]}


KINDS: Mapping[str, Kind] = {
    k.name: k
    for k in (
        Kind(
            "exchange",
            exchange.CAPABILITIES,
            _open_exchange,
            WirePost,
            _draw_exchange,
            ("SyncFolderItems", "SyncFolderHierarchy"),
            replays=False,
        ),
        Kind("google", google.CAPABILITIES, _open_google, GmailPost, _draw_google, ("connections.list",)),
        Kind("microsoft", microsoft.CAPABILITIES, _open_microsoft, GraphPost, _draw_microsoft, ("changes",)),
    )
}
