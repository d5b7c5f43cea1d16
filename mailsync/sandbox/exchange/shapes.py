"""Which properties an answer shows: base shape and additional properties of ItemShape and FolderShape."""

from dataclasses import dataclass
from typing import Final

from mailsync.sandbox.exchange.paths import Path, read_path
from mailsync.sandbox.exchange.schema import KIND_ORDER, split_words
from mailsync.sandbox.exchange.soap import Element, find_child, get_children, get_text

CUT: Final = 255  # characters; FindItem and SyncFolderItems give no more of a string (EXD finditem-operation)
NOT_IN_LISTS: Final = frozenset({"Body", "TextBody", "UniqueBody", "NormalizedBody", "Attachments", "MimeContent"})
# Base shape Default of each kind (EXD property-sets-and-response-shapes).
DEFAULTS: Final = {
    "Contact": (
        split_words(
            "ItemId Subject HasAttachments FileAs DisplayName GivenName Surname CompleteName CompanyName "
            "EmailAddresses PhysicalAddresses PhoneNumbers ImAddresses JobTitle"
        )
    ),
    "DistributionList": split_words("ItemId Subject HasAttachments DisplayName FileAs"),
}
# What AllProperties leaves out: costly or streamed properties that must be asked for by name.
NOT_IN_ALL: Final = frozenset(
    {"MimeContent", "UniqueBody", "TextBody", "NormalizedBody", "Members", "Preview", "Photo", "UserSMIMECertificate"}
)


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape as asked for. `listing`: strings are cut and bodies left out; `body` is Best, HTML or Text."""

    base: str
    paths: tuple[Path, ...]
    body: str
    listing: bool
    long_times: bool

    @property
    def extended(self) -> tuple[Path, ...]:
        """The extended properties asked for, in the order of the request."""
        return tuple(path for path in self.paths if path.key)


def read_shape(element: Element, *, listing: bool, long_times: bool) -> Shape:
    """The shape in an ItemShape or FolderShape element. Raises Failed for impossible extended properties."""
    additional = find_child(element, "AdditionalProperties")
    paths = tuple(read_path(child) for child in get_children(additional)) if additional is not None else ()
    body = get_text(find_child(element, "BodyType")) or "Best"
    return Shape(get_text(find_child(element, "BaseShape")), paths, body, listing, long_times)


def list_elements(shape: Shape, kind: str) -> list[str]:
    """The elements to write for an item of that kind, in the order of the schema."""
    wanted = {"ItemId"}
    if shape.base == "Default":
        wanted.update(DEFAULTS[kind])
    elif shape.base == "AllProperties":
        wanted.update(name for name in KIND_ORDER[kind] if name not in NOT_IN_ALL)
    wanted.update(path.element for path in shape.paths if not path.key)
    wanted.discard("ExtendedProperty")
    if shape.extended:
        wanted.add("ExtendedProperty")
    if shape.listing:
        wanted -= NOT_IN_LISTS
    return [name for name in KIND_ORDER[kind] if name in wanted]


def list_entries(shape: Shape, element: str) -> frozenset[tuple[str, str]] | None:
    """The single entries asked for of a dictionary element, as (part, index); None = the whole dictionary."""
    whole = shape.base == "AllProperties" or (shape.base == "Default" and element in DEFAULTS["Contact"])
    if whole or any(not path.key and not path.index and path.element == element for path in shape.paths):
        return None
    return frozenset(
        (path.uri.rpartition(":")[2], path.index) for path in shape.paths if path.index and path.element == element
    )
