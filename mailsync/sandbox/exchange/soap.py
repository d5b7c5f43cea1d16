"""SOAP 1.1 as Exchange speaks it: request envelopes in, answers and faults out.

The shapes of faults are the vendor's (MS-OXWSCDATA, EWS error documents); bodies of answers are built as text,
since a page of 512 contacts must cost milliseconds.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias
from xml.sax.saxutils import escape as escape_text
from xml.sax.saxutils import quoteattr

from lxml import etree

from mailsync.sandbox.exchange.errors import Fault

Element: TypeAlias = etree._Element  # pyright: ignore[reportPrivateUsage] - lxml has no public name for it

SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
MESSAGES: Final = "http://schemas.microsoft.com/exchange/services/2006/messages"
TYPES: Final = "http://schemas.microsoft.com/exchange/services/2006/types"
ERRORS: Final = "http://schemas.microsoft.com/exchange/services/2006/errors"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
BODY_LIMIT: Final = 64 * 1024 * 1024  # bytes; Exchange's own web.config caps an EWS request at 64 MB

XML: Final = {"content-type": "text/xml; charset=utf-8", "x-feserver": "SANDBOX-EX1"}  # headers of every answer

VERSION_HEADER: Final = (
    f'<s:Header><h:ServerVersionInfo MajorVersion="15" MinorVersion="2" MajorBuildNumber="1748" MinorBuildNumber="10" '
    f'Version="V2017_07_11" xmlns:h="{TYPES}"/></s:Header>'
)
LONE: Final = frozenset({"GetUserPhoto"})  # whose answer is itself the one response message (messages.xsd)
DECLARATION: Final = '<?xml version="1.0" encoding="utf-8"?>'


@dataclass(frozen=True, slots=True)
class Envelope:
    """A request as read: the operation's element, the address that the caller wants to act as ('' = itself), and the
    schema version that the request names ('' = none).
    """

    operation: Element
    impersonated: str
    version: str
    source: bytes


def get_local_name(element: Element) -> str:
    """The element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def get_children(element: Element) -> list[Element]:
    """The child elements, in order (comments and instructions never reach the tree)."""
    return list(element)


def find_child(element: Element, name: str) -> Element | None:
    """The first child of that local name, whichever of the two EWS namespaces it is in."""
    for child in element:
        if get_local_name(child) == name:
            return child
    return None


def get_text(element: Element | None) -> str:
    """An element's own text, '' where there is none."""
    return "" if element is None else (element.text or "")


def escape(text: str) -> str:
    """Text for element content. Characters that XML can't carry become '?', as Exchange does on the way out."""
    return escape_text(
        "".join(letter if _is_xml(letter) else "?" for letter in text) if not text.isprintable() else text
    )


def quote(text: str) -> str:
    """Text as an attribute value, with its quotation marks."""
    return quoteattr(text if text.isprintable() else "".join(letter if _is_xml(letter) else "?" for letter in text))


def _is_xml(letter: str) -> bool:
    code = ord(letter)
    return code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000


def read_envelope(body: bytes) -> Envelope:
    """Reads a request strictly: no document type, no entities, no network.

    Raises Fault ErrorInvalidRequest for what isn't XML or isn't a SOAP envelope with one operation.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise Fault("ErrorInvalidRequest", "The request is invalid.") from problem
    if str(getattr(root.getroottree().docinfo, "doctype", "")) or root.tag != f"{{{SOAP}}}Envelope":
        raise Fault("ErrorInvalidRequest", "The request is invalid.")
    operations = [child for part in root.findall(f"{{{SOAP}}}Body") for child in part]
    if len(operations) != 1 or not operations[0].tag.startswith(f"{{{MESSAGES}}}"):
        raise Fault("ErrorInvalidRequest", "The request is invalid.")
    version = root.find(f"{{{SOAP}}}Header/{{{TYPES}}}RequestServerVersion")
    named = "" if version is None else version.get("Version") or ""
    return Envelope(operations[0], _read_impersonated(root), named, body)


def wrap_operation(operation: str) -> bytes:
    """The envelope around an operation's element, whose namespaces are bound to m and t."""
    return (
        f'<s:Envelope xmlns:s="{SOAP}" xmlns:m="{MESSAGES}" xmlns:t="{TYPES}"><s:Header>'
        f'<t:RequestServerVersion Version="Exchange2016"/></s:Header><s:Body>{operation}</s:Body></s:Envelope>'
    ).encode()


def read_codes(answer: bytes) -> list[str]:
    """The response codes in an answer, one for each input."""
    return [get_text(element) for element in etree.fromstring(answer).iter(f"{{{MESSAGES}}}ResponseCode")]


def _read_impersonated(root: Element) -> str:
    """The address in ExchangeImpersonation. Raises Fault where it names nobody by address (there are no SIDs here)."""
    if root.find(f"{{{SOAP}}}Header/{{{TYPES}}}ExchangeImpersonation") is None:
        return ""
    for name in ("PrimarySmtpAddress", "SmtpAddress", "PrincipalName"):
        found = root.find(
            f"{{{SOAP}}}Header/{{{TYPES}}}ExchangeImpersonation/{{{TYPES}}}ConnectingSID/{{{TYPES}}}{name}"
        )
        if get_text(found).strip():
            return get_text(found).strip()
    raise Fault("ErrorInvalidExchangeImpersonationHeaderData")


def write_answer(operation: str, messages: list[str]) -> bytes:
    """The envelope of an operation's answer, one response message per input, in the order of the inputs."""
    names = f'xmlns:m="{MESSAGES}" xmlns:t="{TYPES}" xmlns:xsi="{XSI}"'
    content = "".join(messages)
    if operation in LONE:
        start, end = f"<m:{operation}ResponseMessage ", f"</m:{operation}ResponseMessage>"
        content = f"<m:{operation}Response {names} {content.removeprefix(start).removesuffix(end)}"
    else:
        content = f"<m:{operation}Response {names}><m:ResponseMessages>{content}</m:ResponseMessages>"
    return (
        f'{DECLARATION}<s:Envelope xmlns:s="{SOAP}">{VERSION_HEADER}<s:Body>{content}</m:{operation}Response>'
        f"</s:Body></s:Envelope>"
    ).encode()


def write_fault(fault: Fault) -> bytes:
    """The envelope of a fault; `fault.values` become the MessageXml that clients read the back-off or the line from."""
    values = "".join(fault.values)
    message_xml = f'<t:MessageXml xmlns:t="{TYPES}">{values}</t:MessageXml>' if values else ""
    text = escape(fault.text)
    return (
        f'{DECLARATION}<s:Envelope xmlns:s="{SOAP}">{VERSION_HEADER}<s:Body><s:Fault>'
        f'<faultcode xmlns:a="{TYPES}">a:{fault.code}</faultcode><faultstring xml:lang="en-US">{text}</faultstring>'
        f'<detail><e:ResponseCode xmlns:e="{ERRORS}">{fault.code}</e:ResponseCode>'
        f'<e:Message xmlns:e="{ERRORS}">{text}</e:Message>{message_xml}</detail></s:Fault></s:Body></s:Envelope>'
    ).encode()
