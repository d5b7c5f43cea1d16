"""SOAP 1.1 as EWS speaks it: text out, strictly parsed trees in.

Strict on purpose: a parser that recovers takes a cut list of changes for a whole one and loses the rest
(measure.md §0.1). No entities, no document type, no network.
"""

import re
from collections.abc import Iterator
from typing import TypeAlias

from lxml import etree

from mailsync.errors import AnswerBroken
from mailsync.mailbox.exchange.login import VENDOR

Element: TypeAlias = etree._Element  # pyright: ignore[reportPrivateUsage] - lxml has no public name for it

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
MESSAGES = "http://schemas.microsoft.com/exchange/services/2006/messages"
TYPES = "http://schemas.microsoft.com/exchange/services/2006/types"
T = f"{{{TYPES}}}"
M = f"{{{MESSAGES}}}"
S = f"{{{SOAP}}}"

_OPENING = (
    f'<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="{SOAP}" xmlns:m="{MESSAGES}" xmlns:t="{TYPES}">'
    '<s:Header><t:RequestServerVersion Version="Exchange2016"/>'
)
_BODY = "</s:Header><s:Body>"
_CLOSING = "</s:Body></s:Envelope>"

# What XML 1.0 has no way to write; Exchange refuses the whole request for one such character.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Exchange itself answers with references to them where an item holds one; they are the only leniency.
_UNREADABLE = re.compile(
    rb"&#(?:x0*(?:[0-8bcef]|1[0-9a-f]|fff[ef]|d[89a-f][0-9a-f]{2})|0*(?:[0-8]|1[124-9]|2[0-9]|3[01]));", re.IGNORECASE
)
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"})
_NEEDY = re.compile('[&<>"\r]')


def clean(text: str) -> str:
    """The text without the characters that XML can't hold (control characters, halves of surrogate pairs)."""
    return text if text.isascii() and text.isprintable() else _UNWRITABLE.sub("", text)


def escape(text: str) -> str:
    """A text as content or attribute value; what XML can't hold is left out."""
    text = clean(text)
    return text.translate(_ESCAPES) if _NEEDY.search(text) else text


def make_envelope(operation: str, acting_for: str = "") -> bytes:
    """A whole request around an operation's element. `acting_for`: the address of whom a service account stands for."""
    header = ""
    if acting_for:
        address = f"<t:PrimarySmtpAddress>{escape(acting_for)}</t:PrimarySmtpAddress>"
        header = f"<t:ExchangeImpersonation><t:ConnectingSID>{address}</t:ConnectingSID></t:ExchangeImpersonation>"
    return f"{_OPENING}{header}{_BODY}{operation}{_CLOSING}".encode()


def parse(body: bytes) -> Element:
    """The envelope's Body element. Raises AnswerBroken for anything but one whole SOAP envelope."""
    root = _parse_strictly(body)
    if root is None:
        cleaned = _UNREADABLE.sub(b"", body)
        root = _parse_strictly(cleaned) if len(cleaned) != len(body) else None
    found = root.find(f"{S}Body") if root is not None and root.tag == f"{S}Envelope" else None
    if found is None:
        raise AnswerBroken(
            VENDOR,
            "what was answered is no whole answer of Exchange",
            code="NOT_EWS",
            remedy="if it stays so, check that `url` is the server's EWS address and that nothing stands in between",
        )
    return found


def _parse_strictly(body: bytes) -> Element | None:
    parser = etree.XMLParser(
        recover=False,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    return None if root.getroottree().docinfo.internalDTD else root


def local(element: Element) -> str:
    """The element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def text_of(element: Element, path: str) -> str:
    """The text at a path (in Clark notation), "" where there is none."""
    return element.findtext(path) or ""


def children(element: Element, path: str) -> Iterator[Element]:
    """The child elements of the element at a path, none where it is absent."""
    found = element.find(path)
    yield from found if found is not None else ()
