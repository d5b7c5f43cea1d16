"""SOAP 1.1 as Salesforce's Partner API speaks it: text out, strictly parsed trees in. No entities, no document type."""

from typing import TypeAlias
from xml.sax.saxutils import escape

from lxml import etree

from mailsync.crm.salesforce.transport import VENDOR
from mailsync.errors import AnswerBroken

Element: TypeAlias = etree._Element  # pyright: ignore[reportPrivateUsage] - lxml has no public name for it

PARTNER = "urn:partner.soap.sforce.com"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
HEADERS = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""'}


def write_envelope(token: str, operation: str, content: str) -> bytes:
    """A request; the session id in its header is the access token."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{ENVELOPE}" xmlns="{PARTNER}">'
        f"<soapenv:Header><SessionHeader><sessionId>{escape(token)}</sessionId></SessionHeader></soapenv:Header>"
        f"<soapenv:Body><{operation}>{content}</{operation}></soapenv:Body></soapenv:Envelope>"
    ).encode()


def parse(body: bytes) -> Element:
    """The root of an answer. Raises AnswerBroken for anything that is not whole XML without a document type."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise AnswerBroken(VENDOR, "Salesforce's answer is cut or garbled", code="not_xml") from None
    if root.getroottree().docinfo.internalDTD:
        raise AnswerBroken(VENDOR, "Salesforce's answer brings a document type along", code="doctype")
    return root
