"""By which ids people's programs know what lies in a mailbox of the Exchange store: EWS's own, or Graph's."""

from dataclasses import dataclass
from typing import Protocol

from mailsync.sandbox.exchange.records import Mailbox
from mailsync.sandbox.exchange.store import get_first
from mailsync.sandbox.microsoft.identifiers import write_immutable, write_rest

_TO_EWS = str.maketrans("-_", "/+")


class Ids(Protocol):
    """Shows ids of the store, and finds what was shown."""

    vendor: str

    def show_item(self, box: Mailbox, item: str) -> str: ...
    def find_item(self, box: Mailbox, shown: str) -> str: ...
    def show_folder(self, folder: str) -> str: ...
    def find_folder(self, shown: str) -> str: ...


@dataclass(frozen=True, slots=True)
class EwsIds:
    """As the store has them: an item that is moved gets another one."""

    vendor: str = "exchange"

    def show_item(self, box: Mailbox, item: str) -> str:
        return item

    def find_item(self, box: Mailbox, shown: str) -> str:
        return shown

    def show_folder(self, folder: str) -> str:
        return folder

    def find_folder(self, shown: str) -> str:
        return shown


@dataclass(frozen=True, slots=True)
class GraphIds:
    """Immutable ids of items, ids of folders fit for URLs."""

    vendor: str = "microsoft"

    def show_item(self, box: Mailbox, item: str) -> str:
        return write_immutable(box.guid, get_first(box, item))

    def find_item(self, box: Mailbox, shown: str) -> str:
        """ "" where there is none: immutable ids can't be read backwards."""
        return next((i for i in box.item_folders if self.show_item(box, i) == shown), "")

    def show_folder(self, folder: str) -> str:
        return write_rest(folder)

    def find_folder(self, shown: str) -> str:
        return shown.translate(_TO_EWS)
